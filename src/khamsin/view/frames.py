"""Which part of the world a map shows, and where on the sheet: main map, zooms, far theatres.

A model may have its war in one country, crowded on a coast, and a few places a continent away.  The
main map is framed on the largest cluster of fought-over places and widened to neighbours as long as
the cluster keeps most of its size; a row of insets below it shows crowded spots enlarged, and other
clusters that are too far away for the main map.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from khamsin.view.geometry import Box, Points
from khamsin.view.graph import layout
from khamsin.view.projection import Projection, fit, unrolled

WIDTH = 960.0
HEIGHTS = (480.0, 700.0)  # of the main map: flattest and tallest
INSET_HEIGHT = 270.0
GAP = 10.0

# The largest cluster keeps at least this share of the scale that it would have alone.
LEAST = 1.0  # degrees that the main map spans: a model of one town shows where in the land it lies
KEPT_SCALE = 0.6
# Discs nearer than this on the main map are crowded.
CROWDED = 24.0
ZOOMS, THEATRES = 1, 2

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass
class Panel:
    """A rectangle of the sheet, and where the places lie in it."""

    kind: str  # "main", "zoom", "theatre" or "graph"
    rect: Box
    projection: Projection | None
    spots: Points  # (place, 2) pixels; NaN where a place is not on this panel
    outline: Box | None = None  # of a zoom: what it shows, on the main map
    letter: str = ""

    @property
    def shown(self) -> Ints:
        """Numbers of the places on this panel."""
        return np.flatnonzero(np.isfinite(self.spots[:, 0]))


@dataclass
class Sheet:
    """The whole drawing: panels, and its size in pixels."""

    panels: list[Panel]
    width: float
    height: float
    beyond: list[int] = field(default_factory=list)  # places on no panel


def sheet(
    lon: Points,
    lat: Points,
    core: Bools,
    links: Ints,
    countries: Sequence[str],
    busy: Points,
) -> Sheet:
    """Lay out the panels for places at `lon`, `lat` (degrees; NaN where unknown).

    Parameters
    ----------
    lon, lat : array (place)
        Degrees. Where no place has any, the places are laid out as a graph.
    core : array of bool (place)
        Places that are fought over or held: the map is framed on them.
    links : array of int (link, 2)
        Ends of each link, as numbers of places.
    countries : sequence of str (place)
        Where the model names countries, the main map is that of the one with most of the war.
    busy : array (place)
        How much passes through each place, 0 to 1: the busiest neighbours get onto the main map
        first.
    """
    known = np.isfinite(lon) & np.isfinite(lat)
    if not known.any():
        return _graph(len(lon), links)
    lon = lon.copy()
    lon[known] = unrolled(lon[known])
    core = core & known if (core & known).any() else known
    groups = _theatres(np.stack([lon, lat], 1), np.flatnonzero(core), countries)
    frame, height = _main_frame(lon, lat, groups[0], known, busy)
    rect = (0.0, 0.0, WIDTH, height)
    projection = Projection(frame, rect)
    main = Panel("main", rect, projection, _spots(projection, lon, lat, known))

    wanted: list[tuple[str, Box]] = []
    for crowd in crowds(main.spots, core)[:ZOOMS]:
        wanted.append(("zoom", _zoom_frame(lon, lat, crowd)))
    for group in groups[1:]:
        if sum(kind == "theatre" for kind, _ in wanted) == THEATRES:
            break
        group = group[~np.isfinite(main.spots[group, 0])]
        if len(group) >= 3:
            wanted.append(("theatre", _around(lon[group], lat[group], 0.25)))
    panels = [main, *_insets(wanted, main, lon, lat, known)]
    bottom = max(panel.rect[3] for panel in panels)
    on_any = np.zeros(len(lon), dtype=bool)
    for panel in panels:
        on_any[panel.shown] = True
    return Sheet(panels, WIDTH, bottom, list(np.flatnonzero(~on_any)))


def _theatres(points: Points, members: Ints, countries: Sequence[str]) -> list[Ints]:
    """Where the war is: the main group first.

    The main group is the country with most places, with others that have at least half as many; the
    rest falls into groups by distance. Without countries, all goes by distance.
    """
    names = np.array([str(c) for c in countries])[members]
    known, counts = np.unique(names, return_counts=True)
    if len(known) < 2:
        return clusters(points, members)
    main = np.isin(names, known[counts >= max(0.5 * counts.max(), 2)])
    if not main.any():
        return clusters(points, members)
    first = members[main]
    # a country may be far-flung itself: its largest part is framed
    parts = clusters(points, first)
    left = np.concatenate([members[~main], *parts[1:]])
    return [parts[0], *(clusters(points, left) if len(left) else [])]


def clusters(points: Points, members: Ints, share: float = 0.15) -> list[Ints]:
    """Groups of places joined by steps shorter than `share` of the whole span; largest first.

    Steps of the usual size never divide, and where no group is much larger than the others there
    is one war, not several: all places are one group.
    """
    where = points[members]
    if len(members) < 2:
        return [members]
    span = float(np.hypot(*(where.max(axis=0) - where.min(axis=0))))
    away = np.hypot(*(where[:, None] - where[None]).transpose(2, 0, 1))
    np.fill_diagonal(away, np.inf)
    usual = float(np.median(away.min(axis=0)))
    groups = _linked(where, members, max(share * span, 3 * usual, 1e-9))
    return groups if len(groups[0]) >= 0.3 * len(members) else [members]


def crowds(spots: Points, core: Bools) -> list[Ints]:
    """Groups of four or more places that stand too close on the main map; most crowded first."""
    members = np.flatnonzero(core & np.isfinite(spots[:, 0]))
    if len(members) < 4:
        return []
    return [g for g in _linked(spots[members], members, CROWDED * 1.1) if _crowding(spots[g]) >= 3]


def _crowding(where: Points) -> int:
    """How many discs touch their nearest neighbour."""
    if len(where) < 4:
        return 0
    away = np.hypot(*(where[:, None] - where[None]).transpose(2, 0, 1))
    np.fill_diagonal(away, np.inf)
    return int((away.min(axis=0) < CROWDED).sum())


def _linked(where: Points, members: Ints, reach: float) -> list[Ints]:
    """Single linkage: connected groups of points nearer than `reach`."""
    near = np.hypot(*(where[:, None] - where[None]).transpose(2, 0, 1)) <= reach
    left, groups = set(range(len(members))), []
    while left:
        group, waiting = [], [min(left)]
        left.discard(waiting[0])
        while waiting:
            at = waiting.pop()
            group.append(at)
            found = [int(n) for n in np.flatnonzero(near[at]) if int(n) in left]
            left.difference_update(found)
            waiting.extend(found)
        groups.append(members[np.sort(group)])
    return sorted(groups, key=lambda g: (-len(g), int(g[0])))


def _main_frame(
    lon: Points, lat: Points, group: Ints, known: Bools, busy: Points
) -> tuple[Box, float]:
    """The frame of the main map and its height in pixels."""
    base = _around(lon[group], lat[group], 0.07)
    more = max(LEAST - max(base[2] - base[0], base[3] - base[1]), 0.0) / 2
    base = (base[0] - more, base[1] - more, base[2] + more, base[3] + more)
    height = _height(base)
    fitted = fit(base, WIDTH, height)
    widest = (fitted[2] - fitted[0]) / KEPT_SCALE
    chosen = set(group.tolist())
    # near and busy places first: the cluster stays in the middle of its neighbours
    away = np.maximum(np.maximum(base[0] - lon, lon - base[2]), 0) ** 2
    away = away + np.maximum(np.maximum(base[1] - lat, lat - base[3]), 0) ** 2
    away = np.sqrt(away) / (0.3 + np.sqrt(busy))
    for place in np.argsort(away, kind="stable").tolist():
        if place in chosen or not known[place]:
            continue
        members = np.array([*chosen, place])
        frame = _around(lon[members], lat[members], 0.05)
        tall = _height(frame)
        tried = fit(frame, WIDTH, tall)
        if tried[2] - tried[0] <= widest:
            fitted, height = tried, tall
            chosen.add(place)
    return fitted, height


def _height(frame: Box) -> float:
    """A height of the main map that suits the shape of its frame."""
    west, south, east, north = frame
    middle = np.cos(np.radians((south + north) / 2))
    shape = (north - south) / max((east - west) * middle, 1e-9)
    return float(np.clip(WIDTH * shape, *HEIGHTS))


def _around(lon: Points, lat: Points, margin: float) -> Box:
    """A frame around places, with a margin as a share of its longer side."""
    west, east, south, north = lon.min(), lon.max(), lat.min(), lat.max()
    side = max(east - west, north - south, 0.05)
    pad = side * margin
    return (float(west - pad), float(south - pad), float(east + pad), float(north + pad))


def _zoom_frame(lon: Points, lat: Points, crowd: Ints) -> Box:
    """A frame around crowded places, never a mere strip: labels need room above and below."""
    west, south, east, north = _around(lon[crowd], lat[crowd], 0.1)
    least = (east - west) / 3.2
    more = max(least - (north - south), 0) / 2
    return west, south - more, east, north + more


def _insets(
    wanted: list[tuple[str, Box]], main: Panel, lon: Points, lat: Points, known: Bools
) -> list[Panel]:
    """A row of insets below the main map, as wide as it is."""
    if not wanted:
        return []
    shapes = []
    for _, frame in wanted:
        middle = np.cos(np.radians((frame[1] + frame[3]) / 2))
        shape = (frame[2] - frame[0]) * middle / (frame[3] - frame[1])
        shapes.append(float(np.clip(shape, 0.8, 2.6)))
    room = WIDTH - GAP * (len(wanted) - 1)
    height = min(INSET_HEIGHT, room / sum(shapes))
    left, top = 0.0, main.rect[3] + GAP
    panels = []
    for number, ((kind, frame), shape) in enumerate(zip(wanted, shapes, strict=True)):
        width = room * shape / sum(shapes)
        rect = (left, top, left + width, top + height)
        projection = Projection(fit(frame, width, height), rect)
        panel = Panel(kind, rect, projection, _spots(projection, lon, lat, known))
        panel.letter = "ABCDEFGH"[number]
        if kind == "theatre":  # what the main map shows would only crowd it
            panel.spots[main.shown] = np.nan
        if kind == "zoom" and main.projection is not None:
            west, south, east, north = projection.frame
            corners = main.projection(np.array([west, east]), np.array([north, south]))
            panel.outline = (*corners[0].tolist(), *corners[1].tolist())
        panels.append(panel)
        left += width + GAP
    return panels


def _spots(projection: Projection, lon: Points, lat: Points, known: Bools) -> Points:
    """Pixels of the places, NaN outside the rectangle."""
    spots = np.full((len(lon), 2), np.nan)
    spots[known] = projection(lon[known], lat[known])
    left, top, right, bottom = projection.rect
    margin = 7.0  # a disc must not be cut
    with np.errstate(invalid="ignore"):
        out = (
            (spots[:, 0] < left + margin)
            | (spots[:, 0] > right - margin)
            | (spots[:, 1] < top + margin)
            | (spots[:, 1] > bottom - margin)
        )
    spots[out] = np.nan
    return spots


def _graph(places: int, links: Ints) -> Sheet:
    """One panel for a model without coordinates."""
    height = HEIGHTS[0]
    spots = layout(places, links) * [WIDTH - 160, height - 90] + [80, 45]
    panel = Panel("graph", (0.0, 0.0, WIDTH, height), None, spots)
    return Sheet([panel], WIDTH, height)
