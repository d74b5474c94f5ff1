"""Every package that is installed is pinned by hash, and listed with version and licence."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "dependencies", ROOT / "scripts" / "dependencies.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_lists_what_is_pinned(script: ModuleType) -> None:
    assert len(script.pinned()) > 100
    assert script.listed() == script.pinned(), "run: python scripts/dependencies.py"
    licences = [row[2] for row in script.ROW.findall(script.PAGE.read_text("utf-8"))[1:]]
    assert all(re.search("[A-Za-z]{3}", text) for text in licences)


def test_the_release_notes_name_the_page(script: ModuleType) -> None:
    notes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert str(script.PAGE.relative_to(ROOT)) in notes


def test_each_package_has_hashes_and_no_address() -> None:
    text = (ROOT / "constraints.txt").read_text("utf-8")
    assert "://" not in text
    for entry in re.split(r"\n(?=\S)", text.strip()):
        hashed = r"^\S+==\S+ \\\n( +--hash=sha256:[0-9a-f]{64}( \\\n)?)+$"
        assert re.match(hashed, entry), entry[:80]


def test_what_the_project_asks_for_is_pinned(script: ModuleType) -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [
        *project["dependencies"],
        *(p for extra in project["optional-dependencies"].values() for p in extra),
    ]
    pinned = {name.lower().replace("_", "-") for name in script.pinned()}
    for one in asked:
        name = re.match(r"[A-Za-z0-9._-]+", one)
        assert name is not None
        assert name[0].lower().replace("_", "-").replace(".", "-") in {
            p.replace(".", "-") for p in pinned
        }, one
