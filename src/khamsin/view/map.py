"""The map: an SVG of ours, from one ensemble or several scenarios of one model.

Discs are sliced by the odds of control and sized by fighters or deaths; flows are bent lines with
arrows; a letter code follows each name, so that colour is never alone.  The SVG stands by itself
(`Map.alone`), and carries the hooks by which `static/map.js` changes month, scenario and language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin.errors import InputError
from khamsin import series
from khamsin.view import discs, flows, palette
from khamsin.view.basemap import BORDERS
from khamsin.view.frames import Panel, Sheet, sheet
from khamsin.view.map_numbers import MapNumbers, busy_links, numbers, payload, size_names
from khamsin.view.map_panel import PanelDrawing, Spot
from khamsin.view.numbers import percent_number, shown

if TYPE_CHECKING:
    import xarray as xr

FONT = '-apple-system,BlinkMacSystemFont,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial'
ARABIC_FONT = '"Noto Sans Arabic","Geeza Pro","Segoe UI","DejaVu Sans"'


@dataclass
class Actor:
    """A line of the legend."""

    number: int
    id: str
    name: str
    code: str
    css: str
    colour: str


@dataclass
class Map:
    """A drawn map, and what the page needs beside it."""

    svg: str
    sheet: Sheet
    actors: list[Actor]  # who holds anything anywhere, likeliest first: legend and filter
    payload: dict[str, Any]  # for map.js
    months: list[str]
    sizes: list[tuple[str, str, str]]  # name, title, statistic
    beyond: list[str]  # names of places on no panel
    arabic: bool  # whether there are Arabic names to switch to
    geographic: bool
    numbers: list[MapNumbers] = field(repr=False, default_factory=list)

    def alone(self, title: str = "") -> str:
        """The SVG as a file of its own, with its style, a legend and the note on borders."""
        rows = self._legend_rows()
        top = self.sheet.height + 24
        height = top + 18 * len(rows) + (26 if self.geographic else 8)
        legend = []
        for line, row in enumerate(rows):
            for x, actor in row:
                y = top + 18 * line
                legend.append(
                    f'<circle class="{actor.css}" cx="{x + 6:.0f}" cy="{y - 4:.0f}" r="5"/>'
                    f'<text class="nm" x="{x + 16:.0f}" y="{y:.0f}">{escape(actor.name)}'
                    f'<tspan class="cd" dx="4">{escape(actor.code)}</tspan></text>'
                )
        note = BORDERS if self.geographic else ""
        body = self.svg.split(">", 1)[1].rsplit("</svg>", 1)[0]
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.sheet.width:.0f} '
            f'{height:.0f}" width="{self.sheet.width:.0f}" height="{height:.0f}" class="km" '
            f'role="img" aria-label="{escape(title or "Map")}"><style>{style()}</style>'
            f'<rect width="100%" height="100%" class="paper"/>{body}{"".join(legend)}'
            f'<text class="note" x="0" y="{height - 6:.0f}">{escape(note)}</text></svg>'
        )

    def _legend_rows(self) -> list[list[tuple[float, Actor]]]:
        """Legend entries broken into lines."""
        from khamsin.view.labels import width

        rows: list[list[tuple[float, Actor]]] = [[]]
        x = 0.0
        coloured, rest = self.actors[: len(palette.ACTORS)], self.actors[len(palette.ACTORS) :]
        entries = list(coloured)
        if rest:
            entries.append(Actor(-1, "", f"{len(rest)} other actors", "", "ax", palette.OTHERS))
        entries.append(Actor(-1, "", "nobody", "–", "nob", palette.NOBODY))
        for actor in entries if self.actors else []:
            wide = width(actor.name) + 52
            if x + wide > self.sheet.width and rows[-1]:
                rows.append([])
                x = 0.0
            rows[-1].append((x, actor))
            x += wide
        return rows


def draw(
    datasets: Sequence[xr.Dataset] | xr.Dataset,
    *,
    month: int = -1,
    size: str | None = None,
    uid: str = "m",
) -> Map:
    """Draw the map of an ensemble, or of several scenarios of one model.

    Parameters
    ----------
    datasets : Dataset or sequence of Dataset
        Opened ensembles with the same places; the first is drawn, all are in the payload.
    month : int
        The period that is drawn, counted from 0, or from the end if negative.
    size : str, optional
        Variable that the area of the discs shows; by default the first stock of people.
    uid : str
        Prefix of the ids in the SVG, where a page has several maps.

    Raises
    ------
    InputError
        If there are no places, the ensembles have different places or months, or `size` is unknown.
    """
    several = [datasets] if not isinstance(datasets, Sequence) else list(datasets)
    first = _checked(several)
    maps = [numbers(ds) for ds in several]
    sizes = size_names(first)
    if size is not None and size not in [m.name for m in maps[0].places]:
        raise InputError(f"{size} is no variable that a disc can show: {', '.join(sizes)}")
    if size is not None:
        sizes = [size, *[n for n in sizes if n != size]]
    core = _core(first, maps)
    lon, lat = _degrees(first)
    links = busy_links(maps)
    ends = _ends(first)
    laid = sheet(lon, lat, core, ends, _busy(maps, ends, len(lon)))
    actors = _actors(first, maps, laid.panels[0])
    spots = _spots(first, maps, actors, core, sizes, month)
    wide, halo = _widths(maps, links, month)
    focus = _focus(first, core)
    parts = []
    for number, panel in enumerate(laid.panels):
        parts.append(
            PanelDrawing(
                panel=panel,
                spots=spots,
                arcs=_arcs(panel, ends, links, lon, lat),
                widths=wide,
                halos=halo,
                focus=focus,
                main=laid.panels[0],
                zooms=[p for p in laid.panels if p.outline is not None] if number == 0 else [],
                uid=f"{uid}{number}",
            ).svg()
        )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {laid.width:.0f} '
        f'{laid.height:.0f}" class="km" id="{uid}" role="img" '
        f'aria-label="Map of places, who is likely to hold them, and what moves between them">'
        f"{''.join(parts)}</svg>"
    )
    titles = {m.name: (m.name, m.title, m.statistic) for m in maps[0].places}
    return Map(
        svg=svg,
        sheet=laid,
        actors=actors,
        payload=_payload(several, maps, sizes, links, actors, core),
        months=maps[0].months,
        sizes=[titles[n] for n in sizes],
        beyond=[spots[n].name for n in laid.beyond],
        arabic=any(s.name_ar for s in spots),
        geographic=laid.panels[0].projection is not None,
        numbers=maps,
    )


def style() -> str:
    """The map's style sheet, with the colours of the actors."""
    css = files("khamsin.view").joinpath("static/map.css").read_text("utf-8")
    colours = "".join(f".km .a{n}{{fill:{c}}}" for n, c in enumerate(palette.ACTORS))
    fonts = f".km{{font-family:{FONT},sans-serif}}.km .ar{{font-family:{ARABIC_FONT},sans-serif}}"
    return css + colours + f".km .ax{{fill:{palette.OTHERS}}}" + fonts


def _checked(several: list[xr.Dataset]) -> xr.Dataset:
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


def _actors(ds: xr.Dataset, maps: list[MapNumbers], main: Panel) -> list[Actor]:
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


def _core(ds: xr.Dataset, maps: list[MapNumbers]) -> np.ndarray:
    """Places that anybody holds in some member, or that have fighters."""
    core = np.zeros(ds.sizes["place"], dtype=bool)
    for one in maps:
        if one.odds is not None:
            core |= one.odds.any(axis=(0, 2))
    if "pair_place" in ds.coords:
        core[series.place_numbers(ds, ds["pair_place"].values)] = True
    return core


def _degrees(ds: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of the places; NaN where there are none."""
    nowhere = np.full(ds.sizes["place"], np.nan)
    if "lon" not in ds.coords or "lat" not in ds.coords:
        return nowhere, nowhere.copy()
    return ds["lon"].values.astype(float), ds["lat"].values.astype(float)


def _ends(ds: xr.Dataset) -> np.ndarray:
    """Ends of the links as numbers of places (link, 2)."""
    if "link" not in ds.dims or "link_from" not in ds.coords:
        return np.zeros((0, 2), dtype=np.int64)
    ends = [series.place_numbers(ds, ds[c].values) for c in ("link_from", "link_to")]
    return np.stack(ends, axis=1)


def _busy(maps: list[MapNumbers], ends: np.ndarray, places: int) -> np.ndarray:
    """How much passes through each place, as a share of the busiest (place)."""
    busy = np.zeros(places)
    for one in maps:
        for measure in one.links:
            passing = np.nan_to_num(measure.middle).sum(axis=0)
            for side in (0, 1):
                np.add.at(busy, ends[:, side], passing / max(float(passing.sum()), 1e-9))
    return busy / max(float(busy.max()), 1e-9)


def _focus(ds: xr.Dataset, core: np.ndarray) -> set[str]:
    """Countries that the war is about: those with a good share of the fought-over places."""
    if "country" not in ds.coords:
        return set()
    names, counts = np.unique(ds["country"].values.astype(str)[core], return_counts=True)
    return {str(n) for n, c in zip(names, counts, strict=True) if c >= 0.1 * counts.sum()}


def _spots(
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
        largest = max((float(np.nanmax(m.size)) for m in measures), default=0.0)
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


def holder_code(odds: np.ndarray, actors: list[Actor]) -> str:
    """Letter code of the likeliest holder; a dash where nobody is likelier than anybody."""
    nobody = 1.0 - float(odds.sum())
    best = max(actors, key=lambda a: odds[a.number], default=None)
    if best is None or odds[best.number] <= nobody:
        return "–"
    return best.code


def _widths(
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


def _arcs(
    panel: Panel, ends: np.ndarray, links: list[int], lon: np.ndarray, lat: np.ndarray
) -> list[flows.Arc]:
    """Curves of the links that touch a panel: also from places beyond its edge."""
    if panel.projection is None:
        where = panel.spots
    else:
        where = panel.projection(lon, lat)
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


def _payload(
    several: list[xr.Dataset],
    maps: list[MapNumbers],
    sizes: list[str],
    links: list[int],
    actors: list[Actor],
    core: np.ndarray,
) -> dict[str, Any]:
    """Everything map.js needs, places and actors included."""
    first = several[0]
    pairs = []
    for ds in several:
        if "pair_place" in ds.coords:
            place = series.place_numbers(ds, ds["pair_place"].values).tolist()
            actor = series.actor_numbers(ds, ds["pair_actor"].values).tolist()
            pairs.append(list(zip(place, actor, strict=True)))
        else:
            pairs.append([])
    names = series.text(first, "place_name", "place")
    arabic = series.text(first, "place_name_ar") or [""] * len(names)
    kinds = series.text(first, "place_kind") or [""] * len(names)
    countries = series.text(first, "country") or [""] * len(names)
    people = first["population"].values if "population" in first.coords else [np.nan] * len(names)
    data = payload(maps, sizes, links, pairs)
    data["largest"] = {
        "size": [
            max(float(np.nanmax(m.size)) for one in maps for m in one.places if m.name == name)
            for name in (s["name"] for s in data["sizes"])
        ],
        "link": [
            max(float(np.nanmax(one.links[k].middle)) for one in maps)
            for k in range(len(maps[0].links))
        ],
    }
    data["drawn"] = links
    data["actors"] = [
        {"n": a.number, "id": a.id, "name": a.name, "code": a.code, "css": a.css} for a in actors
    ]
    data["actorNames"] = series.text(first, "actor_name", "actor")
    data["places"] = [
        {
            "id": str(i),
            "name": name,
            "ar": ar,
            "kind": kind,
            "country": country,
            "people": shown(float(n)) if np.isfinite(n) and n > 0 else "",
            "core": bool(c),
        }
        for i, name, ar, kind, country, n, c in zip(
            first["place"].values, names, arabic, kinds, countries, people, core, strict=True
        )
    ]
    return data
