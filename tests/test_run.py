"""The verb `run`: same bytes, refusals, and what a damaged folder says. Never a traceback, never an
overwritten file."""

import errno
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import khamsin
from khamsin import storage
from khamsin.errors import InputError, KhamsinError, RunError
from khamsin.model import Model, read
from khamsin.verbs.room import bytes_needed
from khamsin.verbs.run import Progress, Run, first_day, run

BOTH = ["as-it-is", "air-campaign"]


def tree(folder: Path) -> dict[str, str]:
    """Every file of a folder with the hash of its bytes."""
    return {
        str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in sorted(folder.rglob("*"))
        if f.is_file() and f.name != ".lock"
    }


def _again(small_folder: Path, folder: Path, **options: Any) -> Run:
    options = {"scenarios": BOTH, "members": 40, "block": 10, **options}
    return run(small_folder, folder=folder, **options)


def _one_line(error: KhamsinError) -> str:
    text = str(error)
    assert text
    assert "\n" not in text
    assert "Traceback" not in text
    return text


# --- the same bytes ----------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_same_seed_same_bytes_on_any_number_of_threads(
    small_folder: Path, small_run: Run, tmp_path: Path, threads: int
) -> None:
    assert tree(_again(small_folder, tmp_path / "b", threads=threads).folder) == tree(
        small_run.folder
    )


def test_another_seed_differs(small_folder: Path, small_run: Run, tmp_path: Path) -> None:
    other = _again(small_folder, tmp_path / "b", seed=2)
    a, b = (khamsin.open(r.stores[0]).fighters.values for r in (small_run, other))
    assert not np.array_equal(a, b)


def test_the_size_of_blocks_does_not_matter(
    small_folder: Path, small_run: Run, tmp_path: Path
) -> None:
    other = _again(small_folder, tmp_path / "b", block=17)
    for ours, theirs in zip(small_run.stores, other.stores, strict=True):
        a, b = khamsin.open(ours), khamsin.open(theirs)
        for name in a.data_vars:
            assert np.array_equal(a[name].values, b[name].values), name
        assert np.array_equal(a.weight.values, b.weight.values)


def test_fewer_members_are_the_first_of_more(
    small_folder: Path, small_run: Run, tmp_path: Path
) -> None:
    few = khamsin.open(_again(small_folder, tmp_path / "b", members=8).stores[1])
    many = khamsin.open(small_run.stores[1])
    for name in few.data_vars:
        assert np.array_equal(few[name].values, many[name].values[:8]), name


def test_a_finished_run_again_is_read_from_disk(small_folder: Path, finished: Path) -> None:
    before = tree(finished)
    times = {f: f.stat().st_mtime_ns for f in finished.rglob("*") if f.is_file()}
    seen: list[Progress] = []
    again = _again(small_folder, finished, progress=seen.append)
    assert again.finished
    assert again.cached
    assert [p.done for p in seen] == [40, 40]
    assert tree(finished) == before
    assert all(f.stat().st_mtime_ns == t for f, t in times.items() if f.name != ".lock")


BEFORE_MEMBERS_RUN = """
import sys
from khamsin.verbs import run as verb
heavy = {"xarray", "pandas", "zarr", "dask", "altair", "asyncio", "distributed"}
runs = verb.run_blocks

def look(*given):
    print(*sorted(heavy & set(sys.modules)))
    return runs(*given)

verb.run_blocks = look
done = verb.run(sys.argv[1], members=2, folder=sys.argv[2], meanwhile=lambda: print("aside"))
again = verb.run(sys.argv[1], members=2, folder=sys.argv[2], meanwhile=lambda: print("again"))
print(done.finished, again.cached)
"""


def test_what_shows_a_run_is_imported_while_its_members_run(
    small_folder: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", BEFORE_MEMBERS_RUN, str(small_folder), str(tmp_path / "run")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["", "aside", "True True"]


def test_another_scenario_joins_the_folder(
    small_folder: Path, small_run: Run, tmp_path: Path
) -> None:
    _again(small_folder, tmp_path / "b", scenarios=BOTH[:1])
    both = _again(small_folder, tmp_path / "b", scenarios=BOTH[1:])
    ours, theirs = (khamsin.open(r.stores[-1]) for r in (small_run, both))
    assert np.array_equal(ours.fighters.values, theirs.fighters.values)


def test_without_a_folder_the_name_says_what_it_holds(
    small_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    one = run(small_folder, members=2)
    assert one.folder.parent == Path("runs")
    assert one.folder.name.startswith("small-")
    assert run(small_folder, members=2).cached
    others = [run(small_folder, members=3), run(small_folder, members=2, seed=2)]
    assert len({one.folder, *(o.folder for o in others)}) == 3


# --- stopping and going on ---------------------------------------------------------------------


def test_a_stopped_run_goes_on_with_the_same_bytes(
    small_folder: Path, small_run: Run, tmp_path: Path
) -> None:
    stop, seen = threading.Event(), []

    def watch(p: Progress) -> None:
        seen.append(p)
        if p.done >= 20:
            stop.set()

    part = _again(small_folder, tmp_path / "b", threads=1, stop=stop, progress=watch)
    assert not part.finished
    assert seen[-1].done < 80
    again = _again(small_folder, tmp_path / "b")
    assert again.finished
    assert not again.cached
    assert tree(again.folder) == tree(small_run.folder)


@pytest.mark.parametrize("k", [0, 3, 17, 35])
def test_a_failure_at_any_write_loses_nothing(
    small_folder: Path, small_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, k: int
) -> None:
    """The k-th rename of a finished file fails: as if the disk were full just then."""
    writes = 0
    usual = Path.replace

    def replace(self: Path, target: Any) -> Path:
        nonlocal writes
        writes += 1
        if writes == 5 * k + 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return usual(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    try:
        _again(small_folder, tmp_path / "b")
    except RunError as error:
        said = _one_line(error)
        assert "the disk is full" in said
        assert "the same command goes on from there" in said
    else:
        assert writes <= 5 * k
    monkeypatch.undo()
    assert tree(_again(small_folder, tmp_path / "b").folder) == tree(small_run.folder)


def test_what_a_killed_process_left_half_written_goes_away(
    small_folder: Path, small_run: Run, finished: Path
) -> None:
    (finished / "air-campaign.blocks" / "000003").unlink()
    (finished / "air-campaign.blocks" / ".000003.part").write_text("{")
    (finished / "air-campaign.zarr" / "fighters" / "c" / "3" / "0" / ".0.abc.part").write_text("")
    (finished / "none.part").mkdir()
    shutil.rmtree(finished / "as-it-is.zarr")
    shutil.rmtree(finished / "as-it-is.blocks")
    (finished / "as-it-is.part").mkdir()
    (finished / "as-it-is.part" / "zarr.json").write_text("{")
    _again(small_folder, finished)
    (finished / "none.part").rmdir()
    assert tree(finished) == tree(small_run.folder)


# --- damage ------------------------------------------------------------------------------------

CHUNK = "air-campaign.zarr/fighters/c/1/0/0"
LEDGER = "air-campaign.blocks/000001"


def _flip(file: Path) -> None:
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 255
    file.write_bytes(raw)


@pytest.mark.parametrize("how", ["flipped", "truncated", "empty", "gone"])
@pytest.mark.parametrize(
    "name",
    [
        CHUNK,
        "air-campaign.zarr/parameters/table/c/0/0",
        "air-campaign.zarr/fighters/zarr.json",
        "air-campaign.zarr/weight/c/0",
        "air-campaign.zarr/place/c/0",
    ],
)
def test_damage_to_the_store_is_told(
    small_folder: Path, finished: Path, name: str, how: str
) -> None:
    file = finished / name
    before = {n: h for n, h in tree(finished).items() if n != name}
    match how:
        case "flipped":
            _flip(file)
        case "truncated":
            file.write_bytes(file.read_bytes()[:-5])
        case "empty":
            file.write_bytes(b"")
        case "gone":
            file.unlink()
    with pytest.raises(RunError) as caught:
        _again(small_folder, finished)
    said = _one_line(caught.value)
    assert str(file) in said
    assert "the same command" in said
    assert {n: h for n, h in tree(finished).items() if n != name} == before


def test_a_damaged_chunk_is_made_anew_as_the_message_says(
    small_folder: Path, small_run: Run, finished: Path
) -> None:
    _flip(finished / CHUNK)
    with pytest.raises(RunError, match=f"delete .*{LEDGER}"):
        _again(small_folder, finished)
    (finished / LEDGER).unlink()
    assert _again(small_folder, finished).finished
    assert tree(finished) == tree(small_run.folder)


@pytest.mark.parametrize("content", [b"", b"{", b"[1, 2]", b"7", b"\xff\xfe\x00", b'"text"'])
def test_a_damaged_ledger_is_told(
    small_folder: Path, small_run: Run, finished: Path, content: bytes
) -> None:
    (finished / LEDGER).write_bytes(content)
    with pytest.raises(RunError, match=f"{LEDGER} is damaged: delete") as caught:
        _again(small_folder, finished)
    _one_line(caught.value)
    (finished / LEDGER).unlink()
    assert _again(small_folder, finished).finished
    assert tree(finished) == tree(small_run.folder)


def test_a_stray_file_among_the_ledger_is_nothing(small_folder: Path, finished: Path) -> None:
    (finished / "air-campaign.blocks" / "000001 (copy)").write_text("")
    assert _again(small_folder, finished).cached


@pytest.mark.parametrize("content", [b"", b'{"attributes": {', b"[]", b"\x00\xff"])
def test_a_damaged_head_is_told(small_folder: Path, finished: Path, content: bytes) -> None:
    (finished / "air-campaign.zarr" / "zarr.json").write_bytes(content)
    with pytest.raises(KhamsinError) as caught:
        _again(small_folder, finished)
    assert "air-campaign.zarr" in _one_line(caught.value)
    assert khamsin.open(finished / "as-it-is.zarr").sizes["member"] == 40


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"7", b"\xff\x00"])
def test_a_damaged_request_is_told(
    small_folder: Path, small_run: Run, finished: Path, content: bytes
) -> None:
    (finished / "run.json").write_bytes(content)
    with pytest.raises(RunError, match=r"run\.json is damaged") as caught:
        _again(small_folder, finished)
    _one_line(caught.value)
    (finished / "run.json").unlink()


# --- disks and folders -------------------------------------------------------------------------


@pytest.fixture
def little_disk(tmp_path: Path) -> Any:
    """A file system of 2.4 MB; skipped where mounting is not allowed."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2400k", "khamsin_test", str(place)],
        capture_output=True,
        check=False,
    )
    if not mounted or mounted.returncode != 0:
        pytest.skip("mounting a small file system needs root")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_keeps_what_was_written(small_folder: Path, little_disk: Path) -> None:
    filler = little_disk / "filler"
    filler.write_bytes(b"x" * 400_000)
    folder = little_disk / "run"
    with pytest.raises((RunError, InputError)) as caught:
        run(small_folder, members=3000, folder=folder, block=50, yes=True)
    said = _one_line(caught.value)
    assert "the disk is full" in said
    assert str(folder) in said
    kept = tree(folder)
    filler.unlink()
    with pytest.raises(RunError, match="the disk is full"):
        run(small_folder, members=3000, folder=folder, block=50, yes=True)
    now = tree(folder)
    done = [n for n in kept if ".blocks/0" in n]
    assert done
    assert all(now[n] == kept[n] for n in done)
    assert len([n for n in now if ".blocks/0" in n]) > len(done)


def test_a_read_only_disk(small_folder: Path, little_disk: Path) -> None:
    remount = ["mount", "-o", "remount,ro", str(little_disk)]
    if subprocess.run(remount, capture_output=True, check=False).returncode != 0:
        pytest.skip("remounting is not allowed")
    with pytest.raises(RunError, match="the file system is read-only") as caught:
        run(small_folder, members=3, folder=little_disk / "run")
    _one_line(caught.value)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EACCES, "permission denied"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EDQUOT, "the disk quota is used up"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_folders_that_cannot_be_written(
    small_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(storage.os, "open", refuse)
    with pytest.raises(RunError, match=said) as caught:
        run(small_folder, members=3, folder=tmp_path / "run")
    assert str(tmp_path / "run") in _one_line(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission(small_folder: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(RunError, match="permission denied"):
        run(small_folder, members=3, folder=tmp_path / "run")
    tmp_path.chmod(0o700)


def test_a_folder_that_holds_something_else_is_never_overwritten(
    small_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match=r"holds something else \(thesis.tex"):
        run(small_folder, members=3, folder=tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]
    with pytest.raises(InputError, match="is a file"):
        run(small_folder, members=3, folder=tmp_path / "thesis.tex")
    with pytest.raises(RunError, match="a file stands where a folder is needed"):
        run(small_folder, members=3, folder=tmp_path / "thesis.tex" / "run")
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_another_run_is_never_overwritten(
    small_folder: Path, finished: Path, changed: Callable[..., Path]
) -> None:
    before = tree(finished)
    for options in ({"members": 41}, {"seed": 2}):
        with pytest.raises(InputError, match="holds another run"):
            _again(small_folder, finished, **options)
    with pytest.raises(InputError, match="holds something else"):
        _again(small_folder, finished, live={"combat_law": ("mixed",)})
    with pytest.raises(InputError, match="holds something else"):
        _again(small_folder, finished, since="2024-02-01")
    other = changed(("median: 5 person/week", "median: 6 person/week"))
    same_name = Path(shutil.move(other, other.with_name("small")))
    with pytest.raises(InputError, match="holds something else"):
        _again(same_name, finished)
    assert tree(finished) == before


def test_two_processes_on_one_folder(small_folder: Path, finished: Path) -> None:
    with (
        storage.locked(finished),
        pytest.raises(RunError, match="another process is writing to") as caught,
    ):
        _again(small_folder, finished)
    _one_line(caught.value)


# --- arguments ---------------------------------------------------------------------------------


@pytest.mark.parametrize("members", [0, -5])
def test_members_below_one(small_folder: Path, tmp_path: Path, members: int) -> None:
    with pytest.raises(InputError, match="--members must be at least 1"):
        run(small_folder, members=members, folder=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("members", [10**9, 10**18])
def test_far_too_many_members(libya: Model, tmp_path: Path, members: int) -> None:
    with pytest.raises(InputError, match=r"would need about [\d,.]+ GB on disk.*--yes") as caught:
        run(libya, members=members, folder=tmp_path / "run")
    assert f"{members:,} members" in _one_line(caught.value)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"threads": 0}, "--threads"),
        ({"threads": -2}, "--threads"),
        ({"block": 0}, "block"),
        ({"since": "yesterday"}, "--from takes origin, start or a date"),
        ({"since": "2024-13-01"}, "--from takes origin, start or a date"),
        ({"since": "1999-01-01"}, "outside the model's time"),
        ({"since": date(2030, 1, 1)}, "outside the model's time"),
        ({"scenarios": ["air-campain"]}, "Did you mean air-campaign?"),
        ({"live": {"combat_laws": ("mixed",)}}, "Did you mean combat_law?"),
        ({"live": {"combat_law": ("mixd",)}}, "Did you mean mixed?"),
    ],
)
def test_bad_arguments(
    small_folder: Path, tmp_path: Path, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError) as caught:
        run(small_folder, members=3, folder=tmp_path / "run", **options)
    assert said in _one_line(caught.value)
    assert caught.value.exit_code == 2
    assert not (tmp_path / "run").exists()


def test_the_first_day(libya: Model) -> None:
    assert first_day(libya, None) == first_day(libya, "origin") == date(2016, 5, 17)
    assert first_day(libya, "start") == date(2015, 1, 1)
    assert first_day(libya, "2016-08-01") == date(2016, 8, 1)


def test_what_a_run_needs_grows_with_its_members(libya: Model) -> None:
    from khamsin.plan import plan

    plans = [plan(libya, "none")]
    assert bytes_needed(plans, 2000) == 2 * bytes_needed(plans, 1000)
    assert bytes_needed(plans * 2, 1000) == 2 * bytes_needed(plans, 1000)


def test_one_member_is_an_ensemble(small_folder: Path, tmp_path: Path) -> None:
    one = run(small_folder, members=1, folder=tmp_path / "run")
    ds = khamsin.open(one.folder)
    assert ds.sizes["member"] == 1
    assert float(ds.weight.sum()) == 1.0


def test_the_request_is_kept(small_run: Run) -> None:
    asked = json.loads((small_run.folder / "run.json").read_text())
    assert (asked["model"], asked["members"], asked["seed"]) == ("small", 40, 1)
    assert asked["command"].startswith("khamsin run small")
    assert "/" not in asked["command"].replace("khamsin run", "")


def test_the_command_can_be_typed(small_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "my war"
    shutil.copytree(small_folder, folder)
    made = run(folder, members=2, known_by="2016-05-17", folder=tmp_path / "run")
    words = shlex.split(json.loads((made.folder / "run.json").read_text())["command"])
    assert words[:3] == ["khamsin", "run", "my war"]
    assert words[-2:] == ["--known-by", "2016-05-17"]


def test_the_command_says_what_made_it(tmp_path: Path) -> None:
    """A forecast is no run, and a model with code of its own needs --trust."""
    done = khamsin.forecast(
        "three-towns", "2024-03-01", scenarios=["ceasefire"], members=4, particles=200,
        folder=tmp_path / "forecast", trust=True,
    )  # fmt: skip
    asked = json.loads((done.run.folder / "run.json").read_text())["command"]
    assert asked == (
        "khamsin forecast three-towns --scenario ceasefire --members 4 --seed 1 "
        "--from 2024-03-01 --particles 200 --trust"
    )
    khamsin.score("three-towns", members=4, folder=tmp_path / "score", trust=True)
    asked = json.loads((tmp_path / "score" / "run.json").read_text())["command"]
    assert asked == "khamsin score three-towns --members 4 --seed 1 --trust"


def test_a_scenario_that_is_over_is_told(small_folder: Path, tmp_path: Path) -> None:
    told: list[str] = []
    name = "air-campaign"
    last = read(small_folder).time.end
    run(
        small_folder, scenarios=[name], since=last, members=1, folder=tmp_path / "a",
        tell=told.append,
    )  # fmt: skip
    assert f"{name} changes nothing: all of it ends before the run begins, on {last}" in told
    run(small_folder, scenarios=[name], members=1, folder=tmp_path / "b", tell=told.append)
    assert sum("changes nothing" in text for text in told) == 1
