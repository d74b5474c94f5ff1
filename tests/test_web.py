"""The web app without a browser: its pages, its jobs, and who is let in."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

pytest.importorskip("starlette", reason="the extra khamsin[web] is not installed")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it would rather have httpx2
    from starlette.testclient import TestClient

from khamsin.errors import InputError
from khamsin.new import write_new
from khamsin.view.web import alive, disk, forms, serving
from khamsin.view.web import progress as progress_of
from khamsin.view.web.app import create
from khamsin.view.web.jobs import Jobs, Request

HOST = "http://127.0.0.1:8000"
TOKEN = "the-token-of-this-start"
INVALID = Path(__file__).parent / "models" / "invalid"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model that runs, a broken one, one with Python and one with markup."""
    found = tmp_path_factory.mktemp("served")
    here = Path.cwd()
    os.chdir(found)
    try:
        write_new(Path("towns"))
        write_new(Path("marked"))
    finally:
        os.chdir(here)
    text = (found / "marked" / "model.yaml").read_text("utf-8")
    wicked = "title: <script>alert(1)</script><b>bold</b>"
    (found / "marked" / "model.yaml").write_text(
        re.sub(r"^title: .*$", wicked, text, flags=re.M), "utf-8"
    )
    _copy(INVALID / "bad_choice", found / "broken")
    _copy(INVALID / "python_without_trust", found / "coded")
    (found / "coded" / "rumours.py").write_text(
        f"open({str(found.parent / 'was-run')!r}, 'w').close()\n"
    )
    (found / "a name with spaces").mkdir()
    (found / "a name with spaces" / "model.yaml").write_text("format: 1\n")
    return found


def _copy(source: Path, target: Path) -> None:
    import shutil

    shutil.copytree(source, target)


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    """The app over that folder."""
    with TestClient(create(folder, TOKEN, False, ["127.0.0.1:8000"]), base_url=HOST) as found:
        yield found


def until(say: Callable[[], object], seconds: float = 90) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not say():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.1)


def page(client: TestClient, address: str) -> str:
    """Read a page, again until nothing on it is still being worked out."""
    until(lambda: " data-wait" not in client.get(address).text)
    return client.get(address).text


def asked(**fields: object) -> dict[str, object]:
    """What the form sends when it is left as it is."""
    form = {
        "token": TOKEN,
        "model": "folder:towns",
        "ticket": "0123abcd",
        "members": "100",
        "seed": "1",
        "since": "origin",
        "threads": "1",
        "scenario": ["air-campaign"],
        "answer.combat_law": ["mixed", "square"],
    }
    return form | fields


@pytest.fixture(scope="module")
def scenarios(folder: Path) -> list[str]:
    """The scenarios of the small model."""
    return sorted(p.stem for p in (folder / "towns" / "scenarios").glob("*.yaml"))


@pytest.fixture(scope="module")
def run(client: TestClient, scenarios: list[str]) -> str:
    """A run of all scenarios that is finished."""
    page(client, "/models/folder/towns")
    sent = client.post("/run", data=asked(scenario=scenarios), follow_redirects=False)
    assert sent.status_code == 303, sent.text
    name = sent.headers["location"].removeprefix("/run/")
    until(lambda: "Finished" in client.get(f"/run/{name}").text)
    return name


# ---- pages


def test_models_lists_what_is_there_with_every_fault(client: TestClient) -> None:
    text = page(client, "/")
    assert "Two groups and three towns" in text
    assert "libya-2016" in text
    assert "model.yaml:13" in text
    assert "Did you mean month?" in text
    assert "a name with spaces" in text


def test_a_title_with_markup_arrives_as_text(client: TestClient) -> None:
    for address in ("/", "/models/folder/marked", "/run?model=folder:marked"):
        text = page(client, address)
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
        assert "<script>alert" not in text
        assert "<b>bold" not in text


def test_model_shows_map_tables_and_each_number_with_its_source(client: TestClient) -> None:
    text = page(client, "/models/folder/towns")
    assert 'class="km"' in text
    assert "strengths.csv" in text or "places.csv" in text
    assert "recruitment.intake" in text
    assert "judgement" in text
    checked = subprocess.run(
        [sys.executable, "-m", "khamsin", "check", "--json", _path(client, "towns")],
        capture_output=True,
        text=True,
        check=True,
    )
    numbers = json.loads(checked.stdout)["numbers"]
    rows = text[text.index('id="all-numbers"') :]
    assert rows[: rows.index("</table>")].count("<tr>") == len(numbers) + 1


def _path(client: TestClient, name: str) -> str:
    return str(client.app.state.site.disk.folder / name)  # type: ignore[attr-defined]


def test_a_run_is_watched_to_its_end_and_its_report_shown(client: TestClient, run: str) -> None:
    text = client.get(f"/run/{run}").text
    assert "100 of 100 members" in text
    assert "standard error" in text
    with client.stream("GET", f"/run/{run}/events") as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        said = "".join(events.iter_text())
    assert '"word": "finished"' in said
    page(client, f"/result/{run}")
    report = client.get(f"/result/{run}")
    assert report.status_code == 200
    assert 'id="quantities"' in report.text
    assert f'href="/run/{run}"' in report.text
    policy = report.headers["content-security-policy"]
    assert "sandbox allow-scripts" in policy
    assert "allow-same-origin" not in policy
    assert policy.count("sha256-") == 2


def test_a_report_that_is_gone_is_written_again(client: TestClient, folder: Path, run: str) -> None:
    (folder / "runs" / run / "report.html").unlink(missing_ok=True)
    assert 'id="quantities"' in page(client, f"/result/{run}")
    assert (folder / "runs" / run / "report.html").exists()


def test_two_scenarios_are_compared(client: TestClient, run: str, scenarios: list[str]) -> None:
    a, b = (f"{run}/{s}" for s in scenarios[:2])
    text = page(client, f"/compare?a={a}&b={b}")
    assert "Difference = " in text
    assert "<svg" in text
    wrong = client.get(f"/compare?a={a}&b={a}")
    assert wrong.status_code == 422
    assert 'aria-describedby="b-fault"' in wrong.text


def test_other_seeds_cannot_be_compared(client: TestClient, run: str, scenarios: list[str]) -> None:
    from khamsin.view.web.comparing import Choice, check

    first = Choice("r", "a", "A", "M", 1, 100, Path())
    for other, word in (
        (Choice("s", "b", "B", "M", 2, 100, Path()), "seed"),
        (Choice("s", "b", "B", "N", 1, 100, Path()), "model"),
        (Choice("s", "b", "B", "M", 1, 200, Path()), "members"),
    ):
        assert word in check("r/a", "s/b", [first, other])["b"]


def test_what_can_be_compared_stands_first() -> None:
    from khamsin.view.web.comparing import Choice, _pair

    alone = Choice("q", "base", "No scenario", "N", 1, 100, Path())
    far = Choice("p", "a", "A", "M", 1, 100, Path())
    near = [Choice("r", name, name, "M", 1, 100, Path()) for name in ("a", "b")]
    assert _pair([alone, far, *near]) == ("r/a", "r/b")
    assert _pair([alone, far, near[1]]) == ("p/a", "r/b")
    assert _pair([alone, far]) == ("q/base", "")
    assert _pair([]) == ("", "")


def test_the_running_mean_is_that_of_the_ensemble(
    client: TestClient, folder: Path, run: str, scenarios: list[str]
) -> None:
    import numpy as np

    from khamsin.ensemble import open_ensemble
    from khamsin.view.web.watching import Watch

    store = folder / "runs" / run / f"{scenarios[0]}.zarr"
    found = Watch().running_mean(store)
    assert found is not None
    ds = open_ensemble(store)
    deaths = ds.battle_deaths.sum(["time", "pair"]).values.astype(float)
    weight = ds.weight.values
    mean = float((weight * deaths).sum() / weight.sum())
    assert found.members[-1] == 100
    np.testing.assert_allclose(found.mean[-1], mean, rtol=1e-6)
    error = float(np.sqrt((weight**2 * (deaths - mean) ** 2).sum()) / weight.sum())
    np.testing.assert_allclose(found.error[-1], error, rtol=1e-6)


def test_an_estimate_comes_from_an_earlier_run(client: TestClient, run: str) -> None:
    assert "data-rate=" in page(client, "/run?model=folder:towns")


def test_a_form_sent_twice_starts_one_run(
    client: TestClient, run: str, scenarios: list[str]
) -> None:
    again = client.post("/run", data=asked(scenario=scenarios), follow_redirects=False)
    assert again.headers["location"] == f"/run/{run}"


# ---- jobs


def test_stop_restart_resume(folder: Path, client: TestClient, scenarios: list[str]) -> None:
    page(client, "/models/folder/towns")
    form = asked(ticket="aaaa0001", members="20000", scenario=scenarios[:1])
    sent = client.post("/run", data=form, follow_redirects=False)
    name = sent.headers["location"].removeprefix("/run/")
    jobs = Jobs(disk.Disk(folder))  # another server over the same folder, as after a restart

    def state() -> str:
        found = jobs.state(name)
        assert found is not None
        return found.word

    def done() -> int:
        found = jobs.state(name)
        return found.done if found else 0

    assert state() == "running"
    until(lambda: done() >= 100)
    assert client.post(f"/run/{name}/stop", data={"token": TOKEN}).status_code == 200
    assert state() in ("stopping", "stopped")
    until(lambda: state() == "stopped")
    kept = done()
    assert 100 <= kept < 20000
    assert "Resume" in client.get(f"/run/{name}").text
    assert client.get(f"/result/{name}").text.count("There is no result yet") == 1
    jobs.resume(name)
    jobs.resume(name)  # a second tab: nothing more happens
    assert state() == "running"
    until(lambda: done() > kept)
    record = json.loads((folder / "jobs" / name / "job.json").read_text())
    assert len(record["attempts"]) == 2
    os.kill(record["attempts"][-1]["pid"], signal.SIGKILL)
    until(lambda: state() == "died")
    assert "Died" in client.get(f"/run/{name}").text


def test_a_run_that_dies_shows_its_last_line(folder: Path, client: TestClient) -> None:
    jobs = Jobs(disk.Disk(folder))
    jobs.start("dies-1", Request("folder:gone", str(folder / "no-such-model"), 100, 1, ("x",)))
    until(lambda: (s := jobs.state("dies-1")) is not None and s.word == "died")
    assert "there is no model" in client.get("/run/dies-1").text


def test_a_recycled_pid_is_not_mistaken(folder: Path) -> None:
    me = os.getpid()
    assert alive.is_alive(me, alive.started(me))
    assert not alive.is_alive(me, "12345")
    assert not alive.interrupt(me, "12345")
    assert alive.started(2**22 + 1) == ""


def test_no_more_runs_than_the_machine_bears(folder: Path, tmp_path: Path) -> None:
    jobs = Jobs(disk.Disk(tmp_path), most=0)
    with pytest.raises(InputError, match="under way"):
        jobs.start("one-1", Request("folder:towns", str(folder / "towns"), 100, 1))


def test_a_damaged_record_is_no_crash(folder: Path, client: TestClient) -> None:
    (folder / "jobs" / "damaged-1").mkdir(parents=True)
    (folder / "jobs" / "damaged-1" / "job.json").write_text("{")
    assert client.get("/run").status_code == 200
    assert client.get("/run/damaged-1").status_code == 404


# ---- who is let in


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:9", "localhost", "127.0.0.1.evil.org"])
def test_a_foreign_host_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 400


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "file://"]
)
def test_a_foreign_origin_is_refused(client: TestClient, origin: str) -> None:
    assert client.get("/", headers={"origin": origin}).status_code == 400
    sent = client.post("/run", data=asked(), headers={"origin": origin})
    assert sent.status_code == 400
    assert client.get("/", headers={"origin": HOST}).status_code == 200


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN + "x", "ü"])
@pytest.mark.parametrize("address", ["/run", "/run/a-1/stop", "/run/a-1/resume"])
def test_a_form_without_the_token_is_refused(
    client: TestClient, token: str | None, address: str
) -> None:
    form = asked() if token is None else asked(token=token)
    if token is None:
        form.pop("token")
    assert client.post(address, data=form).status_code == 403


def test_only_forms_are_read(client: TestClient) -> None:
    sent = client.post("/run", json=asked())
    assert sent.status_code == 403
    files = client.post("/run", data={"token": TOKEN}, files={"f": b"x"})
    assert files.status_code == 403


def test_large_bodies_are_refused(client: TestClient) -> None:
    assert client.post("/run", data=asked(members="9" * 100_000)).status_code == 413

    def parts() -> Iterator[bytes]:
        for _ in range(100):
            yield b"members=" + b"9" * 1000 + b"&"

    form = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/run", content=parts(), headers=form).status_code == 413
    many = "&".join(f"f{n}=1" for n in range(5000))
    assert client.post("/run", content=many, headers=form).status_code == 400


@pytest.mark.parametrize(
    "name",
    ["%2e%2e", "..%2f..%2fetc", "a%00b", "%2fetc%2fpasswd", "-rf", ".hidden", "a" * 200, "é"],
)
@pytest.mark.parametrize(
    "address", ["/run/{}", "/result/{}", "/run/{}/events", "/models/folder/{}"]
)
def test_no_name_leads_out_of_the_folder(client: TestClient, address: str, name: str) -> None:
    assert client.get(address.format(name)).status_code == 404


def test_a_link_out_of_the_folder_is_not_followed(
    folder: Path, client: TestClient, tmp_path: Path
) -> None:
    (tmp_path / "model.yaml").write_text("title: secret\n")
    (tmp_path / "run.json").write_text("{}")
    (folder / "linked").symlink_to(tmp_path)
    (folder / "runs").mkdir(exist_ok=True)
    (folder / "runs" / "linked").symlink_to(tmp_path)
    try:
        assert client.get("/models/folder/linked").status_code == 404
        assert client.get("/run/linked").status_code == 404
        assert client.get("/result/linked").status_code == 404
    finally:
        (folder / "linked").unlink()
        (folder / "runs" / "linked").unlink()


@pytest.mark.parametrize(
    ("fields", "field", "word"),
    [
        ({"members": "1000000000"}, "members", "too many"),
        ({"members": "0"}, "members", "at least 1"),
        ({"members": "-5"}, "members", "at least 1"),
        ({"members": "many"}, "members", "no whole number"),
        ({"members": "9" * 2000}, "members", "no whole number"),
        ({"members": ""}, "members", "needed"),
        ({"members": "1e9"}, "members", "no whole number"),
        ({"seed": "-1"}, "seed", "at least 0"),
        ({"seed": "9" * 20}, "seed", "too large"),
        ({"scenario": ["<script>alert(1)</script>"]}, "scenario", "no scenario"),
        ({"scenario": ["../../etc/passwd"]}, "scenario", "no scenario"),
        ({"scenario": ["--output=/etc"]}, "scenario", "no scenario"),
        ({"scenario": []}, "scenario", "at least one"),
        ({"since": "2016-01-01;rm"}, "since", "neither"),
        ({"threads": "100000"}, "threads", "too large"),
        ({"answer.combat_law": ["<b>"]}, "answer.combat_law", "none of its answers"),
        ({"answer.unknown": ["x"]}, "form", "no question"),
    ],
)
def test_absurd_requests_are_refused_at_their_field(
    client: TestClient, folder: Path, fields: dict, field: str, word: str
) -> None:
    page(client, "/models/folder/towns")
    before = sorted((folder / "jobs").glob("*")) if (folder / "jobs").exists() else []
    sent = client.post("/run", data=asked(ticket="ffff0000", **fields), follow_redirects=False)
    assert sent.status_code == 422
    fault = re.search(rf'id="{re.escape(field)}-fault">([^<]*)<', sent.text)
    assert fault, sent.text
    assert word in fault[1]
    if field != "form":
        assert f'aria-describedby="{field}-fault"' in sent.text
    assert "<script>alert" not in sent.text
    after = sorted((folder / "jobs").glob("*")) if (folder / "jobs").exists() else []
    assert before == after


def test_python_beside_a_model_never_runs(client: TestClient, folder: Path) -> None:
    ran = folder.parent / "was-run"
    ran.unlink(missing_ok=True)
    for name in ("json.py", "khamsin.py", "numpy.py", "sitecustomize.py"):
        (folder / name).write_text(f"open({str(ran)!r}, 'w').close()\n")
        (folder / "coded" / name).write_text(f"open({str(ran)!r}, 'w').close()\n")
    assert "Python code beside the model" in page(client, "/models/folder/coded")
    sent = client.post("/run", data=asked(model="folder:coded"))
    assert sent.status_code == 422
    assert "Python code beside the model" in sent.text
    jobs = Jobs(disk.Disk(folder))
    jobs.start("coded-1", Request("folder:coded", str(folder / "coded"), 10, 1))
    until(lambda: (s := jobs.state("coded-1")) is not None and s.word == "died")
    assert not ran.exists()
    for name in ("json.py", "khamsin.py", "numpy.py", "sitecustomize.py"):
        (folder / name).unlink()
        (folder / "coded" / name).unlink()


def test_trust_is_handed_on_only_when_given() -> None:
    request = Request("folder:x", "/x", 10, 1, ("a",))
    assert "--trust" not in request.arguments(Path("/r"), False)
    assert "--trust" in request.arguments(Path("/r"), True)
    assert request.arguments(Path("/r"), False)[-2:] == ["--", "/x"]


def test_each_answer_has_its_headers(client: TestClient) -> None:
    for address in ("/", "/run", "/compare", "/nothing-here", "/run/unknown-1"):
        headers = client.get(address).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


def test_fifty_readers_and_a_run_do_not_block_each_other(
    client: TestClient, folder: Path, run: str, scenarios: list[str]
) -> None:
    form = asked(ticket="aaaa0050", members="5000", scenario=scenarios[:1])
    name = client.post("/run", data=form, follow_redirects=False).headers["location"][5:]
    statuses: list[int] = []
    slowest: list[float] = []

    def read() -> None:
        for address in (f"/run/{name}", "/run", "/"):
            began = time.monotonic()
            statuses.append(client.get(address).status_code)
            slowest.append(time.monotonic() - began)

    readers = [threading.Thread(target=read) for _ in range(50)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert statuses == [200] * 150
    print(f"slowest_page_of_150_s: {max(slowest):.2f}")
    assert max(slowest) < 20
    client.post(f"/run/{name}/stop", data={"token": TOKEN})
    jobs = Jobs(disk.Disk(folder))
    until(lambda: (s := jobs.state(name)) is not None and not s.active)


# ---- the small parts


def test_a_damaged_run_folder_is_no_crash(tmp_path: Path) -> None:
    (tmp_path / "a.zarr").mkdir()
    (tmp_path / "a.zarr" / "zarr.json").write_text("nonsense")
    (tmp_path / "a.blocks").mkdir()
    (tmp_path / "a.blocks" / "000000").write_text("{}")
    assert progress_of.scenario_progress(tmp_path, "a", 70).done == 50
    (tmp_path / "a.blocks" / "000001").write_text("{}")
    assert progress_of.scenario_progress(tmp_path, "a", 70).done == 70
    assert progress_of.asked_members(tmp_path) == 0


def test_installed_models_are_found_where_the_reader_finds_them() -> None:
    from khamsin.model.installed import HOMES

    assert tuple(disk.INSTALLED) == tuple(HOMES)


def test_only_this_machine_is_let_in_unless_told_otherwise(tmp_path: Path) -> None:
    import inspect

    assert inspect.signature(serving.serve).parameters["host"].default == "127.0.0.1"
    assert set(serving.allowed_names("127.0.0.1")) == {"127.0.0.1", "localhost", "[::1]"}
    with pytest.raises(InputError, match="no folder"):
        serving.serve(tmp_path / "nowhere")
    with pytest.raises(InputError, match="port"):
        serving.serve(tmp_path, port=70000)


def test_long_words_are_cut_in_messages() -> None:
    assert len(forms.quoted("x" * 10_000)) < 50


def test_the_server_says_its_address_and_ends_at_ctrl_c(tmp_path: Path) -> None:
    # how soon it is up is measured by benchmarks/start_up.py
    server = subprocess.Popen(
        [sys.executable, "-m", "khamsin", "serve", "--port", "0"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        address = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
        assert address
        assert urlopen(address[0]).status == 200
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=20)


def test_the_server_imports_neither_the_engine_nor_numba() -> None:
    heavy = subprocess.run(
        [sys.executable, "-c", HEAVY], capture_output=True, text=True, check=True
    )
    assert heavy.stdout.strip() == "[]"


HEAVY = """
import sys
from pathlib import Path
from urllib.request import urlopen
from khamsin.view.web.app import create
create(Path("."), "t")
heavy = ("numba", "numpy", "xarray", "pandas", "zarr", "altair", "pydantic", "khamsin.engine")
print([m for m in heavy if m in sys.modules])
"""
