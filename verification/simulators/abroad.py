"""Attacks abroad as a weekly self-exciting count: driven by pressure on the core (lash_out), by its
strength (capacity), or by attacks elsewhere (contagion).

Design, section 3.10.
"""

import numpy as np

from verification.simulators.months import Floats, by_month, column, counted

BASE = np.array([0.07, 0.02, 0.02, 0.06])  # a week: Paris, Nice, Brussels, Istanbul
SPREAD = np.array([0.4, 0.7, 0.6, 0.5])  # log-sd of these
WEEKS = 96


def simulate(answer: str, rng: np.random.Generator) -> dict[str, Floats]:
    """Return recorded attacks by month, July 2014 to April 2016."""
    strength = column("abroad", "inputs.csv", "fighters")
    pressure = column("abroad", "inputs.csv", "pressure")
    base, then = BASE * rng.lognormal(0, SPREAD), 22_000 * rng.lognormal(0, 0.2)
    memory = 20.0 * rng.lognormal(0, 0.35)
    exponent = {"lash_out": 0.3 * rng.lognormal(0, 0.4), "capacity": rng.lognormal(0, 0.3)}
    response = 50.0 * rng.lognormal(0, 0.5) if answer == "lash_out" else 0.0
    branching = rng.beta(5, 6) if answer == "contagion" else rng.beta(2, 5)
    spread = rng.uniform(0.3, 0.7) if answer == "contagion" else 0.0
    past, happened, kept = np.zeros(4), np.zeros(WEEKS), np.exp(-7 / memory)
    for week in range(WEEKS):
        month = min(int(7 * week / 30.4375), strength.size - 1)
        scale = (strength[month] / then) ** exponent.get(answer, 0.0)
        scale *= np.exp(response * pressure[month])
        children = (1 - spread) * past + spread * base / base.sum() * past.sum()
        mean = base * scale + branching * (1 - kept) * children
        count = rng.poisson(mean * rng.gamma(3.0, 1 / 3.0, 4))
        past = kept * past + count
        happened[week] = count.sum()
    known = rng.beta(9, 1) * by_month("2014-07-01", happened, 22) + 0.02
    return {"attacks": counted(known, 50.0, rng)}
