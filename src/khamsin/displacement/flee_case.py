"""A case of Flee as its files hold it, and the reading of those files row by row with their lines.

The files are plain CSV whose header, where there is one, begins with `#`. Whatever is not read is
named: a column or file that a reader passes over in silence looks as if it counted.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from khamsin.errors import Fault, nearest

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Location:
    """A place of a case: a row of locations.csv."""

    name: str
    region: str
    country: str
    lat: float
    lon: float
    kind: str
    conflict_day: int
    people: float
    line: int


@dataclass(frozen=True)
class Road:
    """A row of routes.csv."""

    a: str
    b: str
    km: float
    redirection: int
    line: int


@dataclass(frozen=True)
class Closure:
    """A row of closures.csv; `end` None is never."""

    kind: str
    name1: str
    name2: str
    start: int
    end: int | None
    line: int


@dataclass
class FleeCase:
    """A case, read.

    Attributes
    ----------
    conflict : ndarray, dims (day, place)
        How hard the fighting is, as Flee takes it: only a change from 0 to more counts.
    camps : list of str
        Camps with counts, in the order of data_layout.csv.
    counts : dict
        Camp -> (days since the start, people) of the registered counts, after corrections.
    daily : ndarray, dims (day, camp), person
        Counts between their days, cut to whole people, as Flee takes them.
    unread : list of str
        Files and columns that nothing is taken from.
    first_total : float, person
        The total of day 0 by its own file, which Flee adds to its count of all people for good.
    """

    start: date = date(1970, 1, 1)
    length: int = 0
    locations: list[Location] = field(default_factory=list)
    roads: list[Road] = field(default_factory=list)
    closures: list[Closure] = field(default_factory=list)
    conflict: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    camps: list[str] = field(default_factory=list)
    counts: dict[str, tuple[list[int], list[float]]] = field(default_factory=dict)
    daily: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    unread: list[str] = field(default_factory=list)
    first_total: float = 0.0

    @property
    def names(self) -> list[str]:
        """Names of the places, in the order of the file."""
        return [place.name for place in self.locations]


class Rows:
    """The rows of one file, with what is wrong with them.

    Parameters
    ----------
    path : Path
    faults : list of Fault
        What is wrong is added here; reading goes on, so that all of it is told at once.
    needed : bool
        Whether a file that is not there is a fault.
    """

    def __init__(self, path: Path, faults: list[Fault], needed: bool = True) -> None:
        self.path, self.faults = path, faults
        self.header: list[str] = []
        self.rows: list[tuple[int, list[str]]] = []
        if not path.is_file():
            if needed:
                self.fault(None, "there is no such file")
            return
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            self.fault(None, f"cannot be read as text ({type(error).__name__})")
            return
        for line, row in enumerate(csv.reader(io.StringIO(text)), 1):
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if cells[0].startswith("#"):
                if not self.header and not self.rows:
                    self.header = [cells[0].lstrip("# "), *cells[1:]]
                continue
            self.rows.append((line, cells))

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        return iter(self.rows)

    def fault(self, line: int | None, what: str, suggestion: str | None = None) -> None:
        """Note that something is wrong."""
        self.faults.append(Fault(str(self.path), line, what, suggestion))

    def cell(self, row: Sequence[str], k: int) -> str:
        """Return a cell, empty where the row is too short."""
        return row[k] if k < len(row) else ""

    def number(
        self,
        line: int,
        what: str,
        text: str,
        low: float,
        empty: float | None,
        high: float = np.inf,
        whole: bool = False,
    ) -> float:
        """Read a number from `low` to `high`, maybe a whole one; an empty cell is `empty`, or a
        fault when that is None."""
        if text == "" and empty is not None:
            return empty
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not np.isfinite(value):
            self.fault(line, f"{what}: {text!r} is no number" if text else f"{what} is missing")
            return low if np.isfinite(low) else 0.0
        if value < low:
            self.fault(line, f"{what} is {text}: it must be at least {low:g}")
            return low
        if value > high:
            self.fault(line, f"{what} is {text}: it can be {high:g} at most")
            return high
        if whole and value != int(value):
            self.fault(line, f"{what} is {text}: it must be a whole number")
        return value

    def day(self, line: int, text: str) -> date | None:
        """Read a date like 2012-02-29."""
        try:
            if len(text) == 10 and text[4] == "-":
                return date.fromisoformat(text)
        except ValueError:
            pass
        self.fault(line, f"{text!r} is no day: Flee's files write days like 2012-02-29")
        return None

    def known(self, line: int, name: str, valid: Sequence[str], what: str = "place") -> bool:
        """Say whether a name is one of `valid`; a fault with the nearest one when not."""
        if name in valid:
            return True
        self.fault(line, f"there is no {what} {name!r}", nearest(name, valid))
        return False
