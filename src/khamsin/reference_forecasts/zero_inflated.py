"""The zero-inflated negative binomial as a benchmark: fitted to each series, drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from khamsin.errors import InputError
from khamsin.reference_forecasts.record import Past, random_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import xarray as xr
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

_WIDEST, _NARROWEST = (
    0.02,
    1e4,
)  # bounds of the size r: below, one draw rules the mean; above, it is a Poisson


@dataclass(frozen=True)
class ZeroInflated:
    """Zero with probability `zeros`, else a negative binomial with this mean and size.

    Its variance is mean + mean^2 / size. An infinite size is a Poisson, a mean of zero always zero.
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


def zero_inflated_negative_binomial(
    history: xr.DataArray,
    times: ArrayLike,
    *,
    members: int = 1000,
    months: int = 60,
    method: str = "likelihood",
    seed: int = 0,
) -> xr.DataArray:
    """Draws from a zero-inflated negative binomial fitted to each series.

    What happens to series that are all zero, or too even, is said at `fit_zero_inflated`.

    Parameters
    ----------
    history, times, members, seed
        As in `zero`; the record must be of whole numbers.
    months : int
        Length of the window of the fit.
    method : str
        `likelihood` or `moments`.

    Returns
    -------
    DataArray (member, time, ...)
        `attrs["fits"]` lists the fitted laws, one for each series.

    Raises
    ------
    InputError
        As `last_observed`; an unknown method.
    """
    past = Past(history, times, members)
    window = past.window(months, counts=True)
    fits: dict[bytes, ZeroInflated] = {}
    rng = random_of("zero_inflated_negative_binomial", seed)
    draws = np.zeros((members, len(past.times), past.units))
    said = []
    for unit in range(past.units):
        values = window[:, unit]
        values = np.sort(values[np.isfinite(values)])
        key = values.tobytes()  # most countries are at peace: one fit serves all of them
        if key not in fits:
            fits[key] = fit_zero_inflated(values, method)
        law = fits[key]
        draws[:, :, unit] = law.sample((members, len(past.times)), rng)
        said.append(str(law))
    return past.forecast(
        draws,
        f"zero-inflated negative binomial (last {months}, {method})",
        {"months": months, "method": method, "seed": seed, "fits": said},
    )


def fit_zero_inflated(values: Floats, method: str = "likelihood") -> ZeroInflated:
    """Fit the law to counts.

    Degenerate cases, for both methods: all zeros gives always zero; a variance not above the mean
    gives a Poisson without extra zeros (one value alone is of that kind); all values alike and
    above zero give a Poisson around them. The size is kept between 0.02 and 10,000, and a size at
    the upper end is a Poisson.

    Parameters
    ----------
    values : array (n,)
        Whole numbers, not negative.
    method : str
        `likelihood`: maximum likelihood; the zeros are only inflated where that raises the
        likelihood by more than a factor e (so Akaike's criterion prefers it). `moments`: by the
        mean, the mean of x (x - 1) and the share of zeros.

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
        raise InputError(
            "a zero-inflated negative binomial is for counts: whole numbers, not negative"
        )
    mean = float(values.mean())
    variance = float(values.var(ddof=1)) if len(values) > 1 else 0.0
    if mean == 0:
        return ZeroInflated(0.0, 0.0, np.inf)
    if variance <= mean:
        return ZeroInflated(0.0, mean, np.inf)
    if method == "moments":
        return _by_moments(values, mean)
    return _by_likelihood(values, mean, variance)


def _by_moments(values: Floats, mean: float) -> ZeroInflated:
    from scipy.optimize import brentq

    pairs = float(
        np.mean(values * (values - 1))
    )  # = (1 - z) mu^2 (1 + 1/size), with mean = (1 - z) mu
    observed = float(np.mean(values == 0))

    def law(extra: float) -> ZeroInflated:
        excess = pairs * (1 - extra) / mean**2 - 1
        return ZeroInflated(
            extra, mean / (1 - extra), _bounded(1 / excess if excess > 0 else np.inf)
        )

    def too_many(extra: float) -> float:
        found = law(extra)
        none = np.exp(-found.mean)
        if np.isfinite(found.size):
            none = (1 + found.mean / found.size) ** -found.size
        return float(extra + (1 - extra) * none - observed)

    most = 1 - mean**2 / pairs  # the rest is a Poisson then
    if too_many(0.0) >= 0:
        return law(0.0)
    return law(most if too_many(most) <= 0 else float(brentq(too_many, 0.0, most)))


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
