"""Numbers in model files: bare, with a unit (``24.6 1/week``), or as a prior."""

import math
from dataclasses import dataclass, fields
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    WithJsonSchema,
    model_validator,
)

from khamsin.priors import KINDS, Fixed, Prior
from khamsin.units import check_unit, factor, parse_quantity


class Strict(BaseModel):
    """A part of a model file: no key but those named, no text for a number."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _without_empty_sections(cls, written: Any) -> Any:
        """Take a section with nothing, or only comments, under it for an empty one."""
        if not isinstance(written, dict) or None not in written.values():
            return written
        sections = {name for name, each in cls.model_fields.items() if each.default_factory}
        return {k: each for k, each in written.items() if each is not None or k not in sections}


@dataclass(frozen=True)
class Amount:
    """A number, and the unit that was written with it."""

    number: float
    unit: str | None = None


def _amount(written: Any) -> Amount:
    if isinstance(written, (int, float)) and not isinstance(written, bool):
        if not math.isfinite(written):
            raise ValueError(f"{written} is no finite number")
        return Amount(float(written))
    if written is None:
        raise ValueError("the value is missing: write a number, or a quantity like 7 day")
    if not isinstance(written, str):
        raise ValueError(f"{_short(written)} is no number and no quantity like 7 day")
    number, unit = parse_quantity(written)
    if unit == "1" and not written.strip().endswith(" 1"):
        raise ValueError(f"{written!r} is text: write the number without quotes")
    check_unit(unit)
    return Amount(number, unit)


def _short(written: Any) -> str:
    kinds = {dict: "a mapping", list: "a list", bool: str(written).lower()}
    return kinds.get(type(written), str(written)[:60])


Quantity = Annotated[
    Amount,
    PlainValidator(_amount),
    WithJsonSchema(
        {
            "description": "a number, or a number and a unit such as 7 day",
            "anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^[-+0-9.eE]+ \S.*$"}],
        }
    ),
]


class NormalNumbers(Strict):
    """A normal distribution."""

    mean: Quantity
    sd: Quantity


class LogNormalNumbers(Strict):
    """A log-normal distribution: its median, and the standard deviation of its logarithm."""

    median: Quantity
    sigma: float


class HalfNormalNumbers(Strict):
    """The absolute value of a normal distribution around 0."""

    sd: Quantity


class UniformNumbers(Strict):
    """Any value between low and high, each as likely."""

    low: Quantity
    high: Quantity


class BetaNumbers(Strict):
    """A beta distribution on 0..scale."""

    a: float
    b: float
    scale: Quantity = Amount(1.0)


class GammaNumbers(Strict):
    """A gamma distribution with mean shape x scale."""

    shape: float
    scale: Quantity


class TriangularNumbers(Strict):
    """A triangle from low to high with its peak at mode."""

    low: Quantity
    mode: Quantity
    high: Quantity


class SplitNumbers(Strict):
    """Two halves of log-normals that meet at best; 5 % lie below low, 95 % below high."""

    low: Quantity
    best: Quantity
    high: Quantity


class ChoiceNumbers(Strict):
    """One of a few values, by weight."""

    values: list[Quantity] = Field(min_length=1)
    weights: list[float]


class Belief(Strict):
    """A prior: exactly one of these kinds."""

    fixed: Quantity | None = None
    normal: NormalNumbers | None = None
    lognormal: LogNormalNumbers | None = None
    halfnormal: HalfNormalNumbers | None = None
    uniform: UniformNumbers | None = None
    beta: BetaNumbers | None = None
    gamma: GammaNumbers | None = None
    triangular: TriangularNumbers | None = None
    split: SplitNumbers | None = None
    choice: ChoiceNumbers | None = None


def _is_mapping(written: Any) -> str:
    return "<prior>" if isinstance(written, (dict, Belief)) else "<quantity>"


Value = Annotated[
    Annotated[Belief, Tag("<prior>")] | Annotated[Quantity, Tag("<quantity>")],
    Discriminator(_is_mapping),
]


def given_kinds(belief: Belief) -> list[str]:
    """Return the kinds of prior that an entry gives."""
    return [kind for kind in KINDS if getattr(belief, kind) is not None]


def prior_of(value: Belief | Amount) -> tuple[Prior, str | None]:
    """Return the prior that an entry writes, and the unit of its numbers (None: none written).

    Raises
    ------
    ValueError
        When it gives no prior or several, mixes numbers with and without units, or makes no prior.
    """
    if isinstance(value, Amount):
        return Fixed(value.number), value.unit
    kinds = given_kinds(value)
    if len(kinds) != 1:
        found = f"gives {' and '.join(kinds)}" if kinds else "gives no number"
        raise ValueError(f"{found}: write a number or one of {', '.join(KINDS)}")
    written = getattr(value, kinds[0])
    if isinstance(written, Amount):
        return Fixed(written.number), written.unit
    numbers = {field.name: getattr(written, field.name) for field in fields(KINDS[kinds[0]])}
    amounts = [
        number
        for entry in numbers.values()
        for number in (entry if isinstance(entry, list) else [entry])
        if isinstance(number, Amount)
    ]
    if kinds[0] == "beta" and "scale" not in written.model_fields_set:
        amounts = []
    units = {amount.unit for amount in amounts}
    if None in units and len(units) > 1:
        raise ValueError(f"{kinds[0]}: give all of its numbers a unit, or none")
    unit = amounts[0].unit if amounts else None
    return KINDS[kinds[0]](**{name: _plain(entry, unit) for name, entry in numbers.items()}), unit


def _plain(entry: Any, unit: str | None) -> Any:
    """Return the numbers of an entry in one unit."""
    if isinstance(entry, list):
        return [_plain(each, unit) for each in entry]
    if isinstance(entry, Amount):
        return entry.number * (factor(entry.unit, unit) if entry.unit and unit else 1.0)
    return entry
