"""The parts of a system: which processes make each, and what is observed of it."""

from collections.abc import Iterable, Sequence

from khamsin.errors import nearest
from khamsin.measures import (
    Event,
    Expression,
    Measured,
    MeasureError,
    Parameter,
    leaves,
    parse,
    parse_event,
)
from khamsin.model.context import Context, table_of
from khamsin.model.documents import Document
from khamsin.model.parts import Part, ProcessUse


def read_parts(context: Context, processes: Sequence[ProcessUse]) -> dict[str, Part]:
    """Read `parts:`; their processes must run, and their series be recorded."""
    found: dict[str, Part] = {}
    instances = [use.instance for use in processes]
    numbers: dict[int, str] = {}
    for name, entry in context.entry.parts.items():
        keys = ("parts", name)
        if (first := numbers.setdefault(entry.number, name)) != name:
            what = f"parts: {first} and {name} have the same number {entry.number}"
            context.fault((*keys, "number"), what)
        for i, instance in enumerate(entry.processes):
            if instance not in instances:
                what = f"parts.{name}: the model runs no process {instance}"
                context.fault((*keys, "processes", i), what, nearest(instance, instances))
        for i, text in enumerate(entry.series):
            check_measure(context, context.document, (*keys, "series", i), f"parts.{name}", text)
        found[name] = Part(
            name,
            entry.number,
            entry.title,
            entry.processes,
            entry.series,
            context.document.line(*keys) or 1,
        )
    return found


def check_measure(
    context: Context,
    document: Document,
    keys: tuple[str | int, ...],
    what: str,
    text: str,
    event: bool = False,
) -> Expression | Event | None:
    """Read a measure and hold its names against the model; None after adding a fault."""

    def fault(words: str, suggestion: str | None = None) -> None:
        context.faults.add(document.file, document.line(*keys), f"{what}: {words}", suggestion)

    try:
        found = parse_event(text) if event else parse(text)
    except MeasureError as error:
        fault(error.what, error.suggestion)
        return None
    good = True
    for leaf in leaves(found):
        for words, suggestion in _faults(context, leaf):
            fault(words, suggestion)
            good = False
    return found if good else None


def _faults(context: Context, leaf: Measured | Parameter) -> Iterable[tuple[str, str | None]]:
    dims: set[str] = {*context.tables, *context.broken}
    if isinstance(leaf, Measured):
        recorded = context.entry.outputs.variables
        if leaf.variable in context.excused:
            return
        if leaf.variable not in recorded:
            kind = "recorded" if leaf.variable in context.variables else "a variable"
            valid = [n for n in recorded if n in context.variables]
            yield f"{leaf.variable} is not {kind}: see outputs", nearest(leaf.variable, valid)
            return
        dims = set(context.variables[leaf.variable].dims)
        places = leaf.measure in ("places", "held")
        if places:
            dims.add("actor")  # holder: by whom
        if places != (leaf.variable == "holder"):
            yield (
                f"{leaf.variable}.{leaf.measure}: places are counted of holder, as holder.places",
                None,
            )
        for day in (leaf.since, leaf.until):
            if day and not context.time.start <= day <= context.time.end:
                span = f"{context.time.start} to {context.time.end}"
                yield f"{day} lies outside of the model's time, {span}", None
    if "place" in dims:
        dims.add("country")
    for kind, ids in leaf.where:
        if kind not in dims:
            has = ", ".join(sorted(dims)) or "nothing: it is a single number"
            yield f"where cannot name {kind}; it may name {has}", nearest(kind, dims)
            continue
        table = context.tables.get("place" if kind == "country" else table_of(kind))
        if table is None:
            continue
        valid = sorted(set(table.columns.get("country", [])) - {""})
        for one in ids:
            if one not in (valid if kind == "country" else table.ids):
                hint = nearest(one, valid if kind == "country" else table.ids)
                yield f"there is no {kind} {one}", hint
