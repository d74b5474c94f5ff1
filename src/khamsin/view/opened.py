"""Opening an ensemble for people: in a notebook it then shows itself by its map and ribbons."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from khamsin.ensemble import open_ensemble
from khamsin.view import notebook

if TYPE_CHECKING:
    import xarray as xr


def open_shown(path: str | Path, *, partial: bool = False) -> xr.Dataset:
    """Open the ensemble of one scenario, as `khamsin.ensemble.open_ensemble`.

    In a notebook the ensemble is shown as a map with its main ribbons; other datasets keep the
    view that xarray gives them.
    """
    notebook.register()
    return open_ensemble(path, partial=partial)
