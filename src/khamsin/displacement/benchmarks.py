"""Benchmarks without a model: what a forecast of camps has to beat.

Each gives counts by day and camp, dims (day, camp), from a daily total and shares that never move.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FROZEN_ON = 30  # the day whose shares are frozen, as in the measurements that Flee was held against


@dataclass(frozen=True)
class Known:
    """What a benchmark may look at.

    Attributes
    ----------
    counts : ndarray, dims (day, camp), person
        Registered people up to the day on which the forecast is made.
    total : ndarray, dims (day,), person
        The total of each day to be shared out: given, or forecast.
    capacity : ndarray, dims (camp,), person
    distance : ndarray, dims (place, camp), km
        Along roads; infinite where there is no way.
    fleeing : ndarray, dims (place,)
        Share of the people who flee from each place.
    """

    counts: Floats
    total: Floats
    capacity: Floats
    distance: Floats
    fleeing: Floats


def persistence(known: Known) -> Floats:
    """Hold each camp at its last count."""
    held: Floats = np.tile(known.counts[-1], (known.total.size, 1))
    return held


def equal_split(known: Known) -> Floats:
    """Share the total equally."""
    camps = known.counts.shape[1]
    return _shared(known.total, np.ones(camps))


def capacity_split(known: Known) -> Floats:
    """Share the total by capacity."""
    return _shared(known.total, known.capacity)


def frozen_shares(known: Known) -> Floats:
    """Share the total as it was shared on day 30."""
    return _shared(known.total, known.counts[min(FROZEN_ON, len(known.counts) - 1)])


def last_shares(known: Known) -> Floats:
    """Share the total as on the last day that is known."""
    return _shared(known.total, known.counts[-1])


def nearest_camp(known: Known) -> Floats:
    """Send everybody to the camp that is nearest by road to where he flees from."""
    reach = np.isfinite(known.distance).any(axis=1)
    near = known.distance.argmin(axis=1)
    shares = np.zeros(known.distance.shape[1])
    np.add.at(shares, near[reach], known.fleeing[reach])
    return _shared(known.total, shares)


BENCHMARKS = {
    "persistence": persistence,
    "equal split": equal_split,
    "split by capacity": capacity_split,
    "shares of day 30 frozen": frozen_shares,
    "shares of the last known day frozen": last_shares,
    "nearest camp": nearest_camp,
}


def _shared(total: Floats, weights: Floats) -> Floats:
    whole = weights.sum()
    shares = weights / whole if whole > 0 else np.full(weights.size, 1.0 / weights.size)
    split: Floats = total[:, None] * shares
    return split


def road_distances(places: int, ends: Floats, km: Floats, camps: list[int]) -> Floats:
    """Return the length of the shortest way from each place to each camp, dims (place, camp).

    Parameters
    ----------
    ends : ndarray, dims (route, [a, b])
    km : ndarray, dims (route,)
    camps : list of int
        Positions of the camps.
    """
    far = np.full((places, len(camps)), np.inf)
    far[camps, np.arange(len(camps))] = 0.0
    a, b = ends[:, 0].astype(int), ends[:, 1].astype(int)
    for _ in range(places):
        before = far.copy()
        np.minimum.at(far, a, far[b] + km[:, None])
        np.minimum.at(far, b, far[a] + km[:, None])
        if np.array_equal(before, far):
            break
    return far
