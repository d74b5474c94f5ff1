"""The vocabulary: every state variable that khamsin knows, explained once (vocabulary.toml)."""

import functools
import math
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from khamsin.units import check_unit

Kind = Literal["stock", "flow", "forcing", "table"]
KINDS: tuple[Kind, ...] = ("stock", "flow", "forcing", "table")


@dataclass(frozen=True)
class Variable:
    """A state variable: what it is, over which dims, in which unit, within which bounds.

    Attributes
    ----------
    dims : tuple of str
        place, actor, other (a second actor), route, link (a route in one direction), or the name of
        one of the model's further tables; empty for one number.
    kind : {"stock", "flow", "forcing", "table"}
        A stock lasts from step to step; a flow is what a step adds; a forcing is set by nobody but
        the model file and interventions; a table is constant.
    bounds : tuple of float
        The least and the greatest value, both allowed.
    default : float
        The value where nothing sets one.
    optional : bool
        The vocabulary gives a default: a model need not set it before a process reads it.
    index_of : str or None
        The dim whose ids the values number, from 0; -1 is none.
    """

    name: str
    dims: tuple[str, ...]
    unit: str
    kind: Kind
    bounds: tuple[float, float]
    meaning: str
    default: float = 0.0
    index_of: str | None = None
    optional: bool = False

    @property
    def whole(self) -> bool:
        """Whether it counts what comes in whole numbers: people, buildings, arms."""
        return self.unit in ("person", "building", "kit")


@functools.cache
def _read() -> dict[str, Variable]:
    entries = tomllib.loads(files(__package__).joinpath("vocabulary.toml").read_text("utf-8"))
    found = {}
    for name, entry in entries.items():
        unknown = set(entry) - set(Variable.__annotations__) | {"optional"} & set(entry)
        if unknown or entry.get("kind") not in KINDS:
            raise ValueError(f"vocabulary.toml: {name}: {unknown or entry.get('kind')} is unknown")
        check_unit(entry["unit"])
        low, high = entry.get("bounds", [0, math.inf])
        found[name] = Variable(
            name,
            tuple(entry["dims"]),
            entry["unit"],
            entry["kind"],
            (float(low), float(high)),
            entry["meaning"],
            float(entry.get("default", 0)),
            entry.get("index_of"),
            "default" in entry,
        )
    return found


def vocabulary() -> dict[str, Variable]:
    """Return all variables of the vocabulary, by name."""
    return dict(_read())
