"""Opening an ensemble for people: in a notebook it then shows itself by its map and ribbons."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from khamsin.ensemble import open_ensemble
from khamsin.ensemble.opening import Chunks
from khamsin.view import notebook

if TYPE_CHECKING:
    import xarray as xr


def open_shown(
    path: str | Path, *, partial: bool = False, chunks: Chunks | None = None
) -> xr.Dataset:
    """Open the ensemble of one scenario, as `khamsin.ensemble.open_ensemble`.

    In a notebook the ensemble is shown as a map with its main ribbons; other datasets keep the
    view that xarray gives them.

    Parameters
    ----------
    path : str or Path
        A store `<scenario>.zarr`, or a run's folder that holds exactly one.
    partial : bool
        Open an unfinished run too, with the members that are done.
    chunks : mapping or "auto", optional
        Give dask arrays (extra `cluster`), as `xarray.open_zarr` takes them.

    Returns
    -------
    xarray.Dataset
        Dims member, time and those of each variable; `pair` is a place and an actor, and all other
        pairs are zero. Every mean and quantile over members must use the coordinate `weight`.

    Raises
    ------
    InputError
        When there is no ensemble.
    RunError
        When the run is unfinished and `partial` is not set.

    Examples
    --------
    >>> import khamsin
    >>> run = khamsin.run("lanchester", members=10, folder="open-example")
    >>> khamsin.open(run.stores[0]).sizes["member"]
    10
    """
    notebook.register()
    return open_ensemble(path, partial=partial, chunks=chunks)
