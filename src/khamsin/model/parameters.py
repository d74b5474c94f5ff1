"""Processes, their parameters, and the hypotheses whose answers set parameters."""

import re
from collections.abc import Mapping
from datetime import date

from khamsin.errors import nearest
from khamsin.model.amounts import Amount, Belief, given_kinds
from khamsin.model.context import Context, Key
from khamsin.model.disk import find_inside
from khamsin.model.parts import Answer, Hypothesis, ParameterSpec, ProcessUse
from khamsin.model.schema import ID, HypothesisEntry, ParameterMapping
from khamsin.priors import Prior
from khamsin.units import UnitError, factor

_FILE = re.compile(rf"(?:\./)?([^:]+\.py):({ID})")


def read_processes(context: Context, trust: bool) -> list[ProcessUse]:
    """Read the processes in their order; files beside the model only with `trust`."""
    found: list[ProcessUse] = []
    names: dict[str, int] = {}
    for i, entry in enumerate(context.entry.processes):
        keys: tuple[Key, ...] = ("processes", i)
        line = context.document.line(*keys) or 1
        bind: dict[str, str] = {}
        instance = None
        text = entry if isinstance(entry, str) else ""
        if isinstance(entry, dict):
            ((instance, use),) = entry.items()
            text, bind = use.process, use.bind
            keys = (*keys, instance)
        name, file = _name_and_file(context, text, keys, trust)
        for argument, variable in bind.items():
            if variable not in {*context.variables, *context.excused}:
                context.fault(
                    (*keys, "bind", argument),
                    f"processes: {argument} is bound to {variable}, which is no variable",
                    nearest(variable, context.variables),
                )
        instance = name if instance is None else instance
        if not re.fullmatch(ID, instance):
            what = f"processes: {instance}: a name may hold only letters, digits and _"
            context.fault(keys, what)
        elif instance in names:
            context.fault(
                keys,
                f"processes: {instance} is here twice (first in line {names[instance]}): "
                f"give the second a name of its own, like `- second: {{process: {name}}}`",
            )
        names.setdefault(instance, line)
        found.append(ProcessUse(instance, name, bind, file, line))
    return found


def _name_and_file(
    context: Context, text: str, keys: tuple[Key, ...], trust: bool
) -> tuple[str, str | None]:
    """Return the process that a text names, and the file beside the model that holds it."""
    if ".py" not in text and "/" not in text and ":" not in text:
        return text, None
    named = _FILE.fullmatch(text)
    if named is None:
        context.fault(keys, f"processes: {text}: write a process of a file as ./file.py:name")
        return "unknown", None
    if not trust:
        context.fault(
            keys,
            f"processes: {named[1]} is Python code beside the model: it is run only with --trust "
            "(read it first)",
        )
    path, reason = find_inside(context.folder, named[1])
    if path is None:
        context.fault(keys, f"processes: {reason}")
    return named[2], named[1]


def read_parameters(context: Context) -> dict[str, ParameterSpec]:
    """Read the priors under `parameters:`."""
    return _read(context, context.entry.parameters, ("parameters",), None)


def _read(
    context: Context,
    entries: Mapping[str, ParameterMapping | Amount],
    keys: tuple[Key, ...],
    source: str | None,
) -> dict[str, ParameterSpec]:
    found = {}
    for name, entry in entries.items():
        if not re.fullmatch(rf"{ID}\.{ID}", name):
            what = f"{name} is no parameter: write process.parameter"
            context.fault((*keys, name), what)
            continue
        spec = _spec(context, name, entry, (*keys, name), source)
        if spec is not None:
            found[name] = spec
    return found


def _spec(
    context: Context,
    name: str,
    entry: ParameterMapping | Amount,
    keys: tuple[Key, ...],
    source: str | None,
) -> ParameterSpec | None:
    file, line = context.document.file, context.document.line(*keys)
    known_on: date | None = None
    single: dict[str, Belief | Amount] = {}
    value: Belief | Amount | None = entry
    if isinstance(entry, ParameterMapping):
        source, known_on = entry.source or source, entry.known_on
        single = dict(entry.only)
        value = entry if given_kinds(entry) else entry.default
        if given_kinds(entry) and entry.default is not None:
            context.faults.add(file, line, f"{name}: give a prior or a default, not both")
        if value is None and not single:
            value = entry  # to be told that it gives no number
    if source is None:
        what = f"{name}: the source is missing: a reference or judgement"
        if isinstance(entry, Amount):
            what += f", like {{default: {_as_written(entry)}, source: judgement}}"
        context.faults.add(file, line, what)
    elif isinstance(entry, ParameterMapping) and entry.source:
        context.check_source(file, context.document.line(*keys, "source"), source, name)
    read = {
        element: context.read_prior(each, file, context.document.line(*keys, "only", element), name)
        for element, each in single.items()
    }
    default = context.read_prior(value, file, line, name) if value is not None else None
    if (value is not None and default is None) or any(each is None for each in read.values()):
        return None
    found = [each for each in (default, *read.values()) if each is not None]
    unit = found[0][1]
    only: dict[str, Prior] = {}
    for element, each in read.items():
        assert each is not None
        at = context.document.line(*keys, "only", element)
        prior = _converted(context, name, each, unit, file, at)
        if prior is not None:
            only[element] = prior
    prior = default[0] if default else None
    return ParameterSpec(prior, only, unit, source or "", known_on, line or 1)


def _converted(
    context: Context,
    name: str,
    found: tuple[Prior, str | None],
    unit: str | None,
    file: str,
    line: int | None,
) -> Prior | None:
    """Convert the prior of a single element to the unit of the others."""
    prior, given = found
    if given == unit:
        return prior
    if given is None or unit is None:
        context.faults.add(file, line, f"{name}: give all of its numbers a unit, or none")
        return None
    try:
        return prior.scaled(factor(given, unit))
    except UnitError as error:
        context.faults.add(file, line, f"{name}: {error.what}", error.suggestion)
        return None


def _as_written(amount: Amount) -> str:
    return f"{amount.number:g}" + (f" {amount.unit}" if amount.unit else "")


def read_hypotheses(context: Context) -> dict[str, Hypothesis]:
    """Read the hypotheses; no two of them may set the same parameter."""
    found, setters = {}, dict[str, str]()
    for question, entry in context.entry.hypotheses.items():
        found[question] = _hypothesis(context, question, entry)
        for answer, given in found[question].answers.items():
            for name in given.parameters:
                if setters.setdefault(name, question) != question:
                    context.fault(
                        ("hypotheses", question, "answers", answer, "parameters", name),
                        f"{name} is set by the hypotheses {setters[name]} and {question}: "
                        "only one may set it",
                    )
    return found


def _hypothesis(context: Context, question: str, entry: HypothesisEntry) -> Hypothesis:
    answers = {}
    for name, answer in entry.answers.items():
        keys = ("hypotheses", question, "answers", name)
        file, line = context.document.file, context.document.line(*keys, "source")
        context.check_source(file, line, answer.source, f"{question}.{name}")
        parameters = _read(context, answer.parameters, (*keys, "parameters"), answer.source)
        answers[name] = Answer(answer.weight, parameters, answer.source)
    return Hypothesis(entry.question, entry.live, answers)
