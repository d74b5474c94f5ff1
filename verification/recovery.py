"""Does calibration find the law of combat that made the data? (decision 18 of the design)

The data come from a simulator of the subsystem written here in plain NumPy, with parameters drawn
from the prior; the fit uses khamsin's own processes. Which switches the series could settle at all
is fixed in models/libya-2016/identifiable.csv.
"""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from khamsin.calibration.simulating import simulator
from khamsin.calibration.tempering import temper
from khamsin.engine import compile_plan
from khamsin.hindcast.observed import Observed
from khamsin.model import read
from khamsin.plan import plan
from khamsin.priors import Fixed
from khamsin.reporting import REPORTING

HERE = Path(__file__).parent / "sieges"
LAWS = ("square", "mixed", "log", "deitchman")
FORCES = {"A": (2500, 2500), "B": (800, 3200), "C": (3200, 800), "D": (400, 4000)}
MONTHS, TRIALS, PARTICLES = 12, 20, 300
SIZE, SHARE = 30.0, 0.85  # of the reporting model
WANTED = 0.8  # of the trials of each answer


def sieges(law: str, rng: np.random.Generator) -> np.ndarray[Any, Any]:
    """Return recorded deaths of both sides at each place by month, dims (place, side, month).

    Lanchester's and Deitchman's laws as written in science.md, section 3.1, in steps of a week.
    """
    defender, attacker = 0.028 * rng.lognormal(0, 0.45), 0.010 * rng.lognormal(0, 0.45)
    day = np.datetime64("2015-01-01")
    dead = np.zeros((len(FORCES), 2, MONTHS))
    for p, (d, a) in enumerate(FORCES.values()):
        own = np.array([d, a])
        for week in range(53):
            if own.min() < 1:
                break
            ratio = np.clip(own[::-1] / own, 1e-6, 50)
            if law == "deitchman":
                crowding = own[0] / (1e5 + own[0]) * (1e5 + 2500) / 2500
                hazard = np.array([defender * own[1] / 2500 * crowding, attacker * ratio[1]])
            else:
                power = {"square": 1.0, "mixed": 0.5, "log": 0.0}[law]
                hazard = np.array([defender, attacker]) * ratio**power
            killed = rng.binomial(own, 1 - np.exp(-hazard))
            own = own - killed
            for k in range(7):
                month = int((day + 7 * week + k).astype("datetime64[M]").astype(int)) - 45 * 12
                if month < MONTHS:
                    dead[p, :, month] += killed / 7
    mean = SHARE * dead + 0.5
    return rng.poisson(rng.gamma(SIZE, mean / SIZE)).astype(np.float64)


def observed(recorded: np.ndarray[Any, Any]) -> dict[str, Observed]:
    """Return the recorded deaths as series to fit on."""
    edges = np.arange("2015-01", "2016-02", dtype="datetime64[M]").astype("datetime64[D]")
    found = {}
    for p, place in enumerate(FORCES):
        for s, actor in enumerate(("DEF", "ATT")):
            name = f"deaths_{actor}_{place}"
            found[name] = Observed(
                name, name, ("battle_deaths",), "flow", {"place": [place], "actor": [actor]},
                "person", 1.0, REPORTING["negative_binomial"],
                {"size": Fixed(SIZE), "share": Fixed(SHARE), "background": Fixed(0.5)}, "zero",
                "judgement", None, None, tuple(str(e)[:7] for e in edges[:-1]), edges[:-1],
                edges[1:], recorded[p, s], edges[1:],
            )  # fmt: skip
    return found


def posterior(recorded: np.ndarray[Any, Any], seed: int) -> dict[str, float]:
    """Return the posterior probability of each law."""
    model = read(HERE)
    made = plan(model, None, since=date(2015, 1, 1))
    sim = simulator(made, observed(recorded), only=["combat.*_rate"], seed=seed, threads=1)
    done = temper(sim, sim.weights, len(sim.unknowns), particles=PARTICLES, seed=seed)
    held = done.particles.answers[:, 0]
    return {law: float((held == k).mean()) for k, law in enumerate(sim.plan.live["combat_law"])}


def rows(trials: int = TRIALS) -> list[dict[str, Any]]:
    """Return, for each law, in how many trials it was found to be the likeliest."""
    compile_plan(plan(read(HERE), None))
    found = []
    for k, law in enumerate(LAWS):
        hits, chance = 0, []
        for trial in range(trials):
            data = sieges(law, np.random.default_rng([20160517, k, trial]))
            odds = posterior(data, 1 + trial)
            hits += max(odds, key=lambda a: odds[a]) == law
            chance.append(odds[law])
        found.append(
            {"switch": "combat_law", "answer": law, "trials": trials, "found": hits / trials,
             "mean_posterior": round(float(np.mean(chance)), 3)}
        )  # fmt: skip
    return found


def passes(found: list[dict[str, Any]]) -> bool:
    """Return whether each answer is found in enough trials."""
    return all(row["found"] >= WANTED for row in found)


if __name__ == "__main__":
    for row in rows():
        print(row)
