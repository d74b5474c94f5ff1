"""The trend of flight after the last day that is known, fitted to nothing but the days before.

    K(t) = K(o) + g rate h / ln 2 (1 - 2 ** (-(t - o) / h)),   rate over the `window` before o

How fast a trend fades (h), and how much of it there is to begin with (g, 1 unless the form shrinks
it towards nobody more), is learnt from how earlier forecasts would have done: from three origins o
inside the known days, up to their end. With an error of Laplace's form and an unknown size, one for
each origin, the weight of (g, h) is its mean error to the power -3. No single one is believed: each
member has its own, so that the total is the less certain the farther ahead it lies.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

HALF_LIVES = 5.0 * 2.0 ** (np.arange(17) / 4.0)  # 5 to 80 days, evenly by their logarithm
GROWTHS = np.arange(5) / 4.0  # of a trend that may be shrunk: none of it to all
ORIGINS = (1 / 3, 1 / 2, 2 / 3)  # of the known days


def carry_on(known: Floats, last: int, window: int, half_life: float) -> Floats:
    """Forecast the total of each day after `last` by a fading trend.

    Parameters
    ----------
    known : ndarray, dims (day,), person
    last : int
        The last day that the forecast looks at.
    window : int
        Days before it from which the rate is taken.
    half_life : float

    Returns
    -------
    ndarray, dims (later day,), up to the end of `known`
    """
    begin = max(last - window, 0)
    rate = max(known[last] - known[begin], 0.0) / max(last - begin, 1)
    ahead = np.arange(1, known.size - last)
    forecast: Floats = known[last] + rate * half_life / np.log(2.0) * (
        1.0 - 0.5 ** (ahead / half_life)
    )
    return forecast


def weigh_trends(known: Floats, window: int, growths: Floats) -> Floats:
    """Return a weight for each growth and each of HALF_LIVES, all adding up to 1.

    Parameters
    ----------
    known : ndarray, dims (day,), person
        The total of the days before the forecast.
    window : int
        Days from which a rate is taken.
    growths : ndarray, dims (growth,)

    Returns
    -------
    ndarray, dims (growth, half_life)
    """
    error = np.zeros((growths.size, HALF_LIVES.size))
    for share in ORIGINS:
        last = int(known.size * share)
        later = np.maximum(known[last + 1 :], 1.0)
        for k, half_life in enumerate(HALF_LIVES):
            more = carry_on(known, last, window, half_life) - known[last]
            missed = np.abs(known[last] + growths[:, None] * more - later) / later
            error[:, k] += missed.mean(axis=1) if later.size else 0.0
    weight = np.maximum(error, 1e-6) ** -float(len(ORIGINS))
    normed: Floats = weight / weight.sum()
    return normed
