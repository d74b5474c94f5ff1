"""The calendar of a run: steps of some days, and the periods (months or steps) that the record is
kept by."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Calendar:
    """Steps and periods of a run, with the share of each step that falls into each period.

    Attributes
    ----------
    first : date
        First day of the first step.
    days : ndarray, dims (step,), day
        Length of each step; the last may be short.
    period_start, period_end : list of date
        First day, and first day after, of each period.
    use_start, use_period, use_share : ndarray
        Step s falls into the periods use_period[use_start[s]:use_start[s + 1]]. A period p >= 0
        takes that share of the step's flows;
        -p - 1 says that the stocks of period p are read off at the end of the step.
    """

    first: date
    days: Floats
    period_start: list[date]
    period_end: list[date]
    use_start: Ints
    use_period: Ints
    use_share: Floats

    @property
    def steps(self) -> int:
        """Number of steps."""
        return int(self.days.size)

    def edges(self) -> Floats:
        """Return the days since `first` at which steps begin and the last one ends, dims (step +
        1,)."""
        return np.concatenate([[0.0], np.cumsum(self.days)])

    def step_start(self, step: int) -> date:
        """Return the day on which a step begins (steps of part of a day: the day it falls on)."""
        return self.first + timedelta(days=float(self.edges()[step]))


def calendar(first: date, last: date, step_days: float, every: str) -> Calendar:
    """Lay out the steps from the first to the last day (both included), and the periods of the
    record.

    Parameters
    ----------
    first, last : date
    step_days : float
    every : {"month", "step"}
    """
    total = float((last - first).days + 1)
    whole = int(np.floor(total / step_days + 1e-9))
    days = np.full(whole, step_days)
    rest = total - whole * step_days
    if rest > 1e-9:
        days = np.append(days, rest)
    edges = np.concatenate([[0.0], np.cumsum(days)])
    if every == "month":
        starts, ends = _months(first, last)
    else:
        starts = [first + timedelta(days=float(edge)) for edge in edges[:-1]]
        ends = [first + timedelta(days=float(edge)) for edge in edges[1:]]
    if every == "step":
        n = np.arange(days.size)
        use_period = np.column_stack([n, -n - 1]).ravel()
        return Calendar(
            first,
            days,
            starts,
            ends,
            2 * np.arange(days.size + 1),
            use_period,
            np.ones(use_period.size),
        )
    bounds = np.array(
        [[(s - first).days, (e - first).days] for s, e in zip(starts, ends, strict=True)]
    )
    starting, periods, shares = [0], list[int](), list[float]()
    for k in range(days.size):
        overlap = np.minimum(edges[k + 1], bounds[:, 1]) - np.maximum(edges[k], bounds[:, 0])
        for p in np.nonzero(overlap > 1e-9)[0]:
            periods.append(int(p))
            shares.append(float(overlap[p] / days[k]))
        for p in np.nonzero(
            (bounds[:, 1] > edges[k] + 1e-9) & (bounds[:, 1] <= edges[k + 1] + 1e-9)
        )[0]:
            periods.append(-int(p) - 1)
            shares.append(0.0)
        starting.append(len(periods))
    return Calendar(
        first,
        days,
        starts,
        ends,
        np.array(starting, np.int64),
        np.array(periods, np.int64),
        np.array(shares),
    )


def _months(first: date, last: date) -> tuple[list[date], list[date]]:
    starts, ends, day = [], [], first
    stop = last + timedelta(days=1)
    while day < stop:
        after = date(day.year + day.month // 12, day.month % 12 + 1, 1)
        starts.append(day)
        ends.append(min(after, stop))
        day = after
    return starts, ends
