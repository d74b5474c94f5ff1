"""Paired effects for sign tests: what a scenario (or a parameter) changes, future by future.

    from effects import paired_effect

    def test_more_strikes_kill_more() -> None:
        found = paired_effect(
            "no-airpower", "as-it-happened", "strike_deaths", ["actor:ISL"],
            answers={"image": ("backlash", "momentum")}, until="2017-05-17",
        )
        for answer, effect in found.items():
            assert effect.above(), (answer, effect)

Members of both runs share all their luck, so that few are enough. Runs are kept for the session: a
second question about the same scenarios, dates and answers costs nothing when its variable is among
the model's `outputs`, so ask for those where you can.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from khamsin.model import Model
    from khamsin.plan import Plan

Floats = npt.NDArray[np.float64]
Measure = Literal["total", "end", "mean", "peak"]
Held = tuple[tuple[str, str], ...]
Set = tuple[tuple[str, float], ...]

MEMBERS = 32
#: a coefficient that is held at a value in all runs, like "image.backlash=0": how
#: verification/mutations.py shows that each coupling is seen by some test
MUTATION = "KHAMSIN_MUTATION"


@dataclass(frozen=True)
class Effect:
    """The mean of a paired difference with its Monte-Carlo standard error.

    Attributes
    ----------
    mean : float
        Of b - a over members, in the unit of the variable.
    error : float
        Standard error of that mean.
    differences : ndarray, dims (member,)
    """

    mean: float
    error: float
    differences: Floats

    def above(self, errors: float = 2.0) -> bool:
        """Whether the mean lies above zero by more than so many standard errors."""
        return self.mean > 0.0 and self.mean > errors * self.error

    def below(self, errors: float = 2.0) -> bool:
        """Whether the mean lies below zero by more than so many standard errors."""
        return self.mean < 0.0 and -self.mean > errors * self.error

    def __repr__(self) -> str:
        return f"{self.mean:.4g} +- {self.error:.2g} ({self.differences.size} members)"


def paired_effect(
    scenario_a: str | None,
    scenario_b: str | None,
    variable: str,
    where: Sequence[str] = (),
    answers: Mapping[str, Sequence[str]] | None = None,
    *,
    model: "str | Model" = "libya-2016",
    measure: Measure | None = None,
    since: str | None = None,
    until: str | None = None,
    members: int = MEMBERS,
    seed: int = 1,
    set_a: Mapping[str, float] | None = None,
    set_b: Mapping[str, float] | None = None,
    held: Mapping[str, str] | None = None,
) -> dict[str, Effect]:
    """What `scenario_b` changes against `scenario_a`, under each answer of a hypothesis.

    Parameters
    ----------
    scenario_a, scenario_b : str or None
        Scenarios of the model; None is no scenario. The same one twice compares `set_a` with
        `set_b`.
    variable : str
        Any variable of the model, recorded or not.
    where : sequence of str
        Ids with their kind: "place:SIRT", "country:LY", "actor:ISL", "facility:ZAWP"; several of
        one kind are added up.
    answers : mapping, optional
        One question with the answers to look at: {"image": ("backlash", "momentum")}. Each gets
        runs of its own, in which all members hold it. Every other question is held at its likeliest
        answer, or at the one named in `held`.
    model : str or Model
        An installed model, or one that a test has read.
    measure : {"total", "end", "mean", "peak"}, optional
        By default the total of a flow and the end of a stock.
    since, until : str, optional
        First and last day, "2016-05-17"; the model's origin and end when not given. Short runs are
        fast.
    members : int
    set_a, set_b : mapping, optional
        Parameters held at a value in all members of a or b: {"image.backlash": 0}. All elements of
        a parameter with dims.

    Returns
    -------
    dict
        "answer" -> Effect; {"": Effect} when no `answers` are given.
    """
    if answers is not None and len(answers) != 1:
        raise ValueError("paired_effect takes one question at a time")
    question, looked_at = next(iter((answers or {"": ("",)}).items()))
    found = {}
    for answer in looked_at:
        fixed = {**(held or {}), **({question: answer} if question else {})}
        numbers = [
            _measured(
                model if isinstance(model, str) else _Same(model),
                scenario,
                tuple(sorted(fixed.items())),
                tuple(sorted((values or {}).items())),
                since,
                until,
                members,
                seed,
                variable,
                tuple(where),
                measure,
            )
            for scenario, values in ((scenario_a, set_a), (scenario_b, set_b))
        ]
        difference = numbers[1] - numbers[0]
        spread = float(difference.std(ddof=1)) if members > 1 else float("nan")
        found[answer] = Effect(float(difference.mean()), spread / members**0.5, difference)
    return found


class _Same:
    """A model that is equal to nothing but itself, so that runs of it can be kept."""

    def __init__(self, model: "Model") -> None:
        self.model = model

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.model is self.model

    def __hash__(self) -> int:
        return id(self.model)


@cache
def _read(name: str) -> "Model":
    from khamsin.model import find, read

    return read(find(name))


def _measured(
    model: "str | _Same",
    scenario: str | None,
    held: Held,
    values: Set,
    since: str | None,
    until: str | None,
    members: int,
    seed: int,
    variable: str,
    where: tuple[str, ...],
    measure: Measure | None,
) -> Floats:
    own = _read(model) if isinstance(model, str) else model.model
    extra = () if variable in own.outputs.variables else (variable,)
    mutation = os.environ.get(MUTATION, "")
    plan, record = _run(model, scenario, held, values, since, until, members, seed, extra, mutation)
    chosen = record[variable][:, :, _cells(plan, variable, where)].sum(axis=2)
    match measure or ("total" if own.variables[variable].kind == "flow" else "end"):
        case "total":
            return np.asarray(chosen.sum(axis=1))
        case "end":
            return np.asarray(chosen[:, -1])
        case "peak":
            return np.asarray(chosen.max(axis=1))
        case "mean":
            return np.asarray(chosen.mean(axis=1))
    raise ValueError(f"{measure} is no measure")


@cache
def _run(
    model: "str | _Same",
    scenario: str | None,
    held: Held,
    values: Set,
    since: str | None,
    until: str | None,
    members: int,
    seed: int,
    extra: tuple[str, ...],
    mutation: str,
) -> "tuple[Plan, dict[str, Floats]]":
    from khamsin.engine import compile_plan
    from khamsin.plan import plan
    from khamsin.plan.hypotheses import likeliest

    own = _read(model) if isinstance(model, str) else model.model
    outputs = replace(own.outputs, variables=[*own.outputs.variables, *extra], every="month")
    own = replace(own, outputs=outputs)
    if until:
        own = replace(own, time=replace(own.time, end=date.fromisoformat(until)))
    live = {q: (likeliest(h),) for q, h in own.hypotheses.items()}
    live |= {question: (answer,) for question, answer in held}
    resolved = plan(own, scenario, since=date.fromisoformat(since) if since else None, live=live)
    engine = compile_plan(resolved, seed)
    everyone = np.arange(members)
    state, parameters, sizes = engine.start(everyone)
    for name, value in (*values, *_mutated(mutation)):
        hits = [p for p in resolved.parameters if p.name == name]
        if not hits and (name, value) in values:
            raise ValueError(f"{name} is no parameter of this model")
        for parameter in hits:
            parameters[:, parameter.offset : parameter.offset + parameter.size] = value
    record = engine.advance(state, parameters, sizes, everyone, 0, resolved.calendar.steps)
    return resolved, record


def _mutated(mutation: str) -> Set:
    if not mutation:
        return ()
    name, _, value = mutation.partition("=")
    return ((name, float(value or 0)),)


def _cells(plan: "Plan", variable: str, where: tuple[str, ...]) -> npt.NDArray[np.bool_]:
    """Which cells of the record of a variable lie where it is asked for."""
    dims = plan.slots[variable].variable.dims
    shape = plan.slots[variable].shape
    if dims == ("place", "actor"):
        index = dict(zip(dims, plan.pairs.T, strict=True))
        size = len(plan.pairs)
    else:
        index = dict(zip(dims, np.indices(shape).reshape(len(shape), -1), strict=True))
        size = plan.slots[variable].size
    wanted: dict[str, set[int]] = {}
    for text in where:
        kind, _, one = text.partition(":")
        dim, ids = ("place", plan.model.places_of(one)) if kind == "country" else (kind, [one])
        if dim not in index:
            raise ValueError(f"{variable} has dims {dims}: {text} means nothing")
        wanted.setdefault(dim, set()).update(plan.dims[dim].index(i) for i in ids)
    chosen = np.ones(size, dtype=bool)
    for dim, rows in wanted.items():
        chosen &= np.isin(index[dim], list(rows))
    if not chosen.any():
        raise ValueError(f"{variable} is recorded nowhere in {where}")
    return chosen
