"""Hindsight taken out of a model: what became known after a day is replaced by something wide.

A number is known from its own `known_on`, else from that of its source in references.bib; a
judgement without a day is nobody's later knowledge. What is later is replaced so (decision 4):

- a prior by its `widened()`: twice as wide on the scale on which it is written;
- a number without any width by a log-normal around it with a log-sd of 0.7; a share by a beta with
  that mean and the weight of four observations, 0 or 1 (no or yes) by anything between;
- a row that gives what would stand there without it (the variable's default) by nothing;
- a scenario with an intervention that was known later by nothing: it replays history;
- the weights of answers by equal ones. All hypotheses become live: which answer is the likeliest
  was learnt later too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from khamsin.errors import Fault, InputError, ModelError
from khamsin.priors import Beta, Fixed, LogNormal, Prior, SplitLogNormal, Uniform

if TYPE_CHECKING:
    from khamsin.model import Hypothesis, Model, ParameterSpec, Scenario, StartingValue, StartRow

SPREAD = 0.7  # log-sd of a number without width (section 5 of the science document)
COUNT = 4.0  # observations that a share without width is worth


@dataclass(frozen=True)
class Replacement:
    """One number that was known too late, and what stands in for it."""

    name: str
    was: str
    now: str
    known_on: date
    source: str

    def __str__(self) -> str:
        return f"{self.name}: {self.was} (known {self.known_on}, {self.source}) -> {self.now}"


def as_day(written: str | date) -> date:
    """Return the day of --known-by.

    Raises
    ------
    InputError
        When it is no day.
    """
    if isinstance(written, date):
        return written
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise InputError(f"--known-by takes a date like 2016-05-17, not {written!r}") from None


def known_by(model: "Model", day: str | date, trust: bool = False) -> "Known":
    """Take out of a model what became known after a day.

    Parameters
    ----------
    model : Model
    day : date or str
        The last day whose knowledge may be used.
    trust : bool
        Whether Python files beside the model may be run (their priors are looked at).

    Returns
    -------
    Known

    Raises
    ------
    ModelError
        When something later is left that nothing can stand in for, with file and line.
    """
    known = Known(model, as_day(day))
    known.replace_state()
    known.replace_parameters(trust)
    known.replace_hypotheses()
    known.leave_out_scenarios()
    if known.faults:
        raise ModelError(known.faults)
    return known


class Known:
    """A model as it could have been written on a day.

    Attributes
    ----------
    model : Model
    replaced : list of Replacement
        What was known too late, in the order of the model.
    left_out : dict
        Scenario -> why it is left out.
    """

    def __init__(self, model: "Model", day: date) -> None:
        self.model = model
        self.day = day
        self.replaced: list[Replacement] = []
        self.left_out: dict[str, str] = {}
        self.faults: list[Fault] = []

    def lines(self) -> list[str]:
        """Return what was replaced, as text."""
        found = [str(each) for each in self.replaced]
        return found + [f"scenario {name}: {why}" for name, why in self.left_out.items()]

    def refuse(self, scenario: str | None) -> None:
        """Refuse a scenario that was left out.

        Raises
        ------
        InputError
        """
        if scenario in self.left_out:
            raise InputError(
                f"--known-by {self.day}: the scenario {scenario} {self.left_out[scenario]}. "
                f"Without hindsight there are: {', '.join(self.model.scenarios) or 'none'}"
            )

    def replace_state(self) -> None:
        """Replace rows and priors of starting values."""
        state = self._known_state(self.model.state)
        earlier = {day: self._known_state(each) for day, each in self.model.earlier.items()}
        self.model = replace(self.model, state=state, earlier=earlier)

    def _known_state(self, given: "Mapping[str, StartingValue]") -> "dict[str, StartingValue]":
        from khamsin.model import Drawn, FromTable

        state = dict(given)
        for name, start in given.items():
            if isinstance(start, Drawn) and self._late(start.known_on, start.source):
                known_on = start.known_on or self._of_source(start.source)
                wide = self._wide(
                    f"start of {name}", start.prior, name, known_on, start.source, ("state", name)
                )
                if wide is not None:
                    state[name] = replace(start, prior=wide, known_on=self.day)
            elif isinstance(start, FromTable):
                rows = [self._row(name, start.file, row) for row in start.rows]
                state[name] = replace(start, rows=[row for row in rows if row is not None])
        return state

    def _row(self, name: str, file: str, row: "StartRow") -> "StartRow | None":
        if row.known_on <= self.day:
            return row
        variable = self.model.variables[name]
        shown = f"start of {name} {' '.join(row.index)}"
        if isinstance(row.prior, Fixed) and row.prior.value == variable.default:
            self._note(shown, row.prior, "the default, which is the same", row.known_on, row.source)
            return None
        wide = self._wide(shown, row.prior, name, row.known_on, row.source, (), (file, row.line))
        return row if wide is None else replace(row, prior=wide, known_on=self.day)

    def replace_parameters(self, trust: bool) -> None:
        """Replace priors of parameters: the model's, and those that processes bring along."""
        from khamsin.processes import find_processes

        specs = self._specs(self.model.parameters, ("parameters",), "")
        for use, process in find_processes(self.model, trust=trust)[0]:
            for argument in process.parameters:
                name = f"{use.instance}.{argument.name}"
                own = specs.get(name)
                whole = own is not None and own.default is not None
                if whole or not self._late(None, argument.source):
                    continue
                assert argument.prior is not None
                wide = self._wide(
                    name,
                    argument.prior,
                    None,
                    self._of_source(argument.source),
                    argument.source,
                    ("processes",),
                )
                if wide is not None:
                    specs[name] = _own_spec(wide, argument.unit, argument.source, own, self.day)
        self.model = replace(self.model, parameters=specs)

    def _specs(
        self, specs: "Mapping[str, ParameterSpec]", keys: tuple[str, ...], after: str
    ) -> "dict[str, ParameterSpec]":
        found = {}
        for name, spec in specs.items():
            found[name] = spec
            if not self._late(spec.known_on, spec.source):
                continue
            known_on = spec.known_on or self._of_source(spec.source)

            def wider(
                prior: Prior,
                element: str,
                name: str = name,
                source: str = spec.source,
                known_on: date = known_on,
            ) -> Prior:
                shown = f"{name} {element}".rstrip() + after
                wide = self._wide(shown, prior, None, known_on, source, (*keys, name))
                return prior if wide is None else wide

            found[name] = replace(
                spec,
                default=wider(spec.default, "") if spec.default is not None else None,
                only={element: wider(prior, element) for element, prior in spec.only.items()},
                known_on=self.day,
            )
        return found

    def replace_hypotheses(self) -> None:
        """Give all answers of a hypothesis the same weight, and make all hypotheses live."""
        found: dict[str, Hypothesis] = {}
        for question, hypothesis in self.model.hypotheses.items():
            answers = {}
            for name, answer in hypothesis.answers.items():
                keys = ("hypotheses", question, "answers", name, "parameters")
                specs = self._specs(answer.parameters, keys, f" | {question}={name}")
                weight = 1.0 / len(hypothesis.answers)
                answers[name] = replace(answer, weight=weight, parameters=specs)
            found[question] = replace(hypothesis, live=True, answers=answers)
            weights = ", ".join(f"{n} {a.weight:g}" for n, a in hypothesis.answers.items())
            self.replaced.append(
                Replacement(
                    f"weights of {question}",
                    weights,
                    f"{len(answers)} answers of equal weight, all live",
                    self.day,
                    "--known-by",
                )
            )
        self.model = replace(self.model, hypotheses=found)

    def leave_out_scenarios(self) -> None:
        """Leave out scenarios with an intervention that became known later."""
        kept: dict[str, Scenario] = {}
        for name, scenario in self.model.scenarios.items():
            late = [i for i in scenario.interventions if self._late(i.known_on, i.source)]
            if late:
                first = min(late, key=lambda i: i.known_on or self._of_source(i.source))
                self.left_out[name] = (
                    f"rests on {len(late)} interventions that became known after {self.day} "
                    f"(first {first.known_on or self._of_source(first.source)}, "
                    f"{first.file}:{first.line})"
                )
            else:
                kept[name] = scenario
        history = self.model.history
        if history is not None:  # of history, what was known by the day is known
            known = [i for i in history.interventions if not self._late(i.known_on, i.source)]
            history = replace(history, interventions=known)
        self.model = replace(self.model, scenarios=kept, history=history)

    def _of_source(self, source: str) -> date:
        """Return the day from which a source could be read; a judgement has none."""
        reference = self.model.references.get(source)
        if reference is None:
            return date.min
        if "known_on" in reference:
            return date.fromisoformat(reference["known_on"])
        year = reference.get("year", "")
        return date(int(year), 12, 31) if year.isdigit() else date.min

    def _late(self, known_on: date | None, source: str) -> bool:
        return (known_on or self._of_source(source)) > self.day

    def _note(self, name: str, was: Prior, now: str, known_on: date, source: str) -> None:
        self.replaced.append(Replacement(name, was.describe(), now, known_on, source))

    def _wide(
        self,
        name: str,
        prior: Prior,
        variable: str | None,
        known_on: date,
        source: str,
        keys: tuple[str, ...],
        place: tuple[str, int] | None = None,
    ) -> Prior | None:
        """Return what stands in for a prior; None after adding the fault."""
        bounds = self.model.variables[variable].bounds if variable else (float("-inf"),) * 2
        wide = widened(prior, share=bounds == (0.0, 1.0))
        if wide is None:
            file, line = place or self.model.line_of(*keys)
            self.faults.append(
                Fault(
                    file if place is None else str(self.model.folder / file),
                    line,
                    f"{name}: {prior.describe()} became known on {known_on}, after {self.day}, "
                    "and nothing wide can stand in for it: give it a prior",
                )
            )
            return None
        self._note(name, prior, wide.describe(), known_on, source)
        return wide


def widened(prior: Prior, share: bool = False) -> Prior | None:
    """Return the wide prior that stands in for one that could not be known yet.

    `Prior.widened`, and where a prior has no width: a log-normal (a beta for a `share`) around its
    value; a share of 0 or 1 (yes or no) becomes anything between. None for 0 and numbers below 0,
    around which no log-normal lies.
    """
    alone = None
    if isinstance(prior, Fixed):
        alone = prior.value
    elif isinstance(prior, SplitLogNormal) and prior.low == prior.high:
        alone = prior.best
    if alone is None:
        assert not isinstance(prior, Fixed)
        return prior.widened()
    if share:
        inside = 0.0 < alone < 1.0
        return Beta(COUNT * alone, COUNT * (1.0 - alone)) if inside else Uniform(0.0, 1.0)
    return LogNormal(alone, SPREAD) if alone > 0.0 else None


def _own_spec(
    prior: Prior, unit: str, source: str, below: "ParameterSpec | None", day: date
) -> "ParameterSpec":
    """Return the spec that replaces the prior of a process's signature."""
    from khamsin.model import ParameterSpec
    from khamsin.units import factor

    if below is None:
        return ParameterSpec(prior, {}, unit, source, day, 1)
    # single elements keep their own priors, in their own unit
    scale = factor(unit, below.unit) if below.unit else 1.0
    return replace(below, default=prior if scale == 1.0 else prior.scaled(scale))
