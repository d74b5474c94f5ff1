"""Scores of intervals: weighted quantiles, the interval score, and coverage with width."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from khamsin.errors import InputError
from khamsin.scores.pairing import pair
from khamsin.scores.scored import ERROR, members_text, scored

if TYPE_CHECKING:
    import xarray as xr

    from khamsin.scores.pairing import Floats, Weights
    from khamsin.scores.scored import Over

_REPLICATES = 50


def interval_score(
    forecast: xr.DataArray,
    observed: xr.DataArray,
    *,
    alpha: float = 0.1,
    over: Over = None,
    weights: Weights = None,
    member: str = "member",
) -> xr.DataArray:
    """Interval score (Winkler score) of the central `1 - alpha` interval.

    `(u - l) + 2/alpha (l - y)+ + 2/alpha (y - u)+` (Winkler 1972; Gneiting and Raftery 2007, eq.
    43), with linear quantiles. Its mean over cells is called MIS. Mind `alpha`: 0.05 and 0.1 are
    both in use under that name.

    Parameters
    ----------
    forecast, observed, over, weights, member
        As in `crps`.
    alpha : float
        Share of probability outside the interval, between 0 and 1.

    Returns
    -------
    DataArray (...)
        In the unit of the observation.

    Raises
    ------
    InputError
        As `crps`; alpha outside (0, 1).
    """
    _check_share(alpha, "alpha")
    paired = pair(forecast, observed, member=member, weights=weights)
    return scored(
        lambda x, y, w: interval_kernel(x, y, w, alpha),
        paired,
        over=over,
        label=f"interval score (alpha {alpha:g}, {100 * (1 - alpha):g} % interval, "
        f"{members_text(paired)})",
        attrs={"score": "interval", "alpha": alpha, "units": observed.attrs.get("units", "")},
    )


def interval_kernel(x: Floats, y: Floats, w: Floats, alpha: float) -> tuple[Floats, Floats]:
    """Return the interval score (cell,) and influences (cell, member)."""
    draws, seen = x[:, 0], y[:, 0]
    (low, low_slope), (high, high_slope) = quantiles_with_slope(
        draws, w, (alpha / 2, 1 - alpha / 2)
    )
    steep = 2.0 / alpha
    value = high - low + steep * (np.maximum(low - seen, 0.0) + np.maximum(seen - high, 0.0))
    by_low = (steep * (seen < low) - 1.0) * low_slope
    by_high = (1.0 - steep * (seen > high)) * high_slope
    influence = by_low[:, None] * (alpha / 2 - (draws <= low[:, None]))
    influence += by_high[:, None] * (1 - alpha / 2 - (draws <= high[:, None]))
    return value, influence


def quantiles_with_slope(
    draws: Floats, w: Floats, levels: tuple[float, ...]
) -> list[tuple[Floats, Floats]]:
    """Return quantile (cell,) and sparsity 1/f (cell,) at each level of draws (cell, member).

    Equal weights give numpy's linear quantile (Hyndman and Fan 1996, type 7); unequal ones its
    generalisation by the midpoints of the cumulated weights. The sparsity is read off between the
    order statistics one standard error below and above (Woodruff 1952): the influence of a member
    on a quantile q is `(level - 1{x <= q}) / f(q)`.
    """
    members = draws.shape[1]
    effective = 1.0 / float(np.sum(w**2))
    equal = bool(np.ptp(w) == 0)
    if equal:
        x, position = np.sort(draws, axis=1), np.linspace(0.0, 1.0, members)[None, :]
    else:
        order = np.argsort(draws, axis=1)
        x, weight = np.take_along_axis(draws, order, axis=1), w[order]
        middle = np.cumsum(weight, axis=1) - weight / 2
        position = (middle - middle[:, :1]) / (middle[:, -1:] - middle[:, :1])
    found = []
    for level in levels:
        half = min(np.sqrt(level * (1 - level) / effective), level, 1 - level)
        low, at, high = (
            _interpolate(x, position, p, equal) for p in (level - half, level, level + half)
        )
        found.append((at, (high - low) / (2 * half)))
    return found


def _interpolate(x: Floats, position: Floats, level: float, equal: bool) -> Floats:
    members = x.shape[1]
    if members == 1:
        return np.asarray(x[:, 0], dtype=np.float64)
    if equal:
        where = level * (members - 1)
        left = min(int(where), members - 2)
        below, above = x[:, left], x[:, left + 1]
        return np.asarray(below + (where - left) * (above - below), dtype=np.float64)
    at = np.clip((position <= level).sum(axis=1) - 1, 0, members - 2)
    rows = np.arange(len(x))
    start, stop = position[rows, at], position[rows, at + 1]
    share = np.clip((level - start) / (stop - start), 0.0, 1.0)
    below, above = x[rows, at], x[rows, at + 1]
    return np.asarray(below + share * (above - below), dtype=np.float64)


def coverage(
    forecast: xr.DataArray,
    observed: xr.DataArray,
    *,
    level: float = 0.9,
    over: Over = "all",
    weights: Weights = None,
    member: str = "member",
    seed: int = 0,
) -> xr.Dataset:
    """Share of observations inside the central interval, with the width of the interval beside it.

    A wide interval covers everything, so neither number means much without the other. An
    observation on the edge is inside.

    Parameters
    ----------
    forecast, observed, over, weights, member
        As in `crps`; `over` defaults to all dims, since the coverage of one cell is 0 or 1.
    level : float
        Probability of the central interval, between 0 and 1.
    seed : int
        For the member bootstrap that gives the Monte-Carlo error of the coverage.

    Returns
    -------
    Dataset
        `coverage` (share) and `width` (unit of the observation), each with its own
        `<name>_monte_carlo_error`.

    Raises
    ------
    InputError
        As `crps`; level outside (0, 1).
    """
    import xarray as xr

    _check_share(level, "level")
    paired = pair(forecast, observed, member=member, weights=weights)
    tail = (1 - level) / 2
    members = paired.draws.shape[-1]
    size = max(1, round(paired.effective_members))
    picks = np.random.default_rng(seed).multinomial(size, paired.weights, size=_REPLICATES) / size

    def inside(x: Floats, y: Floats, w: Floats) -> tuple[Floats, Floats]:
        draws, seen = x[:, 0], y[:, 0]
        (low, _), (high, _) = quantiles_with_slope(draws, w, (tail, 1 - tail))
        value = ((seen >= low) & (seen <= high)).astype(np.float64)
        # For the error only: y >= quantile(p) is F(y) >= p, and F(y) of a resampled ensemble is a
        # product of matrices.
        up_to = (draws <= seen[:, None]).astype(np.float64) @ picks.T
        below = (draws < seen[:, None]).astype(np.float64) @ picks.T
        return value, ((up_to >= tail) & (below <= 1 - tail)).astype(np.float64)

    def width(x: Floats, y: Floats, w: Floats) -> tuple[Floats, Floats]:
        draws = x[:, 0]
        (low, low_slope), (high, high_slope) = quantiles_with_slope(draws, w, (tail, 1 - tail))
        influence = high_slope[:, None] * (1 - tail - (draws <= high[:, None]))
        influence -= low_slope[:, None] * (tail - (draws <= low[:, None]))
        return high - low, influence

    name = f"{100 * level:g} % interval"
    attrs = {"level": level, "orientation": "none"}
    text = members_text(paired)
    share = scored(
        inside,
        paired,
        over=over,
        label=f"coverage ({name}, {text})",
        attrs={"score": "coverage", **attrs},
        replicated=members > 1,
    )
    wide = scored(
        width,
        paired,
        over=over,
        label=f"width ({name}, {text})",
        attrs={"score": "width", **attrs, "units": observed.attrs.get("units", "")},
    )
    parts = {"coverage": share, "width": wide}
    errors = {f"{key}_{ERROR}": part[ERROR].drop_vars(ERROR) for key, part in parts.items()}
    return xr.Dataset({**{k: p.drop_vars(ERROR) for k, p in parts.items()}, **errors})


def _check_share(value: float, name: str) -> None:
    if not 0 < value < 1:
        raise InputError(f"{name} is {value}; it must lie between 0 and 1")
