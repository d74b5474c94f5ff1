"""The tables that declare dims (places, routes, actors, the model's own), and its own variables."""

import math

from khamsin.errors import nearest
from khamsin.model.context import Context
from khamsin.model.schema import VariableEntry
from khamsin.model.tables import (
    Sheet,
    Table,
    check_columns,
    check_ids,
    check_numbers,
    good_ids,
    outside,
)
from khamsin.model.validation import STAND_INS
from khamsin.model.vocabulary import Variable, vocabulary
from khamsin.units import UnitError, check_unit

RESERVED = ("place", "actor", "other", "route", "link", "member", "time", "pair", "country")

#: columns that a table must have, and those that it may have with a meaning
WANTED = {
    "place": ["id", "name", "lat", "lon", "source"],
    "route": ["a", "b", "mode", "km", "source"],
    "actor": ["id", "name", "kind", "source"],
}
MEANT = {
    "place": ["name_ar", "country", "kind", "population", "known_on"],
    "route": ["id", "uses", "known_on"],
    "actor": ["name_ar", "side", "known_on"],
}
#: number columns -> bounds, and whether a cell may be empty
NUMBERS = {
    "place": {
        "lat": (-90.0, 90.0, False),
        "lon": (-180.0, 180.0, False),
        "population": (0.0, math.inf, True),
    },
    "route": {"km": (0.0, math.inf, False)},
}


def read_tables(context: Context) -> None:
    """Read all tables that declare dims into the context."""
    entry = context.entry
    files: dict[str, str | None] = {
        "place": entry.places,
        "actor": entry.actors,
        "route": entry.routes,
    }
    keys: dict[str, tuple[str, ...]] = {
        "place": ("places",),
        "actor": ("actors",),
        "route": ("routes",),
    }
    for name, own in entry.tables.items():
        if name in RESERVED:
            context.fault(("tables", name), f"tables: {name} has a meaning already: choose another")
            continue
        files[name] = own
        keys[name] = ("tables", name)
    sheets = {}
    for name, file in files.items():
        if file is None:
            continue
        if file == STAND_INS["places"]:
            context.broken.add(name)  # reported already: the key is missing or no text
            continue
        sheet = context.sheet(file, keys[name], ".".join(keys[name]))
        table = _table(context, name, sheet) if sheet is not None else None
        if table is None or sheet is None:
            context.broken.add(name)
            continue
        context.tables[name] = table
        sheets[name] = sheet
    _note_broken(context)
    for name, sheet in sheets.items():
        _check_values(context, name, sheet)
        context.check_foreign_ids(sheet)


def _note_broken(context: Context) -> None:
    """Note the tables that model.yaml names in a way that is at fault."""
    for key, name in (("places", "place"), ("routes", "route"), ("actors", "actor")):
        if context.raw(key) is not None and name not in context.tables:
            context.broken.add(name)
    own = context.raw("tables")
    if isinstance(own, dict):
        context.broken |= set(own) - set(context.tables)


def _table(context: Context, name: str, sheet: Sheet) -> Table | None:
    wanted = WANTED.get(name, ["id", "source"])
    # the missing source has been reported with the rows
    if not check_columns(sheet, [each for each in wanted if each != "source"], context.faults):
        return None
    if not sheet.lines:
        context.faults.add(sheet.file, 1, f"the table of {name}s has no rows")
        return None
    ids = sheet.columns["id"] if "id" in sheet.columns else _route_ids(sheet)
    good_ids(sheet, ids, context.faults)
    ids = [id.strip() for id in ids]  # reported once; what refers to them is not at fault
    known = frozenset([*wanted, *MEANT.get(name, ["name", "known_on"])])
    return Table(name, sheet.file, ids, sheet.columns, sheet.lines, known)


def _route_ids(sheet: Sheet) -> list[str]:
    """Name routes by their ends, and by their mode where two join the same places."""
    ends = [f"{a}-{b}" for a, b in zip(sheet.columns["a"], sheet.columns["b"], strict=True)]
    seen: set[str] = set()
    ids = []
    for end, mode in zip(ends, sheet.columns["mode"], strict=True):
        ids.append(f"{end}-{mode}" if end in seen else end)
        seen.add(end)
    return ids


def _check_values(context: Context, name: str, sheet: Sheet) -> None:
    for column, (low, high, empty) in NUMBERS.get(name, {}).items():
        if column in sheet.columns:
            check_numbers(sheet, column, (low, high), empty, context.faults)
    if name == "route":
        _check_ends(context, sheet)
        if places := context.tables.get("place"):
            for column in ("a", "b"):
                check_ids(sheet, column, places.ids, "place", context.faults)


def _check_ends(context: Context, sheet: Sheet) -> None:
    first: dict[tuple[frozenset[str], str], int] = {}
    named = "id" in sheet.columns
    ends = zip(sheet.columns["a"], sheet.columns["b"], strict=True)
    for (a, b), mode, line in zip(ends, sheet.columns["mode"], sheet.lines, strict=True):
        if not a or not b:
            context.faults.add(sheet.file, line, "a route needs a place at both ends")
        elif a == b:
            context.faults.add(sheet.file, line, f"the route leads from {a} to itself")
        elif named:
            continue  # two roads between the same towns have two ids
        elif (before := first.setdefault((frozenset((a, b)), mode), line)) != line:
            what = f"the route {a}-{b} by {mode} is here twice (first in line {before})"
            context.faults.add(sheet.file, line, what)


def read_variables(context: Context) -> None:
    """Put the vocabulary and the model's own variables into the context."""
    known = vocabulary()
    context.variables.update(known)
    dims = {*context.tables, *context.broken}
    dims |= {"other"} if "actor" in dims else set()
    dims |= {"link"} if "route" in dims else set()
    for name, entry in context.entry.variables.items():
        if name in known:
            what = f"variables: {name} is in the vocabulary already: {known[name].meaning}"
            context.fault(("variables", name), what)
        elif _good_variable(context, name, entry, dims):
            context.variables[name] = Variable(
                name,
                tuple(entry.dims),
                entry.unit,
                entry.kind,
                (entry.bounds[0], entry.bounds[1]),
                entry.meaning,
                entry.default,
                optional="default" in entry.model_fields_set,
            )
    written = context.raw("variables")
    if isinstance(written, dict):
        context.excused = set(written) - set(context.variables)


def _good_variable(context: Context, name: str, entry: VariableEntry, dims: set[str]) -> bool:
    keys = ("variables", name)
    found: list[tuple[str, str, str | None]] = [
        ("dims", f"the model has no dim {dim}", nearest(dim, dims))
        for dim in entry.dims
        if dim not in dims
    ]
    if len(set(entry.dims)) < len(entry.dims):
        found.append(("dims", "a dim is there twice: the second actor is called `other`", None))
    try:
        check_unit(entry.unit)
    except UnitError as error:
        found.append(("unit", error.what, error.suggestion))
    low, high = entry.bounds
    if not low < high:
        found.append(("bounds", f"the lower bound {low:g} is not below {high:g}", None))
    elif not low <= entry.default <= high:
        what = outside(f"{entry.default:g}", entry.default, low, high)
        found.append(("default", f"the default {what}", None))
    for key, what, suggestion in found:
        context.fault((*keys, key), f"{name}: {what}", suggestion)
    return not found
