"""What a simulated future says of the rows of an observed series, before anybody records it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from khamsin import series
from khamsin.hindcast.observed import Days, Floats, Observed

if TYPE_CHECKING:
    import xarray as xr


def shares(observed: Observed, start: Days, end: Days) -> Floats:
    """Return what each period of a run counts in each row of a series, dims (row, period).

    A flow is shared out by days. A stock, which a run keeps at the ends of its periods, is averaged
    over the row's days. A row that the run does not cover whole is all NaN.

    Parameters
    ----------
    start, end : ndarray of datetime64[D], dims (period,)
        First day of each period, and first day after it.
    """
    first, stop = observed.start.astype(np.int64), observed.end.astype(np.int64)
    begins, ends = start.astype(np.int64), end.astype(np.int64)
    overlap = np.minimum(stop[:, None], ends) - np.maximum(first[:, None], begins)
    days = np.clip(overlap, 0, None).astype(np.float64)
    whole = (ends - begins) if observed.kind == "flow" else (stop - first)[:, None]
    found = days / whole
    found[days.sum(axis=1) < (stop - first)] = np.nan
    return np.asarray(found, dtype=np.float64)


def truth(ds: xr.Dataset, observed: Observed) -> Floats:
    """Return what happened in each member, in the unit of the record, dims (member, row).

    NaN in rows that the ensemble does not cover whole.

    Raises
    ------
    InputError
        When the ensemble lacks the variable, a dim or an id.
    """
    start, end = (ds[c].values.astype("datetime64[D]") for c in ("period_start", "period_end"))
    part = shares(observed, start, end)
    return summed(_total(ds, observed), part) * observed.scale


def summed(values: Floats, part: Floats) -> Floats:
    """Add up periods (member, period) by their shares (row, period), NaN where not covered."""
    covered = np.isfinite(part).all(axis=1)
    found = np.full((values.shape[0], part.shape[0]), np.nan)
    found[:, covered] = values @ part[covered].T
    return found


def held(holder: npt.NDArray[np.floating], actors: npt.NDArray[np.int64]) -> Floats:
    """Return 1 where one of the actors holds all of the places, else 0; the last dim is places."""
    return np.asarray(np.isin(holder, actors).all(axis=-1), dtype=np.float64)


def _total(ds: xr.Dataset, observed: Observed) -> Floats:
    if observed.variables == ("holder",) and "actor" in observed.where:
        places = {k: ids for k, ids in observed.where.items() if k != "actor"}
        found = series.select(ds, "holder", places).transpose("member", "time", "place")
        return held(found.values, series.actor_numbers(ds, observed.where["actor"]))
    totals = [series.total(ds, name, observed.where) for name in observed.variables]
    return np.asarray(sum(totals), dtype=np.float64)
