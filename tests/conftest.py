"""What many tests share: the small model of `khamsin new`, run once, and variants of it."""

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from khamsin.model import Model
    from khamsin.verbs.run import Run

ROOT = Path(__file__).parent.parent
if str(ROOT) not in sys.path:  # for `verification`, whichever way pytest was started
    sys.path.insert(0, str(ROOT))

MEMBERS = 40


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `khamsin new` writes; not to be changed."""
    from khamsin.new import write_new

    return write_new(tmp_path_factory.mktemp("models") / "small")


@pytest.fixture(scope="session")
def small_run(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> "Run":
    """A finished run of the small model with both of its scenarios; not to be changed."""
    from khamsin.verbs.run import run

    return run(
        small_folder,
        scenarios=["as-it-is", "air-campaign"],
        members=MEMBERS,
        folder=tmp_path_factory.mktemp("runs") / "small",
        block=10,
    )


@pytest.fixture
def changed(small_folder: Path, tmp_path: Path) -> Callable[..., Path]:
    """Make a copy of the small model with passages of model.yaml replaced and files added."""

    def make(*passages: tuple[str, str], files: dict[str, str] | None = None) -> Path:
        folder = tmp_path / f"changed{len(list(tmp_path.glob('changed*')))}"
        shutil.copytree(small_folder, folder)
        file = folder / "model.yaml"
        text = file.read_text(encoding="utf-8")
        for old, new in passages:
            assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")
        for name, content in (files or {}).items():
            (folder / name).write_text(content, encoding="utf-8")
        return folder

    return make


@pytest.fixture
def finished(small_run: "Run", tmp_path: Path) -> Path:
    """A copy of the finished run, to be damaged."""
    return Path(shutil.copytree(small_run.folder, tmp_path / "finished"))


@pytest.fixture(scope="session")
def libya() -> "Model":
    """The model libya-2016."""
    from khamsin.model import find, read

    return read(find("libya-2016"))


@pytest.fixture(scope="session")
def until() -> Callable[..., None]:
    """Wait until something is true."""

    def wait(say: Callable[[], object], seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while not say():
            assert time.monotonic() < end, "it never came true"
            time.sleep(0.01)

    return wait
