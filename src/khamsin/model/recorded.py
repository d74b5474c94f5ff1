"""The rows of an observation's file, and how truth becomes record: its reporting model."""

from datetime import date
from typing import Any

from khamsin.errors import nearest
from khamsin.model.context import Context, Key
from khamsin.model.parts import ObservedRow, Reporting
from khamsin.model.periods import read_period
from khamsin.model.schema import ObservationEntry
from khamsin.model.tables import Sheet, read_day, read_number
from khamsin.model.vocabulary import Variable
from khamsin.priors import Fixed, Prior
from khamsin.reporting import REPORTING, ReportingModel
from khamsin.reporting import Parameter as ReportingParameter
from khamsin.units import UnitError, factor

_WHEN = ("date", "month", "period")


def read_rows(
    context: Context,
    sheet: Sheet,
    entry: ObservationEntry,
    name: str,
    bounds: tuple[float, float],
) -> tuple[ObservedRow, ...]:
    """Read when and what was recorded, in the order of time; an empty cell is a gap (None).

    Parameters
    ----------
    bounds : (float, float)
        What a value can be, in the unit of the record.
    """
    faults, where = context.faults, f"observations.{name}"
    when = next((c for c in _WHEN if c in sheet.columns), None)
    if when is None:
        what = f"{where}: {entry.file} has no column date (or month, or period)"
        context.fault(("observations", name, "file"), what, nearest("date", sheet.columns))
        return ()
    found: list[ObservedRow] = []
    known_on = sheet.columns.get("known_on", [""] * len(sheet))
    seen: dict[tuple[date, date], int] = {}
    for text, cell, known, line in zip(
        sheet.columns[when], sheet.columns[entry.column], known_on, sheet.lines, strict=True
    ):
        period = read_period(text)
        if period is None:
            what = f"{when}: {text!r} is no day, month, quarter or year, such as 2016-05 or 2016-Q2"
            faults.add(sheet.file, line, what)
            continue
        if period in seen:
            faults.add(sheet.file, line, f"{text} is here twice (first in line {seen[period]})")
            continue
        seen[period] = line
        value = read_number(cell)
        if value is None and cell != "":
            what = f"{entry.column}: {cell!r} is no number; leave the cell empty where nothing is"
            faults.add(sheet.file, line, what + " known")
        elif value is not None and not bounds[0] <= value <= bounds[1]:
            what = f"{entry.column}: {value:g} cannot be: it is {bounds[0]:g} to {bounds[1]:g}"
            faults.add(sheet.file, line, what)
        found.append(
            ObservedRow(text, *period, value, read_day(known) or entry.known_on or period[1], line)
        )
    found.sort(key=lambda row: (row.end, row.start))
    inside = [r for r in found if r.start <= context.time.end and r.end > context.time.start]
    if found and not inside:
        time = context.time
        what = (
            f"{where}: all of {entry.file} ({found[0].label} to {found[-1].label}) lies outside of "
            f"the model's time, {time.start} to {time.end}"
        )
        context.fault(("observations", name, "file"), what)
    if not found and not len(sheet):
        context.fault(("observations", name, "file"), f"{where}: {entry.file} has no rows")
    return tuple(found)


def read_reporting(
    context: Context, entry: ObservationEntry, name: str, unit: str
) -> Reporting | None:
    """Read a reporting model with the priors of its parameters; None when there is none."""
    where, keys = f"observations.{name}", ("observations", name, "reporting")
    if not entry.reporting:
        return None
    if len(entry.reporting) > 1:
        what = f"{where}: one reporting model, not {' and '.join(entry.reporting)}"
        context.fault(keys, what)
        return None
    ((kind, given),) = entry.reporting.items()
    if kind not in REPORTING:
        what = f"{where}: there is no reporting model {kind}"
        context.fault((*keys, kind), what, nearest(kind, REPORTING))
        return None
    model = REPORTING[kind]
    known = {p.name: p for p in model.parameters}
    priors: dict[str, Prior] = {}
    for parameter, value in given.items():
        if parameter not in known:
            what = f"{where}: {kind} has no parameter {parameter}"
            context.fault((*keys, kind, parameter), what, nearest(parameter, known))
            continue
        prior = _prior(context, value, known[parameter], (*keys, kind, parameter), where, unit)
        if prior is not None:
            priors[parameter] = prior
    for needed in model.parameters:
        if needed.default is None and needed.name not in given:
            what = f"{where}: {kind} needs {needed.name} ({needed.meaning})"
            context.fault((*keys, kind), what)
    return Reporting(kind, priors)


def _prior(
    context: Context,
    value: Any,
    parameter: ReportingParameter,
    keys: tuple[Key, ...],
    where: str,
    unit: str,
) -> Prior | None:
    file, line = context.document.file, context.document.line(*keys)
    found = context.read_prior(value, file, line, f"{where}: {parameter.name}")
    if found is None:
        return None
    prior, given = found
    if given is not None:
        own = unit if parameter.unit == "record" else parameter.unit
        try:
            prior = prior.scaled(factor(given, own))
        except UnitError as error:
            context.faults.add(file, line, f"{where}: {error.what}", error.suggestion)
            return None
    low, high = prior.support
    if (isinstance(prior, Fixed) and not parameter.low <= low <= parameter.high) or (
        high < parameter.low or low > parameter.high
    ):
        written = f"{low:g}" if low == high else f"{low:g} to {high:g}"
        what = f"{where}: {parameter.name} must lie between {parameter.low:g} and "
        context.faults.add(file, line, f"{what}{parameter.high:g}, not at {written}")
        return None
    return prior


def bounds_of(variable: Variable, model: ReportingModel | None, by: float) -> tuple[float, float]:
    """Return what a record can be: it may err above what the truth can be, not below zero."""
    if variable.index_of is not None:
        return 0.0, 1.0  # held by who is named, or not
    if model is not None and model.signed:
        return -float("inf"), float("inf")
    return variable.bounds[0] * by, float("inf")
