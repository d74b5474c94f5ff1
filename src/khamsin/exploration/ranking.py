"""Which intervention is least bad when nobody knows which answer is true: regret and satisficing.

Every scenario is run with the same luck, so that regret is taken future by future: how much worse
a scenario does than the best of them in that very future (Savage 1951; Lempert et al. 2006).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from khamsin.quantiles import weighted_mean, weighted_quantile

Floats = npt.NDArray[np.float64]
Better = Literal["high", "low"]


# Of the largest outcome: what two futures that are alike may differ by when they were added up.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Standing:
    """How a scenario does on one outcome.

    Attributes
    ----------
    mean : float
        Of the outcome, over all futures by their weights.
    regret : float
        Mean regret, in the unit of the outcome.
    regret_95 : float
        Regret that is exceeded in one future of twenty.
    worst_answer : str
        "question=answer" under which the mean regret is largest.
    worst_regret : float
        Mean regret there.
    best_in : float
        Share of the futures in which no scenario does better.
    satisfices : float
        Share of the futures in which the outcome is good enough; NaN when no threshold is given.
    """

    scenario: str
    outcome: str
    mean: float
    regret: float
    regret_95: float
    worst_answer: str
    worst_regret: float
    best_in: float
    satisfices: float


def rank(
    outcomes: Mapping[str, Mapping[str, Floats]],
    weights: Floats,
    answers: Mapping[str, npt.NDArray[np.str_]],
    better: Mapping[str, Better],
    enough: Mapping[str, float] | None = None,
) -> list[Standing]:
    """Rank scenarios on each outcome by their mean regret under the worst answer, least first.

    Parameters
    ----------
    outcomes : mapping
        Outcome -> scenario -> number of each member, dims (member,).
    weights : ndarray, dims (member,)
    answers : mapping
        Question -> answer of each member, dims (member,).
    better : mapping
        Outcome -> whether high or low is better.
    enough : mapping, optional
        Outcome -> the number from which on (up, or down) it is good enough.
    """
    found: list[Standing] = []
    for outcome, by_scenario in outcomes.items():
        sign = 1.0 if better[outcome] == "high" else -1.0
        table = np.stack([sign * by_scenario[s] for s in by_scenario])
        regret = table.max(axis=0) - table
        regret[regret <= ROUNDING * np.abs(table).max()] = 0.0
        rows = []
        for k, scenario in enumerate(by_scenario):
            worst, where = _worst(regret[k], weights, answers)
            good = float("nan")
            if enough and outcome in enough:
                good = float(weights[table[k] >= sign * enough[outcome]].sum() / weights.sum())
            rows.append(
                Standing(
                    scenario,
                    outcome,
                    float(weighted_mean(sign * table[k], weights)),
                    float(weighted_mean(regret[k], weights)),
                    float(weighted_quantile(regret[k], weights, 0.95)),
                    where,
                    worst,
                    float(weights[regret[k] == 0.0].sum() / weights.sum()),
                    good,
                )
            )
        found += sorted(rows, key=lambda r: (r.worst_regret, r.regret))
    return found


def _worst(
    regret: Floats, weights: Floats, answers: Mapping[str, npt.NDArray[np.str_]]
) -> tuple[float, str]:
    """Return the largest mean regret under one answer, and which answer that is."""
    found = [(float(weighted_mean(regret, weights)), "any")]
    for question, held in answers.items():
        for answer in np.unique(held):
            own = held == answer
            if weights[own].sum() > 0 and not own.all():
                mean = float(weighted_mean(regret[own], weights[own]))
                found.append((mean, f"{question}={answer}"))
    return max(found, key=lambda f: f[0])


def dominated(standings: Sequence[Standing]) -> set[str]:
    """Return the scenarios that another beats, or equals, in mean regret on every outcome."""
    by: dict[str, dict[str, float]] = {}
    for s in standings:
        by.setdefault(s.scenario, {})[s.outcome] = s.regret
    return {
        one
        for one, own in by.items()
        if any(
            other != one
            and all(theirs[o] <= own[o] for o in own)
            and any(theirs[o] < own[o] for o in own)
            for other, theirs in by.items()
        )
    }
