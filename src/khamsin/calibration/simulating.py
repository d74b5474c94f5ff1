"""The engine as a simulator for calibration: particles in, likelihood of the record out."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from khamsin.calibration.readings import Reading, reading
from khamsin.calibration.tempering import Particles
from khamsin.engine import Engine, compile_plan
from khamsin.errors import InputError, nearest
from khamsin.hindcast.observed import Observed
from khamsin.hindcast.records import log_likelihood, reporting_parameters
from khamsin.plan import Plan
from khamsin.plan.parameters import Parameter, draw_parameters
from khamsin.priors import Fixed

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BLOCK = 200
PIECES = 8  # of time; more mix better and cost more, because each is a call of the driver


@dataclass(frozen=True)
class Unknown:
    """One number to be learnt: an element of a parameter."""

    parameter: Parameter
    element: int

    @property
    def name(self) -> str:
        """combat.skill[ISL], or combat.kill_rate."""
        p = self.parameter
        return f"{p.name}[{p.elements[self.element]}]" if p.dims else p.name


@dataclass(frozen=True)
class Simulator:
    """A plan, the series it is held against, and what is to be learnt.

    Attributes
    ----------
    unknowns : list of Unknown
        All other parameters are drawn from their priors, anew with each luck.
    questions : list of str
        Live hypotheses, in the order of the particles' answers.
    """

    engine: Engine
    readings: dict[str, Reading]
    unknowns: list[Unknown]
    questions: list[str]
    threads: int

    @property
    def plan(self) -> Plan:
        """The plan that is run."""
        return self.engine.plan

    @property
    def weights(self) -> list[Floats]:
        """Prior probabilities of the answers to each question."""
        hypotheses, found = self.plan.model.hypotheses, []
        for question in self.questions:
            given = [hypotheses[question].answers[a].weight for a in self.plan.live[question]]
            found.append(np.array(given) / np.sum(given))
        return found

    @property
    def rows(self) -> list[tuple[str, str]]:
        """(series, label) of each row of the truth."""
        return [(n, r.observed.labels[k]) for n, r in self.readings.items() for k in _rows(r)]

    def held(self, answers: Ints) -> dict[str, npt.NDArray[np.str_]]:
        """Return the answers of particles by name, to all questions of the model."""
        count = answers.shape[0]
        found = {q: np.full(count, a[0]) for q, a in self.plan.live.items()}
        for k, question in enumerate(self.questions):
            found[question] = np.array(self.plan.live[question])[answers[:, k]]
        return found

    def values(self, particles: Particles) -> Floats:
        """Return the unknowns of particles, dims (particle, unknown)."""
        from scipy.special import ndtr

        held = self.held(particles.answers)
        uniform = np.clip(ndtr(particles.scores), 1e-12, 1 - 1e-12)
        found = np.empty_like(uniform)
        for k, unknown in enumerate(self.unknowns):
            p, e = unknown.parameter, unknown.element
            values = p.priors[e].quantile(uniform[:, k])
            for (question, answer), priors in p.answers.items():
                if question in held:
                    there = held[question] == answer
                    values = np.where(there, priors[e].quantile(uniform[:, k]), values)
            found[:, k] = values
        return found

    def __call__(self, particles: Particles) -> tuple[Floats, Floats]:
        """Run the particles; return log-likelihood (particle,) and truth (particle, row)."""
        count = particles.luck.shape[0]
        starts = range(0, count, BLOCK)
        with ThreadPoolExecutor(self.threads) as pool:
            done = list(pool.map(lambda k: self._block(particles, slice(k, k + BLOCK)), starts))
        return np.concatenate([d[0] for d in done]), np.concatenate([d[1] for d in done])

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """First step, and step after the last, of each piece of time that has luck of its own."""
        steps = self.plan.calendar.steps
        edges = np.linspace(0, steps, min(steps, PIECES) + 1).round().astype(int).tolist()
        return list(pairwise(edges))

    @property
    def pieces(self) -> int:
        """Pieces of luck: one for what is drawn before the first step, then one a span."""
        return 1 + len(self.spans)

    def _block(self, everyone: Particles, part: slice) -> tuple[Floats, Floats]:
        own = Particles(everyone.scores[part], everyone.answers[part], everyone.luck[part])
        plan, seed, luck = self.plan, self.engine.seed, own.luck[:, 0]
        parameters = draw_parameters(plan.parameters, seed, luck, self.held(own.answers))
        values = self.values(own)
        for k, unknown in enumerate(self.unknowns):
            parameters[:, unknown.parameter.offset + unknown.element] = values[:, k]
        state = plan.start(seed, luck)
        drawn, record = plan.draw_values(seed, luck), self.engine.empty_record(luck.size)
        for piece, (first, last) in enumerate(self.spans, start=1):
            numbers = np.ascontiguousarray(own.luck[:, piece])
            records = self.engine.advance(state, parameters, drawn, numbers, first, last, record)
        total, truths = np.zeros(luck.size), []
        for each in self.readings.values():
            truth = each.truth(each.totals(records))
            rows = _rows(each)
            reported = reporting_parameters(each.observed, seed, luck)
            total += log_likelihood(each.observed, truth, reported, rows)
            truths.append(truth[:, rows])
        return total, np.concatenate(truths, axis=1)


def _learnable(plan: Plan) -> list[str]:
    return [p.name for p in plan.parameters if any(_has_width(p, e) for e in range(p.size))]


def simulator(
    plan: Plan,
    observed: Mapping[str, Observed],
    *,
    only: Sequence[str] = (),
    seed: int = 1,
    threads: int | None = None,
) -> Simulator:
    """Make a simulator of a plan.

    Parameters
    ----------
    only : sequence of str
        Names or patterns (`combat.*`) of the parameters to learn; all with a width when empty.

    Raises
    ------
    InputError
        When a pattern fits no parameter that has a width.
    """
    unknowns = [
        Unknown(p, e)
        for p in plan.parameters
        for e in range(p.size)
        if _has_width(p, e) and (not only or any(fnmatchcase(p.name, o) for o in only))
    ]
    for pattern in only:
        if not any(fnmatchcase(u.parameter.name, pattern) for u in unknowns):
            if any(fnmatchcase(p.name, pattern) for p in plan.parameters):
                raise InputError(
                    f"--only {pattern}: its prior is a fixed number, so there is nothing to learn. "
                    "What the answers of a hypothesis set is learnt without being named"
                )
            hint = nearest(pattern, _learnable(plan))
            raise InputError(
                f"--only {pattern}: no parameter with a width is called so"
                + (f". Did you mean {hint}?" if hint else "")
            )
    readings = {name: reading(plan, one) for name, one in observed.items()}
    readings = {name: r for name, r in readings.items() if _rows(r).size}
    if not readings:
        raise InputError("there is no recorded value to fit on within the run")
    questions = [q for q, answers in plan.live.items() if len(answers) > 1]
    engine = compile_plan(plan, seed)
    return Simulator(engine, readings, unknowns, questions, threads or os.cpu_count() or 1)


def _rows(each: Reading) -> Ints:
    return np.flatnonzero(each.last >= 0)


def _has_width(parameter: Parameter, element: int) -> bool:
    every = [parameter.priors[element], *(p[element] for p in parameter.answers.values())]
    return any(not isinstance(prior, Fixed) for prior in every)
