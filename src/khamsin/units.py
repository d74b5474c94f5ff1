"""Units: a quantity is a number and a unit, such as ``7 day`` or ``0.010 1/week``.

Things that exist and are conserved have dimensions of their own: people (person, fighter), kits,
buildings, vehicles and money (USD; MUSD is a million of them). What merely happens is counted with
plain numbers: strike, attack and event are 1, so a rate of strikes may be written ``24.6 1/week``
or ``3 strike/day``.
Oil is a volume (barrel of 42 gallons; kb is a thousand barrels). A month is a twelfth of a year of
365.25 days, so rates by month convert; dates never go through it.

The commonest units are written out below, so that a model is read without importing pint (0.9 s);
any other unit is looked up in pint's registry. A test holds each one below against pint.
"""

import functools
import re
from collections import Counter
from fractions import Fraction
from typing import Any

from khamsin.errors import nearest

Dimension = dict[str, int]

#: unit -> how many of the base unit of its dimension it is, and that dimension
COMMON: dict[str, tuple[Fraction, Dimension]] = {
    "1": (Fraction(1), {}),
    "percent": (Fraction(1, 100), {}),
    "attack": (Fraction(1), {}),
    "event": (Fraction(1), {}),
    "strike": (Fraction(1), {}),
    "hour": (Fraction(3600), {"[time]": 1}),
    "d": (Fraction(86400), {"[time]": 1}),
    "day": (Fraction(86400), {"[time]": 1}),
    "week": (Fraction(604800), {"[time]": 1}),
    "month": (Fraction(2629800), {"[time]": 1}),
    "year": (Fraction(31557600), {"[time]": 1}),
    "m": (Fraction(1), {"[length]": 1}),
    "km": (Fraction(1000), {"[length]": 1}),
    "person": (Fraction(1), {"[person]": 1}),
    "fighter": (Fraction(1), {"[person]": 1}),
    "kit": (Fraction(1), {"[kit]": 1}),
    "building": (Fraction(1), {"[building]": 1}),
    "vehicle": (Fraction(1), {"[vehicle]": 1}),
    "USD": (Fraction(1), {"[money]": 1}),
    "MUSD": (Fraction(10**6), {"[money]": 1}),
    "barrel": (Fraction("0.158987294928"), {"[length]": 3}),
    "kb": (Fraction("158.987294928"), {"[length]": 3}),
}

#: what pint must be told before it knows our words
DEFINITIONS = (
    "person = [person]",
    "fighter = person",
    "kit = [kit]",
    "building = [building]",
    "vehicle = [vehicle]",
    "USD = [money]",
    "MUSD = 1e6 * USD",
    "attack = []",
    "event = []",
    "strike = []",
    "barrel = 42 * gallon",
    "kb = 1000 * barrel",
)

_NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_QUANTITY = re.compile(rf"({_NUMBER})(?:\s+(\S.*))?")
_TERM = re.compile(r"\s*(1|[^\W\d][\w]*)\s*(?:(?:\^|\*\*)\s*(-?[1-9])\s*)?")
_LONGEST = 80  # characters in a unit; a longer one is no unit but rubbish


class UnitError(ValueError):
    """A unit is unknown, or of another dimension than it should be."""

    def __init__(self, what: str, suggestion: str | None = None) -> None:
        self.what = what
        self.suggestion = suggestion
        super().__init__(what + (f". Did you mean {suggestion}?" if suggestion else ""))


@functools.cache
def _registry() -> Any:
    import pint  # imported here: with its registry it takes 0.9 s

    registry: Any = pint.UnitRegistry(on_redefinition="ignore")
    for definition in DEFINITIONS:
        registry.define(definition)
    return registry


def _from_pint(name: str) -> tuple[Fraction, Dimension]:
    """Look a single name up in pint; KeyError when it knows no such unit."""
    registry = _registry()
    try:
        base = registry.get_base_units(name)[1]
        powers = dict(registry.get_dimensionality(base))
        whole = {dimension: int(power) for dimension, power in powers.items()}
        if whole != powers or registry.Quantity(0, name).to(base).magnitude != 0:
            raise KeyError(name)  # degrees Celsius and their like: no mere factor
        # not through get_base_units: it remembers the barrel that our definition replaces
        return Fraction(float(registry.Quantity(1, name).to(base).magnitude)), whole
    except Exception as error:  # pint raises many kinds for what is no unit
        raise KeyError(name) from error


def _common(name: str) -> tuple[Fraction, Dimension] | None:
    if name not in COMMON and len(name) > 3:
        name = name.removesuffix("s")  # days, kits
    return COMMON.get(name)


@functools.lru_cache(maxsize=1024)
def _resolve(unit: str) -> tuple[Fraction, tuple[tuple[str, int], ...]]:
    """Return how many base units `unit` is, and the powers of its dimensions."""
    if len(unit) > _LONGEST:
        raise UnitError(f"a unit is never {len(unit)} characters long")
    amount, powers, sign, at = Fraction(1), Counter[str](), 1, 0
    while True:
        term = _TERM.match(unit, at)
        if term is None:
            raise UnitError(f"cannot read the unit {unit!r}: write it like 1/week or person/day")
        name, power = term[1], sign * int(term[2] or 1)
        try:
            factor, dimension = _common(name) or _from_pint(name)
        except KeyError:
            raise UnitError(f"unknown unit {name}", nearest(name, COMMON)) from None
        amount *= factor**power
        for base, exponent in dimension.items():
            powers[base] += power * exponent
        at = term.end()
        if at == len(unit):
            return amount, tuple(sorted((base, n) for base, n in powers.items() if n))
        if unit[at] not in "*/":
            raise UnitError(f"cannot read the unit {unit!r}: write it like 1/week or person/day")
        sign, at = (1 if unit[at] == "*" else -1), at + 1


def check_unit(unit: str) -> None:
    """Raise UnitError unless `unit` can be read and each of its names is known."""
    _resolve(unit)


def factor(from_unit: str, to_unit: str) -> float:
    """Return by what a number in `from_unit` is multiplied to be in `to_unit`.

    Raises
    ------
    UnitError
        When a unit is unknown, or the two differ in dimension.
    """
    amount, dimension = _resolve(from_unit)
    wanted_amount, wanted = _resolve(to_unit)
    if dimension != wanted:
        raise UnitError(f"{from_unit} is no unit like {to_unit}: {_words(dimension, wanted)}")
    return float(amount / wanted_amount)


def _words(found: tuple[tuple[str, int], ...], wanted: tuple[tuple[str, int], ...]) -> str:
    texts = [
        " ".join(
            base.strip("[]") + (f"^{power}" if power != 1 else "") for base, power in dimension
        )
        or "a plain number"
        for dimension in (found, wanted)
    ]
    return f"it is {texts[0]}, not {texts[1]}"


def parse_quantity(text: str) -> tuple[float, str]:
    """Split a quantity into number and unit: ``"7 day"`` gives ``(7.0, "day")``.

    A number alone has the unit "1". The unit is not looked up: `factor` and `check_unit` do that.

    Raises
    ------
    ValueError
        When the text does not start with a finite number followed by a space and a unit.
    """
    found = _QUANTITY.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no quantity: write a number, a space and a unit, like 7 day")
    number = float(found[1])
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text!r} is too large a number")
    return number, (found[2] or "1").strip()
