"""Boats, weather and wrecks against rescue capacity: it draws people to sea (pull), makes smugglers
use worse boats (raft_shift), or neither (none).

Design, section 3.7, and docs/science/migration.md. As many wait on the coast in each week.
"""

import numpy as np

from verification.simulators.months import Floats, by_month, column, counted

BOATS, RISK = 700.0, 0.02  # people a day; chance to die at full rescue
WEEKS = 122  # from January 2014 to the end of April 2016


def simulate(answer: str, rng: np.random.Generator) -> dict[str, Floats]:
    """Return recorded arrivals in Italy and deaths by month."""
    pull = 0.2 * rng.lognormal(0, 0.5) if answer == "pull" else 0.0
    raft = 0.4 * rng.lognormal(0, 0.5) if answer == "raft_shift" else 0.0
    safety, shelter = 0.5 * rng.lognormal(0, 0.5), rng.beta(7, 3)
    backlog = 30.0 * rng.lognormal(0, 0.4)
    rough, shape = 0.6 * rng.lognormal(0, 0.25), 0.2 * rng.lognormal(0, 0.4)
    season, middle = column("rescue", "season.csv", "sea"), (np.arange(12) + 0.5) * 365.25 / 12
    landed, drowned = np.zeros(WEEKS), np.zeros(WEEKS)
    for week in range(WEEKS):
        day = np.datetime64("2014-01-01") + 7 * week
        low = np.datetime64("2014-11-01") <= day < np.datetime64("2015-05-01")
        rescue = 0.32 if low else 1.0
        sea = np.interp((7 * week + 3.5) % 365.25, middle, season, period=365.25)
        mean = 7 * BOATS * sea * rng.lognormal(-0.5 * rough**2, rough) * shelter
        mean *= np.exp(pull * (rescue - 1.0)) * 100 / (100 + backlog)
        left = min(rng.poisson(mean * rng.gamma(2.0, 0.5)), 100 * BOATS)
        risk = RISK * rng.gamma(shape, 1 / shape) * np.exp((safety - raft) * (1 - rescue))
        drowned[week] = rng.binomial(int(left), min(risk, 0.5))
        landed[week] = left - drowned[week]
    known = rng.beta(8, 2) * by_month("2014-01-01", drowned, 28)
    return {
        "arrived": counted(by_month("2014-01-01", landed, 28), 50.0, rng),
        "dead": counted(known, 5.0, rng),
    }
