"""The factors of a model: everything that members differ by, as coordinates of a unit cube.

A parameter moves through its prior by its quantile; all elements of a parameter with dims move
together, because "combat is deadlier than we think" is one doubt and not thirty. An answer of a
hypothesis takes a share of its axis by its weight. Two axes are luck: which starting stocks a
member draws, and which draws fall in the run. Pinned draws keep them apart from all the rest: two
points that differ in a parameter alone have the same luck.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from khamsin.errors import InputError
from khamsin.model import Hypothesis, Model
from khamsin.plan import Plan, plan
from khamsin.plan.parameters import Parameter, parameters_at
from khamsin.priors import Fixed

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Kind = Literal["parameter", "hypothesis", "scenario", "luck"]

SCENARIO, START, CHANCE = "scenario", "starting stocks", "chance"
# Priors reach to infinity at 0 and 1; designs with corners use them.
EDGE = 0.01
# Numbers of members that luck is looked up by.
LUCK = 2**40


@dataclass(frozen=True)
class Factor:
    """One axis of the unit cube.

    Attributes
    ----------
    name : str
        A parameter, a hypothesis, "scenario", "starting stocks" or "chance".
    source : str
        What its prior rests on; of a hypothesis, its question.
    """

    name: str
    kind: Kind
    source: str = ""


@dataclass(frozen=True)
class Members:
    """Members of a design, of one scenario.

    Attributes
    ----------
    rows : ndarray of int, dims (member,)
        Their rows of the design.
    parameters : ndarray, dims (member, element)
    start, chance : ndarray of int, dims (member,)
        Numbers that the starting stocks, and the draws of the run, are pinned to.
    """

    rows: Ints
    parameters: Floats
    start: Ints
    chance: Ints


@dataclass(frozen=True)
class Space:
    """The factors of a model under some scenarios.

    Attributes
    ----------
    plans : tuple of Plan
        One a scenario; all share the model's parameters.
    factors : tuple of Factor
        The axes, in the order of the columns of a design.
    """

    plans: tuple[Plan, ...]
    factors: tuple[Factor, ...]

    @property
    def names(self) -> list[str]:
        """Names of the factors."""
        return [f.name for f in self.factors]

    @property
    def model(self) -> Model:
        """The model."""
        return self.plans[0].model

    def answers(self, design: Floats) -> dict[str, npt.NDArray[np.str_]]:
        """Return the answer of each row to each question, dims (row,)."""
        return {
            factor.name: answer_at(self.model.hypotheses[factor.name], design[:, k])
            for k, factor in enumerate(self.factors)
            if factor.kind == "hypothesis"
        }

    def scenarios(self, design: Floats) -> Ints:
        """Return the number of the scenario of each row, dims (row,)."""
        if SCENARIO not in self.names:
            return np.zeros(len(design), np.int64)
        u = design[:, self.names.index(SCENARIO)]
        return np.minimum((u * len(self.plans)).astype(np.int64), len(self.plans) - 1)

    def members(self, design: Floats, scenario: int) -> Members:
        """Return the members of one scenario that a design asks for.

        Parameters
        ----------
        design : ndarray, dims (row, factor)
            Points of the unit cube.
        scenario : int
            Position among `plans`.
        """
        rows = np.flatnonzero(self.scenarios(design) == scenario)
        own = design[rows]
        column = {name: k for k, name in enumerate(self.names)}
        middle = np.full(len(own), 0.5)

        def luck(parameter: Parameter, element: str) -> Floats:
            if parameter.name not in column:
                return middle
            return EDGE + (1.0 - 2.0 * EDGE) * own[:, column[parameter.name]]

        placed = parameters_at(self.plans[scenario].parameters, luck, self.answers(own), len(own))
        return Members(
            rows,
            placed,
            (own[:, column[START]] * LUCK).astype(np.int64),
            (own[:, column[CHANCE]] * LUCK).astype(np.int64),
        )


def space(
    model: Model,
    scenarios: Sequence[str | None] = (),
    *,
    record: Sequence[str] = (),
    trust: bool = False,
) -> Space:
    """Return the factors of a model.

    Parameters
    ----------
    scenarios : sequence of str
        Without any, the model's first; of several, the scenario is a factor too.
    record : sequence of str
        Variables to record, by month; the model's own outputs when empty.

    Raises
    ------
    InputError
        For a scenario or a variable that the model has not.
    """
    if record:
        outputs = replace(model.outputs, variables=sorted(set(record)), every="month")
        model = replace(model, outputs=outputs)
    chosen = list(dict.fromkeys(scenarios)) or [next(iter(model.scenarios), None)]
    live = {q: tuple(h.answers) for q, h in model.hypotheses.items()}
    plans = tuple(plan(model, name, live=live, trust=trust) for name in chosen)
    factors = [
        Factor(p.name, "parameter", p.source) for p in plans[0].parameters if _is_uncertain(p)
    ]
    factors += [
        Factor(q, "hypothesis", h.question)
        for q, h in model.hypotheses.items()
        if len(h.answers) > 1
    ]
    if len(plans) > 1:
        factors.append(Factor(SCENARIO, "scenario", ", ".join(p.scenario_name for p in plans)))
    factors += [Factor(START, "luck"), Factor(CHANCE, "luck")]
    return Space(plans, tuple(factors))


def _is_uncertain(parameter: Parameter) -> bool:
    return any(not isinstance(p, Fixed) for p in parameter.priors) or any(
        not isinstance(p, Fixed) for priors in parameter.answers.values() for p in priors
    )


def answer_at(hypothesis: Hypothesis, u: Floats) -> npt.NDArray[np.str_]:
    """Return the answers that points of an axis stand for, by their weights, dims (point,)."""
    names = list(hypothesis.answers)
    weight = np.array([hypothesis.answers[a].weight for a in names], dtype=np.float64)
    if weight.sum() <= 0:
        raise InputError(f"{hypothesis.question} has no answer with a weight")
    ends = np.cumsum(weight) / weight.sum()
    return np.array(names)[np.minimum(np.searchsorted(ends, u, side="right"), len(names) - 1)]


def at_middle(spaced: Space, fixed: Mapping[str, float] | None = None) -> Floats:
    """Return one row with each factor in the middle of its axis, or where `fixed` puts it."""
    return np.array([[(fixed or {}).get(name, 0.5) for name in spaced.names]])
