"""The zero-inflated negative binomial: fit to a short series of counts, with every degenerate case defined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from khamsin.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_WIDEST, _NARROWEST = 0.02, 1e4  # bounds of the size r: below, one draw rules the mean; above, it is a Poisson


@dataclass(frozen=True)
class ZeroInflated:
    """Zero with probability `zeros`, else a negative binomial with this mean and size (variance mean + mean^2 / size).

    An infinite size is a Poisson; a mean of zero is always zero.
    """

    zeros: float
    mean: float
    size: float

    def __str__(self) -> str:
        law = "Poisson" if np.isinf(self.size) else f"negative binomial of size {self.size:.3g}"
        return f"{100 * self.zeros:.3g} % zeros, else {law} with mean {self.mean:.4g}"

    def sample(self, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
        """Draw counts.

        Parameters
        ----------
        shape : tuple of int
            Shape of the result.
        rng : Generator
            Source of randomness.

        Returns
        -------
        array of `shape`
        """
        if self.mean == 0:
            return np.zeros(shape)
        if np.isinf(self.size):
            counts = rng.poisson(self.mean, shape)
        else:
            counts = rng.poisson(rng.gamma(self.size, self.mean / self.size, shape))
        return np.where(rng.random(shape) < self.zeros, 0.0, counts)


def fit_zero_inflated(values: Floats, method: str = "likelihood") -> ZeroInflated:
    """Fit the law to counts.

    Degenerate cases, for both methods: all zeros gives always zero; a variance not above the mean gives a Poisson without
    extra zeros (one value alone is of that kind); all values alike and above zero give a Poisson around them. The size is kept
    between 0.02 and 10,000, and a size at the upper end is a Poisson.

    Parameters
    ----------
    values : array (n,)
        Whole numbers, not negative.
    method : str
        `likelihood`: maximum likelihood; the zeros are only inflated where that raises the likelihood by more than one
        (so Akaike's criterion prefers it). `moments`: a negative binomial by mean and variance, and as many extra
        zeros as its own leave unexplained.

    Returns
    -------
    ZeroInflated

    Raises
    ------
    InputError
        No values, values that are no counts, or an unknown method.
    """
    if method not in ("likelihood", "moments"):
        raise InputError(f"no method {method!r} to fit by; there are likelihood and moments")
    if not len(values):
        raise InputError("nothing to fit a zero-inflated negative binomial to")
    if (values < 0).any() or not np.array_equal(values, np.rint(values)):
        raise InputError("a zero-inflated negative binomial is for counts: whole numbers, not negative")
    mean = float(values.mean())
    variance = float(values.var(ddof=1)) if len(values) > 1 else 0.0
    if mean == 0:
        return ZeroInflated(0.0, 0.0, np.inf)
    if variance <= mean:
        return ZeroInflated(0.0, mean, np.inf)
    if method == "moments":
        return _by_moments(values, mean, variance)
    return _by_likelihood(values, mean, variance)


def _by_moments(values: Floats, mean: float, variance: float) -> ZeroInflated:
    size = _bounded(mean**2 / (variance - mean))
    observed = float(np.mean(values == 0))
    extra = observed - (1 + mean / size) ** -size
    if extra <= 0:
        return ZeroInflated(0.0, mean, size)
    # Of the rest of the series, the moments are those of the plain law: E = mean/(1-z), E2 = (var + mean^2)/(1-z).
    rest = mean / (1 - extra)
    second = (variance + mean**2) / (1 - extra) - rest**2
    return ZeroInflated(extra, rest, _bounded(rest**2 / (second - rest)) if second > rest else np.inf)


def _bounded(size: float) -> float:
    size = max(size, _WIDEST)
    return np.inf if size >= _NARROWEST else float(size)


def _by_likelihood(values: Floats, mean: float, variance: float) -> ZeroInflated:
    counts, number = np.unique(values, return_counts=True)
    around = (float(np.log(mean)) - 2, float(np.log(values.max())) + 2)
    sizes = (float(np.log(_WIDEST)), float(np.log(_NARROWEST)))
    by_moments = np.clip(mean**2 / (variance - mean), _WIDEST, _NARROWEST)
    cost, point = _minimum(
        lambda p: -_log_likelihood(counts, number, 0.0, np.exp(p[0]), np.exp(p[1])),
        [np.log(mean), np.log(by_moments)],
        [around, sizes],
    )
    best = ZeroInflated(0.0, float(np.exp(point[0])), _bounded(float(np.exp(point[1]))))
    zeros = float(np.mean(values == 0))
    if zeros == 0:
        return best
    above = float(values[values > 0].mean())
    inflated = [
        _minimum(
            lambda p: -_log_likelihood(counts, number, p[2], np.exp(p[0]), np.exp(p[1])),
            [np.log(above), 0.0, start * zeros],
            [around, sizes, (0.0, zeros)],
        )
        for start in (0.3, 0.9)
    ]
    with_zeros, point = min(inflated, key=lambda found: found[0])
    if cost - with_zeros <= 1.0:
        return best
    return ZeroInflated(float(point[2]), float(np.exp(point[0])), _bounded(float(np.exp(point[1]))))


def _minimum(
    cost: Callable[[Floats], float], start: Sequence[float], bounds: list[tuple[float, float]]
) -> tuple[float, Floats]:
    from scipy.optimize import minimize

    found = minimize(cost, np.array(start, dtype=np.float64), method="L-BFGS-B", bounds=bounds)
    return float(found.fun), np.asarray(found.x, dtype=np.float64)


def _log_likelihood(
    counts: Floats, number: NDArray[np.int64], zeros: float, mean: float, size: float
) -> float:
    from scipy.special import gammaln

    log = (
        gammaln(counts + size)
        - gammaln(size)
        - gammaln(counts + 1)
        + size * np.log(size / (size + mean))
        + counts * np.log(mean / (size + mean))
    )
    if zeros > 0:
        log = log + np.log1p(-zeros)
        log = np.where(counts == 0, np.logaddexp(np.log(zeros), log), log)
    return float(log @ number)
