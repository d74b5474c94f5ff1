"""The textbook models against exact results: Lanchester's laws, self-excitation, epidemics.

Means of large numbers against the solution of the equation, odds of small ones against the Markov
chain behind them, counts against the moments of a Hawkes process. Each row has what was found, what
is exact, and how many standard errors apart they are; a result for small steps carries a little
error of the step (a quarter of a day), which `ALLOWED` leaves room for.
"""

import math
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from khamsin.engine import compile_plan, run_blocks
from khamsin.ensemble import in_memory
from khamsin.model import find, read
from khamsin.plan import plan

if TYPE_CHECKING:
    import xarray as xr

Floats = npt.NDArray[np.float64]

MEMBERS = 6000
FARTHEST = 4.0  # standard errors
ALLOWED = 0.01  # of the exact value, for the length of the step
RATE = 0.02  # a day, in the model lanchester
FIELD, SKIRMISH = (1e5, 8e4), (10, 8)


def _run(name: str, question: str, answer: str, members: int) -> "xr.Dataset":
    """Run a shipped model with one answer."""
    resolved = plan(read(find(name), trust=True), None, live={question: (answer,)}, trust=True)
    blocks = [(k, np.arange(k, min(k + 50, members))) for k in range(0, members, 50)]
    found = dict(run_blocks(compile_plan(resolved, 1), blocks))
    whole = {v: np.concatenate([found[k][v] for k, _ in blocks]) for v in found[0]}
    return in_memory(resolved, 1, members, whole)


def _row(what: str, found: Floats, exact: float) -> dict[str, Any]:
    """A mean over members beside what it should be."""
    mean, error = float(found.mean()), float(found.std() / math.sqrt(found.size))
    away = max(0.0, abs(mean - exact) - ALLOWED * abs(exact))
    return {
        "what": what,
        "found": float(f"{mean:.6g}"),
        "exact": float(f"{exact:.6g}"),
        "errors": round(away / max(error, 1e-12), 2),
    }


def strength(law: str, days: float) -> float:
    """Return Red's strength in the field after some days, by the law's equation.

    Square: dR/dt = -k B. Linear (losses of both sides equal): dR/dt = -k sqrt(R B). Logarithmic:
    dR/dt = -k R. All with one rate k for both sides.
    """
    red, blue = FIELD
    if law == "logarithmic":
        return red * math.exp(-RATE * days)
    if law == "square":
        end = math.atanh(blue / red) / RATE
        t = min(days, end)
        return red * math.cosh(RATE * t) - blue * math.sinh(RATE * t)
    more = red - blue
    angle = math.asinh(math.sqrt(blue / more)) - RATE * days / 2.0
    return more + (more * math.sinh(angle) ** 2 if angle > 0.0 else 0.0)


@cache
def odds_of_red(law: str, red: int, blue: int) -> float:
    """Return the odds that Red is left over in a skirmish, by the chain of single losses."""
    if red == 0 or blue == 0:
        return float(red > 0)
    power = {"square": 1.0, "linear": 0.5, "logarithmic": 0.0}[law]
    red_dies = red * (blue / red) ** power
    blue_dies = blue * (red / blue) ** power
    next_red = red_dies / (red_dies + blue_dies)
    return next_red * odds_of_red(law, red - 1, blue) + (1.0 - next_red) * odds_of_red(
        law, red, blue - 1
    )


def lanchester(members: int) -> list[dict[str, Any]]:
    """Strengths at the end of January and February, and who wins the skirmish."""
    rows = []
    for law in ("square", "linear", "logarithmic"):
        ds = _run("lanchester", "combat_law", law, members)
        pairs = zip(ds.pair_place.values, ds.pair_actor.values, strict=True)
        of = {(str(p), str(a)): np.asarray(ds.fighters[:, :, k]) for k, (p, a) in enumerate(pairs)}
        for month, days in ((0, 31), (1, 60)):
            rows.append(
                _row(
                    f"lanchester, {law}: Red after {days} days",
                    of["FIELD", "RED"][:, month],
                    strength(law, days),
                )
            )
        over = (of["SKIRMISH", "BLUE"][:, -1] == 0) | (of["SKIRMISH", "RED"][:, -1] == 0)
        won = (of["SKIRMISH", "BLUE"][over, -1] == 0) & (of["SKIRMISH", "RED"][over, -1] > 0)
        rows.append(
            _row(
                f"lanchester, {law}: Red wins 10 against 8",
                won.astype(float),
                odds_of_red(law, *SKIRMISH),
            )
        )
    return rows


def hawkes(members: int) -> list[dict[str, Any]]:
    """Mean number of attacks after a year to settle, and the variance of long counts."""
    base, years = 0.1, slice(12, 120)
    days = float((np.datetime64("2030-01-01") - np.datetime64("2021-01-01")).astype(int))
    rows = []
    for answer, branching in (("none", 0.0), ("some", 0.4), ("many", 0.7)):
        ds = _run("hawkes", "contagion", answer, 2 * members)
        count = np.asarray(ds.attacks.isel(time=years).sum(["time", "place"]), float)
        mean = base * days / (1.0 - branching)
        rows.append(_row(f"hawkes, branching {branching}: attacks in nine years", count, mean))
        # of a long count: variance over mean is 1 / (1 - branching)^2
        ratio = (count - count.mean()) ** 2 / count.mean()
        rows.append(
            _row(
                f"hawkes, branching {branching}: variance over mean",
                ratio * count.size / (count.size - 1),
                _fano(branching, days),
            )
        )
    return rows


def _fano(branching: float, days: float) -> float:
    """Return variance over mean of a count of so many days, cut out of a stationary process.

    1 / (1 - n)^2 in the long run; a window of T misses families across its ends: the covariance of
    an exponential Hawkes process falls off at rate (1 - n) / memory.
    """
    n, memory = branching, 20.0
    gamma = (1.0 - n) / memory
    long_run = 1.0 / (1.0 - n) ** 2
    return 1.0 + (long_run - 1.0) * (1.0 - (1.0 - math.exp(-gamma * days)) / (gamma * days))


def final_size(reproduction: float, seeds: float) -> float:
    """Return the share of all who were ever radicalised: z = 1 - (1 - seeds) exp(-R z)."""
    low, high = seeds, 1.0
    for _ in range(200):
        z = (low + high) / 2.0
        low, high = (z, high) if 1.0 - (1.0 - seeds) * math.exp(-reproduction * z) > z else (low, z)
    return z


def in_steps(stay: float, step: float) -> float:
    """Return how much longer people stay when they leave at the ends of steps only."""
    return step / stay / (1.0 - math.exp(-step / stay))


def sizes_of_hamlet(reproduction: float, people: int = 50) -> Floats:
    """Return the exact distribution of how many are ever drawn in, from one, dims (number,)."""
    there = np.zeros((people, people + 1))  # susceptible, radicalised
    there[people - 1, 1] = 1.0
    ended = np.zeros(people)
    for s in range(people - 1, -1, -1):
        for i in range(people - s, 0, -1):
            p = there[s, i]
            if p == 0.0:
                continue
            draws = reproduction * s / people
            more = draws / (draws + 1.0)
            if s:
                there[s - 1, i + 1] += p * more
            if i == 1:
                ended[people - 1 - s] += p * (1.0 - more)
            else:
                there[s, i - 1] += p * (1.0 - more)
    return ended


def contagion(members: int) -> list[dict[str, Any]]:
    """Final size in the city; its whole distribution in the hamlet."""
    rows = []
    for answer, reproduction in (("one", 0.8), ("two", 2.0)):
        ds = _run("sir-like-radicalisation", "contagiousness", answer, members)
        ever = np.asarray(ds.drawn_in.sum("time"), float)
        city, hamlet = (ever[:, list(ds.place.values).index(p)] for p in ("CITY", "HAMLET"))
        rows.append(
            _row(
                f"contagion, {reproduction}: share of the city ever radicalised",
                (city + 500.0) / 1e5,
                final_size(reproduction * in_steps(20.0, 0.25), 0.005),
            )
        )
        exact = sizes_of_hamlet(reproduction)
        for most in (0, 4, 24, 44):
            rows.append(
                _row(
                    f"contagion, {reproduction}: at most {most} of the hamlet drawn in",
                    (hamlet <= most).astype(float),
                    float(exact[: most + 1].sum()),
                )
            )
    return rows


def rows(members: int = MEMBERS) -> list[dict[str, Any]]:
    """Run all three models and return every comparison."""
    return [*lanchester(members), *hawkes(members), *contagion(members)]


def passes(found: Sequence[dict[str, Any]]) -> bool:
    """Say whether nothing is farther away than chance and the step allow."""
    return all(row["errors"] <= FARTHEST for row in found)


if __name__ == "__main__":
    for each in (every := rows()):
        print(f"{each['what']}: {each['found']} (exact {each['exact']}), {each['errors']}")
    print(f"exact_passed: {int(passes(every))}")
