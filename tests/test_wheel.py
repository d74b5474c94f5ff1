"""The wheel carries what it needs, and nothing else; installed elsewhere, it lists its models."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from verification.install import build

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


def test_everything_is_in_it(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    source = ROOT / "src" / "khamsin"
    wanted = {
        f"khamsin/{f.relative_to(source)}"
        for f in source.rglob("*")
        if f.is_file() and "__pycache__" not in f.parts
    }
    for file in (ROOT / "models").rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            wanted.add(f"khamsin/models/{file.relative_to(ROOT / 'models')}")
    assert "khamsin/py.typed" in wanted
    assert not wanted - inside
    rest = {n for n in inside - wanted if ".dist-info/" not in n}
    assert not rest, f"these should not be in the wheel: {sorted(rest)[:5]}"
    for licence in ("LICENSE", "docs/limits/licences.md"):
        assert any(n.endswith(f"licenses/{licence}") for n in inside)
    assert wheel.stat().st_size < 5_000_000


def test_it_lists_and_checks_its_models_from_elsewhere(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "there")
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "there")}
    where = "import khamsin; print(khamsin.__file__)"
    said = subprocess.run(
        [sys.executable, "-c", where], env=env, cwd=tmp_path, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert said.stdout.startswith(str(tmp_path))
    listed = subprocess.run(
        [sys.executable, "-m", "khamsin", "list"], env=env, cwd=tmp_path, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    names = [line.split()[0] for line in listed.stdout.splitlines()]
    assert names == sorted(p.parent.name for p in (ROOT / "models").glob("*/model.yaml"))
    assert len(names) >= 6
