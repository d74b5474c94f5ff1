"""Tables in a terminal: however narrow it is, no name and no number in them is cut."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

UNBOUND = 10_000


def needed(console: "Console", table: "Table") -> int:
    """Return the columns of a terminal that a table of text needs when only words are wrapped."""
    from rich.cells import cell_len
    from rich.measure import Measurement

    for column in table.columns:
        if column.no_wrap:
            texts = [str(text) for text in (column.header, *column.cells)]
            cells = [console.render_str(text).plain for text in texts]
            lines = [line for cell in cells for line in cell.splitlines()]
            column.min_width = max(map(cell_len, lines), default=0)
    return Measurement.get(console, console.options.update(width=UNBOUND), table).minimum


def print_table(console: "Console", table: "Table") -> None:
    """Print a table; where the terminal is narrower than it can be, its lines run on.

    Rich would cut digits off instead, and 0.16 would stand there as 0.1.
    """
    console.width = max(console.width, needed(console, table))
    console.print(table)
