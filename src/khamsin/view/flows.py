"""Flows along links: bent lines as wide as what moves, with an arrow in the middle.

A link is bent to its right, so that the two directions of a route lie side by side.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from khamsin.view.geometry import Points

WIDEST, THINNEST = 11.0, 0.7
BEND = 0.11


@dataclass
class Arc:
    """A drawn link: its curve and where its arrow sits."""

    link: int
    d: str
    middle: tuple[float, float]
    angle: float
    length: float
    points: Points  # along the curve, for the placing of names


def arc(link: int, a: Points, b: Points, bend: float = BEND) -> Arc:
    """The curve of a link from pixel a to pixel b."""
    along = b - a
    across = np.array([-along[1], along[0]])
    control = (a + b) / 2 + across * bend
    t = np.linspace(0, 1, 25)[:, None]
    points = (1 - t) ** 2 * a + 2 * t * (1 - t) * control + t**2 * b
    middle = points[12]
    length = float(np.hypot(*along))
    angle = math.degrees(math.atan2(along[1], along[0]))
    d = f"M{a[0]:.1f} {a[1]:.1f}Q{control[0]:.1f} {control[1]:.1f} {b[0]:.1f} {b[1]:.1f}"
    return Arc(link, d, (float(middle[0]), float(middle[1])), angle, length, points)


def line_width(value: float, largest: float) -> float:
    """Pixels for a flow: in proportion, but never thinner than can be seen; 0 for no flow."""
    if not value > 0 or largest <= 0:
        return 0.0
    return max(THINNEST, WIDEST * min(value / largest, 1.0))


def arrow_size(pixels: float, length: float) -> float:
    """Scale of the arrow on a line of some width; on a short line it leaves room for the line."""
    if pixels <= 0:
        return 0.0
    return min(max(0.75, min(0.2 * pixels + 0.55, 1.6)), length / 24)
