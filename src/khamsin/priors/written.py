"""What all priors share: checking their numbers, and writing them down again."""

import math
from dataclasses import fields
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

WORDS = {"lognormal": "log-normal", "halfnormal": "half-normal", "split": "split log-normal"}


class AnyPrior(Protocol):
    """A frozen dataclass of numbers that knows its word in a model file."""

    kind: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


def demand(holds: bool, what: str) -> None:
    """Raise ValueError with these words unless it holds."""
    if not holds:
        raise ValueError(what)


def check_numbers(prior: AnyPrior, above_zero: tuple[str, ...] = ()) -> None:
    """Make a prior's fields floats; refuse what is no finite number, or 0 where it makes none."""
    for field in fields(prior):
        value = getattr(prior, field.name)
        several = isinstance(value, (tuple, list))
        numbers = tuple(value) if several else (value,)
        for number in numbers:
            real = isinstance(number, (int, float)) and not isinstance(number, bool)
            demand(real and math.isfinite(number), f"{field.name} is no finite number: {number}")
            if field.name in above_zero:
                demand(number > 0, f"{field.name} must be above 0, not {number:g}")
        floats = tuple(float(number) for number in numbers)
        # frozen as it is: whole numbers become floats, so that equal priors are written alike
        object.__setattr__(prior, field.name, floats if several else floats[0])


def as_mapping(prior: AnyPrior) -> dict[str, Any]:
    """Return the prior as a model file writes it, as `prior_from` reads it back."""
    values = {field.name: getattr(prior, field.name) for field in fields(prior)}
    if prior.kind == "fixed":
        return {"fixed": values["value"]}
    if prior.kind == "beta" and values["scale"] == 1:
        del values["scale"]  # there only after a conversion of units
    return {
        prior.kind: {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
        }
    }


def in_words(prior: AnyPrior) -> str:
    """Return the prior in words: "log-normal, median 0.0002, sigma 1"."""
    if prior.kind == "fixed":
        return f"fixed at {prior.value:g}"  # type: ignore[attr-defined]
    words = []
    for name, value in as_mapping(prior)[prior.kind].items():
        numbers = value if isinstance(value, list) else [value]
        words.append(f"{name} " + " or ".join(f"{number:g}" for number in numbers))
    return f"{WORDS.get(prior.kind, prior.kind)}, {', '.join(words)}"
