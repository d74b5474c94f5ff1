"""Series in one line each: what a page does not draw large, and what cannot be added up.

A total of shares, prices or ranks means nothing: those variables are shown by element (a power, a
government, an oil field), the elements that change or differ most first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin import series
from khamsin.blocks import gather
from khamsin.outcomes import headlines
from khamsin.quantiles import weighted_quantile
from khamsin.series import Array
from khamsin.view.numbers import shown

if TYPE_CHECKING:
    import xarray as xr

WIDE, HIGH = 150, 22
# Of each variable so many elements are listed.
MOST = 4


@dataclass(frozen=True)
class Line:
    """One series of all scenarios: a sparkline of the first, and the numbers at its ends."""

    label: str
    svg: str
    first: str
    ends: list[tuple[str, str]]  # for each scenario: median, 90 % interval


@dataclass(frozen=True)
class Group:
    """A variable by element; or, with no variable, the totals of several."""

    variable: str
    title: str
    unit: str
    note: str
    lines: list[Line]
    left: int = 0  # elements that are not listed
    by_element: bool = True


def totals(datasets: Sequence[xr.Dataset]) -> list[Group]:
    """What is counted and not drawn large, a variable a group of one line."""
    first = datasets[0]
    large, found = headlines(first), []
    for name in series.counted(first):
        if name in large:
            continue
        bands = [_band(ds, series.total(ds, name)[..., None]) for ds in datasets if name in ds]
        if any(band.any() for band in bands):
            unit = series.unit(first, name)
            unit = series.per_period(first, unit, series.is_flow(first, name))
            found.append(_group(first, name, unit, [_line("in all", bands, 0)], None))
    return found


def by_element(datasets: Sequence[xr.Dataset]) -> list[Group]:
    """What cannot be added up, by its elements."""
    first, found = datasets[0], []
    for name in series.not_added(first):
        labels = _labels(first, name)
        bands = [_bands(ds, name) for ds in datasets if name in ds.data_vars]
        low, middle, high = bands[0]
        moved = np.ptp(middle, axis=0) + (high - low).max(axis=0)
        order = [int(n) for n in np.argsort(-moved, kind="stable") if moved[n] > 0][:MOST]
        if order:
            unit = series.unit(first, name)
            lines = [_line(labels[n], bands, n) for n in order]
            found.append(_group(first, name, unit, lines, len(labels) - len(order)))
    return found


def _group(ds: xr.Dataset, name: str, unit: str, lines: list[Line], left: int | None) -> Group:
    """With None left, the group is one total."""
    title, note = series.title(ds, name), series.meaning(ds, name)
    return Group(name, title, unit, note, lines, left or 0, by_element=left is not None)


def _bands(ds: xr.Dataset, name: str) -> Array:
    """Of each element (3, time, element), those of several dims in the order of `_labels`."""
    weight, q = series.weights(ds), (0.05, 0.5, 0.95)
    # turned round, members lie together as they do in memory
    bands = [weighted_quantile(v.T, weight, q, axis=2) for _, v in gather(ds[name])]
    return np.concatenate(bands, axis=1).transpose(0, 2, 1)


def _labels(ds: xr.Dataset, name: str) -> list[str]:
    dims = [str(d) for d in ds[name].transpose("member", "time", ...).dims[2:]]
    known = {d: series.names_of(ds, d) for d in dims}
    names = [[known[d].get(str(one)) or str(one) for one in ds[d].values] for d in dims]
    return [", ".join(several) for several in product(*names)]


def _band(ds: xr.Dataset, values: Any) -> Array:
    """5 %, 50 % and 95 % (3, time, element)."""
    return series.band(ds, values, (0.05, 0.5, 0.95))


def _line(label: str, bands: Sequence[Array], n: int) -> Line:
    ends = []
    for band in bands:
        low, middle, high = (shown(float(v)) for v in band[:, -1, n])
        ends.append((middle, f"{low} – {high}"))
    return Line(label, sparkline(bands[0][:, :, n]), shown(float(bands[0][1, 0, n])), ends)


def sparkline(band: Array) -> str:
    """An SVG of a band (3, time): 5 % to 95 % pale, the median as a line, zero at the foot."""
    low, high = min(0.0, float(np.nanmin(band))), float(np.nanmax(band))
    height = HIGH - 2 - (np.nan_to_num(band) - low) / max(high - low, 1e-12) * (HIGH - 4)
    across = np.linspace(1, WIDE - 1, band.shape[1])
    lower, middle, upper = (
        [f"{x:.0f},{y:.0f}" for x, y in zip(across, row, strict=True)] for row in height
    )
    return (
        f'<svg class="spark" viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" height="{HIGH}" '
        f'aria-hidden="true"><polygon points="{" ".join([*upper, *reversed(lower)])}"/>'
        f'<polyline points="{" ".join(middle)}"/></svg>'
    )
