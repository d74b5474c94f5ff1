"""An ensemble for a notebook: weighted quantiles as xarray, members as tidy pandas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from khamsin import series
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
    >>> from khamsin import tidy
    >>> tidy.quantiles(ensemble, "fighters", [0.5], over=["pair"])  # doctest: +SKIP
    """
    import xarray as xr

    found = _selected(ds, variable, where)
    if over:
        found = found.sum(list(over), keep_attrs=True)
    rest = found.transpose("member", ...)
    values = weighted_quantile(rest.values, series.weights(ds), list(q))
    kept = [str(d) for d in rest.dims[1:]]
    coords = rest.isel(member=0, drop=True).coords
    return xr.DataArray(
        values, {**coords, "quantile": list(q)}, ["quantile", *kept], variable, found.attrs
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
