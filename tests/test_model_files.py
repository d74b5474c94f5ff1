"""Files that no model should have: too large, no text, elsewhere, without end."""

import os
import shutil
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from khamsin.errors import InputError, ModelError
from khamsin.model import read
from khamsin.model.bibtex import read_references
from khamsin.model.disk import find_inside
from khamsin.model.documents import plain_scalar, read_document
from khamsin.model.faults import Faults
from khamsin.model.tables import read_number, read_sheet

SMALL = Path(__file__).parent / "models" / "valid" / "small"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    shutil.copytree(SMALL, tmp_path / "small")
    return tmp_path / "small"


def refused(folder: Path) -> str:
    with pytest.raises(ModelError) as error:
        read(folder)
    return str(error.value)


@pytest.mark.parametrize("name", ["model.yaml", "scenarios/none.yaml", "places.csv"])
def test_a_file_of_a_gigabyte_is_refused_unread(model: Path, name: str) -> None:
    line = b"a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
    with (model / name).open("wb") as file:
        file.write(line * 1000)
        file.truncate(1 << 30)  # the rest takes no space on the disk
    tracemalloc.start()
    start = time.monotonic()
    text = refused(model)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert f"{name}: is larger than" in text
    assert time.monotonic() - start < 60  # it would not end at all
    assert peak < 20 << 20


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: [" + "0," * 40_000 + "0]\n", "a line of more than"),
        ("a:\n" + "- 0\n" * 40_000, "holds more than"),
        ("".join(f"k{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 60)), "anchors"),
        ("!" * 900_000, "a line of more than"),
        ("- " * 4_000, "nested more than"),
        ("{a: " * 2_000, "nested more than"),
    ],
)
def test_yaml_without_end_is_refused_at_once(model: Path, text: str, what: str) -> None:
    (model / "model.yaml").write_text(text)
    start = time.monotonic()
    assert what in refused(model)
    assert time.monotonic() - start < 60  # it would not end at all


def link(model: Path) -> None:
    outside = model.parent / "outside.csv"
    shutil.move(model / "places.csv", outside)
    (model / "places.csv").symlink_to(outside)


def circle(model: Path) -> None:
    (model / "places.csv").unlink()
    (model / "places.csv").symlink_to("places.csv")


def folder(model: Path) -> None:
    (model / "places.csv").unlink()
    (model / "places.csv").mkdir()


def pipe(model: Path) -> None:
    (model / "places.csv").unlink()
    os.mkfifo(model / "places.csv")


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (link, "places: places.csv leads out of the model's folder"),
        (circle, "places: "),
        (folder, "places: places.csv is a folder, not a file"),
        (pipe, "places: there is no file places.csv"),
    ],
)
def test_what_is_no_file_of_the_folder_is_refused(
    model: Path, spoil: Callable[[Path], None], what: str
) -> None:
    spoil(model)
    assert f"model.yaml:5: {what}" in refused(model)


def test_a_link_within_the_folder_is_followed(model: Path) -> None:
    (model / "places.csv").rename(model / "villages.csv")
    (model / "places.csv").symlink_to("villages.csv")
    read(model)


@pytest.mark.parametrize("name", ["../x.csv", "/etc/passwd", "a/../../x", "..\\x.csv", "", "a\0b"])
def test_names_that_lead_outside_are_refused(model: Path, name: str) -> None:
    path, why = find_inside(model, name)
    assert path is None
    assert why


def test_names_that_no_disk_takes_are_refused(model: Path) -> None:
    assert find_inside(model, "x" * 5000 + ".csv")[0] is None


def test_scenarios_of_another_ending_are_not_overlooked(model: Path) -> None:
    (model / "scenarios" / "more.yml").write_text("title: More\n")
    assert "scenarios are files like more.yaml" in refused(model)


def test_a_file_of_rubbish_does_not_fill_the_screen(model: Path) -> None:
    rows = "".join(f"NOWHERE{i},ISL,many,\n" for i in range(5000))
    (model / "control.csv").write_text("place,actor,share,source\n" + rows)
    text = refused(model)
    assert len(text.splitlines()) < 120
    assert "control.csv: and 14900 more faults" in text


def test_there_is_no_such_model() -> None:
    with pytest.raises(InputError, match="neither a folder nor installed"):
        read("/no/such/folder")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("2e-4", 2e-4),
        ("1.", 1.0),
        (".5", 0.5),
        ("0123", 123),
        ("1_000", "1_000"),
        ("2016-05-17", "2016-05-17"),
        ("true", True),
        ("Null", None),
        ("yes", "yes"),
        ("12:30", "12:30"),
        ("-.inf", float("-inf")),
        ("9" * 30, 1e30),
    ],
)
def test_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    assert plain_scalar(text) == value
    assert type(plain_scalar(text)) is type(value)


@pytest.mark.parametrize("text", ["", "nan", "inf", "1e999", "1_000", "1,5", " 1", "0x10", "١"])
def test_what_is_no_number_in_a_table(text: str) -> None:
    assert read_number(text) is None


@pytest.mark.parametrize(
    ("text", "keys", "faults"),
    [
        ("@misc{a, title = {x {y} z}, year = 1999}\n@misc{b,}", ["a", "b"], 0),
        ("% @ is here\n@comment{@misc{a, b = {c}}}\n@misc{d, e = f}", ["d"], 1),
        ("@misc{a, b = {c}}\n@misc{a, b = {c}}", ["a"], 1),
        ("@misc{a, b = {c}\n@misc{d, e = {f}}", ["d"], 1),
        ("@string{x = {y}}\n@misc{d, e = {f}}", ["d"], 1),
        ("@misc{a, b = {c\n", [], 1),
        ("@", [], 1),
        ("", [], 0),
    ],
)
def test_references(tmp_path: Path, text: str, keys: list[str], faults: int) -> None:
    file = tmp_path / "references.bib"
    file.write_text(text)
    found = Faults()
    assert list(read_references(file, found)) == keys
    assert len(found.error().faults) == faults


def test_a_document_knows_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("a: 1\nb:\n  - {c: 2,\n     d: [3]}\n")
    document = read_document(file, Faults())
    assert document is not None
    assert document.line("b", 0, "d", 0) == 4
    assert document.line("b", 0, "nothing") == 3
    assert document.line("nothing") == 1


def test_rows_know_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text('a,b\n\n1,"two\nlines"\n3,4\n')
    sheet = read_sheet(file, Faults())
    assert sheet is not None
    assert sheet.lines == [3, 5]
