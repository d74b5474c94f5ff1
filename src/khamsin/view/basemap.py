"""Coasts and borders under a frame: read from the shipped cuts of Natural Earth, thinned to pixels.

The finest cut that holds the frame is taken: the region cut for North Africa and the Middle East,
else the coarse world.  Natural Earth draws de facto borders; `BORDERS` says so under every map.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from khamsin.view.geometry import Box, Points, area, clip_line, clip_ring, path, thin
from khamsin.view.projection import Projection

BORDERS = (
    "Borders: Natural Earth (public domain), drawn as they are held, not as anybody claims them; "
    "no judgement on the status of any territory."
)

CUTS = ("region", "world")  # finest first

# Lines are thinned to this many pixels: less is not seen, and costs bytes.
PIXELS = 0.35


@dataclass
class Country:
    """A country as far as a frame shows it."""

    name: str
    name_ar: str
    code: str
    path: str = ""
    rings: list[Points] = field(default_factory=list)

    @property
    def area(self) -> float:
        """Square pixels on the map."""
        return sum(abs(area(ring)) for ring in self.rings)


@dataclass
class Basemap:
    """What lies under a frame: countries, borders between them, coasts; SVG path data."""

    countries: list[Country]
    borders: str
    coasts: str


def draw(projection: Projection) -> Basemap:
    """The basemap of a projection's frame, clipped to its rectangle."""
    west, _, east, _ = projection.frame
    topology = _finest(projection.frame)
    left, top, right, bottom = projection.rect
    clip = (left - 2, top - 2, right + 2, bottom + 2)  # the edge itself stays out of sight
    countries: dict[str, Country] = {}
    lines: dict[tuple[int, int], Points] = {}
    for turn in (-360, 0, 360):
        if not (west < 180 + turn and east > -180 + turn):
            continue
        for number, points in enumerate(topology["lines"]):
            pixels = projection.raw(points[:, 0] + turn, points[:, 1])
            lines[turn, number] = _to_pixels(pixels, clip)
        for country in topology["countries"]:
            _add(countries, country, lines, turn, clip)
    borders: list[str] = []
    coasts: list[str] = []
    for (_, number), line in lines.items():
        if number in topology["cuts"]:  # the data end at the date line: there is no coast
            continue
        for part in clip_line(line, clip):
            (borders if topology["shared"][number] > 1 else coasts).append(path(part))
    shown = [c for c in countries.values() if c.path]
    return Basemap(shown, "".join(borders), "".join(coasts))


def _to_pixels(pixels: Points, clip: Box) -> Points:
    """Thin a line to what can be seen; coarsely where it is out of sight and only closes rings."""
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    far = 20.0
    seen = (
        low[0] < clip[2] + far
        and high[0] > clip[0] - far
        and low[1] < clip[3] + far
        and high[1] > clip[1] - far
    )
    grid = PIXELS / 2 if seen else far / 3
    cell = np.rint(pixels / grid)
    keep = np.ones(len(pixels), dtype=bool)
    keep[1:-1] = (cell[1:-1] != cell[:-2]).any(axis=1)
    return thin(pixels[keep], PIXELS) if seen else pixels[keep]


def country_names() -> dict[str, tuple[str, str]]:
    """English and Arabic names of countries by their two-letter codes."""
    return {c["code"]: (c["name"], c["ar"]) for c in _load("world")["countries"] if c["code"]}


def _add(
    countries: dict[str, Country],
    raw: dict[str, Any],
    lines: dict[tuple[int, int], Points],
    turn: int,
    clip: Box,
) -> None:
    """Assemble the rings of one country and keep what lies in the picture."""
    for rings in raw["polygons"]:
        for numbers in rings:
            parts = [(lines[turn, n] if n >= 0 else lines[turn, ~n][::-1])[:-1] for n in numbers]
            ring = np.concatenate(parts)
            low, high = ring.min(axis=0), ring.max(axis=0)
            if high[0] < clip[0] or low[0] > clip[2] or high[1] < clip[1] or low[1] > clip[3]:
                continue
            ring = clip_ring(ring, clip)
            if len(ring) < 3 or abs(area(ring)) < 1.5:
                continue
            country = countries.setdefault(
                raw["name"], Country(raw["name"], raw["ar"], raw["code"])
            )
            country.rings.append(ring)
            country.path += path(ring, closed=True)


def _finest(frame: Box) -> dict[str, Any]:
    """The finest cut that holds a frame, or most of it."""
    west, south, east, north = frame
    for name in CUTS[:-1]:
        box = _load(name)["box"]
        slack = 1.0  # degrees: a frame may stick out a little over sea or the coarse rim
        if (
            west > box[0] - slack
            and south > box[1] - slack
            and east < box[2] + slack
            and north < box[3] + slack
        ):
            return _load(name)
    return _load(CUTS[-1])


@cache
def _load(name: str) -> dict[str, Any]:
    """Read a shipped cut: lines in degrees, and how many countries use each."""
    text = files("khamsin.view").joinpath(f"static/basemap-{name}.json").read_text("utf-8")
    topology: dict[str, Any] = json.loads(text)
    origin, grid = np.array(topology["origin"]), topology["grid"]
    topology["lines"] = [
        np.cumsum(np.array(arc).reshape(-1, 2), axis=0) * grid + origin
        for arc in topology.pop("arcs")
    ]
    topology["boxes"] = [
        (*line.min(axis=0).tolist(), *line.max(axis=0).tolist()) for line in topology["lines"]
    ]
    topology["cuts"] = {
        n for n, line in enumerate(topology["lines"]) if (np.abs(line[:, 0]) > 179.9).all()
    }
    topology["shared"] = Counter(
        n if n >= 0 else ~n
        for country in topology["countries"]
        for rings in country["polygons"]
        for numbers in rings
        for n in numbers
    )
    return topology
