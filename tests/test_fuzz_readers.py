"""Fuzzing: whatever a published file or a folder of Flee holds, it is read or refused in words."""

import resource
import shutil
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flee_case import FILES, write_case
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from khamsin.displacement.flee_model import import_flee
from khamsin.errors import KhamsinError
from khamsin.readers import read_acled, read_iom, read_monthly, read_ucdp, read_unhcr

DATA = Path(__file__).parent / "data"
LONGEST = 5.0  # seconds of the processor, for a file of some rows
LARGEST = 100_000  # KiB of memory that one file may add

FUZZ = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,  # the suite gives the same answer every time
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

READERS: dict[str, Callable[[Path], Any]] = {
    "ucdp_25_1_small.csv": read_ucdp,
    "ucdp_candidate_without_header_small.csv": read_ucdp,
    "acled_2023_small.csv": read_acled,
    "acled_2019_small.csv": read_acled,
    "unhcr_small.csv": read_unhcr,
    "iom_small.csv": read_iom,
    "plain.csv": lambda path: read_monthly(path, time="month", values=["a"], by="b"),
}
CELLS = [
    *("", " ", '"', "'", '""', ",", ";", "\t", "\n", "\r", "\r\n", "\x00", "\ufeff", "\x1a"),
    *("nan", "NaN", "inf", "-inf", "1e999", "-1", "0", "9" * 400, "1_0", "0x1", "١", "½", "True"),
    *("2016-02-30", "0000-00-00", "9999-12-31", "2016-13", "1677-01-01", "2262-04-12", "-2016-01"),
    *("=1+1", "@x", "é" * 40, "\U0001f332", "a" * 5000, "Libya", "point", "#", "\u2028", "{}"),
    *("2020-01-01", "10000-01-01", "1e308", "-1e308", "1e-400", "--", "NA", "None", "location"),
]


def text_of(name: str) -> bytes:
    if name == "plain.csv":
        return b"month,a,b\n2015-01,1,x\n2015-02,2,x\n2015-01,3,y\n"
    return (DATA / name).read_bytes()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for name, read in READERS.items():  # imports are no part of what is measured
        path = tmp_path_factory.mktemp("plain") / name
        path.write_bytes(text_of(name))
        read(path)
    return tmp_path_factory.mktemp("fuzz")


def read_or_refuse(read: Callable[[Path], Any], path: Path) -> None:
    """Read a file; anything but an answer or a KhamsinError in printable words fails."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, said = time.process_time(), ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            read(path)
    except KhamsinError as error:
        said = str(error)
    assert said.replace("\n", " ").isprintable(), repr(said)
    assert time.process_time() - start < LONGEST
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < LARGEST


def with_cells(data: st.DataObject, text: str) -> bytes:
    """Put odd cells into a table, and sometimes change its lines."""
    rows = [line.split(",") for line in text.splitlines()]
    for _ in range(data.draw(st.integers(1, 4))):
        row = data.draw(st.sampled_from(rows))
        row[data.draw(st.integers(0, len(row) - 1))] = data.draw(st.sampled_from(CELLS))
    if data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(rows) - 1))
        how = data.draw(st.sampled_from(["drop", "repeat", "shorter", "longer"]))
        if how == "drop":
            del rows[at]
        elif how == "repeat":
            rows.insert(at, rows[at])
        else:
            rows[at] = rows[at][:-1] if how == "shorter" else [*rows[at], "x"]
    return "\n".join(",".join(row) for row in rows).encode("utf-8", "surrogatepass")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("iom_small.csv", b"Central,", b","),
        ("unhcr_small.csv", b"2015-01", b"0216-01"),
        ("ucdp_25_1_small.csv", b"700001", b"inf"),
        ("ucdp_25_1_small.csv", b"700001", b"1e308"),
        ("acled_2023_small.csv", b"event_id_cnty", b"\x00event_id_cnty"),
        ("acled_2023_small.csv", b"event_id_cnty", b"\xc2\x80event_id_cnty"),
        ("unhcr_small.csv", b"date", b"\x80date"),
        ("plain.csv", b"2015-01,1,x", b"2015-01," + b"9" * 400 + b",x"),
        ("plain.csv", b"2015-02,2,x", b"9999-02,2,x"),
        ("plain.csv", b"2015-02,2,x", b"2015-02,2,"),
    ],
)
def test_what_was_found_is_refused(place: Path, name: str, old: bytes, new: bytes) -> None:
    text = text_of(name)
    assert old in text
    path = place / name
    path.write_bytes(text.replace(old, new))
    with pytest.raises(KhamsinError) as error:
        READERS[name](path)
    assert str(error.value).replace("\n", " ").isprintable()


@pytest.mark.parametrize("text", [b"\x80", b"A", b"move_rules: fast\n", b"move_rules:\n- 1\n"])
def test_settings_that_were_found_are_refused(case: Path, place: Path, text: bytes) -> None:
    settings = place / "found.yml"
    settings.write_bytes(text)
    with pytest.raises(KhamsinError):
        import_flee(case, place / "unwritten", None, settings)


@FUZZ
@given(name=st.sampled_from(sorted(READERS)), data=st.data())
def test_cells_of_published_files(place: Path, name: str, data: st.DataObject) -> None:
    path = place / name
    path.write_bytes(with_cells(data, text_of(name).decode("utf-8")))
    read_or_refuse(READERS[name], path)


@FUZZ
@given(name=st.sampled_from(sorted(READERS)), data=st.data())
def test_bytes_of_published_files(place: Path, name: str, data: st.DataObject) -> None:
    text = bytearray(text_of(name))
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(text)))
        text[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=8))
    path = place / name
    path.write_bytes(bytes(text))
    read_or_refuse(READERS[name], path)


@FUZZ
@given(
    name=st.sampled_from(sorted(READERS)),
    rubbish=st.binary(max_size=400),
    suffix=st.sampled_from(["", ".zip", ".gz"]),
)
def test_published_files_of_rubbish(place: Path, name: str, rubbish: bytes, suffix: str) -> None:
    path = place / (name + suffix)
    path.write_bytes(rubbish)
    read_or_refuse(READERS[name], path)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_case(tmp_path_factory.mktemp("flee") / "case")


SETTINGS = """\
spawn_rules:
  take_from_population: False
move_rules:
  max_move_speed: 360.0
  foreign_weight: 1.0
"""


def import_or_refuse(case: Path, place: Path, name: str, content: bytes) -> None:
    file = case / name
    before = file.read_bytes() if file.exists() else None
    file.write_bytes(content)
    try:
        output = place / "model"
        shutil.rmtree(output, ignore_errors=True)
        given = case / "simsetting.yml"
        read_or_refuse(
            lambda folder: import_flee(folder, output, None, given if given.exists() else None),
            case,
        )
    finally:
        if before is None:
            file.unlink()
        else:
            file.write_bytes(before)


@FUZZ
@given(name=st.sampled_from([n for n in sorted(FILES) if n.endswith(".csv")]), data=st.data())
def test_cells_of_a_flee_folder(case: Path, place: Path, name: str, data: st.DataObject) -> None:
    import_or_refuse(case, place, name, with_cells(data, (case / name).read_text("utf-8")))


@FUZZ
@given(name=st.sampled_from([*sorted(FILES), "simsetting.yml"]), rubbish=st.binary(max_size=300))
def test_flee_files_of_rubbish(case: Path, place: Path, name: str, rubbish: bytes) -> None:
    import_or_refuse(case, place, name, rubbish)


@FUZZ
@given(data=st.data())
def test_flee_settings_changed(case: Path, place: Path, data: st.DataObject) -> None:
    text = SETTINGS
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        token = data.draw(st.sampled_from(["{", "[", "- ", "&a ", "*a", "!!t ", *CELLS]))
        text = text[:at] + token + text[at + data.draw(st.integers(0, 8)) :]
    import_or_refuse(case, place, "simsetting.yml", text.encode("utf-8", "surrogatepass"))
