"""Where the stores of a run lie."""

import json
from pathlib import Path

from khamsin.errors import InputError


def find_store(path: Path) -> Path:
    """Return the one store that a path means.

    Raises
    ------
    InputError
        When there is none, or more than one.
    """
    if (path / "zarr.json").exists():
        return path
    stores = stores_in(path)
    if len(stores) == 1:
        return stores[0]
    if not stores:
        raise InputError(f"there is no ensemble at {path}")
    raise InputError(
        f"{path} holds {len(stores)} scenarios: name one of {', '.join(s.name for s in stores)}"
    )


def stores_in(folder: Path) -> list[Path]:
    """Return the stores of a run's folder in the order asked for, others by name after them."""
    try:
        asked = json.loads((folder / "run.json").read_text(encoding="utf-8")).get("scenarios", [])
    except (OSError, ValueError, AttributeError):
        asked = []
    first = {f"{name}.zarr": n for n, name in enumerate(asked)}
    found = [p for p in folder.glob("*.zarr") if (p / "zarr.json").exists()]
    return sorted(found, key=lambda p: (first.get(p.name, len(first)), p.name))
