"""The swift parser of YAML reads what the strict one reads, value for value and line for line."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khamsin.model import documents
from khamsin.model.faults import Faults

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(ROOT.glob("models/**/*.yaml"))

# What the two are known to disagree on is among these: such texts are left to the strict parser.
PIECES = [
    *"ab1é😀'\":,-?{}[]#!@`%~\\",
    ": ",
    ", ",
    "- ",
    "? ",
    " #",
    "&x ",
    "*x",
    "<<: ",
    "'it''s'",
]
PIECES += ["...", "---"]
PIECES += [" ", "  ", "\n", "\n  ", "\n- ", "\r\n", "\r", "\t", "\x85", "\u2028", "\xa0", "\ufeff"]
PIECES += ["|", "|\n ", ">-\n  ", "|2\n", "> #", "\n\n", "x:\n  - a\n  - b: c\n", '"\\x41\\/"']


def read_both(file: Path) -> tuple[documents.Document | None, documents.Document | None, Faults]:
    faults = Faults()
    swift = documents._read_swiftly(file.read_text("utf-8"), str(file))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "_read_swiftly", lambda text, name: None)
        return swift, documents.read_document(file, faults), faults


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT / "models")))
def test_installed_models_are_read_swiftly_and_alike(file: Path) -> None:
    swift, strict, faults = read_both(file)
    assert swift is not None
    assert swift == strict
    assert repr(swift.data) == repr(strict.data)  # 1, 1.0 and True are equal, too
    assert not faults


@settings(max_examples=500, deadline=None)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=14))
def test_any_text_is_read_alike_or_left(tmp_path_factory: Any, pieces: list[str]) -> None:
    file = tmp_path_factory.getbasetemp() / "text.yaml"
    file.write_bytes("".join(pieces).encode())
    swift, strict, faults = read_both(file)
    if swift is not None:
        assert repr(swift) == repr(strict)
        assert not faults


@pytest.mark.parametrize(
    "text",
    ["a: b: c", "a: &x 1", "a: !!str 1", "a: 1\na: 2", "a:\t1", "---\na: 1", "|\n#", "", "[" * 40],
)
def test_what_is_at_fault_or_in_doubt_is_left_to_the_strict_parser(text: str) -> None:
    assert documents._read_swiftly(text, "text.yaml") is None


def test_without_libyaml_all_is_read_strictly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("yaml.CSafeLoader")
    file = tmp_path / "text.yaml"
    file.write_text("a: {b: [1, NO]}\n")
    assert documents._read_swiftly(file.read_text(), "text.yaml") is None
    document = documents.read_document(file, Faults())
    assert document is not None
    assert document.data == {"a": {"b": [1, "NO"]}}
