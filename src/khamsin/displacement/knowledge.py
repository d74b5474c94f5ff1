"""What is known of a case after the first third of its days: counts dated before, and no more.

A count of every day is a line between two counts, and the second may lie ahead: nobody could draw
that line yet. So a camp is known up to its last count before the day of the forecast; from there on
it is carried on at its last rate, which fades. How was chosen by counts of other crises
(`scripts.displacement_development`).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from khamsin.displacement.flee_case import FleeCase
from khamsin.displacement.trend import faded

Floats = npt.NDArray[np.float64]
RATE_DAYS = 15  # time before its last count from which a camp's rate is taken
HALF_LIFE = 30.0  # days in which that rate halves


@dataclass(frozen=True)
class Knowledge:
    """Knowledge on a day.

    Attributes
    ----------
    last_count : ndarray of int, dims (camp,)
        Day of each camp's last count; -1 where there is none yet.
    carried : ndarray, dims (day, camp), person
        Counts up to that day, carried on afterwards; days before the day of knowledge only.
    """

    last_count: npt.NDArray[np.int64]
    carried: Floats


def known_on(case: FleeCase, day: int) -> Knowledge:
    """Return what is known at the beginning of a day.

    Parameters
    ----------
    case : FleeCase
    day : int
        Counts of this day and later ones are not looked at.
    """
    last = np.full(len(case.camps), -1)
    carried = np.zeros((day, len(case.camps)))
    days = np.arange(day)
    for k, name in enumerate(case.camps):
        before = [d for d in case.counts[name][0] if d < day]
        if not before:
            continue
        last[k] = max(before[-1], 0)
        carried[:, k] = carry_count(case.daily[:, k], int(last[k]), days)
    return Knowledge(last, carried)


def carry_count(
    counts: Floats,
    last: int,
    days: npt.NDArray[np.int64],
    window: int = RATE_DAYS,
    half_life: float = HALF_LIFE,
) -> Floats:
    """Return a camp's count on each of some days, none after its last count being looked at.

    Parameters
    ----------
    counts : ndarray, dims (day,), person
        Looked at up to the day `last`.
    last : int
        Day of the last count that is known.
    days : ndarray of int, dims (day asked,)
    window : int, day
    half_life : float, day

    Returns
    -------
    ndarray, dims (day asked,), person

    Examples
    --------
    >>> carry_count(np.array([0.0, 10.0, 99.0]), 1, np.array([0, 1, 2, 31])).tolist()
    [0.0, 10.0, 19.0, 226.0]
    """
    begin = max(last - window, 0)
    rate = max(counts[last] - counts[begin], 0.0) / max(last - begin, 1)
    more = np.floor(rate * faded(np.maximum(days - last, 0), half_life))
    found: Floats = counts[np.minimum(days, last)] + more
    return found
