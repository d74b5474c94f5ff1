"""The trend of flight after the last day that is known.

    K(t) = K(o) + rate h / ln 2 (1 - 2 ** (-(t - o) / h)),      rate over a window of days before o

Window and half-life (h) are shares of the age of the crisis on the day of the forecast: a crisis of
two weeks fades in days, one of a year in months. No member has the same half-life, and none is
fitted. Shares and spread were chosen by 13 crises that no score here is of, where to learn the
half-life from earlier days of the same crisis was better by no more than its standard error
(`scripts.displacement_development`).
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

WINDOW = 0.25  # of the age of a crisis: time from which the rate is taken
HALF_LIFE = 0.5  # of the age: median of the time in which the rate halves
SPREAD = 0.8  # log-sd of that time over members


def window(age: int) -> int:
    """Return the days from which the rate is taken in a crisis of some days.

    Examples
    --------
    >>> window(100), window(2)
    (25, 1)
    """
    return max(int(age * WINDOW), 1)


def faded(days: npt.ArrayLike, half_life: float) -> Floats:
    """Return what a trend that begins with one a day comes to after some days.

    Examples
    --------
    >>> float(faded(20.0, 10.0).round(3))
    10.82
    """
    found: Floats = half_life / np.log(2.0) * (1.0 - 0.5 ** (np.asarray(days) / half_life))
    return found
