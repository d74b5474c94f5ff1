"""Names beside discs, so that no name covers another name or a disc.

Each name has a few positions to choose from.  Important places choose first; a name that finds no
position may push others to their second choice, or stand further off at the end of a thin line; one
that still finds none is left out of that panel (its place can be pointed at, and is in the table).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from khamsin.view.geometry import Box, Points

FONT_SIZE = 12.0
LINE = 13.0
# Widths of the printable ASCII characters of Arial in thousandths of the font size; Segoe UI,
# Roboto and Noto Sans are within a few per cent, which WIDER covers.
# fmt: off
ASCII = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)
# fmt: on
WIDER = 1.06
CODE_WIDTH = 18.0  # two bold letters and a space, at the size of the code
GAP = 3.0
FAR = 5.0  # cost from which on a position needs a leader


@dataclass(frozen=True)
class Label:
    """A name that wants a position."""

    place: int
    text: str
    x: float
    y: float
    radius: float
    priority: float
    code: bool = True  # whether a letter code follows the name


@dataclass(frozen=True)
class Placed:
    """A name with its position: `anchor` is the SVG text-anchor for left-to-right text."""

    place: int
    text: str
    x: float
    y: float
    anchor: str
    box: Box
    leader: tuple[float, float, float, float] | None = None  # a thin line from disc to name


def width(text: str, size: float = FONT_SIZE) -> float:
    """Pixels that a text takes, a little generously."""
    # what is not ASCII is taken as a wide letter; joined Arabic letters average half an em
    units = sum(
        ASCII[ord(c) - 32] if 32 <= ord(c) < 127 else 500 if "\u0600" <= c <= "\u06ff" else 650
        for c in text
    )
    return units * size * WIDER / 1000


def place(
    labels: list[Label],
    rect: Box,
    discs: list[tuple[float, float, float]],
    lines: Points,
    taken: list[Box] | None = None,
) -> list[Placed]:
    """Positions for as many names as find room.

    Parameters
    ----------
    labels : list of Label
        In any order; higher priority first.
    rect : box
        No name leaves it.
    discs : list of (x, y, radius)
        No name covers one.
    lines : array (point, 2)
        Points along flows: covered only if there is no better position.
    taken : list of boxes, optional
        Rectangles no name may cover.
    """
    order = sorted(labels, key=lambda label: (-label.priority, label.place))
    choices = {label.place: _choices(label, rect, discs, lines, taken or []) for label in order}
    chosen: dict[int, Placed] = {}
    for label in order:
        free = [c for c in choices[label.place] if not _conflicts(c, chosen)]
        if free:
            chosen[label.place] = free[0]
    for label in order:
        if label.place not in chosen:
            _push(label.place, choices, chosen)
    return [chosen[label.place] for label in order if label.place in chosen]


def _push(place: int, choices: dict[int, list[Placed]], chosen: dict[int, Placed]) -> None:
    """Find a position by moving the names in the way to positions that are free."""
    for wish in choices[place]:
        trial = dict(chosen)
        blocking = _conflicts(wish, chosen)
        for other in blocking:
            del trial[other]
        trial[place] = wish
        for other in blocking:
            free = [c for c in choices[other] if not _conflicts(c, trial)]
            if not free:
                break
            trial[other] = free[0]
        else:
            chosen.clear()
            chosen.update(trial)
            return


def _choices(
    label: Label,
    rect: Box,
    discs: list[tuple[float, float, float]],
    lines: Points,
    taken: list[Box],
) -> list[Placed]:
    """Positions that cover no disc, best first."""
    wide = width(label.text) + (CODE_WIDTH if label.code else 0)
    x, y, r = label.x, label.y, label.radius + GAP
    slant = 0.72 * r
    spots = (
        # cost, x of the anchor, y of the middle of the line, anchor
        (0.0, x + r, y, "start"),
        (1.0, x - r, y, "end"),
        (0.7, x + slant, y - slant - 4, "start"),
        (0.9, x + slant, y + slant + 4, "start"),
        (1.4, x - slant, y - slant - 4, "end"),
        (1.5, x - slant, y + slant + 4, "end"),
        (1.6, x, y - r - LINE / 2, "middle"),
        (1.6, x, y + r + LINE / 2, "middle"),
        (2.2, x - wide * 0.3, y - r - LINE / 2, "start"),
        (2.2, x - wide * 0.3, y + r + LINE / 2, "start"),
        (2.3, x + wide * 0.3, y - r - LINE / 2, "end"),
        (2.3, x + wide * 0.3, y + r + LINE / 2, "end"),
    )
    # only what is near can be in the way
    reach = wide + 70
    discs = [d for d in discs if abs(d[0] - x) < reach and abs(d[1] - y) < 90]
    found = []
    for cost, at, middle, anchor in [*spots, *_further(x, y, r)]:
        left = at - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
        box = (left, middle - LINE / 2, left + wide, middle + LINE / 2)
        if not _within(box, rect) or any(_overlap(box, other) for other in taken):
            continue
        if any(_covers(box, *disc) for disc in discs):
            continue
        leader = None
        if cost >= FAR:
            leader = _leader(label, at, middle, anchor)
            others = [d for d in discs if (d[0], d[1]) != (x, y)]
            if any(_touches(leader, *disc) for disc in others):
                continue
        cost += 0.25 * _crossed(box, lines)
        found.append((cost, Placed(label.place, label.text, at, middle, anchor, box, leader)))
    return [placed for _, placed in sorted(found, key=lambda f: f[0])]


def _further(x: float, y: float, r: float) -> list[tuple[float, float, float, str]]:
    """Positions away from the disc, joined to it by a line."""
    found = []
    for ring, reach in enumerate((16.0, 28.0, 42.0)):
        for turn in range(16):
            angle = (turn + 0.5) * math.pi / 8
            at, middle = x + (r + reach) * math.cos(angle), y + (r + reach) * math.sin(angle)
            anchor = "start" if math.cos(angle) > 0 else "end"
            found.append((FAR + ring + abs(math.sin(angle)) * 0.3, at, middle, anchor))
    return found


def _leader(
    label: Label, at: float, middle: float, anchor: str
) -> tuple[float, float, float, float]:
    """The line from the rim of a disc to the near end of its name."""
    end = at - 2 if anchor == "start" else at + 2
    length = math.hypot(end - label.x, middle - label.y)
    share = label.radius / max(length, 1e-9)
    start = (label.x + (end - label.x) * share, label.y + (middle - label.y) * share)
    return (*start, end, middle)


def _crossed(box: Box, lines: Points) -> int:
    """How many points of flows a box covers."""
    if not len(lines):
        return 0
    x, y = lines[:, 0], lines[:, 1]
    return int(((x > box[0]) & (x < box[2]) & (y > box[1]) & (y < box[3])).sum())


def _within(box: Box, rect: Box) -> bool:
    return (
        box[0] >= rect[0] + 2
        and box[2] <= rect[2] - 2
        and box[1] >= rect[1] + 1
        and box[3] <= rect[3] - 1
    )


def _touches(line: tuple[float, float, float, float], x: float, y: float, radius: float) -> bool:
    """Whether a line touches a disc."""
    ax, ay, bx, by = line
    long = (bx - ax) ** 2 + (by - ay) ** 2
    share = 0.0 if long == 0 else ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / long
    share = min(max(share, 0.0), 1.0)
    away = math.hypot(x - ax - share * (bx - ax), y - ay - share * (by - ay))
    return away < radius + 1


def _line_box(line: tuple[float, float, float, float], box: Box) -> bool:
    """Whether a line touches a box: the part of it inside each pair of sides must overlap."""
    ax, ay, bx, by = line
    first, last = 0.0, 1.0
    for start, end, low, high in ((ax, bx, box[0], box[2]), (ay, by, box[1], box[3])):
        if max(start, end) < low or min(start, end) > high:
            return False
        if start != end:
            enter, leave = sorted(((low - start) / (end - start), (high - start) / (end - start)))
            first, last = max(first, enter), min(last, leave)
    return first <= last


def _conflicts(wish: Placed, chosen: dict[int, Placed]) -> list[int]:
    """Whose names a position would cover."""
    return [n for n, other in chosen.items() if n != wish.place and _clash(wish, other)]


def _clash(a: Placed, b: Placed) -> bool:
    """Whether two names, or the lines that lead to them, get in each other's way."""
    if _overlap(a.box, b.box):
        return True
    if a.leader is not None and _line_box(a.leader, b.box):
        return True
    if b.leader is not None and _line_box(b.leader, a.box):
        return True
    return a.leader is not None and b.leader is not None and _cross(a.leader, b.leader)


def _cross(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    """Whether two lines cross."""

    def side(line: tuple[float, float, float, float], x: float, y: float) -> float:
        return (line[2] - line[0]) * (y - line[1]) - (line[3] - line[1]) * (x - line[0])

    return (
        side(a, b[0], b[1]) * side(a, b[2], b[3]) < 0
        and side(b, a[0], a[1]) * side(b, a[2], a[3]) < 0
    )


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _covers(box: Box, x: float, y: float, radius: float) -> bool:
    """Whether a box touches a disc."""
    nearest_x = min(max(x, box[0]), box[2])
    nearest_y = min(max(y, box[1]), box[3])
    return (x - nearest_x) ** 2 + (y - nearest_y) ** 2 < (radius + 0.5) ** 2
