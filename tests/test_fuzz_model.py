"""Fuzzing: whatever is done to a model's files, it is read or refused in words, and soon."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from khamsin.errors import Fault, ModelError
from khamsin.model import read

SMALL = Path(__file__).parent / "models" / "valid" / "small"
FILES = sorted(
    path.relative_to(SMALL) for path in SMALL.rglob("*.*") if path.name != "resolved.json"
)
LONGEST = 5.0  # seconds of the processor, for one small model: no hang, not a speed

TOKENS = [
    *("{", "}", "[", "]", ":", ": ", ",", "- ", "#", "|", ">", "&a ", "*a", "!t ", "%", "@", "? "),
    *("<<: ", "---\n", "...\n", "\t", "\r\n", "\n", "\n\n", "  ", '"', "'", "\\", "~", "null"),
    *("true", "no", ".nan", ".inf", "-.inf", "1e999", "-1", "0", "0x1F", "9" * 400, "1_000"),
    *("2016-02-30", "0000-00-00", "9999-12-31", "7 day", "1/wek", "person**9", "km^-2", "*ALL"),
    *("\ufeff", "\x00", "\x85", "\u2028", "\ud7ff", "\U0001f332", "é", "a" * 300, "\\ud800"),
    *("lognormal", "fixed", "where", "change", "file", "place", "link", "other", "./x.py:x"),
    *("../places.csv", "/etc/passwd", "{}", "[]", "{lognormal: {median: 1, sigma: 1}}", "NO"),
]

settings.register_profile(
    "fuzz",
    max_examples=50,
    deadline=None,
    derandomize=True,  # the suite gives the same answer every time
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
FUZZ = settings.get_profile("fuzz")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("fuzz") / "small"
    shutil.copytree(SMALL, folder)
    return folder


def read_faults(folder: Path) -> list[Fault]:
    """Return the faults of a model, none when it is read."""
    try:
        read(folder).content_hash()
    except ModelError as error:
        return error.faults
    return []


def read_or_refuse(copy: Path, name: Path, data: bytes) -> None:
    """Read the model with one file replaced; anything but a model or a ModelError fails."""
    file = copy / name
    before = file.read_bytes()
    start = time.process_time()
    try:
        file.write_bytes(data)
        found = read_faults(copy)
    finally:
        file.write_bytes(before)
    assert time.process_time() - start < LONGEST
    for fault in found:
        assert fault.file.startswith(str(copy))
        assert fault.what
        assert str(fault).isprintable()


@FUZZ
@given(name=st.sampled_from(FILES), data=st.data())
def test_bytes_changed(copy: Path, name: Path, data: st.DataObject) -> None:
    text = bytearray((SMALL / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(text)))
        text[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=8))
    read_or_refuse(copy, name, bytes(text))


@FUZZ
@given(name=st.sampled_from(FILES), data=st.data())
def test_lines_moved(copy: Path, name: Path, data: st.DataObject) -> None:
    lines = (SMALL / name).read_bytes().splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        to = data.draw(st.integers(0, len(lines)))
        what = data.draw(st.sampled_from(["drop", "repeat", "move", "indent", "join"]))
        line = lines[at]
        if what == "indent":
            lines[at] = b" " * data.draw(st.integers(1, 4)) + line
        elif what == "join":
            lines[at] = line.rstrip(b"\n")
        elif what == "repeat":
            lines.insert(to, line)
        elif len(lines) > 1:
            del lines[at]
            if what == "move":
                lines.insert(to, line)
    read_or_refuse(copy, name, b"".join(lines))


@FUZZ
@given(name=st.sampled_from(FILES), data=st.data())
def test_tokens_put_in(copy: Path, name: Path, data: st.DataObject) -> None:
    text = (SMALL / name).read_text("utf-8")
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        length = data.draw(st.sampled_from([0, 0, 1, 4, 12]))
        text = text[:at] + data.draw(st.sampled_from(TOKENS)) + text[at + length :]
    read_or_refuse(copy, name, text.encode("utf-8", "surrogatepass"))


@FUZZ
@given(name=st.sampled_from([f for f in FILES if f.suffix == ".yaml"]), data=st.data())
def test_values_replaced(copy: Path, name: Path, data: st.DataObject) -> None:
    """Replace whole values, so that most of the file still is YAML."""
    lines = (SMALL / name).read_text("utf-8").splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        key, colon, _ = lines[at].rpartition(": ")
        if colon:
            lines[at] = f"{key}: {data.draw(st.sampled_from(TOKENS))}"
    read_or_refuse(copy, name, "\n".join(lines).encode("utf-8", "surrogatepass"))


@FUZZ
@given(name=st.sampled_from([f for f in FILES if f.suffix == ".csv"]), data=st.data())
def test_cells_replaced(copy: Path, name: Path, data: st.DataObject) -> None:
    rows = [line.split(",") for line in (SMALL / name).read_text("utf-8").splitlines()]
    for _ in range(data.draw(st.integers(1, 4))):
        row = data.draw(st.sampled_from(rows))
        cell = data.draw(st.integers(0, len(row) - 1))
        row[cell] = data.draw(st.sampled_from([*TOKENS, "", " ", "ISL", "SIRT", "LY", "-0.5"]))
    text = "\n".join(",".join(row) for row in rows)
    read_or_refuse(copy, name, text.encode("utf-8", "surrogatepass"))


@FUZZ
@given(data=st.binary(max_size=400), name=st.sampled_from(FILES))
def test_files_of_rubbish(copy: Path, data: bytes, name: Path) -> None:
    read_or_refuse(copy, name, data)
