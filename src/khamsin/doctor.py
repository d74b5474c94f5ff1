"""The verb `doctor`: what this machine has for khamsin, what is missing, and what helps."""

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from khamsin.errors import RunError

OLDEST = (3, 11)
ROOM = 1e9  # bytes free: compiled processes and a run of 10,000 futures of libya-2016
#: what each extra is for, and a module of it
EXTRAS = {
    "web": ("khamsin serve", ("starlette", "uvicorn")),
    "explore": ("khamsin explore, discover, to_salib, to_ema", ("SALib", "ema_workbench")),
    "scores": ("submissions to the ViEWS challenge", ("pyarrow",)),
    "cluster": ("khamsin run --cluster", ("distributed",)),
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    state : {"ok", "without", "missing"}
        `without` is an extra that nobody needs for a run.
    hint : str
        What helps; empty when nothing has to.
    """

    name: str
    state: str
    found: str
    hint: str = ""


def examine(folder: Path | None = None) -> list[Finding]:
    """Look at Python, packages, cache, disk, cores, models and extras.

    Parameters
    ----------
    folder : path, optional
        Where runs would be written; the current folder when not given.

    Returns
    -------
    list of Finding
        In the order in which a person would mend them.

    Examples
    --------
    >>> from khamsin.doctor import examine
    >>> [f.name for f in examine()][:3]
    ['python', 'packages', 'cache']
    """
    return [
        _python(),
        _packages(),
        _cache(),
        _disk(folder or Path()),
        Finding("cores", "ok", str(os.cpu_count() or 1)),
        _models(),
        *(_extra(name) for name in _offered()),
        Finding("browser", "ok", "none needed: reports and charts are drawn without one"),
    ]


def _python() -> Finding:
    found = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info < OLDEST:
        return Finding("python", "missing", found, "khamsin needs Python 3.11 or newer")
    return Finding("python", "ok", found)


def _packages() -> Finding:
    """The packages that the installed khamsin asks for, by their metadata."""
    try:
        asked = importlib.metadata.requires("khamsin") or []
    except importlib.metadata.PackageNotFoundError:
        return Finding(
            "packages", "missing", "khamsin is not installed", "pip install . in the checkout"
        )
    names = [_name(a) for a in asked if "extra ==" not in a]
    lost = [n for n in names if not _there(n)]
    if lost:
        return Finding("packages", "missing", ", ".join(lost), f"pip install {' '.join(lost)}")
    return Finding("packages", "ok", f"all {len(names)}")


def _name(requirement: str) -> str:
    for end in range(len(requirement)):
        if requirement[end] in " <>=!~[;(":
            return requirement[:end]
    return requirement


def _there(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _cache() -> Finding:
    from khamsin.adapters import cache_folder, make_cache_folder

    folder = cache_folder()
    try:
        make_cache_folder()
    except RunError as error:
        return Finding("cache", "missing", f"{folder} cannot be written", str(error))
    ready = len(list((folder / "__pycache__").glob("*.nbi")))
    return Finding("cache", "ok", f"{folder}, {ready} compiled functions")


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    found = f"{free / 1e9:,.1f} GB free here"
    if not os.access(folder, os.W_OK):
        return Finding("disk", "missing", f"{folder.resolve()} cannot be written", "use -o FOLDER")
    if free < ROOM:
        return Finding("disk", "missing", found, "a run needs up to 1 GB: use -o FOLDER elsewhere")
    return Finding("disk", "ok", found)


def _models() -> Finding:
    from khamsin.model.installed import HOMES

    names = sorted({f.parent.name for home in HOMES for f in home.glob("*/model.yaml")})
    if not names:
        return Finding("models", "missing", "none installed", "pip install --force-reinstall")
    return Finding("models", "ok", ", ".join(names))


def _offered() -> list[str]:
    """The extras that the installed khamsin offers, of those that a user may want."""
    try:
        offered = importlib.metadata.metadata("khamsin").get_all("Provides-Extra") or []
    except importlib.metadata.PackageNotFoundError:
        offered = []
    return [name for name in EXTRAS if name in offered]


def _extra(name: str) -> Finding:
    use, modules = EXTRAS[name]
    lost = [m for m in modules if importlib.util.find_spec(m) is None]
    if lost:
        return Finding(f"extra {name}", "without", f"for {use}", f"pip install 'khamsin[{name}]'")
    return Finding(f"extra {name}", "ok", f"for {use}")
