"""How far a run is, from the files of its finished blocks alone: the truth after any restart."""

import glob
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

BLOCK = 50  # members a block, where a store does not say


@dataclass(frozen=True)
class ScenarioProgress:
    """Members of one scenario that are on disk."""

    name: str
    title: str
    done: int
    members: int


@dataclass(frozen=True)
class Pace:
    """How fast members were finished in one attempt: seconds until the first, then members a
    second."""

    startup: float
    rate: float


def asked_members(run: Path) -> int:
    """Return how many members a run was asked for; 0 when nothing is on disk."""
    return int(_json(run / "run.json").get("members") or 0)


def asked_seed(run: Path) -> str:
    """Return the seed of a run, as text; an en rule when nothing is on disk."""
    return str(_json(run / "run.json").get("seed", "–"))


def scenario_names(run: Path) -> list[str]:
    """Return the scenarios of a run that have been begun, in the order asked for."""
    asked = _json(run / "run.json").get("scenarios")
    order = {str(name): n for n, name in enumerate(asked if isinstance(asked, list) else ())}
    begun = [p.stem for p in run.glob("*.zarr") if (p / "zarr.json").exists()]
    return sorted(begun, key=lambda name: (order.get(name, len(order)), name))


def attributes(store: Path) -> dict[str, Any]:
    """Return the attributes of a store but for the model; {} when it cannot be read."""
    file = store / "zarr.json"
    try:
        return _attributes(file, file.stat().st_mtime_ns)
    except OSError:
        return {}


def scenario_progress(run: Path, name: str, members: int) -> ScenarioProgress:
    """Count the finished members of a scenario."""
    store = run / f"{name}.zarr"
    title = str(attributes(store).get("scenario_title") or name)
    block = _block(store)
    done = sum(
        max(min(block, members - int(f.name) * block), 0)
        for f in run.glob(f"{glob.escape(name)}.blocks/[0-9]*")
        if f.name.isdigit()
    )
    return ScenarioProgress(name, title, done, members)


def pace(run: Path, names: list[str], since: float) -> Pace | None:
    """Return the pace of an attempt that began at `since` (seconds of the clock); None before its
    first block."""
    times = []
    for name in names:
        block = _block(run / f"{name}.zarr")
        for file in run.glob(f"{glob.escape(name)}.blocks/[0-9]*"):
            try:
                times.append((file.stat().st_mtime, block))
            except OSError:
                continue
    times = sorted(t for t in times if t[0] >= since - 1)
    if not times:
        return None
    first, last = times[0][0], times[-1][0]
    later = sum(size for when, size in times if when > first + 0.3)
    if later and last - first > 0.5:
        return Pace(max(first - since, 0.0), later / (last - first))
    total = sum(size for _, size in times)
    return Pace(max(first - since, 0.0), total / max(last - since, 0.1))


def _block(store: Path) -> int:
    """Members a block, as the store says."""
    return int(attributes(store).get("block") or BLOCK)


@lru_cache(maxsize=256)
def _attributes(file: Path, written: int) -> dict[str, Any]:
    """Attributes of a store, read again when its file has changed; the model's text is left out."""
    found = _json(file).get("attributes")
    return {k: v for k, v in found.items() if k != "model"} if isinstance(found, dict) else {}


def _json(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
