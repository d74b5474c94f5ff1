"""The map: an SVG of ours, from one ensemble or several scenarios of one model.

Discs are sliced by the odds of control and sized by fighters or deaths; flows are bent lines with
arrows; a letter code follows each name, so that colour is never alone.  The SVG stands by itself
(`Map.alone`), and carries the hooks by which `static/map.js` changes month, scenario and language.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin import series
from khamsin.errors import InputError
from khamsin.view import discs, map_payload, map_setting, palette
from khamsin.view.basemap import BORDERS
from khamsin.view.frames import Sheet, sheet
from khamsin.view.map_numbers import MapNumbers, busy_links, numbers, size_names
from khamsin.view.map_panel import PanelDrawing, draw_panels
from khamsin.view.map_setting import Actor
from khamsin.view.numbers import shown
from khamsin.view.studio import Ask, here

if TYPE_CHECKING:
    import xarray as xr

FONT = '-apple-system,BlinkMacSystemFont,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial'
ARABIC_FONT = '"Noto Sans Arabic","Geeza Pro","Segoe UI","DejaVu Sans"'


@dataclass
class Map:
    """A drawn map, and what the page needs beside it."""

    frame: tuple[str, str]  # what stands around the panels
    panels: Future[list[str]]
    sheet: Sheet
    actors: list[Actor]  # who holds anything anywhere, likeliest first: legend and filter
    payload: dict[str, Any]  # for map.js
    months: list[str]
    sizes: list[tuple[str, str, str]]  # name, title, statistic
    steps: list[list[tuple[str, float]]]  # for each size: discs of the legend, text and radius
    widest: list[str]  # for each kind of line: what the widest stands for
    beyond: list[str]  # names of places on no panel
    arabic: bool  # whether there are Arabic names to switch to
    geographic: bool
    numbers: list[MapNumbers] = field(repr=False, default_factory=list)

    @property
    def svg(self) -> str:
        """The map, when it is drawn."""
        return self.frame[0] + "".join(self.panels.result()) + self.frame[1]

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
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {self.sheet.width + 2:.0f} '
            f'{height:.0f}" width="{self.sheet.width:.0f}" height="{height:.0f}" class="km" '
            f'role="img" aria-label="{escape(title or "Map")}"><style>{style()}</style>'
            f'<rect x="-1" y="-1" width="100%" height="100%" class="paper"/>{body}{"".join(legend)}'
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
            wide = 1.15 * width(actor.name) + 52  # a viewer may have a wider font
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
    ask: Ask = here,
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
    ask : callable
        Of `khamsin.view.studio.studio`: draws while the page goes on.

    Raises
    ------
    InputError
        If there are no places, the ensembles have different places or months, or `size` is unknown.
    """
    several = [datasets] if not isinstance(datasets, Sequence) else list(datasets)
    first = map_setting.check_same_axes(several)
    with ThreadPoolExecutor(2) as pool:  # NumPy sorts without the interpreter
        maps = list(pool.map(numbers, several))
    sizes = size_names(first)
    if size is not None and size not in [m.name for m in maps[0].places]:
        raise InputError(f"{size} is no variable that a disc can show: {', '.join(sizes)}")
    if size is not None:
        sizes = [size, *[n for n in sizes if n != size]]
    core = map_setting.find_core(first, maps)
    lon, lat = map_setting.find_degrees(first)
    links = busy_links(maps)
    ends = map_setting.find_ends(first)
    laid = sheet(
        lon,
        lat,
        core,
        ends,
        map_setting.find_countries(first),
        map_setting.find_busy(maps, ends, len(lon)),
    )
    actors = map_setting.find_actors(first, maps, laid.panels[0])
    spots = map_setting.find_spots(first, maps, actors, core, sizes, month)
    wide, halo = map_setting.find_widths(maps, links, month)
    focus = map_setting.find_focus(first, core)
    parts = []
    for number, panel in enumerate(laid.panels):
        parts.append(
            PanelDrawing(
                panel=panel,
                spots=spots,
                arcs=map_setting.find_arcs(panel, ends, links, lon, lat),
                widths=wide,
                halos=halo,
                focus=focus,
                main=laid.panels[0],
                zooms=[p for p in laid.panels if p.outline is not None] if number == 0 else [],
                uid=f"{uid}{number}",
            )
        )
    panels = ask(draw_panels, parts)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {laid.width + 2:.0f} '
        f'{laid.height + 2:.0f}" class="km" id="{uid}" role="img" '
        f'aria-label="Map of places, who is likely to hold them, and what moves between them">'
    )
    titles = {m.name: (m.name, m.title, m.statistic) for m in maps[0].places}
    return Map(
        frame=(opening, "</svg>"),
        panels=panels,
        sheet=laid,
        actors=actors,
        payload=map_payload.payload(several, maps, sizes, links, actors, core),
        months=maps[0].months,
        sizes=[titles[n] for n in sizes],
        steps=[_steps(map_setting.find_largest(maps, n), maps, n) for n in sizes],
        widest=[_widest(maps, k, first) for k in range(len(maps[0].links))],
        beyond=[spots[n].name for n in laid.beyond],
        arabic=any(s.name_ar for s in spots),
        geographic=laid.panels[0].projection is not None,
        numbers=maps,
    )


def _steps(largest: float, maps: list[MapNumbers], name: str) -> list[tuple[str, float]]:
    """Discs of a legend: what they stand for, and their radius."""
    most = max(float(np.nanmax(m.size)) for one in maps for m in one.places if m.name == name)
    found = [(shown(v), discs.radius(v, largest)) for v in discs.steps(largest)]
    if found and most > largest:
        found[-1] = (f"{found[-1][0]} and more", found[-1][1])
    return found


def _widest(maps: list[MapNumbers], number: int, ds: xr.Dataset) -> str:
    """What the widest line stands for: '12,400 people a month'."""
    measure = maps[0].links[number]
    largest = max(float(np.nanmax(one.links[number].middle)) for one in maps)
    return f"{shown(largest)} {series.per_period(ds, measure.unit, measure.flow)}".strip()


def style(dark: bool = False) -> str:
    """The map's style sheet with the colours of the actors; with those of dark pages if asked."""
    folder = files("khamsin.view").joinpath("static")
    css = folder.joinpath("map.css").read_text("utf-8")
    if dark:
        css += folder.joinpath("map-dark.css").read_text("utf-8")
    colours = "".join(f".km .a{n}{{fill:{c}}}" for n, c in enumerate(palette.ACTORS))
    fonts = f".km{{font-family:{FONT},sans-serif}}.km .ar{{font-family:{ARABIC_FONT},sans-serif}}"
    return css + colours + f".km .ax{{fill:{palette.OTHERS}}}" + fonts
