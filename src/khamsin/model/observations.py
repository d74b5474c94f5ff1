"""Observations: which series the ensemble is held against; and what a run records."""

import re
from typing import Any

from khamsin.errors import nearest
from khamsin.model.context import Context
from khamsin.model.disk import find_inside
from khamsin.model.documents import read_document
from khamsin.model.parts import Observation, Outputs
from khamsin.model.schema import ObservationEntry

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
    if entry.variable not in {*context.variables, *context.excused}:
        what = f"{where}: there is no variable {entry.variable}"
        context.fault((*keys, "variable"), what, nearest(entry.variable, context.variables))
    sheet = context.sheet(entry.file, (*keys, "file"), where)
    if sheet is not None and entry.column not in sheet.columns:
        what = f"{where}: {entry.file} has no column {entry.column}"
        context.fault((*keys, "column"), what, nearest(entry.column, sheet.columns))
    for i, text in enumerate(entry.where):
        _check_selector(context, text, (*keys, "where", i), where)
    file, line = context.document.file, context.document.line(*keys, "source")
    context.check_source(file, line, entry.source, where)
    months = {}
    for use, given in (("fit", entry.use.fit), ("test", entry.use.test)):
        months[use] = _months(context, given, (*keys, "use", use), where)
    return Observation(
        name,
        entry.title,
        entry.file,
        entry.column,
        entry.variable,
        entry.where,
        entry.every,
        entry.reporting,
        months["fit"],
        months["test"],
        entry.source,
        entry.known_on,
        context.document.line(*keys) or 1,
    )


def _check_selector(context: Context, text: str, keys: tuple[str | int, ...], where: str) -> None:
    """Check an id that carries its kind, such as ``place:SIRT`` or ``country:IT``."""
    kind, colon, id = text.partition(":")
    kinds = [*context.tables, *context.broken, "country"]
    if not colon or kind not in kinds:
        what = f"{where}: {text}: write the kind and the id, like country:IT"
        context.fault(keys, what, nearest(kind, kinds) if colon else None)
        return
    table = context.tables.get("place" if kind == "country" else kind)
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
    if given[1] < given[0]:
        context.fault(keys, f"{where}: {given[1]} lies before {given[0]}")
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


def read_claims(context: Context) -> list[Any]:
    """Read claims.yaml, when there is one: a list, not looked into here."""
    if not (context.folder / "claims.yaml").exists():
        return []
    path, reason = find_inside(context.folder, "claims.yaml")
    if path is None:
        context.faults.add(str(context.folder / "claims.yaml"), None, reason)
        return []
    document = read_document(path, context.faults)
    if document is None:
        return []
    if not isinstance(document.data, list):
        context.faults.add(document.file, 1, "must be a list of claims")
        return []
    return document.data
