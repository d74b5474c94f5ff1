"""CSV tables, read with the line of each row."""

import csv
import io
import math
import re
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from khamsin.errors import Fault, ModelError, nearest
from khamsin.model.disk import read_text
from khamsin.model.faults import Faults
from khamsin.units import factor, parse_quantity

_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?", re.ASCII)
_ID = re.compile(r"[\w.+'-]+")


def read_number(text: str) -> float | None:
    """Return the finite number that a cell holds, or None."""
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    return number if math.isfinite(number) else None


def no_number(text: str) -> str:
    """Say that a cell holds no number, and how one is written where a comma or a space is why."""
    how = ""
    if re.fullmatch(r"[-+]?[0-9][0-9\s.,']*", text):
        how = ": write it with a point, and nothing between thousands, like 1200.5"
    return f"{text!r} is no number{how}"


def read_day(text: str) -> date | None:
    """Return the day that a text such as 2016-05-17 means, or None."""
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None


@dataclass(frozen=True)
class Sheet:
    """A CSV file as it is written: columns of text, and the line on which each row starts."""

    file: str
    columns: dict[str, list[str]]
    lines: list[int]

    def __len__(self) -> int:
        return len(self.lines)


@dataclass(frozen=True)
class Table:
    """A table that declares a dim: one row an id.

    Attributes
    ----------
    name : str
        The dim: place, route, actor, or one of the model's own.
    file : str
    ids : list of str
    columns : dict
        Column -> the text of its cells ('' where empty), as in the file.
    lines : list of int
    known : frozenset of str
        The columns that khamsin gives a meaning; all others are kept as they are.
    """

    name: str
    file: str
    ids: list[str]
    columns: dict[str, list[str]]
    lines: list[int]
    known: frozenset[str] = field(default=frozenset(), repr=False)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.ids)}

    @property
    def extra(self) -> list[str]:
        """The columns that khamsin gives no meaning."""
        return [name for name in self.columns if name not in self.known]

    def line(self, i: int) -> int:
        """Return the line of the file on which row `i` starts."""
        return self.lines[i]

    def index(self, id: str) -> int:
        """Return the row of an id; KeyError when there is none."""
        return self._positions[id]

    def numbers(self, column: str, unit: str | None = None) -> list[float]:
        """Return a column as numbers; NaN where a cell is empty.

        Parameters
        ----------
        column : str
        unit : str, optional
            The unit to return: cells that carry a unit (``60 km``) are converted to it; a number
            alone is in it already.

        Raises
        ------
        ModelError
            When a cell is no number, or of another dimension; with all such cells.
        KeyError
            When there is no such column.
        """
        found, faults = [], []
        for text, line in zip(self.columns[column], self.lines, strict=True):
            number = math.nan if text == "" else read_number(text)
            if number is None and unit is not None:
                try:
                    amount, given = parse_quantity(text)
                    number = amount * factor(given, unit)
                except ValueError as error:
                    faults.append(Fault(self.file, line, f"{column}: {error}"))
                    continue
            if number is None:
                faults.append(Fault(self.file, line, f"{column}: {no_number(text)}"))
                continue
            found.append(number)
        if faults:
            raise ModelError(faults)
        return found


def read_sheet(path: Path, faults: Faults) -> Sheet | None:
    """Read a CSV file; None after adding faults when nothing in it can be used.

    Rows of another length than the header are faults and are left out.
    """
    shown = str(path)
    text = read_text(path, faults)
    if text is None:
        return None
    rows: list[list[str]] = []
    lines: list[int] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        for row in reader:
            if row:
                rows.append(row)
                lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        faults.add(shown, start, f"is not CSV: {error}")
        return None
    if not rows:
        faults.add(shown, 1, "is empty")
        return None
    header = rows[0]
    if not _good_header(header, shown, lines[0], faults):
        return None
    kept, kept_lines = [], []
    for row, line in zip(rows[1:], lines[1:], strict=True):
        if len(row) != len(header):
            what = f"has {len(row)} cells, but the header has {len(header)}"
            more = ": quote a text that holds commas" if len(row) > len(header) else ""
            faults.add(shown, line, what + more)
            continue
        kept.append(row)
        kept_lines.append(line)
    columns = [list(column) for column in zip(*kept, strict=True)] or [[] for _ in header]
    return Sheet(shown, dict(zip(header, columns, strict=True)), kept_lines)


def _good_header(header: list[str], file: str, line: int, faults: Faults) -> bool:
    if len(header) == 1 and (other := re.search(r"[;\t|]", header[0])):
        by = {";": "semicolons", "\t": "tabs", "|": "bars"}[other[0]]
        what = f"columns are separated by {by}: save it with commas, and points in numbers (12.5)"
        faults.add(file, line, what)
        return False
    good = True
    for position, name in enumerate(header):
        if name != name.strip():
            what = f"the column {name!r} has spaces around its name"
            faults.add(file, line, what, name.strip() or None)
        elif not name:
            faults.add(file, line, f"column {position + 1} has no name")
        elif name in header[:position]:
            faults.add(file, line, f"the column {name} is here twice")
        else:
            continue
        good = False
    return good


def check_columns(sheet: Sheet, wanted: list[str], faults: Faults) -> bool:
    """Add a fault for each wanted column that a sheet lacks; return whether all are there."""
    missing = [name for name in wanted if name not in sheet.columns]
    for name in missing:
        unused = [column for column in sheet.columns if column not in wanted]
        faults.add(sheet.file, 1, f"the column {name} is missing", nearest(name, unused))
    return not missing


def check_rows(sheet: Sheet, faults: Faults) -> None:
    """Check what every table must have: a source in each row, and days in `known_on`."""
    if check_columns(sheet, ["source"], faults):
        for text, line in zip(sheet.columns["source"], sheet.lines, strict=True):
            if not text.strip():
                what = "the source is missing: say where the row comes from, or judgement"
                faults.add(sheet.file, line, what)
    for text, line in zip(sheet.columns.get("known_on", []), sheet.lines, strict=False):
        if text and read_day(text) is None:
            faults.add(sheet.file, line, f"known_on: {text!r} is no day: write it like 2016-05-17")


def outside(text: str, number: float, low: float, high: float) -> str:
    """Say in words that a number is out of bounds."""
    if number < low:
        return f"{text} is below {low:g}, the least it can be"
    return f"{text} is above {high:g}, the most it can be"


def check_numbers(
    sheet: Sheet, column: str, bounds: tuple[float, float], empty: bool, faults: Faults
) -> None:
    """Check that a column holds numbers within bounds; `empty` cells may be allowed."""
    low, high = bounds
    for text, line in zip(sheet.columns[column], sheet.lines, strict=True):
        if text == "" and empty:
            continue
        number = read_number(text)
        if number is None:
            what = no_number(text) if text else "the number is missing"
            faults.add(sheet.file, line, f"{column}: {what}")
        elif not low <= number <= high:
            faults.add(sheet.file, line, f"{column}: {outside(text, number, low, high)}")


def check_ids(
    sheet: Sheet, column: str, valid: list[str], what: str, faults: Faults, total: bool = False
) -> None:
    """Check that the cells of a column are ids of a table; empty ones are let through.

    With `total`, a text that starts with ``*`` (a national row) is let through as well.
    """
    known = set(valid)
    for text, line in zip(sheet.columns[column], sheet.lines, strict=True):
        if text in known or not text or (total and text.startswith("*")):
            continue
        if text.strip() in known:
            faults.add(sheet.file, line, f"{column}: {text!r} has spaces around it", text.strip())
        else:
            faults.unknown(sheet.file, line, f"{column}: there is no {what} {text}", text, valid)


def good_ids(sheet: Sheet, ids: list[str], faults: Faults) -> None:
    """Check that the ids of a table are words, and each there once."""
    first: dict[str, int] = {}
    for text, line in zip(ids, sheet.lines, strict=True):
        if not text:
            faults.add(sheet.file, line, "the id is missing")
        elif text != text.strip():
            faults.add(sheet.file, line, f"the id {text!r} has spaces around it", text.strip())
        elif not _ID.fullmatch(text):
            what = f"the id {text!r} may hold only letters, digits and . _ + - '"
            faults.add(sheet.file, line, what)
        elif text in first:
            faults.add(
                sheet.file, line, f"the id {text} is here twice (first in line {first[text]})"
            )
        first.setdefault(text, line)
