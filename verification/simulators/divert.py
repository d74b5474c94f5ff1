"""People who find the Aegean closed: none of them turn elsewhere (pools), or a share does.

Design, section 3.7: the blocked flow re-enters another route after a lag of some weeks.
"""

import numpy as np

from verification.simulators.months import Floats, by_month, column, counted

CLOSED = 11  # weeks from 1 January to 20 March 2016, and 2 days
OPEN_SINCE = 0.03  # how open the Aegean still is


def simulate(answer: str, rng: np.random.Generator) -> dict[str, Floats]:
    """Return recorded Syrians, Afghans and Iraqis in Italy by month of 2016."""
    pool, rate = column("divert", "origins.csv", "pool"), column("divert", "origins.csv", "rate")
    rate = rate * rng.lognormal(0, 0.4, rate.size)
    turning = rng.beta(1, 80, pool.size) if answer == "share" else np.zeros(pool.size)
    lag, looking = 56.0 * rng.lognormal(0, 0.35), np.zeros(pool.size)
    to_libya = np.array([1 / 1.3, 1.0, 1.0])  # of the ways that are left, Spain is a lesser one
    arrived = np.zeros(52)
    for week in range(52):
        shut = 0.0 if week < CLOSED else (1 - OPEN_SINCE) * (5 / 7 if week == CLOSED else 1.0)
        leaving = rng.poisson(pool * rate * rng.gamma(5.0, 1 / 5.0, pool.size))
        blocked = rng.binomial(leaving, shut)
        pool = pool - (leaving - blocked)
        looking = looking + rng.binomial(blocked, turning)
        found = rng.binomial(looking.astype(int), 1 - np.exp(-7 / lag))
        looking, pool = looking - found, pool - found
        arrived[week] = rng.binomial(found, to_libya).sum()
    usual = 150.0 * rng.lognormal(0, 0.5)
    known = rng.beta(8, 2) * by_month("2016-01-01", arrived, 12) + usual
    return {"others_in_italy": counted(known, 5.0, rng)}
