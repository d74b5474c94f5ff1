"""Ways to forecast the total of a crisis, any of which a forecaster would try."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from khamsin.displacement.trend import HALF_LIFE, SPREAD, faded, window

Floats = npt.NDArray[np.float64]
Forecast = Callable[[Floats, int, Floats], Floats]  # known total, days ahead, prior: (member, day)
Scales = Callable[[int], tuple[int, Floats]]  # age in days: window and half-lives, days

MEMBERS = 40
GROWTH = 0.5  # log-sd of a trend at first: the prior of daily_flight.growth
EARLIER = (1 / 3, 1 / 2, 2 / 3)  # of the known days, from which a half-life is learnt


def evenly(step: float) -> Floats:
    """Return numbers that fill (0, 1) evenly, one a member."""
    return np.asarray((np.arange(MEMBERS) * step + 0.5) % 1.0)


def ages(age: int) -> tuple[int, Floats]:
    """Return half-lives of an eighth to two ages."""
    return window(age), age * 2.0 ** (np.arange(9) / 2.0 - 3.0)


def days(age: int) -> tuple[int, Floats]:
    """Return the window and the half-lives of earlier versions, 5 to 80 days."""
    return 60, 5.0 * 2.0 ** (np.arange(17) / 4.0)


def carry_on(known: Floats, ahead: int, span: int, half_life: float) -> Floats:
    """Go on by the rate of the last `span` days, which fades, dims (day,)."""
    begin = max(known.size - 1 - span, 0)
    rate = max(known[-1] - known[begin], 0.0) / max(known.size - 1 - begin, 1)
    return np.asarray(known[-1] + rate * faded(np.arange(1, ahead + 1), half_life))


def weigh(known: Floats, scales: Scales) -> Floats:
    """Return a weight for each half-life by what forecasts from earlier days would have missed:
    Laplace's error of unknown size, one for each origin."""
    error = np.zeros(scales(1)[1].size)
    for share in EARLIER:
        age = int(known.size * share) + 1
        later = np.maximum(known[age:], 1.0)
        span, half_lives = scales(age)
        for k, half_life in enumerate(half_lives):
            missed = np.abs(carry_on(known[:age], later.size, span, half_life) - later) / later
            error[k] += missed.mean() if later.size else 0.0
    weight = np.maximum(error, 1e-6) ** -float(len(EARLIER))
    return np.asarray(weight / weight.sum())


def members(
    known: Floats, ahead: int, span: int, half_lives: Floats, spread: float = GROWTH
) -> Floats:
    """Return a fading trend for each half-life, one a member, dims (member, day)."""
    growth = np.exp(spread * ndtri(evenly(0.754878)))[:, None]
    each = np.array([carry_on(known, ahead, span, half_life) for half_life in half_lives])
    return np.asarray(known[-1] + growth * (each - known[-1]))


def persistence(known: Floats, ahead: int, prior: Floats) -> Floats:
    """Hold the total."""
    return np.full((MEMBERS, ahead), known[-1])


def theta(known: Floats, ahead: int, prior: Floats) -> Floats:
    """Go on by half the slope of a line through all days (Assimakopoulos and Nikolopoulos 2000)."""
    slope = max(float(np.polyfit(np.arange(known.size), known, 1)[0]), 0.0)
    return np.tile(known[-1] + 0.5 * slope * np.arange(1, ahead + 1), (MEMBERS, 1))


def drawn(known: Floats, ahead: int, prior: Floats, spread: float = GROWTH) -> Floats:
    """Draw the half-life about half the age: nothing is learnt."""
    half_lives = HALF_LIFE * known.size * np.exp(SPREAD * ndtri(evenly(0.618034)))
    return members(known, ahead, window(known.size), half_lives, spread)


def learnt(scales: Scales, pooled: bool = False) -> Forecast:
    """Learn the half-life from earlier days; `pooled`, from the other crises as well."""

    def forecast(known: Floats, ahead: int, prior: Floats) -> Floats:
        span, half_lives = scales(known.size)
        weight = weigh(known, scales) * (prior if pooled else 1.0)
        cumulated = (weight / weight.sum()).cumsum()
        at = np.minimum(np.searchsorted(cumulated, evenly(0.618034)), weight.size - 1)
        return members(known, ahead, span, half_lives[at])

    return forecast


def half_way(rule: Forecast) -> Forecast:
    """Combine a forecast with persistence."""
    return lambda known, ahead, prior: (known[-1] + rule(known, ahead, prior)) / 2.0


TOTALS: dict[str, Forecast] = {  # by how much is learnt
    "persistence": persistence,
    "theta": theta,
    "half-life about half the age": drawn,
    "half-life learnt in days (as before)": learnt(days),
    "half-life learnt in ages": learnt(ages),
    "the same, half way to persistence": half_way(learnt(ages)),
    "the same, with the other crises as prior": learnt(ages, pooled=True),
}
