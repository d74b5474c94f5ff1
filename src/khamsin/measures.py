"""A small language for numbers of a future: what a claim, a part or an exploration measures.

    fighters.end[actor:ISL country:LY]                  a variable, how it becomes one number, where
    arrivals.total[country:IT from:2016-01 to:2016-12]  and when
    battle_deaths.total / strikes.total - 1             arithmetic with + - * / and brackets
    parameter:combat.skill[actor:ISL]                   the number that a member drew
    strikes.total[country:LY to:2017-05] > 100          an event: happens in a member, or not

It is read by a parser of its own, so that no text of a model is ever executed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from khamsin.errors import nearest

#: how a series becomes one number, in words
MEASURES = {
    "total": "in all",
    "end": "at the end",
    "first": "after the first month",
    "peak": "at the highest",
    "mean": "on average",
    "places": "places held at the end",
    "held": "months for which places are held",
}

Where = tuple[tuple[str, tuple[str, ...]], ...]


class MeasureError(ValueError):
    """A measure cannot be read; says what is wrong, and the nearest valid word."""

    def __init__(self, what: str, suggestion: str | None = None) -> None:
        self.what = what
        self.suggestion = suggestion
        super().__init__(what + (f". Did you mean {suggestion}?" if suggestion else ""))


@dataclass(frozen=True)
class Number:
    """A plain number."""

    value: float


@dataclass(frozen=True)
class Parameter:
    """The value of a parameter that a member drew."""

    name: str
    where: Where = ()


@dataclass(frozen=True)
class Measured:
    """A variable, restricted to some ids and days, made one number.

    `since` and `until` are the first and the last day; None is from the start, or to the end.
    """

    variable: str
    measure: str
    where: Where = ()
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Operation:
    """Two numbers made one by + - * /."""

    sign: str
    left: "Expression"
    right: "Expression"


Expression = Number | Parameter | Measured | Operation


@dataclass(frozen=True)
class Event:
    """Something that happens in a member or does not: all of the comparisons hold."""

    comparisons: tuple[tuple[Expression, str, Expression], ...]


def parse(text: str) -> Expression:
    """Read a number of a future.

    Raises
    ------
    MeasureError
        Says what is wrong, where in the text.
    """
    reader = _Reader(text)
    found = reader.sum()
    reader.finish()
    return found


def parse_event(text: str) -> Event:
    """Read an event: comparisons of numbers, joined by `and`.

    Raises
    ------
    MeasureError
    """
    reader = _Reader(text)
    found = [reader.comparison()]
    while reader.take("and"):
        found.append(reader.comparison())
    reader.finish()
    return Event(tuple(found))


def leaves(one: Expression | Event) -> Iterator[Measured | Parameter]:
    """Yield the variables and parameters that an expression measures, from left to right."""
    if isinstance(one, Event):
        for left, _, right in one.comparisons:
            yield from leaves(left)
            yield from leaves(right)
    elif isinstance(one, Operation):
        yield from leaves(one.left)
        yield from leaves(one.right)
    elif not isinstance(one, Number):
        yield one


COMPARED = (
    ": numbers are compared by > < >= or <=; who holds a place is counted, as in "
    "holder.places[place:SIRT actor:ISL] > 0"
)
DEPTH = 50  # of brackets and signs inside one another
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)"
    r"|(?P<name>(?:parameter:)?[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)*)(?P<where>\s*\[[^\]]*\]?)?"
    r"|(?P<sign>>=|<=|[-+*/()<>]))"
)


class _Reader:
    """Reads tokens from left to right, one look ahead."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.token: re.Match[str] | None = None
        self._next()

    def _next(self) -> None:
        self.token = _TOKEN.match(self.text, self.at)
        if self.token is None and self.text[self.at :].strip():
            rest = self.text[self.at :].strip()[:30]
            raise MeasureError(f"cannot read {rest!r}" + (COMPARED if rest[0] in "=!" else ""))
        self.at = self.token.end() if self.token else len(self.text)

    def take(self, *words: str) -> str | None:
        """Take the next token if it is one of these words."""
        token = self.token
        found = (token["sign"] or token["name"]) if token else None
        if found not in words:
            return None
        self._next()
        return found

    def finish(self) -> None:
        if self.token is not None:
            raise MeasureError(f"{self.token[0].strip()!r} is left over in {self.text!r}")

    def comparison(self) -> tuple[Expression, str, Expression]:
        left = self.sum()
        sign = self.take(">", "<", ">=", "<=")
        if sign is None:
            raise MeasureError(f"{self.text!r} is no event: compare two numbers by > < >= or <=")
        return left, sign, self.sum()

    def sum(self) -> Expression:
        found = self.product()
        while sign := self.take("+", "-"):
            found = Operation(sign, found, self.product())
        return found

    def product(self) -> Expression:
        found = self.atom()
        while sign := self.take("*", "/"):
            found = Operation(sign, found, self.atom())
        return found

    def atom(self) -> Expression:
        self.depth += 1
        if self.depth > DEPTH:
            raise MeasureError(f"more than {DEPTH} brackets inside one another")
        found = self._atom()
        self.depth -= 1
        return found

    def _atom(self) -> Expression:
        if self.take("("):
            found = self.sum()
            if not self.take(")"):
                raise MeasureError(f"a bracket is not closed in {self.text!r}")
            return found
        if self.take("-"):
            return Operation("-", Number(0.0), self.atom())
        token = self.token
        if token is None or token["sign"]:
            where = f"before {token[0].strip()!r}" if token else "at the end"
            raise MeasureError(f"a number is missing {where} of {self.text!r}")
        self._next()
        if token["number"]:
            return Number(float(token["number"]))
        return _named(token["name"], (token["where"] or "").strip())


def _named(name: str, bracket: str) -> Measured | Parameter:
    if bracket and not bracket.endswith("]"):
        raise MeasureError(f"the bracket {bracket!r} is not closed")
    where, days = _selectors(bracket.strip("[]"))
    if name.startswith("parameter:"):
        rest = name.removeprefix("parameter:")
        if rest.count(".") != 1 or days:
            raise MeasureError(f"{name}: write a parameter like parameter:combat.skill[actor:ISL]")
        return Parameter(rest, where)
    variable, dot, measure = name.partition(".")
    if not dot:
        raise MeasureError(f"{name}: say how it becomes one number, like {name}.end")
    if measure not in MEASURES:
        raise MeasureError(
            f"{measure} is no measure: {', '.join(MEASURES)}", nearest(measure, MEASURES)
        )
    since, until = days.get("from"), days.get("to")
    if since and until and until < since:
        raise MeasureError(f"{name}: to {until} lies before from {since}")
    return Measured(variable, measure, where, since, until)


def _selectors(text: str) -> tuple[Where, dict[str, date]]:
    ids: dict[str, list[str]] = {}
    days: dict[str, date] = {}
    for word in text.split():
        kind, colon, one = word.partition(":")
        if not colon or not one or not kind:
            raise MeasureError(f"{word}: write the kind and the id, like place:SIRT")
        if kind in ("from", "to"):
            days[kind] = _day(one, last=kind == "to")
        else:
            ids.setdefault(kind, []).append(one)
    return tuple((kind, tuple(several)) for kind, several in ids.items()), days


def _day(text: str, last: bool) -> date:
    """Return a day; of a month, the first day or the last."""
    try:
        if not re.fullmatch(r"\d{4}-\d{2}", text):
            return date.fromisoformat(text)
        first = date.fromisoformat(f"{text}-01")
        after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return after - timedelta(days=1) if last else first
    except ValueError:
        raise MeasureError(f"{text} is no month or day: write 2016-05 or 2016-05-17") from None
