"""Calibration: probability integral transform values and their histogram."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from khamsin.errors import InputError
from khamsin.scores.pairing import pair
from khamsin.scores.scored import ERROR, members_text

if TYPE_CHECKING:
    import xarray as xr

    from khamsin.scores.pairing import Weights


def pit(
    forecast: xr.DataArray,
    observed: xr.DataArray,
    *,
    seed: int = 0,
    weights: Weights = None,
    member: str = "member",
) -> xr.DataArray:
    """Probability integral transform, randomised for counts and for the finite ensemble.

    `u = (k_below + v (k_equal + 1)) / (m + 1)` with v uniform: uniform on (0, 1) exactly, for any
    number of members, when the observation is one more draw from the forecast (Czado, Gneiting and
    Held 2009; rank form for ensembles: Hamill 2001). With weights, k counts effective members.

    Parameters
    ----------
    forecast, observed, weights, member
        As in `crps`.
    seed : int
        Seed of v; one number per cell, in the order of the cells.

    Returns
    -------
    DataArray (...)
        Between 0 and 1; NaN without an observation. `monte_carlo_error` is that of the share of
        members below, `sqrt(u (1 - u) / m)`.

    Raises
    ------
    InputError
        As `crps`.
    """
    paired = pair(forecast, observed, member=member, weights=weights)
    effective = paired.effective_members
    draws, seen = paired.draws[:, 0], paired.seen[:, :1]
    below = effective * ((draws < seen) @ paired.weights)
    equal = effective * ((draws == seen) @ paired.weights)
    v = np.random.default_rng(seed).random(len(draws))
    values = (below + v * (equal + 1)) / (effective + 1)
    values[~np.isfinite(seen[:, 0])] = np.nan
    result = paired.cells.astype(np.float64).copy(data=values.reshape(paired.cells.shape))
    error = np.sqrt(values * (1 - values) / effective).reshape(paired.cells.shape)
    result = result.assign_coords({ERROR: (result.dims, error)})
    result.name = f"PIT (randomised, seed {seed}, {members_text(paired)})"
    result.attrs = {
        "long_name": result.name,
        "score": "pit",
        "seed": seed,
        "members": draws.shape[-1],
        "weighted": paired.weighted,
        "missing": int((~np.isfinite(seen)).sum()),
    }
    return result


def pit_histogram(values: xr.DataArray, *, bins: int = 10, level: float = 0.9) -> xr.Dataset:
    """Counts of PIT values by bin, with the range of a count when the forecast is calibrated.

    Parameters
    ----------
    values : DataArray
        From `pit`; NaN is left out.
    bins : int
        Number of bins of equal width.
    level : float
        Probability of the binomial range of one bin, cells taken as independent.

    Returns
    -------
    Dataset (bin)
        `count`, `low`, `high`; `bin` is the middle of each.

    Raises
    ------
    InputError
        Fewer than two bins.
    """
    import xarray as xr
    from scipy.stats import binom

    if bins < 2:
        raise InputError(f"a histogram needs two bins or more, not {bins}")
    flat = values.values[np.isfinite(values.values)]
    count, edges = np.histogram(flat, bins=bins, range=(0.0, 1.0))
    low, high = binom.interval(level, len(flat), 1 / bins)
    middle = (edges[1:] + edges[:-1]) / 2
    return xr.Dataset(
        {
            "count": ("bin", count),
            "low": ("bin", np.full(bins, low)),
            "high": ("bin", np.full(bins, high)),
        },
        coords={"bin": middle},
        attrs={"bins": bins, "level": level, "cells": len(flat)},
    )
