"""What `khamsin check` says of a model: its plan, or every fault of a broken one."""

import hashlib
import json
import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from khamsin.view.web.derived import Result
from khamsin.view.web.disk import ModelPlace
from khamsin.view.web.site import Site

MOST_FILES = 2000
MOST_FAULTS = 200


@dataclass(frozen=True)
class Description:
    """A model as it was found by the check."""

    plan: dict[str, Any] | None
    faults: list[str] = field(default_factory=list)
    working: bool = False

    @property
    def title(self) -> str:
        """The title that the model gives itself; '' while it is not known."""
        return str(self.plan["model"]["title"]) if self.plan else ""


def describe(site: Site, place: ModelPlace) -> Description:
    """Return what is known of a model now; the first call starts the check."""
    return _read(site.derived.get(*_asked(site, place), keep_failure=True), place)


async def describe_soon(site: Site, place: ModelPlace) -> Description:
    """Return what is known of a model, after waiting a little for its check."""
    return _read(await site.derived.wait(*_asked(site, place), keep_failure=True), place)


async def picture(site: Site, place: ModelPlace) -> dict[str, Any] | None:
    """Return tables and map of a model, or None while they are made."""
    arguments = ["picture", str(place.path.resolve()), *(["--trust"] if site.trust else [])]
    found = await site.derived.wait(
        f"picture {signature(place.path)}", arguments, "khamsin.view.web.child", keep_failure=True
    )
    if found is None:
        return None
    if found.failed:
        return {"map": {"svg": "", "why": found.complaint}, "tables": []}
    return _parsed(found.output)


def signature(folder: Path) -> str:
    """Return what changes when a file of a model changes: names, sizes and times of its files."""
    found = hashlib.sha256(str(folder).encode())
    for number, file in enumerate(sorted(folder.rglob("*"))):
        if number > MOST_FILES:
            break
        try:
            stat = file.stat()
        except OSError:
            continue
        found.update(f"{file}|{stat.st_size}|{stat.st_mtime_ns}\n".encode("utf-8", "replace"))
    return found.hexdigest()


def _asked(site: Site, place: ModelPlace) -> tuple[str, list[str]]:
    trust = ["--trust"] if site.trust else []
    arguments = ["check", "--json", *trust, "--", str(place.path.resolve())]
    return f"check {signature(place.path)}", arguments


def _read(result: Result | None, place: ModelPlace) -> Description:
    if result is None:
        return Description(None, working=True)
    if result.failed:
        plain = result.complaint.replace(f"{place.path.resolve()}{os.sep}", "")
        lines = [line for line in plain.splitlines() if line.strip()]
        return Description(None, lines[:MOST_FAULTS] or ["the check failed without a word"])
    return Description(_parsed(result.output))


@lru_cache(maxsize=32)
def _parsed(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found
