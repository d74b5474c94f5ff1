"""Put a plan together: find every fault of model, processes and scenario before anything runs."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt

from khamsin import adapters
from khamsin.errors import Fault, InputError, ModelError, nearest
from khamsin.model import Model, Scenario
from khamsin.plan.branch import Branch
from khamsin.plan.calendar import Calendar, calendar
from khamsin.plan.changes import Changes, changes_of, draw_values
from khamsin.plan.hypotheses import answers_of, likeliest, weights_of
from khamsin.plan.layout import Instance, Slot, dims_of, order_faults, signature_faults, slots_of
from khamsin.plan.occupied import occupied_pairs
from khamsin.plan.parameters import Parameter, draw_parameters, parameters_of
from khamsin.plan.starts import starting_state
from khamsin.processes import find_processes

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Plan:
    """Everything that a run needs, explicit: what happens in what order, to which numbers, and what
    is recorded.

    Attributes
    ----------
    instances : tuple of Instance
        The processes in the order of the step.
    slots : dict
        Variable -> its place in a member's buffer of `size` numbers.
    parameters : tuple of Parameter
    changes : Changes
        The interventions of the scenario.
    live : dict
        Hypothesis -> the answers that members hold, in turn.
    pairs : ndarray, dims (pair, [place, actor])
        The pairs that anyone could ever occupy; others are not recorded.
    without : tuple of str
        Parts of the model that are switched off: their instances are skipped in each step.
    unreplayed : bool
        Whether it begins before the origin without the model's history.
    branch : Branch or None
        The saved members that this plan goes on from, equally weighted; None: members begin anew.
    """

    model: Model
    scenario: Scenario | None
    dims: dict[str, list[str]]
    instances: tuple[Instance, ...]
    slots: dict[str, Slot]
    size: int
    parameters: tuple[Parameter, ...]
    calendar: Calendar
    changes: Changes
    live: dict[str, tuple[str, ...]]
    pairs: Ints
    without: tuple[str, ...] = ()
    unreplayed: bool = False
    branch: Branch | None = None

    @property
    def off(self) -> frozenset[str]:
        """Instances that are skipped, because a part that they make is switched off."""
        return frozenset(i for part in self.without for i in self.model.parts[part].processes)

    @property
    def scenario_name(self) -> str:
        """Name of the scenario; "base" when there is none."""
        return self.scenario.name if self.scenario else "base"

    def answers(self, seed: int, members: Ints) -> dict[str, npt.NDArray[np.str_]]:
        """Return the answer of each member to each hypothesis, dims (member,)."""
        if self.branch:
            return {q: answers[members] for q, answers in self.branch.answers.items()}
        return answers_of(self.model.hypotheses, self.live, seed, members)

    def weights(self, seed: int, members: int) -> Floats:
        """Return the weight of each of `members` members, dims (member,), adding up to one."""
        everyone = np.arange(members)
        if not self.model.hypotheses or self.branch:
            return np.full(members, 1.0 / members)
        return weights_of(self.model.hypotheses, self.answers(seed, everyone))

    def draw_parameters(self, seed: int, members: Ints) -> Floats:
        """Draw the parameters of these members, dims (member, element)."""
        if self.branch:
            return self.branch.parameters[members]
        return draw_parameters(self.parameters, seed, members, self.answers(seed, members))

    def draw_values(self, seed: int, members: Ints) -> Floats:
        """Draw the uncertain sizes of the interventions, dims (member, value)."""
        return draw_values(self.changes, seed, members)

    def start(self, seed: int, members: Ints) -> Floats:
        """Draw the starting state of these members, dims (member, cell)."""
        if self.branch:
            return self.branch.states(members)
        return starting_state(
            self.model, self.slots, self.dims, self.size, seed, members, self.calendar.first
        )

    def by_place(self, instance: Instance) -> frozenset[str]:
        """Return the arguments of which a process of one place sees only its own place's part."""
        if instance.process.each != "place":
            return frozenset()
        return frozenset(
            a.name
            for a in instance.process.variables
            if self.model.variables[instance.variable(a)].dims[:1] == ("place",)
        )

    @cached_property
    def at(self) -> Ints:
        """The adapters' table of offsets and sizes, dims (process, number)."""
        width = max((adapters.at_width(i.process) for i in self.instances), default=1)
        at = np.zeros((len(self.instances), width), np.int64)
        named = {p.name: p for p in self.parameters}
        for row, instance in zip(at, self.instances, strict=True):
            row[0] = len(self.dims["place"])
            for argument, position in adapters.layout_of(instance.process):
                if argument.intent == "parameter":
                    row[position] = named[f"{instance.name}.{argument.name}"].offset
                else:
                    row[position] = self.slots[instance.variable(argument)].offset
                row[position + 1 : position + 1 + len(argument.dims)] = [
                    len(self.dims[d]) for d in argument.dims
                ]
        return at

    @cached_property
    def zeroed(self) -> Ints:
        """The cells that start each step from zero, in runs: dims (run, [first cell, cells])."""
        names = {
            i.variable(a): None
            for i in self.instances
            for a in i.process.variables
            if a.intent == "out"
            or (a.intent == "inout" and self.slots[i.variable(a)].variable.kind == "flow")
        }
        slots = [self.slots[n] for n in names]
        cells = [np.arange(slot.offset, slot.offset + slot.size) for slot in slots]
        return _runs(np.concatenate([np.zeros(0, np.int64), *cells])[:, None])

    @cached_property
    def recorded(self) -> dict[str, Ints]:
        """Variable -> the cells of the buffer that are recorded, in their order on disk."""
        cells = {}
        for name in self.model.outputs.variables:
            slot = self.slots[name]
            grid = slot.offset + np.arange(slot.size).reshape(slot.shape)
            cells[name] = (
                grid[tuple(self.pairs.T)]
                if slot.variable.dims == ("place", "actor")
                else grid.ravel()
            )
        return cells

    @cached_property
    def record_runs(self) -> tuple[Ints, Ints]:
        """Recorded flows, and recorded stocks, in runs of cells that lie side by side both here and
        there: dims (run, [first cell of the state, first cell of the record, cells])."""
        found: dict[bool, list[Ints]] = {True: [], False: []}
        first = 0
        for name, cells in self.recorded.items():
            there = first + np.arange(cells.size)
            found[self.slots[name].variable.kind == "flow"].append(np.column_stack([cells, there]))
            first += cells.size
        none = np.zeros((0, 2), np.int64)
        flows, stocks = np.concatenate([none, *found[True]]), np.concatenate([none, *found[False]])
        return _runs(flows), _runs(stocks)

    @cached_property
    def source_hash(self) -> str:
        """Hash of the sources of all processes and of the engine that runs them."""
        from pathlib import Path

        digest = hashlib.sha256()
        for instance in self.instances:
            digest.update(f"{instance.name}={adapters.content_hash(instance.process)}".encode())
        package = Path(__file__).parent.parent
        files = [package / "driver.py", package / "engine.py"]
        for folder in ("plan", "priors"):
            files += sorted((package / folder).glob("*.py"))
        for file in files:
            digest.update(file.read_bytes())
        return digest.hexdigest()

    @cached_property
    def model_hash(self) -> str:
        """Hash of everything but the scenario: model, sources, window of time, live answers."""
        text = json.dumps(
            [
                self.model.content_hash(),
                self.source_hash,
                str(self.calendar.first),
                sorted(self.live.items()),
                *([self.branch.hash] if self.branch else []),
                sorted(self.off),
                *(["without history"] if self.unreplayed else []),
            ]
        )
        return hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def plan_hash(self) -> str:
        """Hash of the plan: `model_hash` and the scenario."""
        return hashlib.sha256(f"{self.model_hash} {self.scenario_name}".encode()).hexdigest()


def plan(
    model: Model,
    scenario: str | None = None,
    *,
    since: date | None = None,
    live: Mapping[str, tuple[str, ...]] | None = None,
    without: Sequence[str] = (),
    replay: bool = True,
    trust: bool = False,
) -> Plan:
    """Resolve a model and one of its scenarios into a plan.

    Parameters
    ----------
    model : Model
    scenario : str, optional
        Name of a scenario of the model; without one nothing intervenes.
    since : date, optional
        First day of the run; the model's origin when not given.
    live : mapping, optional
        Hypothesis -> answers that members hold in turn. Others follow the model: all answers of a
        live hypothesis, else its likeliest.
    without : sequence of str
        Parts of the model that are switched off.
    replay : bool
        Whether a run that begins before the origin replays the model's history up to it.
    trust : bool
        Whether Python files beside the model may be run.

    Raises
    ------
    ModelError
        With all faults at once.
    InputError
        When the scenario, a hypothesis, an answer or a part is unknown.
    """
    _refuse_unknown_parts(model, without)
    if scenario is not None and scenario not in model.scenarios:
        hint = nearest(scenario, model.scenarios)
        raise InputError(
            f"{model.name} has no scenario {scenario!r}."
            + (
                f" Did you mean {hint}?"
                if hint
                else f" It has: {', '.join(model.scenarios) or 'none'}."
            )
        )
    first = since or model.time.origin
    if not model.time.start <= first <= model.time.end:
        raise InputError(
            f"a run from {first} lies outside the model's time, "
            f"{model.time.start} to {model.time.end}"
        )
    model = model.as_of(first)
    history = model.history if replay and first < model.time.origin else None
    found, faults = find_processes(model, trust=trust)
    instances = tuple(
        Instance(use.instance, process, dict(use.bind), use.line) for use, process in found
    )
    faults += _binding_faults(model, instances)
    faults += signature_faults(model, instances) + order_faults(model, instances)
    dims = dims_of(model)
    parameters, more = parameters_of(model, instances, dims)
    faults += more
    slots, size = slots_of(model, instances, dims)
    days = calendar(first, model.time.end, model.time.step_days, model.outputs.every)
    changes, more = changes_of(model, None, slots, dims, parameters, days, history)
    faults += more
    if history is None and model.history:
        faults += changes_of(model, None, slots, dims, parameters, days, model.history)[1]
    for name, each in model.scenarios.items():
        past = history if name == scenario else None  # faults of history are found above
        resolved, more = changes_of(model, each, slots, dims, parameters, days, past)
        faults += more
        changes = resolved if name == scenario else changes
    for variant in model.claims.variants.values():
        faults += changes_of(model, variant.own, slots, dims, parameters, days)[1]
    if faults:
        raise ModelError(list(dict.fromkeys(faults)))
    return Plan(
        model,
        model.scenarios.get(scenario) if scenario else None,
        dims,
        instances,
        slots,
        size,
        tuple(parameters),
        days,
        changes,
        _live_answers(model, live or {}),
        occupied_pairs(model, dims),
        tuple(dict.fromkeys(without)),
        unreplayed=first < model.time.origin and not replay and model.history is not None,
    )


def _runs(cells: Ints) -> Ints:
    """Put together rows that count up by one in each column: dims (run, [*first row, rows])."""
    if not len(cells):
        return np.zeros((0, cells.shape[1] + 1), np.int64)
    breaks = (np.diff(cells, axis=0) != 1).any(axis=1)
    first = np.concatenate([[0], np.nonzero(breaks)[0] + 1])
    return np.column_stack([cells[first], np.diff(np.append(first, len(cells)))])


def _refuse_unknown_parts(model: Model, without: Sequence[str]) -> None:
    for name in without:
        if name not in model.parts:
            hint = nearest(name, model.parts)
            has = f" It has: {', '.join(model.parts)}." if model.parts else " It declares no parts."
            raise InputError(
                f"{model.name} has no part {name!r}." + (f" Did you mean {hint}?" if hint else has)
            )


def _binding_faults(model: Model, instances: tuple[Instance, ...]) -> list[Fault]:
    file = str(model.folder / "model.yaml")
    faults = []
    for instance in instances:
        names = {a.name for a in instance.process.variables}
        for argument in instance.bind:
            if argument not in names:
                faults.append(
                    Fault(
                        file,
                        instance.line,
                        f"{instance.name}: {instance.process.name} has no variable "
                        f"argument {argument!r} to bind",
                        nearest(argument, names),
                    )
                )
    return faults


def _live_answers(
    model: Model, chosen: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    for question, answers in chosen.items():
        if question not in model.hypotheses:
            hint = nearest(question, model.hypotheses)
            raise InputError(
                f"{model.name} has no hypothesis {question!r}."
                + (
                    f" Did you mean {hint}?"
                    if hint
                    else f" It asks: {', '.join(model.hypotheses) or 'nothing'}."
                )
            )
        known = model.hypotheses[question].answers
        for answer in answers:
            if answer not in known:
                hint = nearest(answer, known)
                raise InputError(
                    f"{question} has no answer {answer!r}."
                    + (f" Did you mean {hint}?" if hint else f" It has: {', '.join(known)}.")
                )
    live = {}
    for question, hypothesis in model.hypotheses.items():
        everyone = tuple(hypothesis.answers) if hypothesis.live else (likeliest(hypothesis),)
        live[question] = tuple(chosen.get(question, everyone))
    return live
