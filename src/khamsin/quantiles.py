"""Quantiles and means of a weighted ensemble: one definition for every table, chart, map, score.

A weighted sample is read as a step function: the q-quantile is the smallest value at which the
cumulated weight reaches q.  Where q falls exactly on a step, the two values beside it are averaged:
the median of 1, 2, 3, 4 is 2.5, and a sample and its mirror image have mirrored quantiles.  Members
of weight zero never matter, and repeating a member is the same as doubling its weight: that is what
"weight" means here.  With equal weights this is NumPy's method "averaged_inverted_cdf".
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

# Two cumulated weights closer than this share of the whole are the same step: weights come from
# divisions such as 1/1000, and their sums miss 0.05 by a rounding error.
SAME_STEP = 1e-9

# Rows, and values, that are sorted at once: bounds the memory, and keeps the row's number plus a
# probability (see `_weighted`) exact to well below SAME_STEP.
BLOCK, VALUES = 16_384, 2**21


def weighted_quantile(
    values: npt.ArrayLike,
    weights: npt.ArrayLike | None,
    q: npt.ArrayLike,
    axis: int = 0,
) -> Array:
    """Quantiles of `values` along `axis`, each member counting by its weight.

    Parameters
    ----------
    values : array
        Any number of dimensions; `axis` is the one of the members. A NaN is left out with its
        weight.
    weights : array (member), or None
        Weights of the members, not negative; they need not sum to 1. None: all equal.
    q : float or array of floats
        Probabilities between 0 and 1.
    axis : int
        The axis of `values` that is summed over.

    Returns
    -------
    array
        Shape of `q`, followed by the shape of `values` without `axis`. NaN where no member has a
        value.

    Raises
    ------
    ValueError
        If a probability lies outside [0, 1], or the weights are negative, all zero or of another
        length.
    """
    probabilities = np.asarray(q, dtype=np.float64)
    # a NaN probability fails both comparisons
    if probabilities.size and not (probabilities.min() >= 0 and probabilities.max() <= 1):
        raise ValueError("a quantile is asked for by a probability between 0 and 1")
    given = np.asarray(values)
    if given.dtype != np.float32:  # float32 is kept while sorting: half the memory, same order
        given = given.astype(np.float64)
    table = np.moveaxis(given, axis, -1)  # members last: sorting runs along memory
    shape = table.shape[:-1]
    weight = _checked(weights, table.shape[-1])
    if weight.min() == 0:  # a member without weight must not be averaged in at a step
        table, weight = table[..., weight > 0], weight[weight > 0]
    rows = np.ascontiguousarray(table).reshape(-1, weight.size)
    at_once = max(1, min(BLOCK, VALUES // weight.size))
    found = np.empty((probabilities.size, len(rows)))
    for first in range(0, len(rows), at_once):
        several = slice(first, first + at_once)
        found[:, several] = _of_rows(rows[several], weight, probabilities.ravel())
    return found.reshape(probabilities.shape + shape)


def _of_rows(rows: npt.NDArray[np.floating], weight: Array, probabilities: Array) -> Array:
    """Quantiles (q, row); where all members are alike there is nothing to sort."""
    found = np.repeat(rows[None, :, 0].astype(np.float64), probabilities.size, axis=0)
    differ = (rows != rows[:, :1]).any(axis=1)
    rows = rows[differ]
    if np.isnan(rows).any():
        found[:, differ] = _by_row(rows, weight, probabilities)
    elif weight.min() == weight.max():
        found[:, differ] = _equal(rows, probabilities)
    else:
        found[:, differ] = _weighted(rows, weight, probabilities)
    return found


def weighted_mean(values: npt.ArrayLike, weights: npt.ArrayLike | None, axis: int = 0) -> Array:
    """Mean of `values` along `axis`, each member counting by its weight; NaN members are left out.

    Parameters and errors as in `weighted_quantile`.
    """
    table = np.moveaxis(np.asarray(values, dtype=np.float64), axis, 0)
    weight = _checked(weights, table.shape[0])
    missing = np.isnan(table)
    if not missing.any():
        return np.asarray(np.tensordot(weight, table, axes=1) / weight.sum(), dtype=np.float64)
    total = np.tensordot(weight, ~missing, axes=1)
    summed = np.tensordot(weight, np.where(missing, 0.0, table), axes=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(total > 0, summed / total, np.nan), dtype=np.float64)


def worth(weight: Array) -> float:
    """How many members of equal weight the weighted ones are worth (Kish 1965)."""
    return float(weight.sum() ** 2 / (weight**2).sum())


def share_error(share: float, members: float) -> float:
    """Standard error of a share of members, with two who are in it and two who are not added.

    So all of a few members is no certainty (Agresti and Coull 1998).

    Parameters
    ----------
    share : float
        Weighted share, 0 to 1.
    members : float
        How many members of equal weight the weighted ones are worth: 1 / sum w^2.

    Examples
    --------
    >>> f"{share_error(1.0, 20):.2f}"
    '0.06'
    """
    softened = (share * members + 2.0) / (members + 4.0)
    return float((softened * (1.0 - softened) / (members + 4.0)) ** 0.5)


def _equal(rows: npt.NDArray[np.floating], probabilities: Array) -> Array:
    """Quantiles (q, row) of members of equal weight: two neighbours in the sorted row."""
    members = rows.shape[1]
    aim = probabilities * members
    low = np.clip(np.ceil(aim - SAME_STEP * members) - 1, 0, members - 1).astype(np.int64)
    high = np.clip(np.floor(aim + SAME_STEP * members), 0, members - 1).astype(np.int64)
    ordered = np.sort(rows, axis=1)
    return 0.5 * (ordered[:, low].astype(np.float64) + ordered[:, high].astype(np.float64)).T


def _weighted(rows: npt.NDArray[np.floating], weight: Array, probabilities: Array) -> Array:
    """Quantiles (q, row) of members of unequal weight, no value missing."""
    members = rows.shape[1]
    order = _order(rows)
    reached = np.cumsum(weight[order], axis=1)
    total = reached[:, -1]
    first = np.arange(rows.shape[0]) * members
    # one sorted line of all rows: row r lies in [2r, 2r + 1], so one search answers every row
    line = (reached / total[:, None] + 2.0 * np.arange(rows.shape[0])[:, None]).ravel()
    offset = 2.0 * np.arange(rows.shape[0])
    out = np.empty((probabilities.size, rows.shape[0]))
    for place, probability in enumerate(probabilities):
        low = np.searchsorted(line, offset + probability - SAME_STEP, "left") - first
        high = np.searchsorted(line, offset + probability + SAME_STEP, "right") - first
        pick = np.clip(np.stack([low, high], axis=1), 0, members - 1)
        pair = np.take_along_axis(rows, np.take_along_axis(order, pick, 1), 1)
        out[place] = pair.astype(np.float64).mean(axis=1)
    return out


def _order(rows: npt.NDArray[np.floating]) -> npt.NDArray[np.intp]:
    """Members of each row from its smallest value to its largest (row, member)."""
    if rows.dtype != np.float32 or rows.shape[1] > 2**32:
        return np.argsort(rows, axis=1)
    # value and member in one whole number: sorting those takes half of what argsort takes
    bits = rows.view(np.uint32)
    if bits.size and bits.max() >= 2**31:  # numbers below zero: their bits grow as they fall
        bits = np.where(bits >> np.uint32(31) == 1, ~bits, bits | np.uint32(2**31))
    keys = bits.astype(np.uint64)
    keys <<= np.uint64(32)
    keys |= np.arange(rows.shape[1], dtype=np.uint64)
    keys.sort(axis=1)
    keys &= np.uint64(2**32 - 1)
    return keys.view(np.intp) if np.intp(0).itemsize == 8 else keys.astype(np.intp)


def _by_row(rows: npt.NDArray[np.floating], weight: Array, probabilities: Array) -> Array:
    """As `_weighted`, where rows miss different members."""
    out = np.full((probabilities.size, rows.shape[0]), np.nan)
    for index, row in enumerate(rows):
        present = ~np.isnan(row)
        if present.any():
            out[:, index] = _weighted(row[present][None], weight[present], probabilities)[:, 0]
    return out


def _checked(weights: npt.ArrayLike | None, members: int) -> Array:
    """Weights as an array that is known to be usable."""
    if members == 0:
        raise ValueError("an ensemble without members has no quantiles")
    if weights is None:
        return np.ones(members)
    weight = np.asarray(weights, dtype=np.float64)
    if weight.shape != (members,):
        raise ValueError(f"{members} members need {members} weights, not {weight.shape}")
    if not np.isfinite(weight).all() or weight.min() < 0:
        raise ValueError("weights of members are finite and not negative")
    if weight.sum() <= 0:
        raise ValueError("no member has any weight")
    return weight
