"""Weights of particles: normalise, effective number, systematic resampling, errors by ancestry."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def normalised(log_weights: Floats) -> tuple[Floats, float]:
    """Return weights that add up to one, and the logarithm of what they added up to.

    All weights zero (every logarithm -inf) gives NaN and -inf.
    """
    top = float(log_weights.max())
    if not np.isfinite(top):
        return np.full(log_weights.size, np.nan), -np.inf
    weights = np.exp(log_weights - top)
    total = float(weights.sum())
    return weights / total, top + float(np.log(total))


def effective(weights: Floats) -> float:
    """Return Kish's effective number of particles, 1 / sum of squared weights."""
    return float(1.0 / np.sum(weights**2))


def systematic(weights: Floats, count: int, u: float) -> Ints:
    """Return the ancestors of `count` equally weighted particles, rising, dims (particle,).

    Systematic resampling (Carpenter, Clifford, Fearnhead 1999): one uniform number `u` serves all,
    and a particle of weight w has floor(w count) or one more descendants.
    """
    points = (u + np.arange(count)) / count
    bounds = np.cumsum(weights)
    return np.minimum(np.searchsorted(bounds / bounds[-1], points), weights.size - 1)


def by_root(values: Floats, roots: Ints, size: int) -> Floats:
    """Add up over the descendants of each first ancestor, dims (root,)."""
    return np.asarray(np.bincount(roots, weights=values, minlength=size), dtype=np.float64)


def error_of_mean(values: Floats, weights: Floats, roots: Ints) -> float:
    """Return the standard error of a weighted mean over particles, from their ancestry.

    The descendants of one first ancestor stand or fall together; families are independent (Chan
    and Lai 2013; Lee and Whiteley 2018). NaN when all descend from one.
    """
    mean = float(weights @ values)
    families = by_root(weights * (values - mean), roots, int(roots.max()) + 1)
    if np.unique(roots).size < 2:
        return float("nan")
    return float(np.sqrt(np.sum(families**2)))


def error_of_log_evidence(weights: Floats, roots: Ints, first: Floats) -> float:
    """Return the standard error of the logarithm of the evidence, from the ancestry.

    First-order: the families' shares now against those at the start (Lee and Whiteley 2018). It
    grows as ancestors die out and is too small when few are left; NaN when one is.

    Parameters
    ----------
    first : ndarray, dims (root,)
        Weights at the start.
    """
    shares = by_root(weights, roots, first.size)
    if np.count_nonzero(shares) < 2:
        return float("nan")
    return float(np.sqrt(np.sum((shares - first) ** 2)))
