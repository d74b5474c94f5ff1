"""The trend of flight after the last day that is known, fitted to nothing but the days before.

    K(t) = K(o) + rate h / ln 2 (1 - 2 ** (-(t - o) / h)),   rate over the `window` before o

How fast a trend fades (h) is learnt from how earlier forecasts would have done: from three origins
o inside the known days, up to their end. With an error of Laplace's form and an unknown size, one
for each origin, the weight of h is its mean error to the power -3.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

HALF_LIVES = 5.0 * 2.0 ** (np.arange(17) / 4.0)  # 5 to 80 days, evenly by their logarithm
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


def weigh_half_lives(known: Floats, window: int) -> Floats:
    """Return a weight for each of HALF_LIVES, adding up to 1.

    Parameters
    ----------
    known : ndarray, dims (day,), person
        The total of the days before the forecast.
    """
    error = np.zeros(HALF_LIVES.size)
    for share in ORIGINS:
        last = int(known.size * share)
        later = np.maximum(known[last + 1 :], 1.0)
        for k, half_life in enumerate(HALF_LIVES):
            missed = np.abs(carry_on(known, last, window, half_life) - later) / later
            error[k] += missed.mean() if missed.size else 0.0
    weight = np.maximum(error, 1e-6) ** -float(len(ORIGINS))
    normed: Floats = weight / weight.sum()
    return normed
