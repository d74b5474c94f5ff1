"""The tables behind the charts, as text: what is drawn, before it is drawn.

Altair copies a chart's data at every step, and copying text is free; and charts that differ in
nothing but their tables can share one compiled pattern (`khamsin.view.pictures.Stencil`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from khamsin.view.numbers import compact


def ribbon_tables(
    times: Sequence[Any], bands: Sequence[Any], observations: Sequence[Mapping[str, Any]] = ()
) -> list[str]:
    """The tables behind ribbons: one for each scenario, then dots and crosses if there are any.

    Each says what it is in a column of its own, so that no two are alike.
    """
    names = ("q5", "q25", "q50", "q75", "q95")
    found = []
    for number, (time, band) in enumerate(zip(times, bands, strict=True)):
        rows = [
            {"s": number, "t": day(t)}
            | {name: compact(band[k][n], 6) for k, name in enumerate(names)}
            for n, t in enumerate(np.asarray(time))
        ]
        found.append(csv(rows))
    inside = within_band(observations, times[0], bands[0]) if observations else []
    for held in (True, False):
        rows = [
            {"held": held, "t": day(o["time"]), "v": compact(o["value"], 6)}
            for o, ok in zip(observations, inside, strict=True)
            if ok is held
        ]
        if rows:
            found.append(csv(rows))
    return found


def within_band(
    observations: Sequence[Mapping[str, Any]], time: Any, band: Any
) -> list[bool | None]:
    """Whether each observation lies in the 90 % band of its period; None outside the run."""
    starts = {day(t): n for n, t in enumerate(np.asarray(time))}
    found: list[bool | None] = []
    for one in observations:
        n = starts.get(day(one["time"]))
        found.append(None if n is None else bool(band[0][n] <= one["value"] <= band[-1][n]))
    return found


def histogram_table(values: Any, weights: Any) -> tuple[str, bool, bool]:
    """The table behind a histogram; whether zero lies on its axis, and whether a bar is one number.

    Few whole numbers get a bar each, with no difference in grey; else zero is an edge between bars.
    """
    values = np.asarray(values, dtype=np.float64)
    low, high = float(values.min()), float(values.max())
    whole = high - low <= 30 and bool((values == np.rint(values)).all())
    if whole:
        edges = np.arange(min(low, 0), max(high, 0) + 2) - 0.5
    else:
        # the outer hundredths would squeeze the rest: they are counted in the outermost bars
        low, high = (float(q) for q in np.quantile(values, [0.005, 0.995]))
        step = max((high - low) / 24, 1e-9 * max(abs(low), abs(high), 1e-9))
        edges = step * np.arange(np.floor(low / step), np.ceil(high / step) + 1)
        if len(edges) < 2:
            edges = np.array([low - step, low + step])
    inside = np.clip(values, edges[0], edges[-1])
    counts, _ = np.histogram(inside, edges, weights=weights)
    rows = [
        {"a": compact(a, 6), "b": compact(b, 6), "n": compact(n), "side": int(np.sign(a + b))}
        for a, b, n in zip(edges[:-1], edges[1:], counts, strict=True)
    ]
    return csv(rows), bool(edges[0] <= 0 <= edges[-1]), whole


def csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Records as text."""
    names = list(rows[0])
    lines = [",".join(names)]
    for row in rows:
        cells = [_cell(row[n]) for n in names]
        lines.append(",".join(cells))
    return "\n".join(lines)


def _cell(value: Any) -> str:
    """A value as Vega reads it from CSV: true and false are written small."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n') else text


def day(time: Any) -> str:
    """A date as text: read as UTC by Vega, and so the same day everywhere."""
    return str(np.datetime64(time, "D"))
