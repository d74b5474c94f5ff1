"""What is known of a case after the first third of its days: counts dated before, and no more.

A count of every day is a line between two counts, and the second may lie ahead: nobody could draw
that line yet. So a camp is known up to its last count before the day of the forecast; from there on
it is carried on at its last rate.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from khamsin.displacement.flee_case import FleeCase

Floats = npt.NDArray[np.float64]
RATE_DAYS = 30  # time before its last count from which a camp's rate is taken (judgement)


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
        counts = case.daily[:, k]
        begin = max(last[k] - RATE_DAYS, 0)
        rate = (counts[last[k]] - counts[begin]) / max(last[k] - begin, 1)
        more = np.floor(max(rate, 0.0) * np.maximum(days - last[k], 0))
        carried[:, k] = counts[np.minimum(days, last[k])] + more
    return Knowledge(last, carried)
