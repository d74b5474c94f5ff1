"""Where things lie in the served folder, and the only way from a name in a request to a path.

FOLDER/<model>/model.yaml    models; FOLDER itself may be one too
FOLDER/runs/<run>/           what `khamsin run` writes
FOLDER/jobs/<run>/           job.json and log.txt: what was started here
"""

import re
from dataclasses import dataclass
from pathlib import Path

RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,95}")
MODEL_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}")
SCENARIO = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]{0,95}")
MOST = 200  # models and runs that are listed
HOMES = ("installed", "folder")
# Where installed models lie, as in khamsin.model.installed (a test holds them equal): importing all
# that reads models would double the time until the first page.
_PACKAGE = Path(__file__).resolve().parents[2]
INSTALLED = (_PACKAGE / "models", _PACKAGE.parents[1] / "models")


@dataclass(frozen=True)
class ModelPlace:
    """A model and where it lies."""

    home: str
    name: str
    path: Path

    @property
    def key(self) -> str:
        """One word for a form."""
        return f"{self.home}:{self.name}"


@dataclass(frozen=True)
class Disk:
    """The served folder."""

    folder: Path

    def models(self) -> list[ModelPlace]:
        """Return the installed models and those in the folder, by name."""
        found = [ModelPlace("installed", n, p) for n, p in sorted(installed().items())]
        inside = [p.parent for p in sorted(self.folder.glob("*/model.yaml"))]
        found += [
            ModelPlace("folder", p.name, p)
            for p in inside[:MOST]
            if MODEL_NAME.fullmatch(p.name) and self._inside(p)
        ]
        return found

    def misnamed(self) -> list[str]:
        """Return folders with a model.yaml whose name cannot stand in an address."""
        return [
            p.parent.name
            for p in sorted(self.folder.glob("*/model.yaml"))[:MOST]
            if not MODEL_NAME.fullmatch(p.parent.name) or not self._inside(p.parent)
        ]

    def model(self, home: str, name: str) -> ModelPlace | None:
        """Return a model by home and name; None when there is none of that name."""
        if home not in HOMES or not MODEL_NAME.fullmatch(name):
            return None
        if home == "installed":
            there = installed().get(name)
            return ModelPlace(home, name, there) if there else None
        path = self.folder / name
        if not (path / "model.yaml").is_file() or not self._inside(path):
            return None
        return ModelPlace(home, name, path)

    def runs(self) -> list[str]:
        """Return the runs that are on disk or were started here, the latest first."""
        found: dict[str, float] = {}
        for file in [*self.folder.glob("runs/*/run.json"), *self.folder.glob("jobs/*/job.json")]:
            name = file.parent.name
            if RUN_ID.fullmatch(name) and self._inside(file):
                found[name] = max(found.get(name, 0.0), file.stat().st_mtime)
        return sorted(found, key=lambda name: -found[name])[:MOST]

    def run(self, name: str) -> Path | None:
        """Return the folder of a run, whether or not it exists yet; None for what is no name."""
        return self._under("runs", name)

    def job(self, name: str) -> Path | None:
        """Return the folder of a job, as `run`."""
        return self._under("jobs", name)

    def _under(self, kind: str, name: str) -> Path | None:
        if not RUN_ID.fullmatch(name):
            return None
        path = self.folder / kind / name
        return path if self._inside(path) else None

    def _inside(self, path: Path) -> bool:
        """Whether a path stays in the folder when every link is followed."""
        return path.resolve().is_relative_to(self.folder.resolve())


def installed() -> dict[str, Path]:
    """Return the folder of each installed model by name."""
    found: dict[str, Path] = {}
    for home in INSTALLED:
        for file in sorted(home.glob("*/model.yaml")):
            found.setdefault(file.parent.name, file.parent)
    return found
