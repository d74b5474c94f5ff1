"""The width of a forecast: by how much a total and the shares of camps turn out to be otherwise.

    total(t)    * exp(width sqrt(since(t)) e)         since = time since the last count / age
    share_k(t)  * exp(width sqrt(since_k(t)) e_k)     of a camp, renormalised

Age is that of the crisis on the day of the forecast; e is normal. So when a last count is as old as
the crisis was, two of three errors are within a factor of exp(width), 1.5, beside what members
differ by already: the trend of flight and the pull of camps, a small part of all that is not known.
The median of the total stays where it is. How wide was chosen by 13 crises that no score here is of
(`scripts.displacement_development.widths`). Left out: a camp to which nobody has come stays empty
in all members in which it was; nobody knows how wide a forecast of nothing is.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import norm
from scipy.stats.qmc import LatinHypercube

Floats = npt.NDArray[np.float64]

WIDTH = 0.4  # of logarithms, once the last count is as old as the crisis was


def widen(
    counts: Floats, since: Floats, width: float = WIDTH, seed: int = 1, law: Any = norm
) -> Floats:
    """Widen a forecast of camps: first their shares, then the total.

    Each member has one error for the total and one for each camp, evenly spread over members.

    Parameters
    ----------
    counts : ndarray, dims (member, day, camp), person
    since : ndarray, dims (day, camp)
        Time since the last count of each camp, in ages of the crisis on the day of the forecast.
    width : float
    seed : int
    law : scipy distribution
        Of the errors.

    Returns
    -------
    ndarray, dims (member, day, camp), person
        The median of the total is that of `counts`. Those of camps move by some per cent towards
        the larger ones, for shares add up to 1: a point forecast is taken before (`middle`).

    Examples
    --------
    >>> counts = np.full((40, 1, 1), 1000.0)
    >>> wide = widen(counts, np.ones((1, 1)))
    >>> np.quantile(wide, [0.16, 0.5, 0.84]).round(-1).tolist()
    [680.0, 1000.0, 1470.0]
    """
    members, _, camps = counts.shape
    even = LatinHypercube(camps + 1, rng=seed, scramble=False).random(members)
    errors = np.asarray(law.ppf(even))[:, None, :]
    total = counts.sum(axis=2, keepdims=True)
    shares = np.divide(counts, total, out=np.zeros_like(counts), where=total > 0.0)
    whole = (since * shares.mean(axis=0)).sum(axis=1)[:, None]  # since people were counted
    shares = _spread(shares, width * np.sqrt(since) * errors[:, :, 1:])
    kept = shares.sum(axis=2, keepdims=True)
    shares = np.divide(shares, kept, out=np.zeros_like(shares), where=kept > 0.0)
    found: Floats = shares * _spread(total, width * np.sqrt(whole) * errors[:, :, :1])
    return found


def _spread(values: Floats, errors: Floats) -> Floats:
    """Give each member its error, in logarithms, about the same median."""
    found: Floats = values * np.exp(errors)
    before, after = np.median(values, axis=0), np.median(found, axis=0)
    found *= np.divide(before, after, out=np.ones_like(after), where=after > 0.0)
    return found
