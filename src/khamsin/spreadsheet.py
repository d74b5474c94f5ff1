"""CSV files that people open in a spreadsheet: no cell of ours is taken for a formula there.

A cell of text that begins with = + - @ (or a tab, or a line's end) is run as a formula by
spreadsheets, also between double quotes. It is written with the spreadsheet's own mark of quoted
text before it, an apostrophe. Numbers stay numbers.
"""

import csv
from collections.abc import Iterable, Sequence
from typing import IO

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def quoted(cell: object) -> object:
    """Return a cell as it can be written: text that a spreadsheet would run gets an apostrophe.

    Examples
    --------
    >>> quoted("=1+1"), quoted("-0.5"), quoted(-0.5), quoted("Sirte")
    ("'=1+1", '-0.5', -0.5, 'Sirte')
    """
    if not isinstance(cell, str) or not cell.lstrip(" ").startswith(FORMULA):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell


def write_rows(file: IO[str], rows: Iterable[Sequence[object]]) -> int:
    """Write rows as CSV and return how many; `file` is open with `newline=""`."""
    writer = csv.writer(file, lineterminator="\n")
    count = 0
    for row in rows:
        writer.writerow([quoted(cell) for cell in row])
        count += 1
    return count
