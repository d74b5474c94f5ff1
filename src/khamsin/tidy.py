"""An ensemble for a notebook: weighted quantiles as xarray, members as tidy pandas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from khamsin import blocks, series
from khamsin.errors import InputError
from khamsin.quantiles import weighted_quantile

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

Where = Mapping[str, "list[str] | str"]


def quantiles(
    ds: xr.Dataset,
    variable: str,
    q: Sequence[float] = series.BAND,
    *,
    where: Where | None = None,
    over: Sequence[str] = (),
) -> xr.DataArray:
    """Weighted quantiles of a variable over the members.

    However many members there are, a store is read block by block, in as many passes as it takes
    to hold all members of some cells in little memory.

    Parameters
    ----------
    ds : Dataset
        An opened ensemble.
    variable : str
    q : sequence of float
        Probabilities.
    where : mapping, optional
        As of `khamsin.series.select`: `{"place": "SIRT", "actor": ["ISL"]}`.
    over : sequence of str
        Dims that are summed in each member before the quantile is taken; `["pair"]` gives the
        total of all places and actors, whose quantiles are not sums of quantiles.

    Returns
    -------
    DataArray
        Dims quantile and those of the variable without member and `over`; units as the variable.

    Raises
    ------
    InputError
        For a variable, a dim or an id that is not in the ensemble.

    Examples
    --------
    >>> import khamsin
    >>> from khamsin import tidy
    >>> run = khamsin.run("lanchester", members=10, folder="quantiles-example")
    >>> ensemble = khamsin.open(run.stores[0])
    >>> tidy.quantiles(ensemble, "fighters", [0.05, 0.5, 0.95], over=["pair"]).dims
    ('quantile', 'time')
    """
    import xarray as xr

    found = _selected(ds, variable, where).transpose("member", "time", ...)
    for dim in over:
        if dim not in found.dims or dim == "member":
            raise InputError(
                f"{variable} cannot be summed over {dim!r}: {', '.join(map(str, found.dims))}"
            )
    cells = [str(d) for d in found.dims[2:]]
    summed = [d for d in cells if d in over]
    kept = [d for d in cells if d not in over]
    places = np.indices([found.sizes[d] for d in cells]).reshape(len(cells), -1)
    shape = tuple(found.sizes[d] for d in kept)
    column = np.ravel_multi_index([places[cells.index(d)] for d in kept], shape) if kept else None
    column = np.zeros(places.shape[1], np.int64) if column is None else np.asarray(column)
    occupied = np.flatnonzero(np.bincount(column, blocks.occupied(found), int(np.prod(shape))))
    place = np.full(int(np.prod(shape)), -1)
    place[occupied] = np.arange(occupied.size)  # all others are zero in every member
    times = 1 if "time" in over else found.sizes["time"]
    values = np.zeros((len(q), times, place.size))
    if occupied.size:
        for chosen, gathered in blocks.gather(found, place[column], occupied.size):
            gathered = gathered.sum(axis=1, keepdims=True) if "time" in over else gathered
            values[:, :, occupied[chosen]] = weighted_quantile(
                gathered, series.weights(ds), list(q)
            )
    gone = [d for d in over if d == "time"] + summed
    empty = found.isel(member=0, drop=True).isel(dict.fromkeys(gone, 0), drop=True)
    dims = [str(d) for d in empty.dims]
    return xr.DataArray(
        values.reshape(len(q), *empty.shape),
        {**empty.coords, "quantile": list(q)},
        ["quantile", *dims],
        variable,
        found.attrs,
    )


def to_dataframe(
    ds: xr.Dataset, variable: str | Sequence[str], *, where: Where | None = None
) -> pd.DataFrame:
    """One row for each member, time, place and actor; a column for each variable.

    Parameters
    ----------
    ds : Dataset
        An opened ensemble.
    variable : str or sequence of str
        Variables with the same dims.
    where : mapping, optional
        As of `khamsin.series.select`.

    Returns
    -------
    DataFrame
        Columns member, weight, time, those of the other dims (place and actor of a pair), and the
        variables. Pairs that are not stored are zero in every member and have no row.

    Raises
    ------
    InputError
        For a variable, a dim or an id that is not in the ensemble.

    Examples
    --------
    >>> import khamsin
    >>> from khamsin import tidy
    >>> run = khamsin.run("lanchester", members=10, folder="frame-example")
    >>> frame = tidy.to_dataframe(khamsin.open(run.stores[0]), "fighters")
    >>> list(frame.columns)
    ['member', 'weight', 'time', 'place', 'actor', 'fighters']
    """
    names = [variable] if isinstance(variable, str) else list(variable)
    columns = {name: _selected(ds, name, where) for name in names}
    first = columns[names[0]]
    dims = [str(d) for d in first.dims]
    shape = first.shape
    found: dict[str, object] = {}
    for axis, dim in enumerate(dims):
        row = np.unravel_index(np.arange(first.size), shape)[axis]
        labels = (
            {"place": first["pair_place"], "actor": first["pair_actor"]}
            if dim == "pair"
            else {dim: first[dim]}
        )
        for label, values in labels.items():
            found[label] = values.values[row]
        if dim == "member":
            found["weight"] = series.weights(ds)[row]
    for name, values in columns.items():
        found[name] = values.transpose(*dims).values.ravel()

    import pandas as pd

    return pd.DataFrame(found)


def _selected(ds: xr.Dataset, name: str, where: Where | None) -> xr.DataArray:
    asked = {k: [v] if isinstance(v, str) else list(v) for k, v in (where or {}).items()}
    return series.select(ds, name, asked)
