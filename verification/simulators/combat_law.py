"""Four sieges with unlike forces: monthly dead of both sides under a law of combat.

Lanchester's and Deitchman's laws as written in the design, section 3.2, in steps of a week.
"""

import numpy as np

from verification.simulators.months import Floats, by_month, counted

FORCES = {"A": (2500, 2500), "B": (800, 3200), "C": (3200, 800), "D": (400, 4000)}
SIDES = ("DEF", "ATT")
POWER = {"square": 1.0, "mixed": 0.5, "log": 0.0}
SHARE = 0.85  # of the dead becomes known


def simulate(answer: str, rng: np.random.Generator) -> dict[str, Floats]:
    """Return recorded deaths by month of each side at each place."""
    defender, attacker = 0.028 * rng.lognormal(0, 0.45), 0.010 * rng.lognormal(0, 0.45)
    found = {}
    for place, forces in FORCES.items():
        own, killed = np.array(forces), np.zeros((2, 53))
        for week in range(53):
            if own.min() < 1:
                break
            ratio = np.clip(own[::-1] / own, 1e-6, 50)
            if answer == "deitchman":
                crowding = own[0] / (1e5 + own[0]) * (1e5 + 2500) / 2500
                hazard = np.array([defender * own[1] / 2500 * crowding, attacker * ratio[1]])
            else:
                hazard = np.array([defender, attacker]) * ratio ** POWER[answer]
            killed[:, week] = rng.binomial(own, 1 - np.exp(-hazard))
            own = own - killed[:, week].astype(int)
        months = by_month("2015-01-01", killed, 12)
        for side, dead in zip(SIDES, months, strict=True):
            found[f"deaths_{side}_{place}"] = counted(SHARE * dead + 0.5, 30.0, rng)
    return found
