"""One panel of a map as SVG: basemap, flows, discs, names, scale bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from khamsin.view import basemap, discs, flows, labels
from khamsin.view.frames import Panel
from khamsin.view.geometry import Box, Points, inside, thin
from khamsin.view.labels import Label, Placed
from khamsin.view.numbers import shown
from khamsin.view.projection import nice_length

COUNTRY_SIZE = 12.5
COUNTRY_SPACING = 2.5
LONGEST = 30  # characters of a name on the map


@dataclass
class Spot:
    """What is drawn at a place."""

    place: int
    name: str
    name_ar: str
    core: bool
    code: str
    slices: list[tuple[str, float]]
    radius: float
    room: float  # the largest radius over months, scenarios and variables
    priority: float


def draw_panels(parts: Sequence[PanelDrawing]) -> list[str]:
    """The panels of a map as SVG groups."""
    return [part.svg() for part in parts]


@dataclass
class PanelDrawing:
    """Everything that goes into a panel; `svg()` draws it."""

    panel: Panel
    spots: list[Spot]
    arcs: list[flows.Arc]
    widths: dict[int, float]
    halos: dict[int, float]
    focus: set[str]
    main: Panel
    zooms: list[Panel]
    uid: str

    def svg(self) -> str:
        """The panel as an SVG group."""
        left, top, right, bottom = self.panel.rect
        box = f'x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}"'
        places = self._places()
        bar, bar_box = self._scale_bar(places)
        taken = [bar_box] if bar_box else []
        if self.panel.letter:
            taken.append((left, top, left + 22, top + 22))
        for zoom in self.zooms:
            taken.append(_tag(zoom))
        names, name_boxes = self._names(places, taken)
        base = self._base(places, name_boxes + taken)
        letter = (
            f'<text class="tag" x="{left + 8:.0f}" y="{top + 17:.0f}">{self.panel.letter}</text>'
            if self.panel.letter
            else ""
        )
        return (
            f'<g class="panel {self.panel.kind}"><clipPath id="{self.uid}c"><rect {box} rx="3"/>'
            f'</clipPath><g clip-path="url(#{self.uid}c)">{base}{self._flows()}'
            f"{self._outlines()}{self._discs(places)}{names}{bar}{letter}</g>"
            f'<rect class="frame" {box} rx="3"/></g>'
        )

    def _places(self) -> list[tuple[Spot, float, float]]:
        """The places on this panel with their pixels; important ones last, to lie on top."""
        found = [(self.spots[n], *self.panel.spots[n].tolist()) for n in self.panel.shown]
        return sorted(found, key=lambda f: (f[0].core, -f[0].room))

    def _discs(self, places: list[tuple[Spot, float, float]]) -> str:
        parts = []
        for spot, x, y in places:
            if spot.core:
                body, css = f"<g>{discs.slices(spot.slices, spot.radius)}</g>", "pl"
            else:
                half = discs.SQUARE / 2
                body = f'<rect x="-{half}" y="-{half}" width="{2 * half}" height="{2 * half}"/>'
                css = "pl sq"
            parts.append(
                f'<g class="{css}" data-p="{spot.place}" transform="translate({x:.1f} {y:.1f})">'
                f"<title>{escape(spot.name)}</title>{body}</g>"
            )
        return "".join(parts)

    def _flows(self) -> str:
        parts = []
        for arc in self.arcs:
            wide, halo = self.widths.get(arc.link, 0.0), self.halos.get(arc.link, 0.0)
            size = flows.arrow_size(wide, arc.length)
            hidden = "" if wide else ' display="none"'
            x, y = arc.middle
            parts.append(
                f'<g class="fl" data-l="{arc.link}" data-n="{arc.length:.0f}"{hidden}>'
                f'<path class="fh" d="{arc.d}" stroke-width="{halo:.1f}"/>'
                f'<path class="fw" d="{arc.d}" stroke-width="{wide:.1f}"/>'
                f'<path class="fa" d="M-4-4L5 0L-4 4z" transform="translate({x:.1f} {y:.1f})'
                f'rotate({arc.angle:.0f})scale({size:.2f})"/></g>'
            )
        return "".join(parts)

    def _outlines(self) -> str:
        """Where the zooms lie, on the main map."""
        parts = []
        for zoom in self.zooms:
            assert zoom.outline is not None
            x0, y0, x1, y1 = zoom.outline
            tag = _tag(zoom)
            parts.append(
                f'<rect class="zo" x="{x0:.1f}" y="{y0:.1f}" width="{x1 - x0:.1f}" '
                f'height="{y1 - y0:.1f}" rx="2"/>'
                f'<text class="tag" x="{tag[0] + 4:.1f}" y="{tag[3] - 4:.1f}">{zoom.letter}</text>'
            )
        return "".join(parts)

    def _names(
        self, places: list[tuple[Spot, float, float]], taken: list[Box]
    ) -> tuple[str, list[Box]]:
        """Names in English and in Arabic, each placed for itself."""
        marks = [(x, y, s.room if s.core else discs.SQUARE / 2 + 1) for s, x, y in places]
        lines = np.concatenate([a.points for a in self.arcs]) if self.arcs else np.zeros((0, 2))
        wanted = self._wanting(places)
        parts, boxes = [], []
        for language in ("en", "ar"):
            if language == "ar" and not any(s.name_ar for s in self.spots):
                continue
            asked = [
                Label(
                    place=s.place,
                    text=_short((s.name_ar or s.name) if language == "ar" else s.name),
                    x=x,
                    y=y,
                    radius=s.room if s.core else discs.SQUARE / 2 + 1,
                    priority=s.priority,
                    code=s.core,
                )
                for s, x, y in places
                if s.place in wanted
            ]
            placed = labels.place(asked, self.panel.rect, marks, lines, taken)
            boxes += [p.box for p in placed] if language == "en" else []
            parts.append(
                f'<g class="nms {language}">{"".join(self._name(p, language) for p in placed)}</g>'
            )
        return "".join(parts), boxes

    def _wanting(self, places: list[tuple[Spot, float, float]]) -> set[int]:
        """Places that are named here: on the main map, not those that a zoom shows enlarged."""
        crowded: set[int] = set()
        for zoom in self.zooms:
            crowded |= set(zoom.shown.tolist())
        if not crowded:
            return {s.place for s, _, _ in places}
        # the largest of a crowd keep their names, as landmarks
        kept = sorted(crowded, key=lambda n: -self.spots[n].priority)[: 3 * len(self.zooms)]
        return {s.place for s, _, _ in places} - (crowded - set(kept))

    def _name(self, placed: Placed, language: str) -> str:
        spot = self.spots[placed.place]
        anchor, extra = placed.anchor, ""
        if language == "ar" and spot.name_ar:
            # right-to-left text starts at its right end
            anchor = {"start": "end", "end": "start"}.get(anchor, anchor)
            extra = ' direction="rtl"'
        at = "" if anchor == "start" else f' text-anchor="{anchor}"'
        code = f'<tspan class="cd" dx="3">{escape(spot.code)}</tspan>' if spot.core else ""
        if extra and code:
            code = code.replace('dx="3"', 'dx="-3"')
        lead = ""
        if placed.leader is not None:
            x0, y0, x1, y1 = placed.leader
            lead = f'<path class="ld" d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}"/>'
        return (
            f'{lead}<text class="nm" data-p="{placed.place}" '
            f'x="{placed.x:.1f}" y="{placed.y + 4:.1f}"{at}{extra}>'
            f"{escape(placed.text)}{code}</text>"
        )

    def _scale_bar(self, places: list[tuple[Spot, float, float]]) -> tuple[str, Box | None]:
        """A scale bar in the emptier of the two lower corners."""
        projection = self.panel.projection
        if projection is None or not projection.mercator:
            return "", None
        left, _, right, bottom = self.panel.rect
        km = nice_length((right - left) * 0.2 * projection.km_per_pixel())
        long = km / projection.km_per_pixel()
        corners = (right - long - 16, left + 16)
        discs_near = [
            sum(x - 20 < px < x + long + 20 and py > bottom - 50 for _, px, py in places)
            for x in corners
        ]
        x = corners[0] if discs_near[0] <= discs_near[1] else corners[1]
        y = bottom - 14
        svg = (
            f'<g class="bar"><path d="M{x:.1f} {y - 5:.1f}v5h{long:.1f}v-5"/>'
            f'<text x="{x + long / 2:.1f}" y="{y - 5:.1f}">{shown(km)} km</text></g>'
        )
        return svg, (x - 4, y - 18, x + long + 4, y + 4)

    def _base(self, places: list[tuple[Spot, float, float]], taken: list[Box]) -> str:
        """Sea, land, borders, and the names of countries where there is room."""
        left, top, right, bottom = self.panel.rect
        sea = "sea" if self.panel.projection else "blank"
        ground = (
            f'<rect class="{sea}" x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
            f'height="{bottom - top:.1f}"/>'
        )
        if self.panel.projection is None:
            return ground
        drawn = basemap.draw(self.panel.projection)
        rest = "".join(c.path for c in drawn.countries if c.code not in self.focus)
        focus = "".join(c.path for c in drawn.countries if c.code in self.focus)
        busy = taken + [(x - s.room, y - s.room, x + s.room, y + s.room) for s, x, y in places]
        busy += [
            (float(x) - 3, float(y) - 3, float(x) + 3, float(y) + 3)
            for arc in self.arcs
            for x, y in arc.points[::2]
        ]
        for zoom in self.zooms:
            busy += _edges(zoom)
        names = []
        for country in sorted(drawn.countries, key=lambda c: -c.area):
            at = _room_for(country, busy, self.panel.rect)
            if at is not None:
                x, y, half = at
                busy.append((x - half, y - 8, x + half, y + 8))
                names.append(
                    f'<g class="co" transform="translate({x:.0f} {y + 4:.0f})">'
                    f'<text class="en">{escape(country.name.upper())}</text>'
                    f'<text class="ar">{escape(country.name_ar)}</text></g>'
                )
        return (
            f'{ground}<path class="land" d="{rest}"/><path class="focus" d="{focus}"/>'
            f'<path class="coast" d="{drawn.coasts}"/><path class="border" d="{drawn.borders}"/>'
            f"{''.join(names)}"
        )


def _short(name: str) -> str:
    """A name that leaves room for others; the whole is in the card and in the table."""
    return name if len(name) <= LONGEST else name[: LONGEST - 1].rstrip() + "…"


def _edges(zoom: Panel) -> list[Box]:
    """The sides of a zoom's outline as thin boxes."""
    assert zoom.outline is not None
    x0, y0, x1, y1 = zoom.outline
    return [(x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)]


def _tag(zoom: Panel) -> Box:
    """Where the letter of a zoom stands on the main map: outside its upper left corner."""
    assert zoom.outline is not None
    x0, y0, _, _ = zoom.outline
    return (x0 - 16, y0 - 2, x0, y0 + 16)


def _room_for(
    country: basemap.Country, busy: list[Box], rect: Box
) -> tuple[float, float, float] | None:
    """Middle and half width for a country's name, far from all else; None if there is no room."""
    ring = max(country.rings, key=lambda r: float(np.ptp(r[:, 0]) * np.ptp(r[:, 1])))
    half = (
        labels.width(country.name.upper(), COUNTRY_SIZE) * 1.04
        + COUNTRY_SPACING * len(country.name)
    ) / 2
    ring = thin(ring, 3.0)
    low, high = ring.min(axis=0), ring.max(axis=0)
    if high[0] - low[0] < 1.6 * half or high[1] - low[1] < 26:
        return None
    across = np.arange(max(low[0], rect[0] + half + 6), min(high[0], rect[2] - half - 6), 9.0)
    down = np.arange(max(low[1], rect[1] + 14), min(high[1], rect[3] - 14), 9.0)
    if not len(across) or not len(down):
        return None
    grid = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)
    fits = np.ones(len(grid), dtype=bool)
    for dx in (-half, -half / 2, 0.0, half / 2, half):
        for dy in (-6.0, 6.0):
            fits &= inside(grid + np.array([dx, dy]), ring)
    grid = grid[fits]
    if not len(grid):
        return None
    clear = _clearance(grid, half, busy)
    grid, clear = grid[clear > 3], clear[clear > 3]
    if not len(grid):
        return None
    # of equally clear spots, the one nearest to the middle of the country
    middle = (low + high) / 2
    clear = clear - 0.05 * np.hypot(*(grid - middle).T)
    best = int(clear.argmax())
    return (float(grid[best, 0]), float(grid[best, 1]), half)


def _clearance(grid: Points, half: float, busy: list[Box]) -> Points:
    """Distance of a name's box from the nearest thing, up to what is plenty."""
    clear = np.full(len(grid), 30.0)
    for x0, y0, x1, y1 in busy:
        dx = np.maximum(np.maximum(x0 - (grid[:, 0] + half), grid[:, 0] - half - x1), 0)
        dy = np.maximum(np.maximum(y0 - (grid[:, 1] + 7), grid[:, 1] - 7 - y1), 0)
        clear = np.minimum(clear, np.hypot(dx, dy))
    return clear
