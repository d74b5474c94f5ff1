"""What carries a result as a report shows it: for each outcome a chart, a note and a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from khamsin.view import charts, sensitivity
from khamsin.view.numbers import shown
from khamsin.view.pictures import svg

if TYPE_CHECKING:
    import xarray as xr

Bars = Sequence[Mapping[str, Any]]
SIZE = (360, 0)


def measured(
    ds: xr.Dataset,
    outcomes: list[Any],
    parameters: xr.Dataset | None,
    given: Mapping[str, Bars] | None,
) -> list[dict[str, Any]]:
    """An entry for each outcome, without its chart.

    Parameters
    ----------
    given : mapping, optional
        Bars by heading, from an exploration; otherwise they are rank correlations over the members.
    """
    bars: dict[str, Bars] = {}
    notes: dict[str, str] = {}
    if given is not None:
        bars = {heading: list(several) for heading, several in given.items()}
    else:
        wanted = sensitivity.outcomes_for(outcomes)
        tried_of = sensitivity.bars(ds, wanted, parameters)
        for outcome, (found, tried) in zip(wanted, tried_of, strict=True):
            heading = outcome.title(ds)
            if tried:
                bars[heading] = [
                    {"label": b.label, "median": b.median, "low": b.low, "high": b.high}
                    for b in found
                ]
                stand = {0: "None stands", 1: "One stands"}.get(len(found), f"{len(found)} stand")
                notes[heading] = f"{stand} out of the {tried} that were tried."
    return [
        {
            "title": heading,
            "note": notes.get(heading, ""),
            "svg": "",
            "bars": several,
            "rows": [_row(one) for one in several],
        }
        for heading, several in bars.items()
        if several or heading in notes
    ]


def draw(several: Sequence[Bars]) -> list[str]:
    """Charts as SVG; '' where there is no bar."""
    return [svg(charts.sensitivity(bars, size=SIZE)) if bars else "" for bars in several]


def _row(bar: Mapping[str, Any]) -> dict[str, str]:
    low, high = (shown(bar[end], signed=True) for end in ("low", "high"))
    return {
        "label": bar["label"],
        "median": shown(bar["median"], signed=True),
        "interval": f"{low} to {high}",
    }
