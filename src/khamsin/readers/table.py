"""Read chosen columns of a published CSV file, strictly: every fault with its file and line."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin.errors import InputError, nearest
from khamsin.readers.archive import open_bytes, open_text, read_header

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from khamsin.readers.report import Report

_FAULTS_SHOWN = 10
_NO_NUMBER = ["", "NA", "NaN", "nan", "NULL", "null"]


@dataclass(frozen=True)
class Column:
    """A column to read.

    Attributes
    ----------
    name : str
        What it is called in the result.
    published : tuple of str
        What it is called in the file, in any version, in lower case.
    kind : str
        `number`, or `text` (read as a category; dates too, until `parse_dates`).
    required : bool
        Whether a file without it is at fault.
    """

    name: str
    published: tuple[str, ...]
    kind: str = "text"
    required: bool = True


@dataclass
class Table:
    """Columns of a CSV file, and the way back from a row to its line.

    Attributes
    ----------
    path : Path
        The file.
    frame : DataFrame
        The columns asked for; row k is the k-th record of the file.
    """

    path: Path
    frame: pd.DataFrame
    separator: str
    encoding: str
    header_lines: int
    fields: int

    def lines(self, rows: Iterable[int]) -> dict[int, tuple[int, int]]:
        """Return (first line, number of fields) of rows; reads the file again, for faults only."""
        wanted = set(rows)
        found: dict[int, tuple[int, int]] = {}
        with open_text(self.path, self.encoding) as text:
            reader = csv.reader(text, delimiter=self.separator)
            row, line = -self.header_lines, 1
            for fields in reader:
                if fields:
                    if row in wanted:
                        found[row] = (line, len(fields))
                        if len(found) == len(wanted):
                            break
                    row += 1
                line = reader.line_num + 1
        return found

    def refuse(self, faults: Sequence[tuple[int, str]]) -> None:
        """Raise the faults of rows, with file and line; do nothing when there are none.

        Parameters
        ----------
        faults : sequence of (row, what)
            For example `(17, "best is negative: -3")`.

        Raises
        ------
        InputError
            If there is any fault.
        """
        if not faults:
            return
        shown = sorted(faults)[:_FAULTS_SHOWN]
        lines = self.lines(row for row, _ in shown)
        said = []
        for row, what in shown:
            line, fields = lines.get(row, (0, self.fields))
            shifted = (
                f" (the row has {fields} fields, the header {self.fields})"
                if fields != self.fields
                else ""
            )
            said.append(f"{self.path}:{line}: {what}{shifted}")
        if len(faults) > len(shown):
            said.append(f"... and {len(faults) - len(shown):,} more faults")
        raise InputError("\n".join(said))


def read_table(
    path: str | Path,
    columns: Sequence[Column],
    report: Report,
    *,
    also_known: Sequence[str] = (),
    separator: str = ",",
    headless: Sequence[str] = (),
) -> Table:
    """Read the columns of a CSV file by name, in whatever order they are.

    Parameters
    ----------
    path : path
        A file in UTF-8 (with or without a byte-order mark), plain, gzipped, or alone in a zip.
    columns : sequence of Column
        What to read.
    report : Report
        Takes the oddities: columns that nobody knows, a missing header, another encoding.
    also_known : sequence of str
        Published columns that are not read and not worth a word.
    separator : str
        Between the fields.
    headless : sequence of str
        Names of all columns, in order, for files that are sometimes published without their header
        line.

    Returns
    -------
    Table
        Its frame has one column for each of `columns`, all missing where an optional one is not in
        the file.

    Raises
    ------
    InputError
        No such file, an empty one, a column that is missing or there twice, text in a column of
        numbers.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    try:
        return _read(path, columns, report, also_known, separator, headless, "utf-8-sig")
    except UnicodeDecodeError:
        report.warn("file not in UTF-8, read as Latin-1", [path.name])
        return _read(path, columns, report, also_known, separator, headless, "latin-1")


def _read(
    path: Path,
    columns: Sequence[Column],
    report: Report,
    also_known: Sequence[str],
    separator: str,
    headless: Sequence[str],
    encoding: str,
) -> Table:
    import pandas as pd

    header = read_header(path, separator, encoding)
    wanted = {published: c for c in columns for published in c.published}
    header_lines = 1
    if headless and len(header) == len(headless) and not set(header) & set(wanted):
        report.warn("file without its header line, read in the standard order", [path.name])
        header, header_lines = list(headless), 0
    places = _places(path, header, columns, separator)
    unknown = [h for h in header if h not in wanted and h not in also_known]
    report.warn("unknown columns, not read", unknown)
    labels = [str(at) for at in range(len(header))]
    numbers = {labels[at]: c.name for at, c in places.items() if c.kind == "number"}
    used = [labels[at] for at in sorted(places)]
    options: dict[str, Any] = {
        "sep": separator,
        "encoding": encoding.removesuffix("-sig"),  # pandas skips the mark itself, and faster
        "header": 0 if header_lines else None,
        "names": labels,
        "usecols": used,
        "index_col": False,
        "keep_default_na": False,
    }
    text_only = dict.fromkeys(used, "str")
    types = {label: "float64" if label in numbers else "category" for label in used}
    empty = {label: _NO_NUMBER if label in numbers else [""] for label in used}
    table = Table(path, pd.DataFrame(), separator, encoding, header_lines, len(header))
    try:
        with open_bytes(path) as data:
            frame = pd.read_csv(data, dtype=types, na_values=empty, **options)
    except UnicodeDecodeError:
        raise
    except pd.errors.ParserError as fault:
        raise InputError(f"{path}: {fault}") from fault
    except ValueError as fault:
        with open_bytes(path) as data:
            frame = pd.read_csv(data, dtype=text_only, na_values=empty, **options)
        table.refuse(_text_among_numbers(frame, numbers))
        raise InputError(f"{path}: {fault}") from fault
    if not len(frame):
        raise InputError(f"{path}: the file has a header but no rows")
    table.refuse(
        [
            (int(row), f"{name} is no finite number")
            for label, name in numbers.items()
            for row in np.flatnonzero(np.isinf(frame[label].to_numpy()))
        ]
    )
    # pandas turns categories that look like numbers into numbers; a text such as 007 must stay one.
    odd = [k for k in used if k not in numbers and frame[k].cat.categories.dtype.kind in "biuf"]
    if odd:
        with open_bytes(path) as data:
            again = pd.read_csv(
                data, **{**options, "usecols": odd}, dtype=text_only, na_values=empty
            )
        for label in odd:
            frame[label] = again[label].astype("category")
    frame = frame[used].set_axis([places[int(label)].name for label in used], axis=1)
    for column in columns:
        if column.name not in frame:
            none = np.full(len(frame), -1)
            frame[column.name] = np.nan if column.kind == "number" else categorical(none, [])
    report.rows = len(frame)
    table.frame = frame[[c.name for c in columns]]
    return table


def parse_dates(texts: pd.Series, formats: Sequence[str]) -> NDArray[np.datetime64]:
    """Read dates of a column of categories; a time of day after the date is cut off.

    Parameters
    ----------
    texts : Series of category
        As read by `read_table`.
    formats : sequence of str
        `strptime` formats, tried in order on every text.

    Returns
    -------
    array of datetime64[D]
        NaT where no format fits, where the day does not exist, and where there is nothing.
    """
    import pandas as pd

    categories = pd.Series(texts.cat.categories, dtype="object").astype(str).str.strip()
    day = categories.str.replace(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?$", "", regex=True)
    found = np.full(
        len(day) + 1, np.datetime64("NaT", "D")
    )  # the last is for code -1, nothing there
    for layout in formats:
        read = pd.to_datetime(day, format=layout, errors="coerce").to_numpy(dtype="datetime64[D]")
        found[:-1] = np.where(np.isnat(found[:-1]), read, found[:-1])
    return np.asarray(found[texts.cat.codes.to_numpy()])


def categorical(codes: NDArray[Any], categories: Sequence[str]) -> pd.Categorical:
    """Return a column of categories from their numbers; -1 is missing."""
    import pandas as pd

    kinds: Any = list(categories)
    return pd.Categorical.from_codes(codes.astype(np.int64), categories=kinds)


def _places(
    path: Path, header: list[str], columns: Sequence[Column], separator: str
) -> dict[int, Column]:
    faults, places = [], {}
    for column in columns:
        at = [i for i, name in enumerate(header) if name in column.published]
        if len(at) > 1:
            faults.append(f"{path}:1: column {header[at[0]]} is there {len(at)} times")
        elif at:
            places[at[0]] = column
        elif column.required:
            hint = nearest(column.published[0], header)
            like = f". Is it the column {hint}?" if hint else ""
            faults.append(f"{path}:1: column {column.published[0]} is missing{like}")
    if faults and len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        faults.insert(
            0, f"{path}:1: one column only; the fields are not separated by {separator!r}"
        )
    if faults:
        raise InputError("\n".join(faults))
    return places


def _text_among_numbers(frame: pd.DataFrame, numbers: dict[str, str]) -> list[tuple[int, str]]:
    import pandas as pd

    faults = []
    for label, name in numbers.items():
        bad = frame[label].notna() & pd.to_numeric(frame[label], errors="coerce").isna()
        faults += [
            (int(row), f"{name} is no number: {frame[label].iloc[row]!r}")
            for row in np.flatnonzero(bad)
        ]
    return faults
