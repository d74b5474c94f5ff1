"""Scores of a whole distribution: the CRPS for one number, the energy score for a path.

scoringrules 0.10 gives the same values (the tests hold one against the other), but not the
influence of each member from which the Monte-Carlo error comes; so it is a check here and not
needed to run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from khamsin.errors import InputError
from khamsin.scores.pairing import pair
from khamsin.scores.scored import fairness, members_text, scored

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from khamsin.scores.pairing import Floats, Weights
    from khamsin.scores.scored import Over


def crps(
    forecast: xr.DataArray,
    observed: xr.DataArray,
    *,
    fair: bool = False,
    over: Over = None,
    weights: Weights = None,
    member: str = "member",
) -> xr.DataArray:
    """Continuous ranked probability score of an ensemble.

    `sum_i w_i |x_i - y| - 1/2 sum_ij w_i w_j |x_i - x_j|` (Gneiting and Raftery 2007, eq. 20). The
    fair version divides the second term by `1 - sum w^2`, which is `(m - 1) / m` for equal weights
    (Ferro 2014): it does not punish a small ensemble.

    Parameters
    ----------
    forecast : DataArray (member, ...)
        Draws, in the unit of the observation. A coordinate `weight` along `member` is used.
    observed : DataArray (...)
        The record, NaN where there is none.
    fair : bool
        Correct for the number of members.
    over : str, sequence of str, "all" or None
        Dims to average over.
    weights : DataArray or array (member,), False, or None
        Weights of the members; False ignores the coordinate.
    member : str
        Name of the dim of the draws.

    Returns
    -------
    DataArray (...)
        In the unit of the observation, smaller is better, with `monte_carlo_error`.

    Raises
    ------
    InputError
        See `khamsin.scores.pairing.pair`; `fair` with one member.
    """
    paired = pair(forecast, observed, member=member, weights=weights)
    text = fairness(paired, fair)
    return scored(
        lambda x, y, w: crps_kernel(x, y, w, fair=fair),
        paired,
        over=over,
        label=f"CRPS ({text}, {members_text(paired)})",
        attrs={"score": "crps", "fair": fair, "units": observed.attrs.get("units", "")},
    )


def crps_kernel(x: Floats, y: Floats, w: Floats, *, fair: bool) -> tuple[Floats, Floats]:
    """Return the CRPS (cell,) and influences (cell, member) of draws (cell, 1, member)."""
    draws, seen = x[:, 0], y[:, 0]
    off = np.abs(draws - seen[:, None])
    spread = _mean_distance(draws, w)
    scale = 1.0 / (1.0 - float(np.sum(w**2))) if fair else 1.0
    distance = off @ w
    within = spread @ w
    value = distance - 0.5 * scale * within
    influence = (off - distance[:, None]) - scale * (spread - within[:, None])
    return value, influence


def _mean_distance(draws: Floats, w: Floats) -> Floats:
    """Return the weighted mean distance of each draw to all draws, (cell, member), by sorting.

    `sum_j w_j |x_i - x_j| = x_i B_i - M_i + (M - M_i) - x_i (1 - B_i)`, with B and M the sums of
    `w` and of `w x` over the sorted draws up to i.
    """
    order = np.argsort(draws, axis=1)
    x = np.take_along_axis(draws, order, axis=1)
    if np.ptp(w) == 0:  # the common case, without a table of sorted weights
        below = np.arange(1, len(w) + 1) * w[0]
        mass = np.cumsum(x, axis=1) * w[0]
    else:
        weight = w[order]
        below = np.cumsum(weight, axis=1)
        mass = np.cumsum(weight * x, axis=1)
    x *= 2.0 * below - 1.0
    x += mass[:, -1:] - 2.0 * mass
    result = np.empty_like(x)
    np.put_along_axis(result, order, x, axis=1)
    return result


def energy_score(
    forecast: xr.DataArray,
    observed: xr.DataArray,
    *,
    along: str | Sequence[str],
    fair: bool = False,
    scale: xr.DataArray | None = None,
    over: Over = None,
    weights: Weights = None,
    member: str = "member",
) -> xr.DataArray:
    """Energy score of whole paths: the CRPS of a vector.

    `sum_i w_i ||x_i - y|| - 1/2 sum_ij w_i w_j ||x_i - x_j||` with the Euclidean norm over `along`
    (Gneiting and Raftery 2007, eq. 22). Sensitive to wrong means and variances of the path, weakly
    to wrong dependence.

    Parameters
    ----------
    forecast : DataArray (member, ...)
        Draws of paths.
    observed : DataArray (...)
        The record. Steps without a record are left out of that path's norm.
    along : str or sequence of str
        Dims that make up one path, for example `"time"`.
    fair : bool
        Correct for the number of members.
    scale : DataArray (dims of `along`), optional
        Each component is divided by it before the norm, so that no series outweighs the others by
        its unit.
    over, weights, member
        As in `crps`.

    Returns
    -------
    DataArray
        Dims of the record without `along`.

    Raises
    ------
    InputError
        As `crps`; a scale that is not positive.
    """
    dims = [along] if isinstance(along, str) else list(along)
    units = observed.attrs.get("units", "")
    if scale is not None:
        if not bool((scale > 0).all()):
            raise InputError("the scale of an energy score must be positive")
        forecast, observed, units = forecast / scale, observed / scale, "1"
    paired = pair(forecast, observed, member=member, weights=weights, along=dims)
    text = fairness(paired, fair)
    scaled = ", scaled" if scale is not None else ""
    return scored(
        lambda x, y, w: energy_kernel(x, y, w, fair=fair),
        paired,
        over=over,
        label=f"energy score (along {', '.join(dims)}, {text}{scaled}, {members_text(paired)})",
        attrs={
            "score": "energy",
            "fair": fair,
            "along": dims,
            "scaled": bool(scaled),
            "units": units,
            "steps_missing": int(np.isnan(paired.seen).sum()),
        },
    )


def energy_kernel(x: Floats, y: Floats, w: Floats, *, fair: bool) -> tuple[Floats, Floats]:
    """Return energy scores (cell,) and influences (cell, member)."""
    from scipy.spatial.distance import cdist

    cells, _, members = x.shape
    scale = 1.0 / (1.0 - float(np.sum(w**2))) if fair else 1.0
    off = np.empty((cells, members))
    spread = np.empty((cells, members))
    rows = max(
        1, 4_000_000 // members
    )  # the full table of distances of 10,000 members would be 800 MB
    for cell in range(cells):
        there = np.isfinite(y[cell])
        points = np.ascontiguousarray(x[cell, there].T)
        off[cell] = np.sqrt(np.sum((points - y[cell, there]) ** 2, axis=1))
        for start in range(0, members, rows):
            at = slice(start, start + rows)
            spread[cell, at] = cdist(points[at], points) @ w
    distance, within = off @ w, spread @ w
    influence = (off - distance[:, None]) - scale * (spread - within[:, None])
    return distance - 0.5 * scale * within, influence
