"""Scores of classes: log score of counts, Brier score of an event, ranked probability score."""

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

# Lower edges of the classes of monthly deaths in the ViEWS challenge; the last is open above.
VIEWS_EDGES = (0.0, 0.5, 2.5, 5.5, 10.5, 25.5, 50.5, 100.5, 250.5, 500.5, 1000.5)


def log_score(
    forecast: xr.DataArray,
    observed: xr.DataArray,
    *,
    edges: Sequence[float] = VIEWS_EDGES,
    pseudo_count: float = 1.0,
    base: float = 2.0,
    over: Over = None,
    weights: Weights = None,
    member: str = "member",
) -> xr.DataArray:
    """Logarithmic score (ignorance) of counts in classes.

    `-log_base p(class of y)` with `p = (n + c) / (m + c K)`: n of m members in the class, K
    classes, pseudo-count c (Good 1952; Roulston and Smith 2002). With weights, m is the effective
    number of members and n its share.

    Parameters
    ----------
    forecast : DataArray (member, ...)
        Draws of counts.
    observed : DataArray (...)
        Recorded counts.
    edges : sequence of float
        Lower edge of each class, rising; the last class is open. Default: the eleven classes of
        ViEWS.
    pseudo_count : float
        Added to every class, so that an empty class does not cost an infinite score. 0 allows
        infinity.
    base : float
        Base of the logarithm; 2 gives bits.
    over, weights, member
        As in `crps`.

    Returns
    -------
    DataArray (...)

    Raises
    ------
    InputError
        As `crps`; edges that do not rise, values below the first edge, a negative pseudo-count.
    """
    steps = _edges(edges)
    if pseudo_count < 0:
        raise InputError(f"the pseudo-count is {pseudo_count}; it cannot be negative")
    paired = pair(forecast, observed, member=member, weights=weights)
    _inside(paired.draws, paired.seen, steps)
    effective = paired.effective_members
    return scored(
        lambda x, y, w: log_kernel(x, y, w, steps, pseudo_count, base, effective),
        paired,
        over=over,
        label=f"log score ({len(steps)} classes, pseudo-count {pseudo_count:g}, base {base:g}, "
        f"{members_text(paired)})",
        attrs={
            "score": "log",
            "edges": [float(e) for e in steps],
            "pseudo_count": pseudo_count,
            "base": base,
        },
    )


def log_kernel(
    x: Floats, y: Floats, w: Floats, edges: Floats, pseudo: float, base: float, members: float
) -> tuple[Floats, Floats]:
    """Return the log score (cell,) and influences (cell, member)."""
    place = np.searchsorted(edges, y[:, 0], side="right") - 1
    upper = np.append(edges[1:], np.inf)
    inside = (x[:, 0] >= edges[place][:, None]) & (x[:, 0] < upper[place][:, None])
    share = inside @ w
    with np.errstate(divide="ignore", invalid="ignore"):
        # 0.0 - ... so that a class with probability one scores 0 and not -0
        value = 0.0 - np.log((share * members + pseudo) / (members + pseudo * len(edges))) / np.log(
            base
        )
        slope = 1.0 / ((share + pseudo / members) * np.log(base))
        influence = -(inside - share[:, None]) * slope[:, None]
    return value, influence


def brier(
    forecast: xr.DataArray,
    observed: xr.DataArray,
    *,
    at_least: float = 1.0,
    fair: bool = False,
    over: Over = None,
    weights: Weights = None,
    member: str = "member",
) -> xr.DataArray:
    """Brier score of the event that a value reaches a threshold.

    `(p - o)^2` with p the share of members that reach it (Brier 1950). The fair version takes off
    `p (1 - p) sum w^2 / (1 - sum w^2)`, which is `p (1 - p) / (m - 1)` for equal weights (Ferro
    2014).

    Parameters
    ----------
    forecast, observed, over, weights, member
        As in `crps`.
    at_least : float
        The event is `value >= at_least`, in the unit of the observation.
    fair : bool
        Correct for the number of members.

    Returns
    -------
    DataArray (...)

    Raises
    ------
    InputError
        As `crps`.
    """
    paired = pair(forecast, observed, member=member, weights=weights)
    text = fairness(paired, fair)
    steps = np.array([at_least], dtype=np.float64)
    return scored(
        lambda x, y, w: ranked_kernel(x, y, w, steps, fair=fair),
        paired,
        over=over,
        label=f"Brier score (at least {at_least:g}, {text}, {members_text(paired)})",
        attrs={"score": "brier", "at_least": at_least, "fair": fair},
    )


def ranked_probability(
    forecast: xr.DataArray,
    observed: xr.DataArray,
    *,
    edges: Sequence[float] = VIEWS_EDGES,
    fair: bool = False,
    over: Over = None,
    weights: Weights = None,
    member: str = "member",
) -> xr.DataArray:
    """Ranked probability score: the sum of the Brier scores of all class edges (Epstein 1969).

    Parameters
    ----------
    forecast, observed, over, weights, member
        As in `crps`.
    edges : sequence of float
        Lower edge of each class, rising; the last class is open. Default: the eleven classes of
        ViEWS.
    fair : bool
        Correct for the number of members.

    Returns
    -------
    DataArray (...)

    Raises
    ------
    InputError
        As `crps`; edges that do not rise, values below the first edge.
    """
    steps = _edges(edges)
    paired = pair(forecast, observed, member=member, weights=weights)
    _inside(paired.draws, paired.seen, steps)
    text = fairness(paired, fair)
    return scored(
        lambda x, y, w: ranked_kernel(x, y, w, steps[1:], fair=fair),
        paired,
        over=over,
        label=f"ranked probability score ({len(steps)} classes, {text}, {members_text(paired)})",
        attrs={"score": "ranked_probability", "edges": [float(e) for e in steps], "fair": fair},
    )


def ranked_kernel(
    x: Floats, y: Floats, w: Floats, thresholds: Floats, *, fair: bool
) -> tuple[Floats, Floats]:
    """Return the sum of the Brier scores of reaching each threshold, and influences."""
    squares = float(np.sum(w**2))
    value = np.zeros(len(x))
    influence = np.zeros((len(x), x.shape[2]))
    for threshold in thresholds:
        reached = x[:, 0] >= threshold
        chance = reached @ w
        off = chance - (y[:, 0] >= threshold)
        value += off**2
        slope = 2.0 * off
        if fair:
            value -= chance * (1.0 - chance) * squares / (1.0 - squares)
            slope -= (1.0 - 2.0 * chance) * squares / (1.0 - squares)
        influence += slope[:, None] * (reached - chance[:, None])
    return value, influence


def _edges(edges: Sequence[float]) -> Floats:
    steps = np.asarray(edges, dtype=np.float64)
    if steps.ndim != 1 or len(steps) < 2 or not (np.diff(steps) > 0).all():
        raise InputError(f"edges of classes must rise, and be two or more; got {list(edges)}")
    return steps


def _inside(draws: Floats, seen: Floats, edges: Floats) -> None:
    low = min(float(draws.min()), float(np.nanmin(seen, initial=np.inf)))
    if low < edges[0]:
        raise InputError(
            f"a value of {low:g} lies below the first class, which begins at {edges[0]:g}"
        )
