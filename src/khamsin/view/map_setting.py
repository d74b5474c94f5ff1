"""What a map needs before it is drawn: actors and colours, focus, discs and lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from khamsin import series
from khamsin.errors import InputError
from khamsin.view import discs, flows, palette
from khamsin.view.frames import Panel
from khamsin.view.map_numbers import MapNumbers
from khamsin.view.map_panel import Spot
from khamsin.view.numbers import percent_number

if TYPE_CHECKING:
    import xarray as xr

# A place counts as held if that is so in this share of members in some month.
HELD = 0.02


@dataclass
class Actor:
    """A line of the legend."""

    number: int
    id: str
    name: str
    code: str
    css: str
    colour: str


def check_same_axes(several: list[xr.Dataset]) -> xr.Dataset:
    """The first ensemble, if all can share one map."""
    if not several:
        raise InputError("a map needs an ensemble")
    first = several[0]
    if "place" not in first.dims or first.sizes["place"] == 0:
        raise InputError("this ensemble has no places to draw")
    for ds in several[1:]:
        for dim in ("place", "actor", "time", "link"):
            here = first[dim].values if dim in first.dims else np.array([])
            there = ds[dim].values if dim in ds.dims else np.array([])
            if not np.array_equal(here, there):
                raise InputError(
                    f"{ds.attrs.get('scenario', 'a scenario')} has another {dim} axis than "
                    f"{first.attrs.get('scenario', 'the first')}: draw them on separate maps"
                )
    return first


def find_actors(ds: xr.Dataset, maps: list[MapNumbers], main: Panel) -> list[Actor]:
    """Actors that hold something in some member, those who hold most first.

    Places of the main map count fourfold: its actors get the colours if there are too many actors.
    """
    if maps[0].odds is None:
        return []
    counts = np.where(np.isfinite(main.spots[:, 0]), 4.0, 1.0)
    held = np.zeros(ds.sizes["actor"])
    for one in maps:
        if one.odds is not None:
            held += np.einsum("tpa,p->a", one.odds, counts)
    ids = [str(a) for a in ds["actor"].values]
    names = series.text(ds, "actor_name", "actor")
    codes = palette.codes(ids)
    ranked = [int(n) for n in np.argsort(-held, kind="stable") if held[n] > 0]
    found = []
    for rank, n in enumerate(ranked):
        css = f"a{rank}" if rank < len(palette.ACTORS) else "ax"
        colour = palette.ACTORS[rank] if rank < len(palette.ACTORS) else palette.OTHERS
        found.append(Actor(n, ids[n], names[n] or ids[n], codes[ids[n]], css, colour))
    return found


def find_core(ds: xr.Dataset, maps: list[MapNumbers]) -> np.ndarray:
    """Places that anybody is likely enough to hold, or that are likely to have fighters.

    Where a model says neither, those that ever have anything that a disc can show.
    """
    core = np.zeros(ds.sizes["place"], dtype=bool)
    for one in maps:
        if one.odds is not None:
            core |= one.odds.sum(axis=2).max(axis=0) >= HELD
        if one.pairs is not None:
            here = np.nan_to_num(one.pairs.middle).max(axis=0) >= 1
            core[series.place_numbers(ds, np.asarray(one.pair_places)[here])] = True
        if one.odds is None and one.pairs is None:
            core |= np.any([(m.size > 0).any(axis=0) for m in one.places], axis=0)
    return core


def find_degrees(ds: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of the places; NaN where there are none."""
    nowhere = np.full(ds.sizes["place"], np.nan)
    if "lon" not in ds.coords or "lat" not in ds.coords:
        return nowhere, nowhere.copy()
    return ds["lon"].values.astype(float), ds["lat"].values.astype(float)


def find_ends(ds: xr.Dataset) -> np.ndarray:
    """Ends of the links as numbers of places (link, 2)."""
    if "link" not in ds.dims or "link_from" not in ds.coords:
        return np.zeros((0, 2), dtype=np.int64)
    ends = [series.place_numbers(ds, ds[c].values) for c in ("link_from", "link_to")]
    return np.stack(ends, axis=1)


def find_busy(maps: list[MapNumbers], ends: np.ndarray, places: int) -> np.ndarray:
    """How much passes through each place, as a share of the busiest (place)."""
    busy = np.zeros(places)
    for one in maps:
        for measure in one.links:
            passing = np.nan_to_num(measure.middle).sum(axis=0)
            for side in (0, 1):
                np.add.at(busy, ends[:, side], passing / max(float(passing.sum()), 1e-9))
    return busy / max(float(busy.max()), 1e-9)


def find_countries(ds: xr.Dataset) -> list[str]:
    """The country of each place; '' where the model names none."""
    return series.text(ds, "country") or [""] * ds.sizes["place"]


def find_focus(ds: xr.Dataset, core: np.ndarray) -> set[str]:
    """Countries that the war is about: those with a good share of the fought-over places."""
    if "country" not in ds.coords:
        return set()
    names, counts = np.unique(series.words(ds["country"])[core], return_counts=True)
    return {str(n) for n, c in zip(names, counts, strict=True) if c >= 0.1 * counts.sum()}


def find_spots(
    ds: xr.Dataset,
    maps: list[MapNumbers],
    actors: list[Actor],
    core: np.ndarray,
    sizes: list[str],
    month: int,
) -> list[Spot]:
    """What is drawn at each place in the chosen month, and the most room it ever takes."""
    names = series.text(ds, "place_name", "place")
    arabic = series.text(ds, "place_name_ar") or [""] * len(names)
    people = ds["population"].values if "population" in ds.coords else np.zeros(len(names))
    most = np.zeros(len(names))
    now = np.zeros(len(names))
    for name in sizes:
        measures = [m for one in maps for m in one.places if m.name == name]
        largest = find_largest(maps, name)
        for measure in measures:
            size = [discs.radius(v, largest) for v in np.nan_to_num(measure.size.max(axis=0))]
            most = np.maximum(most, size)
        if name == sizes[0]:
            now = np.array([discs.radius(v, largest) for v in measures[0].size[month]])
    odds = maps[0].odds
    found = []
    for n, name in enumerate(names):
        shares = []
        code = ""
        if odds is not None and core[n]:
            row = odds[month, n]
            shares = [(a.css, percent_number(row[a.number])) for a in actors if row[a.number] > 0]
            code = holder_code(row, actors)
        found.append(
            Spot(
                place=n,
                name=name,
                name_ar=arabic[n],
                core=bool(core[n]),
                code=code,
                slices=[(css, float(share)) for css, share in shares],
                radius=float(now[n]) or discs.SMALLEST,
                room=float(most[n]) or discs.SMALLEST,
                priority=float(core[n]) * 2 + float(np.nan_to_num(people[n])) / 2e6 + most[n] / 20,
            )
        )
    return found


def find_largest(maps: list[MapNumbers], name: str) -> float:
    """The value of a variable that gets the largest disc, the same in every scenario and month."""
    sizes = [
        np.nan_to_num(m.size).max(axis=0) for one in maps for m in one.places if m.name == name
    ]
    return discs.cap(np.max(sizes, axis=0).tolist()) if sizes else 0.0


def holder_code(odds: np.ndarray, actors: list[Actor]) -> str:
    """Letter code of the likeliest holder; a dash where nobody is likelier than anybody."""
    nobody = 1.0 - float(odds.sum())
    best = max(actors, key=lambda a: odds[a.number], default=None)
    # as in the page, which compares what it shows
    if best is None or percent_number(odds[best.number]) <= percent_number(max(nobody, 0.0)):
        return "–"
    return best.code


def find_widths(
    maps: list[MapNumbers], links: list[int], month: int
) -> tuple[dict[int, float], dict[int, float]]:
    """Pixels of the median flow and of its upper quantile, by link."""
    if not links or not maps[0].links:
        return {}, {}
    largest = max(float(np.nanmax(one.links[0].middle)) for one in maps)
    measure = maps[0].links[0]
    wide = {n: flows.line_width(float(measure.middle[month, n]), largest) for n in links}
    halo = {
        n: flows.line_width(float(measure.high[month, n]), largest) if wide[n] else 0.0
        for n in links
    }
    return wide, halo


def find_arcs(
    panel: Panel, ends: np.ndarray, links: list[int], lon: np.ndarray, lat: np.ndarray
) -> list[flows.Arc]:
    """Curves of the links that touch a panel: also from places beyond its edge."""
    where = panel.spots if panel.projection is None else panel.projection(lon, lat)
    found = []
    for n in links:
        a, b = ends[n]
        on = np.isfinite(panel.spots[[a, b], 0])
        if a == b or not np.isfinite(where[[a, b]]).all():
            continue
        # insets show what stays or ends in them; a line that only crosses would be noise
        if on.all() or (panel.kind == "main" and on.any()):
            found.append(flows.arc(n, where[a], where[b]))
    return found
