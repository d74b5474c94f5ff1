"""Fuzzing: whatever is sent to the web app is answered, in words, without a traceback."""

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

pytest.importorskip("starlette", reason="the extra khamsin[web] is not installed")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it would rather have httpx2
    from starlette.testclient import TestClient

from khamsin.new import write_new
from khamsin.view.web.app import create
from khamsin.view.web.jobs import Jobs

HOST = "http://127.0.0.1:8000"
TOKEN = "the-token-of-this-start"
FUZZ = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,  # the suite gives the same answer every time
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
WORDS = [
    *(
        "",
        " ",
        "0",
        "1",
        "-1",
        "1e9",
        "9" * 400,
        "１",
        "½",
        "²",
        "nan",
        "\x00",
        "\ud7ff",
        "a" * 5000,
    ),
    *("origin", "start", "air-campaign", "as-it-is", "mixed", "folder:towns", "folder:../towns"),
    *("..", "../../etc/passwd", "%2e%2e", "installed:libya-2016", "<script>", "{{7*7}}", "'; --"),
    *("0123abcd", "0123ABCD", "\u202e", "\U0001f332", "combat_law", "\n", "\r\nSet-Cookie: a=b"),
]
NAMES = ["model", "ticket", "members", "seed", "since", "threads", "scenario", "answer.combat_law"]
texts = st.one_of(st.sampled_from(WORDS), st.text(max_size=20))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The app over a folder with one model, which starts nothing."""
    folder = tmp_path_factory.mktemp("fuzzed")
    write_new(folder / "towns")
    started: list[Any] = []
    with (
        pytest.MonkeyPatch.context() as patch,
        TestClient(create(folder, TOKEN, False, ["127.0.0.1:8000"]), base_url=HOST) as found,
    ):
        patch.setattr(Jobs, "start", lambda self, *args: started.append(args))
        while " data-wait" in found.get("/models/folder/towns").text:
            pass
        yield found
    for run, request in started:  # what was let through is a request that the form allows
        assert "/" not in run and ".." not in run
        assert 1 <= request.members <= 100_000
        assert set(request.scenarios) <= {"air-campaign", "as-it-is"}


def answered(status: int, text: str) -> None:
    assert status < 500
    assert "Traceback" not in text
    assert "<script>\n" not in text and ">49<" not in text  # nothing that was sent is run


@FUZZ
@given(
    fields=st.dictionaries(
        st.one_of(st.sampled_from(NAMES), st.sampled_from(WORDS), st.text(max_size=8)),
        st.lists(texts, max_size=3),
        max_size=8,
    )
)
@example(fields={"members": ["²"], "model": ["folder:towns"]})
@example(fields={"ticket": ["0123abcd\n"], "model": ["folder:towns"], "members": ["10"]})
def test_forms(client: TestClient, fields: dict[str, list[str]]) -> None:
    whole = {"model": ["folder:towns"], "members": ["10"], "seed": ["1"], "since": ["origin"]}
    whole |= {"scenario": ["air-campaign"], "token": [TOKEN], "answer.combat_law": ["mixed"]}
    data = {k: [_sendable(v) for v in vs] for k, vs in (whole | fields).items()}
    sent = client.post("/run", data={**data, "token": TOKEN}, follow_redirects=False)
    answered(sent.status_code, sent.text)
    assert sent.status_code in (303, 404, 422)


@FUZZ
@given(
    body=st.binary(max_size=300), kind=st.sampled_from(["application/x-www-form-urlencoded", "x"])
)
def test_bodies_of_rubbish(client: TestClient, body: bytes, kind: str) -> None:
    for address in ("/run", "/run/a-1/stop", "/run/a-1/resume"):
        sent = client.post(address, content=body, headers={"content-type": kind})
        answered(sent.status_code, sent.text)
        assert sent.status_code in (400, 403)


@FUZZ
@given(
    address=st.sampled_from(
        ["/", "/run", "/compare", "/result/{}", "/run/{}", "/models/folder/{}"]
    ),
    word=texts,
    query=st.dictionaries(
        st.sampled_from(["model", "first", "second", "run", "a", "b", "place", "x"]),
        texts,
        max_size=3,
    ),
)
def test_addresses(client: TestClient, address: str, word: str, query: dict[str, str]) -> None:
    from urllib.parse import quote

    sent = client.get(
        address.format(quote(_sendable(word) or "x", safe="")),
        params={k: _sendable(v) for k, v in query.items()},
    )
    answered(sent.status_code, sent.text)


@pytest.mark.parametrize("length", ["²", "-1", "1e3", " 1", "9" * 400])
def test_lengths_that_are_none(client: TestClient, length: str) -> None:
    """Found: a superscript two is a digit, and no number."""
    headers = {"content-length": length.encode("latin-1"), "content-type": "x"}
    sent = client.post("/run", content=b"", headers=headers)  # type: ignore[arg-type]
    assert sent.status_code in (400, 403, 413)


def _sendable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
