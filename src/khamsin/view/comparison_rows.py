"""Paired effects as a report shows them: a row an outcome, its distribution, split by answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin.comparison import deciding_questions
from khamsin.view import charts
from khamsin.view.chart_tables import histogram_table
from khamsin.view.numbers import percent, shown
from khamsin.view.pictures import Stencil

if TYPE_CHECKING:
    import xarray as xr

# So many outcomes are shown at once, and so many split by every answer; the others on request,
# as numbers: what is drawn for nobody makes a file that nobody can mail.
SHOWN, SPLIT = 18, 8
# More members than this are no figure that anybody could use.
FAR_MORE = 1_000_000

# By whether zero is on the axis, and whether each bar is one whole number.
Stencils = dict[tuple[bool, bool], Stencil]
# Differences and weights (member).
Drawn = tuple[Any, Any]


def rows(effects: Sequence[xr.Dataset]) -> list[dict[str, Any]]:
    """One entry for each scenario that is compared with the baseline, with its charts."""
    found = measured(effects)
    for row, drawn in zip(charted(found), draw(to_draw(effects, found)), strict=True):
        row["svg"] = drawn
    return found


def measured(effects: Sequence[xr.Dataset]) -> list[dict[str, Any]]:
    """As `rows`, without the charts."""
    return [_one(effect) for effect in effects]


def charted(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that have a chart, of all entries."""
    return [row for entry in found for row in entry["rows"]]


def to_draw(effects: Sequence[xr.Dataset], found: Sequence[dict[str, Any]]) -> list[Drawn]:
    """What `draw` is given: differences and weights of each row that has a chart."""
    return [
        (effect.variables["difference"].values[row["number"]], effect.variables["weight"].values)
        for effect, entry in zip(effects, found, strict=True)
        for row in entry["rows"]
    ]


def draw(several: Sequence[Drawn]) -> list[str]:
    """Histograms as SVG, compiling one of each shape."""
    stencils: Stencils = {}
    return [_drawn(differences, weight, stencils) for differences, weight in several]


def _one(effect: xr.Dataset) -> dict[str, Any]:
    table = {
        str(n): v.values for n, v in effect.variables.items()
    }  # plain arrays: many small reads
    found = []
    for n, name in enumerate(table["outcome"]):
        changed = bool(table["difference"][n].any())
        need = float(table["members_independent"][n])
        groups = [
            {
                "hypothesis": _words(table["hypothesis"][g]),
                "answer": str(table["answer"][g]),
                "weight": percent(float(table["group_weight"][g])),
                **_numbers(table, n, g),
            }
            for g in range(1, len(table["group"]))
        ]
        found.append(
            {
                "name": str(name),
                "title": str(table["title"][n]),
                "unit": str(table["unit"][n]),
                "a": shown(float(table["a_median"][n])),
                "b": shown(float(table["b_median"][n])),
                "need": _members(need),
                "number": n,
                "svg": "",
                "same": not changed,
                "groups": groups,
                "split": [
                    [g for g in groups if g["hypothesis"] == question]
                    for question in map(_words, deciding_questions(effect, n))
                ],
                **_numbers(table, n, 0),
            }
        )
    changed_rows = [r for r in found if not r["same"]]
    return {
        "a": effect.attrs["a_title"],
        "b": effect.attrs["b_title"],
        "name": effect.attrs["b"],
        "members": f"{effect.attrs['members']:,}",
        "rows": changed_rows[:SHOWN],
        "grouped": changed_rows[:SPLIT],
        "more": changed_rows[SHOWN:],
        "same": [r["title"] for r in found if r["same"]],
        "split": [r for r in found if r["split"]],
    }


def _members(need: float) -> str:
    if not np.isfinite(need):
        return "–"
    return f"{need:,.0f}" if need <= FAR_MORE else "over a million"


def _numbers(table: dict[str, Any], outcome: int, group: int) -> dict[str, str]:
    """Median, interval and probability of an effect as text."""
    return {
        "effect": shown(float(table["effect"][outcome, group]), signed=True),
        "low": shown(float(table["low"][outcome, group]), signed=True),
        "high": shown(float(table["high"][outcome, group]), signed=True),
        "above": percent(float(table["probability_above"][outcome, group])),
    }


def _words(name: Any) -> str:
    return str(name).replace("_", " ")


def _drawn(differences: Any, weight: Any, stencils: Stencils) -> str:
    table, crosses, whole = histogram_table(differences, weight)
    if (crosses, whole) not in stencils:
        stencils[crosses, whole] = Stencil(charts.histogram(differences, weight))
    zero = ["x\n0"] if crosses else []
    return stencils[crosses, whole].svg([table, *zero])
