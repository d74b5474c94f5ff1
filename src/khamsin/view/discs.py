"""Discs of a map: a slice for each actor, as wide as its odds of holding the place.

`static/map.js` draws the same slices when the month changes; a test holds the two together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

SMALLEST, LARGEST = 4.2, 13.0
SQUARE = 6.5  # places that nobody fights over


def radius(value: float, largest: float) -> float:
    """Radius in pixels: area grows with the value, from a disc that can still be read."""
    if not value > 0 or largest <= 0:
        return SMALLEST
    return SMALLEST + (LARGEST - SMALLEST) * math.sqrt(min(value / largest, 1.0))


def cap(largest_by_place: Sequence[float]) -> float:
    """The value from which on discs grow no more, a round number.

    One huge place would make all others dots; the legend says "and more".
    """
    values = np.asarray([v for v in largest_by_place if v > 0], dtype=np.float64)
    if not len(values):
        return 0.0
    most, usual = float(values.max()), float(np.quantile(values, 0.9))
    return float(f"{usual:.1g}") if most > 2 * usual else most


def steps(largest: float) -> list[float]:
    """Values whose discs a legend shows: small, middle, the largest."""
    if largest <= 0:
        return []
    return sorted({float(f"{largest * share:.1g}") for share in (0.04, 0.3)} | {largest})


def slices(odds: list[tuple[str, float]], size: float) -> str:
    """SVG of a disc of radius `size` around the origin.

    Parameters
    ----------
    odds : list of (colour class, percent)
        In the order of the legend, clockwise from the top. What is missing to 100 stays grey.
    """
    parts = [f'<circle r="{size:.1f}" class="rim"/>']
    turned = 0.0
    for css, share in odds:
        share = min(share, 100 - turned)
        if share <= 0.5:
            continue
        if share >= 99:
            parts.append(f'<circle r="{size - 0.6:.1f}" class="{css}"/>')
        else:
            parts.append(f'<path d="{wedge(turned, turned + share, size - 0.6)}" class="{css}"/>')
        turned += share
    return "".join(parts)


def wedge(start: float, end: float, size: float) -> str:
    """SVG path of a slice from `start` to `end` percent of a turn, clockwise from the top."""
    x0, y0 = _rim(start, size)
    x1, y1 = _rim(end, size)
    large = 1 if end - start > 50 else 0
    return f"M0 0L{x0:.1f} {y0:.1f}A{size:.1f} {size:.1f} 0 {large} 1 {x1:.1f} {y1:.1f}z"


def _rim(percent: float, size: float) -> tuple[float, float]:
    """A point on the rim; without the minus zero that would print as -0.0."""
    angle = percent / 100 * 2 * math.pi
    return round(size * math.sin(angle), 1) + 0.0, round(-size * math.cos(angle), 1) + 0.0
