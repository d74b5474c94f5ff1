"""The model: everything that a folder says, read and checked."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from khamsin.errors import InputError
from khamsin.model.bibtex import Reference
from khamsin.model.claims import Claims
from khamsin.model.documents import Document
from khamsin.model.parts import (
    Hypothesis,
    Observation,
    Outputs,
    ParameterSpec,
    Part,
    ProcessUse,
    Scenario,
    StartingValue,
    Time,
)
from khamsin.model.tables import Table
from khamsin.model.vocabulary import Variable


@dataclass(frozen=True)
class Model:
    """A model, as `khamsin.model.read` returns it.

    Attributes
    ----------
    tables : dict
        Dim -> its table: place, and route, actor and the model's own where it has them.
    variables : dict
        The vocabulary and the model's own.
    own_variables : frozenset of str
        Those that the model declares.
    earlier : dict
        Day before the origin -> starting values that stood otherwise on it.
    history : Scenario or None
        What intervened before the origin. A `set` without an end stands until the next one.
    claims : Claims
        What claims.yaml says; empty without one.
    references : dict
        Key -> fields of references.bib.
    """

    folder: Path
    name: str
    format: int
    title: str
    description: str
    time: Time
    tables: dict[str, Table]
    variables: dict[str, Variable]
    own_variables: frozenset[str]
    state: dict[str, StartingValue]
    earlier: dict[date, dict[str, StartingValue]]
    history: Scenario | None
    processes: list[ProcessUse]
    parameters: dict[str, ParameterSpec]
    hypotheses: dict[str, Hypothesis]
    scenarios: dict[str, Scenario]
    observations: dict[str, Observation]
    parts: dict[str, Part]
    outputs: Outputs
    claims: Claims
    references: dict[str, Reference]
    document: Document = field(repr=False, compare=False)

    @property
    def places(self) -> Table:
        """The table of places."""
        return self.tables["place"]

    @property
    def routes(self) -> Table:
        """The table of routes; without rows when the model has none."""
        return self.tables.get("route") or _no_rows("route", ("id", "a", "b", "mode", "km"))

    @property
    def actors(self) -> Table:
        """The table of actors; without rows when the model has none."""
        return self.tables.get("actor") or _no_rows("actor", ("id", "name", "kind"))

    def line_of(self, *keys: str | int) -> tuple[str, int | None]:
        """Return file and line of model.yaml where a value stands, or the nearest one around it.

        For example ``line_of("parameters", "combat.kill_rate")``.
        """
        return self.document.file, self.document.line(*keys)

    def as_of(self, day: date) -> "Model":
        """Return the model with the starting values of the last day that is not after `day`.

        Raises
        ------
        InputError
            When the model has dated states and all are later.
        """
        if day >= self.time.origin or not self.earlier:
            return self
        dated = [each for each in self.earlier if each <= day]
        if not dated:
            raise InputError(
                f"{self.name} has no state of {day} or before: its first is of {min(self.earlier)}"
            )
        return replace(self, state={**self.state, **self.earlier[max(dated)]})

    def places_of(self, country: str) -> list[str]:
        """Return the places of a country."""
        countries = self.places.columns.get("country", [""] * len(self.places))
        return [id for id, c in zip(self.places.ids, countries, strict=True) if c == country]

    def resolved(self) -> dict[str, Any]:
        """Return the whole model, explicit and JSON-able: what an ensemble carries with it.

        It is made once: whoever changes it takes a copy.
        """
        return self._explicit

    @cached_property
    def _explicit(self) -> dict[str, Any]:
        from khamsin.model.resolved import resolve

        return resolve(self)

    def content_hash(self) -> str:
        """Return the SHA-256 of the canonical JSON of `resolved`: equal for equal models.

        Claims are left out: they are read off the futures and change none.
        """
        own = {key: value for key, value in self.resolved().items() if key != "claims"}
        text = json.dumps(own, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def _no_rows(name: str, columns: tuple[str, ...]) -> Table:
    return Table(name, "", [], {column: [] for column in columns}, [])
