"""Raids on oil: IS raids what is within reach (deny), or leaves it whole to sell (monetise).

Design, section 3.5: an attack is a hazard of each facility within reach of a hundred fighters or
more; fights at a terminal set it on fire now and then; who wants to sell takes a share of the field
that it holds.
"""

import numpy as np

from verification.simulators.months import Floats, by_month, column, counted

WITHIN_REACH = 4  # Ghani, the Waha fields, Es Sider, Ras Lanuf
HELD = 8.0  # kb a day from the one field that IS holds, a fifth of it whole
PEOPLE = 2000.0  # at Es Sider, where they fight


def simulate(answer: str, rng: np.random.Generator) -> dict[str, Floats]:
    """Return recorded raids and fires by month, March 2015 to April 2016."""
    deny = 0.03 * rng.lognormal(0, 0.5) if answer == "deny" else 0.0
    burn = 0.01 * rng.lognormal(0, 0.7)
    killed = column("oil", "inputs.csv", "killed")
    happened = np.zeros(61)
    for week in range(happened.size):
        dead = killed[min(int(7 * week / 30.4375), killed.size - 1)] * 7 / 30.4375
        happened[week] = (rng.random(WITHIN_REACH) < 1 - np.exp(-deny)).sum()
        happened[week] += rng.random() < 1 - np.exp(-burn * dead * 20_000 / (20_000 + PEOPLE))
    known = rng.beta(8, 2) * by_month("2015-03-01", happened, 14) + 0.05
    trucks = rng.beta(6, 6) * HELD * 7 if answer == "monetise" else 0.0
    seen = rng.beta(2, 8) * by_month("2015-03-01", np.full(61, trucks), 14) + 0.05
    return {"raids": counted(known, 20.0, rng), "sold": counted(seen, 1.0, rng)}
