"""What `khamsin check` and `khamsin show --step` print: the resolved plan, and the step that really
runs."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from khamsin import adapters
from khamsin.model import Constant, Drawn, FromTable
from khamsin.plan import Plan
from khamsin.plan.parameters import Parameter
from khamsin.priors import Prior

UNSOURCED = "no source given"  # counts as judgement
FEW = 3  # elements with a prior of their own, which are named
MARK = {"in": "r", "out": "W", "inout": "rw"}


@dataclass(frozen=True)
class Number:
    """One number of the model, with where it comes from."""

    name: str
    value: str
    unit: str
    source: str
    known_on: str

    @property
    def judged(self) -> bool:
        """Whether it rests on nobody's data."""
        return is_judgement(self.source)


def is_judgement(source: str) -> bool:
    """Say whether a source is a judgement; `memory` and an allocation of ours count as one."""
    first = source.strip().lower()
    return first.startswith(("judgement", "memory", "allocation", "assumption", UNSOURCED))


def numbers_of(plan: Plan) -> list[Number]:
    """List every number that a run of the plan rests on."""
    found = []
    for parameter in plan.parameters:
        found.append(
            Number(
                parameter.name,
                _described(parameter, parameter.priors),
                parameter.unit,
                parameter.source,
                str(parameter.known_on or ""),
            )
        )
        for (question, answer), priors in parameter.answers.items():
            given = plan.model.hypotheses[question].answers[answer]
            found.append(
                Number(
                    f"{parameter.name} | {question}={answer}",
                    _described(parameter, priors),
                    parameter.unit,
                    given.source,
                    "",
                )
            )
    for question, hypothesis in plan.model.hypotheses.items():
        for answer, held in hypothesis.answers.items():
            found.append(
                Number(f"weight of {question}={answer}", f"{held.weight:g}", "1", held.source, "")
            )
    for name, start in plan.model.state.items():
        unit, default = plan.model.variables[name].unit, plan.model.variables[name].default
        if isinstance(start, Constant):
            if start.value not in (0.0, default):  # else it says that there is nothing yet
                found.append(Number(f"start of {name}", f"{start.value:g}", unit, UNSOURCED, ""))
        elif isinstance(start, Drawn):
            found.append(Number(f"start of {name}", start.prior.describe(), unit, start.source, ""))
        elif isinstance(start, FromTable):
            for row in start.rows:
                found.append(
                    Number(
                        f"start of {name} {' '.join(row.index)}",
                        row.prior.describe(),
                        unit,
                        row.source,
                        str(row.known_on or ""),
                    )
                )
    found += _roads(plan) + _reporting(plan)
    for intervention in plan.scenario.interventions if plan.scenario else ():
        where = " ".join(x for ids in intervention.where.values() for x in ids)
        found.append(
            Number(
                " ".join(
                    [f"{plan.scenario_name}:", intervention.action, intervention.change, where]
                ).rstrip(),
                intervention.value.describe(),
                intervention.unit or "",
                intervention.source,
                str(intervention.known_on or ""),
            )
        )
    return found


def _idle(plan: Plan) -> list[str]:
    """Name the processes that change something over a dim of which the model has nothing."""
    found = []
    for instance in plan.instances:
        changed = [instance.variable(a) for a in instance.process.variables if a.intent != "in"]
        dims = [d for name in changed for d in plan.model.variables[name].dims]
        found += [
            f"     {instance.name} does nothing to any {dim}: no table of the model has one"
            for dim in dict.fromkeys(dims)
            if not plan.dims.get(dim)
        ]
    return found


def _described(parameter: Parameter, priors: Sequence[Prior]) -> str:
    """The prior of most elements, and those of the few that have another one."""
    texts = [p.describe() for p in priors]
    if not texts:
        return f"no {parameter.dims[0]} in this model"
    usual, count = Counter(texts).most_common(1)[0]
    if len(texts) - count > FEW:
        return f"{len(set(texts))} priors over {parameter.dims[0]}"
    others = [f"{e} {t}" for e, t in zip(parameter.elements, texts, strict=True) if t != usual]
    return "; ".join([usual, *others])


def _roads(plan: Plan) -> list[Number]:
    """The lengths of routes, with the sources of their rows."""
    columns, ids = plan.model.routes.columns, plan.model.routes.ids
    sources = columns.get("source") or [UNSOURCED] * len(ids)
    known = columns.get("known_on") or [""] * len(ids)
    return [
        Number(f"length of {route}", km, "km", source or UNSOURCED, day)
        for route, km, source, day in zip(ids, columns["km"], sources, known, strict=True)
    ]


def _reporting(plan: Plan) -> list[Number]:
    """The numbers that say how truth becomes record; the source of a record is not theirs."""
    return [
        Number(f"reporting of {name}: {each}", prior.describe(), "", UNSOURCED, "")
        for name, one in plan.model.observations.items()
        if one.reporting
        for each, prior in one.reporting.parameters.items()
    ]


def share_of_judgement(numbers: list[Number]) -> float:
    """Return the share of numbers that rest on nobody's data."""
    return sum(n.judged for n in numbers) / max(len(numbers), 1)


def intents_table(plan: Plan) -> str:
    """Return the table process x variable: r read, W set from zero, rw changed in place."""
    names = list(dict.fromkeys(i.variable(a) for i in plan.instances for a in i.process.variables))
    width = max((len(n) for n in names), default=8)
    heads = [f"{k + 1:>3}" for k in range(len(plan.instances))]
    lines = [" " * width + " " + "".join(heads)]
    for name in names:
        cells = []
        for instance in plan.instances:
            marks = [
                MARK[a.intent] for a in instance.process.variables if instance.variable(a) == name
            ]
            cells.append(f"{(marks[0] if marks else '.'):>3}")
        lines.append(f"{name:{width}} " + "".join(cells))
    return "\n".join(lines)


def describe_plan(plan: Plan) -> str:
    """Return the resolved plan as text."""
    model, days = plan.model, plan.calendar
    lines = [
        f"{model.title}",
        f"{len(plan.dims['place'])} places, {len(plan.dims['route'])} routes, "
        f"{len(plan.dims['actor'])} actors; "
        f"{days.first} to {model.time.end} in {days.steps} steps of {model.time.step_days:g} days",
        _scenarios(plan),
        "",
        "Order of the step:",
        *(f"{k + 1:3}. {i.name:20} {i.process.summary}" for k, i in enumerate(plan.instances)),
        *_idle(plan),
        "",
        "Which process reads (r), sets (W) or changes (rw) what:",
        intents_table(plan),
        "",
        "Hypotheses (answers that members hold in turn are starred):",
    ]
    for question, hypothesis in model.hypotheses.items():
        live = plan.live[question]
        answers = ", ".join(
            f"{a}{'*' if a in live and len(live) > 1 else ''} {h.weight:g}"
            for a, h in hypothesis.answers.items()
        )
        lines.append(f"  {question}: {answers}")
    numbers = numbers_of(plan)
    wide = min(max((len(n.name) for n in numbers), default=8), 48)
    lines += ["", "Every number with its source:"]
    lines += [
        f"  {n.name:{wide}}  {n.value}"
        + (f" {n.unit}" if n.unit not in ("", "1") else "")
        + f"  [{n.source}]"
        + (f" known {n.known_on}" if n.known_on else "")
        for n in numbers
    ]
    judged = share_of_judgement(numbers)
    lines += ["", f"numbers: {len(numbers)}", f"share_of_judgement: {judged:.2f}"]
    return "\n".join(lines)


def plan_as_json(plan: Plan) -> dict[str, Any]:
    """Return the resolved plan as plain data."""
    numbers = numbers_of(plan)
    return {
        "model": plan.model.resolved(),
        "plan_hash": plan.plan_hash,
        "scenario": plan.scenario_name,
        "step": [
            {
                "name": i.name,
                "process": i.process.name,
                "variables": {i.variable(a): a.intent for a in i.process.variables},
            }
            for i in plan.instances
        ],
        "numbers": [
            {
                "name": n.name,
                "value": n.value,
                "unit": n.unit,
                "source": n.source,
                "known_on": n.known_on,
            }
            for n in numbers
        ],
        "share_of_judgement": share_of_judgement(numbers),
    }


def describe_step(plan: Plan) -> str:
    """Return the order of the step and the text of the adapters: the thing that runs."""
    parts = [
        "# The step: the driver (khamsin/driver.py) calls these in this order, for each member."
    ]
    seen = set()
    for k, instance in enumerate(plan.instances):
        parts.append(
            f"# {k + 1}. {instance.name}"
            + (f" ({instance.process.name})" if instance.name != instance.process.name else "")
        )
        text = adapters.source(instance.process, plan.by_place(instance))
        if text not in seen:
            seen.add(text)
            parts.append(text)
    return "\n".join(parts)


def _scenarios(plan: Plan) -> str:
    """Name the scenario that was resolved, the others, and which of them a run takes."""
    names = list(plan.model.scenarios)
    taken = [f"{n} (runs when none is named)" if n == names[0] else n for n in names]
    others = ", ".join(t for n, t in zip(names, taken, strict=True) if n != plan.scenario_name)
    if plan.scenario is None:
        return f"scenarios: {others}" if others else "scenarios: none"
    count = len(plan.scenario.interventions)
    several = "" if count == 1 else "s"
    return (
        f"scenario: {plan.scenario_name} ({count} intervention{several}); "
        f"others: {others or 'none'}"
    )
