"""The small multiples of a report: which series are shown, their bands, their charts as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin import series
from khamsin.outcomes import headlines, main_actors
from khamsin.series import Array
from khamsin.view import charts
from khamsin.view.chart_tables import ribbon_tables, within_band
from khamsin.view.pictures import Stencil

if TYPE_CHECKING:
    import xarray as xr

SIZE = (292, 124)
MOST_ACTORS = 5

Where = dict[str, list[str]]


@dataclass
class Panel:
    """One small multiple: a series of all scenarios."""

    title: str
    unit: str
    note: str
    variable: str
    where: Where
    bands: list[Array]  # for each scenario (5 quantiles, time)
    observations: list[Mapping[str, Any]] = field(default_factory=list)
    svg: str = ""

    @property
    def held(self) -> tuple[int, int]:
        """How many observations lie in the 90 % band, and how many there are."""
        return self._held

    _held: tuple[int, int] = (0, 0)


def panels(
    datasets: Sequence[xr.Dataset], observed: Sequence[Mapping[str, Any]] = ()
) -> list[Panel]:
    """The panels of a page with their charts; see `measured`."""
    found = measured(datasets, observed)
    for panel, drawn in zip(found, draw(*to_draw(datasets, found)), strict=True):
        panel.svg = drawn
    return found


def measured(
    datasets: Sequence[xr.Dataset], observed: Sequence[Mapping[str, Any]] = ()
) -> list[Panel]:
    """The panels without charts: the headlines of what is counted, then the main stock by actor.

    Parameters
    ----------
    observed : sequence of mappings
        Series that were recorded: 'title', 'variable', 'where' and 'points' (each with 'time' and
        'value'). Each gets a panel with its dots.
    """
    first = datasets[0]
    found = [_panel(datasets, o["variable"], dict(o.get("where", {})), o) for o in observed]
    names = headlines(first)
    names.sort(key=lambda n: (series.is_flow(first, n), "link" in first.variables[n].dims))
    plain = [_panel(datasets, n, {}) for n in names]
    found += [p for p in plain if any(band.any() for band in p.bands)]
    stocks = [
        n for n in names if "pair" in first.variables[n].dims and not series.is_flow(first, n)
    ]
    if stocks:
        actors = main_actors(first)[:MOST_ACTORS]
        found += [_panel(datasets, stocks[0], {"actor": [a]}) for a in actors]
    return found


def shares(ds: xr.Dataset) -> list[float]:
    """Where each period lies on the axis of a chart, 0 to 1."""
    days = (ds["time"].values - ds["time"].values[0]) / np.timedelta64(1, "D")
    return [round(float(d / max(days[-1], 1)), 4) for d in days]


def _panel(
    datasets: Sequence[xr.Dataset],
    variable: str,
    where: Where,
    observed: Mapping[str, Any] | None = None,
) -> Panel:
    first = datasets[0]
    title = series.title(first, variable)
    if "actor" in where:
        names = [series.name_of(first, "actor", a) for a in where["actor"]]
        title = f"{title}: {', '.join(map(str, names))}"
    unit = series.unit(first, variable)
    one = Panel(
        title=str(observed["title"]) if observed else title,
        unit=series.per_period(first, unit, series.is_flow(first, variable)),
        note=series.meaning(first, variable) if not where else "",
        variable=variable,
        where=where,
        bands=[series.band(ds, series.total(ds, variable, where)) for ds in datasets],
        observations=list(observed["points"]) if observed else [],
    )
    inside = within_band(one.observations, first["time"].values, one.bands[0])
    one._held = (sum(i is True for i in inside), sum(i is not None for i in inside))
    return one


def to_draw(datasets: Sequence[xr.Dataset], found: Sequence[Panel]) -> tuple[Any, Any]:
    """What `draw` is given: times of the scenarios; bands and observations of each panel."""
    return [ds["time"].values for ds in datasets], [(p.bands, p.observations) for p in found]


def draw(times: Sequence[Any], several: Sequence[tuple[Any, Any]]) -> list[str]:
    """Charts as SVG, compiling one of each shape."""
    stencils: dict[tuple[int, bool], Stencil] = {}
    drawn = []
    for bands, observations in several:
        own = ribbon_tables(times, bands, observations)
        shape = (len(own), "\nfalse," in own[-1])
        if shape not in stencils:
            chart = charts.ribbons(times, bands, title="", observations=observations, size=SIZE)
            stencils[shape] = Stencil(chart)
        drawn.append(stencils[shape].svg(own))
    return drawn
