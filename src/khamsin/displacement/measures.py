"""Measures of a forecast of camps: Flee's averaged relative difference, CRPS, coverage.

Flee has three denominators. Its column *Total error* divides by a count of all people that holds
the total of day 0 twice; *normal* divides by the registered people of the day; *rescaled* is normal
after the forecast is scaled to the registered total. Normal is the one to compare.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def normal(forecast: Floats, registered: Floats) -> float:
    """Return the averaged relative difference over the registered people of each day.

    Parameters
    ----------
    forecast, registered : ndarray, dims (day, camp), person
        Days without registered people are left out.
    """
    total = registered.sum(axis=1)
    there = total > 0
    return float((np.abs(forecast - registered).sum(axis=1)[there] / total[there]).mean())


def middle(members: Floats) -> Floats:
    """Return the point forecast of an ensemble: the median, of which an absolute difference is
    least.

    Medians of camps add up to less than the median of their total; these are scaled up to it.

    Parameters
    ----------
    members : ndarray, dims (member, day, camp), person

    Returns
    -------
    ndarray, dims (day, camp), person

    Examples
    --------
    >>> middle(np.array([[[9.0, 1.0]], [[1.0, 8.0]], [[2.0, 2.0]]])).tolist()
    [[4.5, 4.5]]
    """
    found: Floats = np.median(members, axis=0)
    total, own = np.median(members.sum(axis=2), axis=0), found.sum(axis=1)
    found *= np.divide(total, own, out=np.ones_like(own), where=own > 0)[:, None]
    return found


def total_error(forecast: Floats, registered: Floats, raw_total: Floats) -> float:
    """Return the averaged relative difference over Flee's count of all people (its column *Total
    error*).

    Parameters
    ----------
    forecast, registered : ndarray, dims (day, camp), person
    raw_total : ndarray, dims (day,), person
    """
    there = raw_total > 0
    return float((np.abs(forecast - registered).sum(axis=1)[there] / raw_total[there]).mean())


def rescaled(forecast: Floats, registered: Floats) -> float:
    """Return the averaged relative difference of shares: the forecast scaled to the registered
    total of each day."""
    total, own = registered.sum(axis=1), forecast.sum(axis=1)
    there = (total > 0) & (own > 0)
    scaled = forecast[there] * (total[there] / own[there])[:, None]
    return normal(scaled, registered[there])


def crps(members: Floats, registered: Floats) -> float:
    """Return the CRPS, summed over camps and over the registered people, averaged over days.

    Of a single member it is the averaged relative difference itself, so that a forecast without
    spread compares.

    Parameters
    ----------
    members : ndarray, dims (member, day, camp), person
    registered : ndarray, dims (day, camp), person
    """
    n = members.shape[0]
    error = np.abs(members - registered).mean(axis=0)
    ordered = np.sort(members, axis=0)
    rank = 2.0 * np.arange(1, n + 1) - n - 1.0
    spread = np.tensordot(rank, ordered, axes=1) / max(n * (n - 1), 1)  # fair: over other members
    total = registered.sum(axis=1)
    there = total > 0
    return float(((error - spread).sum(axis=1)[there] / total[there]).mean())


def coverage(members: Floats, registered: Floats, level: float) -> float:
    """Return the share of camps and days whose count lies in the central interval of a level."""
    low, high = np.quantile(members, [(1 - level) / 2, (1 + level) / 2], axis=0)
    inside = (registered >= np.floor(low)) & (registered <= np.ceil(high))
    return float(inside.mean())
