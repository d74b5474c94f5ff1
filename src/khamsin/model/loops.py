"""Feedback loops: where each is pushed, where it is cut, and where the response is read off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import Field

from khamsin.errors import nearest
from khamsin.model.amounts import Strict
from khamsin.model.context import Context
from khamsin.model.documents import Document
from khamsin.model.partition import check_measure
from khamsin.model.parts import ProcessUse
from khamsin.model.schema import Day, OneOrMore, Text


@dataclass(frozen=True)
class Push:
    """A small change of a variable in all of its cells that `where` names, on the first day.

    Attributes
    ----------
    scale, add : float
        Each cell becomes scale x cell + add.
    """

    variable: str
    where: dict[str, list[str]]
    scale: float
    add: float


@dataclass(frozen=True)
class Cut:
    """Processes that are shown a variable as it was in the member without the push."""

    variable: str
    readers: tuple[str, ...]


@dataclass(frozen=True)
class Loop:
    """A feedback loop.

    Attributes
    ----------
    sign : str
        "+" for a loop that feeds itself, "-" for one that damps.
    response : str
        A measure, read with the loop closed and cut.
    """

    title: str
    sign: str
    push: Push
    cuts: tuple[Cut, ...]
    response: str
    until: date | None
    future: str
    answers: dict[str, str]
    claim: str


class PushEntry(Strict):
    """A small change on the first day."""

    variable: Text
    where: Annotated[dict[str, OneOrMore], Field(default_factory=dict)]
    scale: float = 1.0
    add: float = 0.0


class CutEntry(Strict):
    """A variable, and the processes that no longer see it change."""

    variable: Text
    readers: Annotated[OneOrMore, Field(min_length=1)]


class LoopEntry(Strict):
    """A feedback loop."""

    title: Text
    sign: str = "+"
    push: PushEntry
    cut: Annotated[list[CutEntry], Field(min_length=1)]
    response: Text
    until: Day | None = None
    future: str | None = None
    answers: Annotated[dict[str, str], Field(default_factory=dict)]
    claim: str = ""


def read_loops(
    context: Context,
    document: Document,
    entries: Mapping[str, LoopEntry],
    processes: Sequence[ProcessUse],
    futures: Sequence[str],
) -> dict[str, Loop]:
    """Read the loops; their variables, processes and measures must be known."""
    instances = [use.instance for use in processes]
    found = {}
    for name, entry in entries.items():
        keys = ("loops", name)

        def check(
            at: tuple[str | int, ...], kind: str, one: str, valid: Sequence[str], loop: str = name
        ) -> None:
            if one not in valid:
                what = f"{loop}: there is no {kind} {one}"
                context.faults.add(document.file, document.line(*at), what, nearest(one, valid))

        variables = list(context.variables)
        check((*keys, "push", "variable"), "variable", entry.push.variable, variables)
        pushed = context.variables.get(entry.push.variable)
        if pushed is not None and pushed.kind != "stock":
            what = f"{name}: {pushed.name} is a {pushed.kind}: only a stock can be pushed once"
            context.faults.add(document.file, document.line(*keys, "push", "variable"), what, None)
        for i, cut in enumerate(entry.cut):
            check((*keys, "cut", i, "variable"), "variable", cut.variable, variables)
            for reader in cut.readers:
                check((*keys, "cut", i, "readers"), "process", reader, instances)
        if entry.future is not None:
            check((*keys, "future"), "scenario", entry.future, futures)
        check_measure(context, document, (*keys, "response"), name, entry.response)
        found[name] = Loop(
            entry.title,
            entry.sign,
            Push(entry.push.variable, dict(entry.push.where), entry.push.scale, entry.push.add),
            tuple(Cut(cut.variable, tuple(cut.readers)) for cut in entry.cut),
            entry.response,
            entry.until,
            entry.future or "",
            dict(entry.answers),
            entry.claim,
        )
    return found
