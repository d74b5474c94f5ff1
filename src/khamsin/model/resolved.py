"""The whole model as plain values: what an ensemble carries, and what is hashed."""

import dataclasses
import hashlib
import math
from datetime import date
from typing import Any

from khamsin.model.claims import Claims
from khamsin.model.model import Model
from khamsin.model.parts import (
    Constant,
    Drawn,
    FromTable,
    Observation,
    ParameterSpec,
    ProcessUse,
    StartingValue,
)
from khamsin.model.vocabulary import Variable
from khamsin.priors import Prior


def resolve(model: Model) -> dict[str, Any]:
    """Return a model as plain values; nothing in it depends on where or how it was written."""
    return {
        "format": model.format,
        "name": model.name,
        "title": model.title,
        "description": model.description,
        "time": _plain(model.time),
        "tables": {
            name: {"ids": table.ids, "columns": table.columns}
            for name, table in model.tables.items()
        },
        "variables": {
            name: _variable(model.variables[name]) for name in sorted(_used_variables(model))
        },
        "state": {name: _start(value) for name, value in model.state.items()},
        **_before(model),
        "processes": [_process(model, use) for use in model.processes],
        "parameters": {name: _parameter(spec) for name, spec in model.parameters.items()},
        "hypotheses": {
            name: {
                "question": hypothesis.question,
                "live": hypothesis.live,
                "answers": {
                    answer: {
                        "weight": given.weight,
                        "parameters": {n: _parameter(s) for n, s in given.parameters.items()},
                        "source": given.source,
                    }
                    for answer, given in hypothesis.answers.items()
                },
            }
            for name, hypothesis in model.hypotheses.items()
        },
        "scenarios": {
            name: {
                "title": scenario.title,
                "description": scenario.description,
                "interventions": [
                    _without(_plain(each), "file", "line") for each in scenario.interventions
                ],
            }
            for name, scenario in model.scenarios.items()
        },
        "observations": {
            name: _observation(model, each) for name, each in model.observations.items()
        },
        "parts": {
            name: _without(_plain(part), "line", "name") for name, part in model.parts.items()
        },
        "outputs": _plain(model.outputs),
        "claims": _claims(model.claims),
        "references": model.references,
    }


def _before(model: Model) -> dict[str, Any]:
    """Return what a model says of the time before its origin, when it says anything."""
    found: dict[str, Any] = {}
    if model.earlier:
        found["earlier"] = {
            str(day): {name: _start(value) for name, value in state.items()}
            for day, state in model.earlier.items()
        }
    if model.history:
        given = model.history.interventions
        found["history"] = [_without(_plain(each), "file", "line") for each in given]
    return found


def _claims(claims: Claims) -> dict[str, Any]:
    variants = {
        name: {
            "interventions": [
                _without(_plain(i), "file", "line") for i in variant.scenario.interventions
            ],
            "answers": variant.answers,
            "without": variant.without,
        }
        for name, variant in claims.variants.items()
    }
    return {**_plain(claims), "variants": variants}


def _used_variables(model: Model) -> set[str]:
    """Return the variables that the model's own files name."""
    used = {*model.own_variables, *model.state, *model.outputs.variables}
    used |= {v for each in model.observations.values() for v in (each.variable, *each.plus)}
    used |= {name for use in model.processes for name in use.bind.values()}
    for scenario in model.scenarios.values():
        used |= {each.change for each in scenario.interventions}
    if model.history:
        used |= {each.change for each in model.history.interventions}
    for start in model.state.values():
        if isinstance(start, FromTable) and start.remainder:
            used.add(start.remainder)
    return used & set(model.variables)


def _variable(variable: Variable) -> dict[str, Any]:
    return _without(_plain(variable), "name")


def _start(value: StartingValue) -> Any:
    if isinstance(value, Constant):
        return value.value
    if isinstance(value, Drawn):
        return _plain(value)
    rows = [_without(_plain(row), "line") for row in value.rows]
    return {**_without(_plain(dataclasses.replace(value, rows=[])), "file", "column"), "rows": rows}


def _process(model: Model, use: ProcessUse) -> dict[str, Any]:
    found = _without(_plain(use), "line")
    return found if use.file is None else {**found, "sha256": _sha256(model, use.file)}


def _parameter(spec: ParameterSpec) -> dict[str, Any]:
    return _without(_plain(spec), "line")


def _observation(model: Model, each: Observation) -> dict[str, Any]:
    """Return a series with its rows: an ensemble is held against the record that it carries."""
    found = _without(_plain(each), "line", "name")
    found["kind"] = model.variables[each.variable].kind
    found["of_unit"] = model.variables[each.variable].unit
    found["rows"] = [_without(row, "line") for row in found["rows"]]
    return {**found, "sha256": _sha256(model, each.file)}


def _sha256(model: Model, file: str) -> str:
    return hashlib.sha256((model.folder / file).read_bytes()).hexdigest()


def _without(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def _plain(value: Any) -> Any:
    """Return dataclasses as mappings, days as text, priors as they are written."""
    if isinstance(value, Prior):
        return value.to_dict()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None  # no bound: JSON has no infinity
    return value
