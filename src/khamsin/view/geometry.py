"""Plane geometry of lines and rings: thin them, clip them to a box, write them as SVG paths.

Points are arrays (point, 2) of x and y. A box is (left, top, right, bottom) with left < right and
top < bottom: y may point up (degrees) or down (pixels), nothing here cares.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]


def thin(points: Points, tolerance: float, factor: Points | None = None) -> Points:
    """Drop points that lie within `tolerance` of the line through those kept (Douglas-Peucker).

    Parameters
    ----------
    points : array (point, 2)
        A line; its first and last points are kept. A closed ring may be given as a line whose
        ends agree.
    tolerance : float
        In the unit of the points.
    factor : array (point), optional
        Multiplies the distance of each point: below 1, the line is thinned more there.

    Returns
    -------
    array (point, 2)
    """
    count = len(points)
    if count < 3 or tolerance <= 0:
        return points
    keep = np.zeros(count, dtype=bool)
    keep[[0, count - 1]] = True
    waiting = [(0, count - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        away = _distance(points[first + 1 : last], points[first], points[last])
        if factor is not None:
            away = away * factor[first + 1 : last]
        worst = int(away.argmax())
        if away[worst] > tolerance:
            middle = first + 1 + worst
            keep[middle] = True
            waiting += [(first, middle), (middle, last)]
    return points[keep]


def clip_ring(ring: Points, box: Box) -> Points:
    """The part of a closed ring inside `box` (Sutherland-Hodgman); empty when there is none.

    Parts that touch in a narrow neck stay joined along the edge of the box: harmless where the edge
    of the box is the edge of the picture.
    """
    left, top, right, bottom = box
    for axis, bound, sign in ((0, left, 1), (0, right, -1), (1, top, 1), (1, bottom, -1)):
        if len(ring) == 0:
            break
        ring = _cut(ring, axis, bound, sign)
    return ring


def clip_line(line: Points, box: Box) -> list[Points]:
    """The parts of a line inside `box`."""
    left, top, right, bottom = box
    parts = [line]
    for axis, bound, sign in ((0, left, 1), (0, right, -1), (1, top, 1), (1, bottom, -1)):
        parts = [piece for part in parts for piece in _cut_line(part, axis, bound, sign)]
    return parts


def area(ring: Points) -> float:
    """Signed area of a closed ring."""
    x, y = ring[:, 0], ring[:, 1]
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def inside(points: Points, ring: Points) -> npt.NDArray[np.bool_]:
    """Which of `points` lie in a closed ring (even-odd rule)."""
    found = np.zeros(len(points), dtype=bool)
    if len(ring) < 3:
        return found
    x, y = points[:, 0], points[:, 1]
    following = np.roll(ring, -1, axis=0)
    for (ax, ay), (bx, by) in zip(ring, following, strict=True):
        if ay == by:
            continue
        crosses = (ay > y) != (by > y)
        found ^= crosses & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
    return found


def path(points: Points, closed: bool = False, digits: int = 1) -> str:
    """SVG path data of a line, in relative coordinates rounded to `digits` decimals."""
    scale = 10**digits
    whole = np.rint(np.asarray(points) * scale).astype(np.int64)
    moves = np.diff(whole, axis=0)
    moves = moves[(moves != 0).any(axis=1)]
    if len(moves) < (2 if closed else 1):
        return ""
    start = f"M{_short(whole[0, 0], digits)} {_short(whole[0, 1], digits)}"
    parts = ["l"]
    for number in moves.ravel():
        text = _short(int(number), digits)
        # a minus sign separates by itself, and so saves a byte
        parts.append(text if text[0] == "-" or parts[-1] == "l" else f" {text}")
    return start + "".join(parts) + ("z" if closed else "")


def _short(number: int, digits: int) -> str:
    """A whole number of 10**-digits as the shortest text: 25 -> 2.5, 5 -> .5, 30 -> 3."""
    if digits == 0:
        return str(number)
    text = f"{number / 10**digits:.{digits}f}".rstrip("0").rstrip(".")
    if text.startswith("0."):
        return text[1:]
    return "-" + text[2:] if text.startswith("-0.") else text


def _distance(points: Points, a: Points, b: Points) -> Points:
    """Distance of points from the segment a-b."""
    along = b - a
    length = float(along @ along)
    if length == 0:
        return np.asarray(np.hypot(*(points - a).T))
    share = np.clip((points - a) @ along / length, 0, 1)
    return np.asarray(np.hypot(*(points - a - share[:, None] * along).T))


def _cut(ring: Points, axis: int, bound: float, sign: int) -> Points:
    """Keep the part of a closed ring on one side of an axis-parallel line."""
    level = sign * (ring[:, axis] - bound)
    within = level >= 0
    if within.all():
        return ring
    if not within.any():
        return ring[:0]
    following, next_level = np.roll(ring, -1, axis=0), np.roll(level, -1)
    crosses = within != np.roll(within, -1)
    share = np.where(crosses, level / np.where(crosses, level - next_level, 1), 0)
    crossing = ring + share[:, None] * (following - ring)
    both = np.stack([ring, crossing], axis=1).reshape(-1, 2)
    return np.asarray(both[np.stack([within, crosses], axis=1).ravel()])


def _cut_line(line: Points, axis: int, bound: float, sign: int) -> list[Points]:
    """Keep the parts of an open line on one side of an axis-parallel line."""
    if len(line) < 2:
        return []
    level = sign * (line[:, axis] - bound)
    within = level >= 0
    if within.all():
        return [line]
    pieces: list[list[Points]] = [[]]
    for i in range(len(line)):
        if within[i]:
            pieces[-1].append(line[i])
        if i + 1 < len(line) and within[i] != within[i + 1]:
            share = level[i] / (level[i] - level[i + 1])
            pieces[-1].append(line[i] + share * (line[i + 1] - line[i]))
            if within[i]:
                pieces.append([])
    return [np.array(piece) for piece in pieces if len(piece) > 1]
