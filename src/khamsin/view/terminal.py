"""Ribbons in a terminal: sparklines with their numbers, for people and for pipes without colour."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from khamsin import series
from khamsin.outcomes import main_actors
from khamsin.view.numbers import shown

if TYPE_CHECKING:
    import xarray as xr
    from rich.table import Table

BLOCKS = "▁▂▃▄▅▆▇█"
WIDEST, NARROW = 36, 12
ROOM = 110  # columns of a terminal that everything fits in


def ribbons(ds: xr.Dataset, actors: int = 6, width: int = ROOM) -> Table:
    """The main series of an ensemble as a table: the median over time, and the numbers at its ends.

    Parameters
    ----------
    ds : Dataset
        An opened ensemble.
    actors : int
        How many actors are listed.
    width : int
        Columns of the terminal. In few, units stand beside names, and the first value is left to
        the line.

    Returns
    -------
    rich.table.Table
        Print it with `rich.print` or a `rich.console.Console`.
    """
    from rich.markup import escape
    from rich.table import Table
    from rich.text import Text

    months = series.months(ds)
    table = Table(
        title=escape(
            f"{ds.attrs.get('title', '')}: {ds.attrs.get('scenario_title', '')}".strip(": ")
        ),
        caption=f"median of {ds.sizes['member']:,} members, {months[0]} to {months[-1]}; "
        "90 % interval at the end",
        title_justify="left",
        caption_justify="left",
        box=None,
        pad_edge=False,
    )
    wide = width >= ROOM
    table.add_column("")
    table.add_column("over time", no_wrap=True)
    for heading in (["first"] if wide else []) + ["last", "5 %", "95 %"]:
        table.add_column(heading, justify="right", no_wrap=True)
    if wide:
        table.add_column("unit")
    for name, where in _rows(ds, actors):
        band = series.band(ds, series.total(ds, name, where), (0.05, 0.5, 0.95))
        label = series.title(ds, name)
        if "actor" in where:
            label = f"  {series.name_of(ds, 'actor', where['actor'][0])}"
        unit = series.per_period(ds, series.unit(ds, name), series.is_flow(ds, name))
        first, last, low, high = (
            shown(float(v)) for v in (band[1, 0], band[1, -1], band[0, -1], band[2, -1])
        )
        if wide:
            table.add_row(Text(label), sparkline(band[1]), first, last, low, high, unit)
        else:
            beside = "" if "actor" in where or not unit else f" ({unit})"
            table.add_row(Text(label + beside), sparkline(band[1], NARROW), last, low, high)
    return table


def sparkline(values: np.ndarray, width: int = WIDEST) -> str:
    """A line of blocks, its height from zero (or the lowest value below it) to the highest."""
    values = np.asarray(values, dtype=np.float64)
    if len(values) > width:  # the mean of neighbours, so that nothing is dropped
        edges = np.linspace(0, len(values), width + 1).round().astype(int)
        values = np.array([values[a:b].mean() for a, b in pairwise(edges)])
    finite = values[np.isfinite(values)]
    if not len(finite):
        return " " * len(values)
    low, high = min(0.0, float(finite.min())), float(finite.max())
    if high <= low:
        return BLOCKS[0] * len(values)
    level = np.nan_to_num((values - low) / (high - low)) * (len(BLOCKS) - 1)
    return "".join(BLOCKS[round(float(v))] for v in level)


def _rows(ds: xr.Dataset, actors: int) -> list[tuple[str, dict[str, list[str]]]]:
    """Every counted variable; after the main stock, its actors."""
    found: list[tuple[str, dict[str, list[str]]]] = []
    by_actor = [
        n
        for n in series.counted(ds)
        if "pair" in ds.variables[n].dims and not series.is_flow(ds, n)
    ]
    for name in series.counted(ds):
        found.append((name, {}))
        if by_actor[:1] == [name]:
            found += [(name, {"actor": [a]}) for a in main_actors(ds)[:actors]]
    return found
