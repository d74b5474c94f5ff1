"""A folder or file from a stranger is data: nothing in it is run, nothing outside it is touched."""

import ast
import csv
import gzip
import shutil
import zipfile
from pathlib import Path

import pytest
from flee_case import write_case
from test_model_files import SMALL, refused

from khamsin.displacement.flee_model import import_flee
from khamsin.displacement.flee_settings import read_settings
from khamsin.errors import InputError, KhamsinError, ModelError
from khamsin.measures import parse, parse_event
from khamsin.model import read
from khamsin.readers import archive, read_monthly, read_ucdp
from khamsin.scores.views_submission import check_submission
from khamsin.spreadsheet import quoted, write_rows

SOURCES = Path(__file__).parents[1] / "src" / "khamsin"
DATA = Path(__file__).parent / "data"
UCDP = "ucdp_25_1_small.csv"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "small"))


# --- YAML and expressions ----------------------------------------------------------------------

OBJECTS = [
    "!!python/object/apply:os.system ['touch {there}']",
    "!!python/object/new:subprocess.Popen [['touch', '{there}']]",
    "!!python/name:os.system",
    "!!python/module:os",
    "!<tag:yaml.org,2002:python/object/apply:os.system> ['touch {there}']",
]


@pytest.mark.parametrize("text", OBJECTS)
def test_yaml_builds_no_objects(model: Path, tmp_path: Path, text: str) -> None:
    there = tmp_path / "touched"
    wicked = text.format(there=there)
    for name in ("model.yaml", "scenarios/none.yaml"):
        whole = (model / name).read_text("utf-8")
        (model / name).write_text(whole + f"\nx: {wicked}\n", "utf-8")
        assert "the tag" in refused(model)
        (model / name).write_text(whole, "utf-8")
    settings = tmp_path / "simsetting.yml"
    settings.write_text(f"move_rules:\n  max_move_speed: {wicked}\n", "utf-8")
    with pytest.raises(ModelError, match="the tag"):
        read_settings(settings)
    details = tmp_path / "submission_details.yml"
    details.write_text(f"team: {wicked}\n", "utf-8")
    assert check_submission(tmp_path)
    assert not there.exists()


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('touch {there}')",
        "open('{there}', 'w').total",
        "fighters.end[actor:__class__].__class__",
        "(lambda: 1)()",
        "fighters.end if 1 else 2",
        "exec('1')",
        "{{}}",
        "f'{{1}}'",
        "1; 2",
        "@x",
    ],
)
def test_expressions_are_never_evaluated_as_python(tmp_path: Path, text: str) -> None:
    there = tmp_path / "touched"
    for read_text in (parse, parse_event):
        with pytest.raises(ValueError, match=r"."):
            read_text(text.format(there=there))
    assert not there.exists()


FORBIDDEN = {"eval", "exec", "compile", "__import__"}
UNSAFE = {("pickle", "loads"), ("pickle", "load"), ("yaml", "load"), ("os", "system")}


def test_no_source_evaluates_text() -> None:
    calls = []
    files = sorted(SOURCES.rglob("*.py"))
    assert len(files) > 100
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            if isinstance(called, ast.Name) and called.id in FORBIDDEN:
                calls.append(f"{file.name}:{node.lineno}")
            if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
                unsafe = (called.value.id, called.attr) in UNSAFE
                # bytes from the client that a worker obeys; and of a process that this one started
                own = file.parent.name == "cluster" or file.name == "studio.py"
                calls += [f"{file.name}:{node.lineno}"] * (unsafe and not own)
            if any(k.arg == "shell" for k in node.keywords):
                calls.append(f"{file.name}:{node.lineno}")
    assert not calls


# --- paths -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("/etc/passwd", "lies outside"),
        ("../secret.csv", "lies outside"),
        ("a/../../secret.csv", "lies outside"),
        ("linked.csv", "leads out of"),
        ("linked/secret.csv", "leads out of"),
    ],
)
def test_a_table_outside_of_the_folder_is_not_read(model: Path, name: str, what: str) -> None:
    secret = model.parent / "secret.csv"
    secret.write_text("place,actor,share,source\nS3CRET,ISL,1,judgement\n", "utf-8")
    (model / "linked.csv").symlink_to(secret)
    (model / "linked").symlink_to(model.parent)
    file = model / "model.yaml"
    text = file.read_text("utf-8")
    assert text.count("file: control.csv") == 1
    file.write_text(text.replace("file: control.csv", f"file: {name}"), "utf-8")
    said = refused(model)
    assert what in said
    assert "S3CRET" not in said


@pytest.mark.parametrize("name", ["model.yaml", "references.bib", "scenarios"])
def test_files_of_a_fixed_name_may_not_be_links_to_elsewhere(model: Path, name: str) -> None:
    """What a message quotes of a file must come from the model's own folder."""
    outside = model.parent / "outside"
    shutil.move(model / name, outside)
    (model / name).symlink_to(outside)
    assert "leads out of" in refused(model)


# --- cells -------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|x", "-x", "@SUM(A1)", "\t=1", "\r=1", "  =1", "--"])
def test_a_cell_that_a_spreadsheet_would_run_is_quoted(cell: str) -> None:
    assert quoted(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-0.5", "+1", "-1e-9", "", "x=1", "Sirte", -3, 0.5, None])
def test_other_cells_are_written_as_they_are(cell: object) -> None:
    assert quoted(cell) == cell


def test_every_csv_is_written_by_the_one_writer() -> None:
    writers = {
        file.name
        for file in SOURCES.rglob("*.py")
        for word in ("csv.writer(", "DictWriter(", ".to_csv(")
        if word in file.read_text("utf-8")
    }
    assert writers == {"spreadsheet.py"}
    assert write_rows.__module__ == "khamsin.spreadsheet"


def test_a_place_named_like_a_formula_arrives_as_text(tmp_path: Path) -> None:
    name = "=HYPERLINK(A1)"
    write_case(tmp_path / "case")
    for file in (tmp_path / "case").rglob("*.csv"):
        file.write_text(file.read_text("utf-8").replace("Bora", name), "utf-8")
    import_flee(tmp_path / "case", tmp_path / "model")
    cells = [
        cell
        for file in (tmp_path / "model").rglob("*.csv")
        for row in csv.reader(file.read_text("utf-8").splitlines())
        for cell in row
    ]
    assert f"'{name}" in cells
    assert not [c for c in cells if str(c).startswith(("=", "+", "@"))]
    assert read(tmp_path / "model")


# --- archives ----------------------------------------------------------------------------------


def zipped(path: Path, name: str, data: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, data)
    return path


def test_archives_without_measure_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "ALWAYS", 100_000)
    rows = b"month,a\n" + b"2015-01,1\n" * 3_000_000
    bombs = [zipped(tmp_path / "bomb.zip", "a.csv", rows), tmp_path / "bomb.csv.gz"]
    bombs[1].write_bytes(gzip.compress(rows))
    for bomb in bombs:
        with pytest.raises(InputError, match="unpacks to more than 100 times its size"):
            read_monthly(bomb, time="month", values=["a"])


@pytest.mark.parametrize("name", ["../up.csv", "/etc/up.csv", "a/../../up.csv", "..\\up.csv"])
def test_names_in_a_zip_lead_nowhere(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "events.zip", name, (DATA / UCDP).read_bytes())
    with pytest.raises(InputError, match="leads outside"):
        read_ucdp(path)
    assert [p.name for p in tmp_path.iterdir()] == ["events.zip"]


def test_a_zip_of_zips_or_with_a_password_is_refused(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", "a.csv", (DATA / UCDP).read_bytes())
    outer = zipped(tmp_path / "outer.zip", "inner.zip", inner.read_bytes())
    with pytest.raises(InputError, match="holds 0 CSV files"):
        read_ucdp(outer)
    raw = bytearray(inner.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + flags] |= 1
    inner.write_bytes(bytes(raw))
    with pytest.raises(InputError, match="asks for a password"):
        read_ucdp(inner)


def test_two_files_that_overlap_in_a_zip_are_refused(tmp_path: Path) -> None:
    """The trick of a zip whose entries share their bytes (Fifield 2019)."""
    path = tmp_path / "overlap.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("notes.txt", b"x" * 200)
        made.writestr("a.csv", (DATA / UCDP).read_bytes())
        made.filelist[1].header_offset = made.filelist[0].header_offset
    with pytest.raises(KhamsinError):
        read_ucdp(path)


def test_control_characters_of_a_file_do_not_reach_the_terminal() -> None:
    assert str(InputError("a\x1b[2Jb\x00\n\u202ec")) == "a\ufffd[2Jb\ufffd\n\ufffdc"
