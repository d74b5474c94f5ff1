"""What a filter leaves: weighted members on a day, and the branch that goes on from them."""

import hashlib
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from khamsin.calibration.conditioning import conditioned, released
from khamsin.calibration.resampling import systematic
from khamsin.calibration.saved import SavedStates, save_block
from khamsin.model import Model
from khamsin.plan import Plan
from khamsin.plan.branch import Branch

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Assimilated:
    """One time at which the record was taken in.

    Attributes
    ----------
    day : date
        By which the rows were complete.
    rows : list of (series, row's label)
    effective : float
        Effective number of members after weighing, before any resampling.
    log_evidence : float
        What these rows add to the logarithm of the evidence.
    families : int
        First ancestors that still have descendants.
    powers : dict
        Series -> the power with which its likelihood was taken in; below 1 it was discounted.
    """

    day: date
    rows: list[tuple[str, str]]
    effective: float
    log_evidence: float
    families: int
    powers: dict[str, float] = field(default_factory=dict)

    @property
    def power(self) -> float:
        """The least power with which a series was taken in."""
        return min(self.powers.values(), default=1.0)


@dataclass(frozen=True)
class Filtered:
    """Members on a day, weighted by the record up to it.

    Attributes
    ----------
    plan : Plan
        Of the time up to the day.
    model : Model
        With the tables of the origin.
    day : date
    states : SavedStates
    parameters : ndarray, dims (member, element)
    reporting : dict
        Series -> parameter of its reporting model -> ndarray, dims (member,).
    weights : ndarray, dims (member,)
    roots : ndarray of int, dims (member,)
        First ancestor of each member.
    answers : dict
        Hypothesis -> the answer of each member, dims (member,).
    first : ndarray, dims (member,)
        Weights at the start.
    log_evidence : float
    steps : list of Assimilated
    """

    plan: Plan
    model: Model
    seed: int
    day: date
    states: SavedStates
    parameters: Floats
    reporting: dict[str, dict[str, Floats]]
    weights: Floats
    roots: Ints
    answers: dict[str, npt.NDArray[np.str_]]
    first: Floats
    log_evidence: float
    steps: list[Assimilated]

    def chosen(self, members: int) -> Ints:
        """Return the numbers of equally weighted members, rising, dims (member,)."""
        u = np.random.default_rng([self.seed, 20160517]).random()
        return systematic(self.weights, members, u)

    def reporting_of(self, members: int) -> dict[str, dict[str, Floats]]:
        """Return the reporting parameters of the members of a branch, by series."""
        which = self.chosen(members)
        return {
            series: {name: values[which] for name, values in own.items()}
            for series, own in self.reporting.items()
        }

    def branch(self, members: int) -> Branch:
        """Return equally weighted members to go on from, in any scenario with the same luck.

        What history clamped is let go; on the origin the tables of that day are taken in.
        """
        chosen = self.chosen(members)
        taken = ",".join(f"{s.day}:{s.rows}" for s in self.steps)
        text = f"{self.plan.plan_hash} {self.seed} {self.weights.size} {members} {taken}"
        days = float((self.day - self.plan.calendar.first).days)
        states = self.states.taken(chosen)
        if self.plan.changes.touched.size:
            states = released(self.plan, states, days)
        if self.model.earlier and self.day == self.model.time.origin:
            states = conditioned(self.plan, self.model, states, self.seed, np.arange(members))
        kept = save_block(states, self.states.template)
        saved = SavedStates(self.states.template, [kept], members)
        digest = hashlib.sha256(text.encode())
        digest.update(np.ascontiguousarray(self.parameters[chosen]).tobytes())
        return Branch(
            digest.hexdigest(),
            {question: answers[chosen] for question, answers in self.answers.items()},
            self.parameters[chosen],
            saved.taken,
        )
