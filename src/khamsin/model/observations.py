"""Observations: which series the ensemble is held against; and what a run records."""

import re

from khamsin.errors import nearest
from khamsin.model.context import Context
from khamsin.model.parts import Observation, ObservedRow, Outputs
from khamsin.model.recorded import bounds_of, read_reporting, read_rows
from khamsin.model.schema import ObservationEntry
from khamsin.model.vocabulary import Variable
from khamsin.reporting import REPORTING
from khamsin.units import UnitError, factor

BENCHMARKS = (
    "zero",
    "last_observed",
    "conflictology",
    "conflictology_widened",
    "bootstrap",
    "zero_inflated_negative_binomial",
    "seasonal_naive",
)
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)


def read_observations(context: Context) -> dict[str, Observation]:
    """Read what is said of each series, and check that its file has its column."""
    return {
        name: _observation(context, name, entry)
        for name, entry in context.entry.observations.items()
    }


def _observation(context: Context, name: str, entry: ObservationEntry) -> Observation:
    keys = ("observations", name)
    where = f"observations.{name}"
    variable = _variable(context, entry.variable, (*keys, "variable"), where)
    added = [_variable(context, v, (*keys, "plus", i), where) for i, v in enumerate(entry.plus)]
    for i, text in enumerate(entry.where):
        for each in [variable, *[v for v in added if v is not None]]:
            _check_selector(context, text, each, (*keys, "where", i), where)
    for i, each in enumerate(added):
        if each and variable and (each.unit, each.kind) != (variable.unit, variable.kind):
            what = f"{where}: {each.name} is a {each.kind} in {each.unit}, so it cannot be added to"
            context.fault((*keys, "plus", i), f"{what} a {variable.kind} in {variable.unit}")
    if entry.against is not None and entry.against not in BENCHMARKS:
        what = f"{where}: there is no benchmark {entry.against}"
        context.fault((*keys, "against"), what, nearest(entry.against, BENCHMARKS))
    unit, by = _unit(context, entry, variable, (*keys, "unit"), where)
    reporting = read_reporting(context, entry, name, unit)
    sheet = context.sheet(entry.file, (*keys, "file"), where)
    rows: tuple[ObservedRow, ...] = ()
    if sheet is not None and entry.column not in sheet.columns:
        what = f"{where}: {entry.file} has no column {entry.column}"
        context.fault((*keys, "column"), what, nearest(entry.column, sheet.columns))
    elif sheet is not None and variable is not None:
        model = REPORTING[reporting.model] if reporting else None
        rows = read_rows(context, sheet, entry, name, bounds_of(variable, model, by))
    file, line = context.document.file, context.document.line(*keys, "source")
    context.check_source(file, line, entry.source, where)
    fit = _months(context, entry.use.fit, (*keys, "use", "fit"), where)
    test = _months(context, entry.use.test, (*keys, "use", "test"), where)
    if fit and test and fit[0] <= test[1] and test[0] <= fit[1]:
        what = f"{where}: it is fitted on {fit[0]} to {fit[1]} and tested on {test[0]} to {test[1]}"
        context.fault((*keys, "use", "test"), f"{what}, which overlap")
    kind = variable.kind if variable else "flow"
    usual = "conflictology" if kind == "flow" else "last_observed"
    return Observation(
        name,
        entry.title,
        entry.file,
        entry.column,
        entry.variable,
        entry.plus,
        entry.where,
        entry.every,
        unit,
        reporting,
        entry.against or usual,
        fit,
        test,
        rows,
        entry.source,
        entry.known_on,
        context.document.line(*keys) or 1,
    )


def _variable(
    context: Context, name: str, keys: tuple[str | int, ...], where: str
) -> Variable | None:
    """Return a variable that a run records; None after adding the fault."""
    variable = context.variables.get(name)
    if variable is None:
        if name not in context.excused:
            what = f"{where}: there is no variable {name}"
            context.fault(keys, what, nearest(name, context.variables))
        return None
    if name not in context.entry.outputs.variables:
        context.fault(keys, f"{where}: {name} is not recorded: name it under outputs")
    return variable


def _unit(
    context: Context,
    entry: ObservationEntry,
    variable: Variable | None,
    keys: tuple[str | int, ...],
    where: str,
) -> tuple[str, float]:
    """Return the unit of the record, and how many of it make one of the variable's unit."""
    if variable is None:
        return entry.unit or "1", 1.0
    if entry.unit is None:
        return variable.unit, 1.0
    try:
        return entry.unit, factor(variable.unit, entry.unit)
    except UnitError as error:
        what = f"{where}: {entry.variable} is in {variable.unit}: {error.what}"
        context.fault(keys, what, error.suggestion)
        return variable.unit, 1.0


def _check_selector(
    context: Context,
    text: str,
    variable: Variable | None,
    keys: tuple[str | int, ...],
    where: str,
) -> None:
    """Check an id that carries its kind, such as ``place:SIRT`` or ``country:IT``."""
    kind, colon, id = text.partition(":")
    kinds = [*context.tables, *context.broken, "country"]
    if not colon or kind not in kinds:
        what = f"{where}: {text}: write the kind and the id, like country:IT"
        context.fault(keys, what, nearest(kind, kinds) if colon else None)
        return
    dim = "place" if kind == "country" else kind
    # Who holds a place is one number a place, yet a record names the holder.
    held = variable is not None and variable.name == "holder" and dim == "actor"
    if variable is not None and dim not in variable.dims and not held:
        own = " ".join(variable.dims) or "none"
        what = f"{where}: {variable.name} has dims ({own}), so `where` cannot name {text}"
        context.fault(keys, what)
        return
    table = context.tables.get(dim)
    if table is None:
        return
    valid = table.columns.get("country", []) if kind == "country" else table.ids
    if id not in valid:
        context.fault(keys, f"{where}: there is no {kind} {id}", nearest(id, set(valid)))


def _months(
    context: Context, given: list[str] | None, keys: tuple[str | int, ...], where: str
) -> tuple[str, str] | None:
    if given is None:
        return None
    for text in given:
        if not _MONTH.fullmatch(text):
            context.fault(keys, f"{where}: {text[:40]} is no month: write it like 2016-05")
            return None
    first, last = f"{context.time.start:%Y-%m}", f"{context.time.end:%Y-%m}"
    if given[1] < given[0]:
        context.fault(keys, f"{where}: {given[1]} lies before {given[0]}")
        return None
    if given[1] < first or given[0] > last:
        what = f"{where}: {given[0]} to {given[1]} lies outside of the model's time"
        context.fault(keys, f"{what}, {first} to {last}")
    return given[0], given[1]


def read_outputs(context: Context) -> Outputs:
    """Read what a run records."""
    entry = context.entry.outputs
    for i, name in enumerate(entry.variables):
        keys = ("outputs", "variables", i)
        if name in context.excused:
            continue
        if name not in context.variables:
            what = f"outputs: there is no variable {name}"
            context.fault(keys, what, nearest(name, context.variables))
        elif name in entry.variables[:i]:
            context.fault(keys, f"outputs: {name} is here twice")
    written = context.raw("outputs")
    if isinstance(written, dict) and written.get("variables") == []:
        context.fault(("outputs", "variables"), "outputs: name at least one variable")
    table = context.tables.get("place")
    places = set(table.ids) if table else set(entry.watch)
    for i, place in enumerate(entry.watch):
        if place not in places:
            what = f"outputs: there is no place {place}"
            context.fault(("outputs", "watch", i), what, nearest(place, places))
    return Outputs(list(entry.variables), entry.every, list(entry.watch))
