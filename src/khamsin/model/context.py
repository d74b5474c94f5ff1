"""What all parts of the reader share: the folder, the faults, what has been read so far."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from khamsin.model.amounts import Amount, Belief, prior_of
from khamsin.model.bibtex import Reference
from khamsin.model.disk import find_inside
from khamsin.model.documents import Document
from khamsin.model.faults import Faults
from khamsin.model.parts import Time
from khamsin.model.schema import ModelFile
from khamsin.model.tables import Sheet, Table, check_ids, check_rows, outside, read_sheet
from khamsin.model.vocabulary import Variable
from khamsin.priors import Prior
from khamsin.units import UnitError, factor

JUDGEMENT = ("judgement", "memory")  # sources that rest on nobody's data

Key = str | int


def table_of(dim: str) -> str:
    """Return the table whose ids a dim runs over: `other` is a second actor, a link a route."""
    return {"other": "actor", "link": "route"}.get(dim, dim)


@dataclass
class Context:
    """A model in the course of being read.

    Attributes
    ----------
    tables : dict
        The tables that could be read.
    broken : set of str
        Dims whose table is at fault, so that nothing is held against them.
    references : dict or None
        None when references.bib is at fault.
    excused : set of str
        Variables that the model declares at fault, so that naming them is no other fault.
    """

    folder: Path
    document: Document
    entry: ModelFile
    faults: Faults
    time: Time
    variables: dict[str, Variable] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    references: dict[str, Reference] | None = None
    sheets: dict[str, Sheet | None] = field(default_factory=dict)
    excused: set[str] = field(default_factory=set)

    def raw(self, key: str) -> Any:
        """Return what model.yaml says under a key, at fault or not."""
        return self.document.data.get(key)

    def fault(self, keys: Iterable[Key], what: str, suggestion: str | None = None) -> None:
        """Add a fault at a value of model.yaml."""
        self.faults.add(self.document.file, self.document.line(*keys), what, suggestion)

    def sheet(self, name: str, keys: tuple[Key, ...], what: str) -> Sheet | None:
        """Read a CSV file that a value of model.yaml names, once; None when it is at fault."""
        path, reason = find_inside(self.folder, name)
        if path is None:
            files = [each.name for each in sorted(self.folder.glob("*.csv"))[:1000]]
            if reason.startswith("there is no"):
                self.faults.unknown(
                    self.document.file, self.document.line(*keys), f"{what}: {reason}", name, files
                )
            else:
                self.fault(keys, f"{what}: {reason}")
            return None
        shown = str(path)
        if shown not in self.sheets:
            self.sheets[shown] = sheet = read_sheet(path, self.faults)
            if sheet is not None:
                check_rows(sheet, self.faults)
        return self.sheets[shown]

    def check_foreign_ids(self, sheet: Sheet, total: bool = False) -> None:
        """Check that the columns of a sheet that are named like a dim hold its ids.

        With `total`, places may also be national rows such as ``*LIBYA``.
        """
        for column in sheet.columns:
            table = self.tables.get(table_of(column))
            if table is None or column == "link" or table.file == sheet.file:
                continue
            starred = total and column == "place"
            check_ids(sheet, column, table.ids, table.name, self.faults, total=starred)

    def check_source(self, file: str, line: int | None, source: str, what: str) -> None:
        """Check that a source is a reference or a word for judgement."""
        if source in JUDGEMENT or self.references is None or source in self.references:
            return
        valid = [*self.references, *JUDGEMENT]
        what = f"{what}: {source} is neither a reference of references.bib nor `judgement`"
        self.faults.unknown(file, line, what, source, valid)

    def read_prior(
        self, value: Belief | Amount, file: str, line: int | None, what: str
    ) -> tuple[Prior, str | None] | None:
        """Read a prior and the unit of its numbers; None after adding the fault."""
        try:
            return prior_of(value)
        except UnitError as error:
            self.faults.add(file, line, f"{what}: {error.what}", error.suggestion)
        except ValueError as error:
            self.faults.add(file, line, f"{what}: {error}")
        return None

    def in_unit_of(
        self, variable: Variable, found: tuple[Prior, str | None], file: str, line: int | None
    ) -> Prior | None:
        """Convert a prior to the unit of a variable; None after adding the fault."""
        prior, unit = found
        if unit is None:
            return prior
        try:
            by = factor(unit, variable.unit)
        except UnitError as error:
            self.faults.add(file, line, f"{variable.name}: {error.what}", error.suggestion)
            return None
        return prior if by == 1.0 else prior.scaled(by)

    def check_bounds(self, variable: Variable, prior: Prior, file: str, line: int | None) -> None:
        """Check that a prior cannot give a value that the variable cannot have."""
        low, high = prior.support
        least, greatest = variable.bounds
        if least <= low and high <= greatest:
            return
        if prior.kind == "fixed":
            what = outside(f"{low:g}", low, least, greatest)
        else:
            what = (
                f"a {prior.describe()} reaches from {low:g} to {high:g}, "
                f"outside of {least:g} and {greatest:g}"
            )
        self.faults.add(file, line, f"{variable.name}: {what}")
