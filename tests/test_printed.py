"""Tables in a terminal of any width show names and numbers whole."""

import io

import pytest
from rich.console import Console
from rich.table import Table

from khamsin.printed import needed, print_table


@pytest.mark.parametrize("width", [10, 40, 80, 120])
def test_a_narrow_terminal_cuts_no_digit(width: int) -> None:
    table = Table("outcome", "median", "P(<0)", title="Effects")
    for column in table.columns:
        column.no_wrap = True
    table.add_row("battle_deaths.total", "-12,345", "0")
    console = Console(file=io.StringIO(), width=width)
    print_table(console, table)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "battle_deaths.total" in text
    assert "-12,345" in text
    assert "P(<0)" in text
    assert needed(console, table) == len("| battle_deaths.total | -12,345 | P(<0) |")
