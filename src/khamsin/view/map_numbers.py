"""The numbers behind a map: odds of control, sizes of discs, widths of flows, a card per place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from khamsin import series
from khamsin.blocks import gather
from khamsin.outcomes import headlines
from khamsin.quantiles import weighted_mean, weighted_quantile
from khamsin.series import Array

if TYPE_CHECKING:
    import xarray as xr

# Links whose upper quantile never reaches this share of the busiest link are not drawn.
FAINT = 0.004
MOST_FLOWS = 70
MOST_ACTORS = 4  # listed by name in the card of a place
MOST_MEASURES = 8  # numbers in the card of a place


@dataclass
class Measure:
    """One variable over places or links and time."""

    name: str
    title: str
    unit: str
    flow: bool
    middle: Array  # (time, place or link): weighted median
    low: Array  # 5 %
    high: Array  # 95 %
    size: Array  # what the area of a disc shows: see `statistic`

    @property
    def statistic(self) -> str:
        """Median of a stock; mean of a flow, since the median of a rare count is mostly zero."""
        return "mean" if self.flow else "median"


@dataclass
class MapNumbers:
    """All numbers of one scenario's map."""

    scenario: str
    title: str
    months: list[str]
    odds: Array | None  # (time, place, actor)
    places: list[Measure]
    links: list[Measure]
    pairs: Measure | None  # the first stock of people, for the main actors of each place
    pair_places: list[str]
    pair_actors: list[str]


def numbers(ds: xr.Dataset) -> MapNumbers:
    """Collect the numbers of an ensemble's map."""
    places, links = [], []
    located = [n for n in headlines(ds) if {"place", "pair"} & set(ds.variables[n].dims)]
    carded = list(dict.fromkeys([*size_names(ds), *located]))[:MOST_MEASURES]
    for name in series.counted(ds):
        dims = ds.variables[name].dims
        if name in carded:
            places.append(_measure(ds, name, series.by_place(ds, name), ds.sizes["place"]))
        elif "link" in dims:
            links.append(_measure(ds, name, gather(ds[name]), ds.sizes["link"]))
    pairs, kept = None, np.zeros(0, dtype=np.int64)
    for name in size_names(ds)[:1]:
        if "pair" in ds.variables[name].dims:
            kept = _main_pairs(ds, name)
            pairs = _measure(ds, name, gather(ds[name].isel(pair=kept)), kept.size)
    links.sort(key=lambda m: -float(np.nansum(m.middle)))
    return MapNumbers(
        scenario=str(ds.attrs.get("scenario", "")),
        title=str(ds.attrs.get("scenario_title") or ds.attrs.get("scenario", "")),
        months=series.months(ds),
        odds=series.odds(ds),
        places=places,
        links=links,
        pairs=pairs,
        pair_places=series.words(ds["pair_place"])[kept].tolist() if len(kept) else [],
        pair_actors=series.words(ds["pair_actor"])[kept].tolist() if len(kept) else [],
    )


def size_names(ds: xr.Dataset) -> list[str]:
    """Variables that the area of a disc may show: a stock of people first, then deaths."""
    found = [
        n
        for n in series.counted(ds)
        if {"pair", "place"} & set(ds.variables[n].dims) and series.unit(ds, n)
    ]
    stocks = [n for n in found if not series.is_flow(ds, n)]
    flows = [n for n in found if series.is_flow(ds, n)]
    stocks.sort(key=lambda n: ("fighter" not in n, "pair" not in ds.variables[n].dims))
    flows.sort(
        key=lambda n: ("death" not in n, "battle" not in n, "pair" not in ds.variables[n].dims)
    )
    return [*stocks[:1], *flows[:1]]


def busy_links(maps: list[MapNumbers]) -> list[int]:
    """Links that carry enough in any scenario to be drawn, busiest first."""
    best: Array | None = None
    for one in maps:
        for measure in one.links:
            high = np.nan_to_num(measure.high).max(axis=0)
            high = high / max(float(high.max()), 1e-9)
            best = high if best is None else np.maximum(best, high)
    if best is None:
        return []
    order = np.argsort(-best, kind="stable")
    return [int(n) for n in order[:MOST_FLOWS] if best[n] >= FAINT]


def _main_pairs(ds: xr.Dataset, name: str) -> npt.NDArray[np.int64]:
    """The pairs that a card lists: of each place the actors with most, if they matter at all."""
    mean = series.mean(ds, name).max(axis=0)
    kept = []
    places = series.words(ds["pair_place"])
    for place in dict.fromkeys(places.tolist()):
        mine = np.flatnonzero((places == place) & (mean >= 1))
        kept += mine[np.argsort(-mean[mine], kind="stable")[:MOST_ACTORS]].tolist()
    return np.array(sorted(kept), dtype=np.int64)


def _measure(
    ds: xr.Dataset, name: str, parts: Iterator[tuple[slice, npt.NDArray[np.float32]]], count: int
) -> Measure:
    """Weighted median, 90 % interval and mean of parts (member, time, n) of `count` in all."""
    weight, flow = series.weights(ds), series.is_flow(ds, name)
    found = np.zeros((4, ds.sizes["time"], count))
    for columns, values in parts:
        cells = values.T  # members last, as they lie in memory
        bands = weighted_quantile(cells, weight, (0.05, 0.5, 0.95), axis=2)
        found[:3, :, columns] = bands.transpose(0, 2, 1)
        if flow:
            means = [weighted_mean(one, weight, axis=1) for one in cells]
            found[3, :, columns] = np.stack(means, 1)
    low, middle, high, mean = found
    return Measure(
        name=name,
        title=series.title(ds, name),
        unit=series.unit(ds, name),
        flow=flow,
        middle=middle,
        low=low,
        high=high,
        size=mean if flow else middle,
    )
