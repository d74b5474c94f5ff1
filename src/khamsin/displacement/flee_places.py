"""Places, roads, closures and conflicts of a case of Flee."""

from pathlib import Path

import numpy as np

from khamsin.displacement.flee_case import Closure, FleeCase, Location, Road, Rows
from khamsin.errors import Fault, nearest

#: what Flee looks for in the word of a location's type -> what we call it; the first that fits
KINDS = {
    "idpcamp": "idpcamp",
    "camp": "camp",
    "conflict": "conflict_zone",
    "forward": "forwarding_hub",
    "marker": "marker",
    "town": "town",
    "default": "town",
}
TYPES = ("conflict_zone", "town", "camp", "idpcamp", "forwarding_hub", "marker")
CLOSURES = ("country", "location", "camp", "idpcamp", "link", "remove_forced_redirection")
PLACE_COLUMNS = 8  # name, region, country, lat, lon, location_type, conflict_date, pop/cap
CLOSURE_COLUMNS = 5
ROAD_COLUMNS = 4
LONGEST = 36_525  # days: a century; beyond it somebody mistyped


def read_period(folder: Path, case: FleeCase, faults: list[Fault]) -> None:
    """Read sim_period.csv: the first day and the number of days."""
    rows = Rows(folder / "sim_period.csv", faults)
    _name_unread(rows, 2, case)
    seen = set()
    for line, row in rows:
        key, text = row[0], rows.cell(row, 1)
        seen.add(key)
        if key == "StartDate":
            case.start = rows.day(line, text) or case.start
        elif key == "Length":
            case.length = int(rows.number(line, "Length", text, 1, None, LONGEST, whole=True))
        else:
            rows.fault(line, f"{key!r} is not read", nearest(key, ["StartDate", "Length"]))
    if rows.path.is_file():
        for key in ("StartDate", "Length"):
            if key not in seen:
                rows.fault(None, f"{key} is missing")


def read_locations(folder: Path, case: FleeCase, faults: list[Fault]) -> None:
    """Read locations.csv."""
    rows = Rows(folder / "locations.csv", faults)
    _name_unread(rows, PLACE_COLUMNS, case)
    first: dict[str, int] = {}
    for line, row in rows:
        name, region, country, lat, lon, kind, day, people = (rows.cell(row, k) for k in range(8))
        if not name:
            rows.fault(line, "the name is missing")
            continue
        if name in first:
            rows.fault(line, f"{name} is here twice (first in line {first[name]})")
            continue
        first[name] = line
        known = next((ours for word, ours in KINDS.items() if word in kind.lower()), None)
        if known is None:
            near = nearest(kind, TYPES)
            others = "" if near else f" (there are {', '.join(TYPES)})"
            rows.fault(line, f"{name}: there is no location type {kind!r}{others}", near)
            known = "town"
        if known == "conflict_zone" and day == "":
            rows.fault(line, f"{name} is a conflict zone: its conflict_date is missing")
        case.locations.append(
            Location(
                name,
                region,
                country,
                rows.number(line, f"latitude of {name}", lat, -90.0, None, 90.0),
                rows.number(line, f"longitude of {name}", lon, -180.0, None, 180.0),
                known,
                int(rows.number(line, f"conflict_date of {name}", day, 0.0, 0.0, whole=True)),
                rows.number(line, f"population or capacity of {name}", people, 0.0, 0.0),
                line,
            )
        )


def read_routes(folder: Path, case: FleeCase, faults: list[Fault]) -> None:
    """Read routes.csv."""
    rows = Rows(folder / "routes.csv", faults)
    _name_unread(rows, ROAD_COLUMNS, case)
    names = case.names
    for line, row in rows:
        a, b = row[0], rows.cell(row, 1)
        good = rows.known(line, a, names) and rows.known(line, b, names)
        if good and a == b:
            rows.fault(line, f"the road leads from {a} to itself")
        km = rows.number(line, f"distance from {a} to {b}", rows.cell(row, 2), 0.0, None)
        mark = rows.number(line, "forced_redirection", rows.cell(row, 3), 0.0, 0.0)
        if mark not in (0.0, 1.0, 2.0):
            rows.fault(line, f"forced_redirection is {mark:g}: it can be 0, 1 or 2")
        if good and a != b:
            case.roads.append(Road(a, b, km, int(mark), line))


def read_closures(folder: Path, case: FleeCase, faults: list[Fault]) -> None:
    """Read closures.csv, when there is one."""
    rows = Rows(folder / "closures.csv", faults, needed=False)
    _name_unread(rows, CLOSURE_COLUMNS, case)
    names, countries = case.names, [place.country for place in case.locations]
    for line, row in rows:
        kind, name1, name2 = row[0], rows.cell(row, 1), rows.cell(row, 2)
        if kind not in CLOSURES:
            rows.fault(line, f"there is no closure type {kind!r}", nearest(kind, CLOSURES))
            continue
        start = int(rows.number(line, "closure_start", rows.cell(row, 3), 0.0, None, whole=True))
        last = int(rows.number(line, "closure_end", rows.cell(row, 4), -1.0, -1.0, whole=True))
        end = last if last > 0 else None
        if end is not None and end < start:
            rows.fault(line, f"the closure ends on day {end}, before it starts on day {start}")
        if kind == "country":
            found = [rows.known(line, name, countries, "country") for name in (name1, name2)]
            good = all(found)  # both are looked at, so that both faults are told
        elif kind in ("link", "remove_forced_redirection"):
            found = [rows.known(line, name, names) for name in (name1, name2)]
            good = all(found)
            ends = {frozenset((road.a, road.b)) for road in case.roads}
            if good and kind != "link":
                case.unread.append(f"{rows.path.name}:{line}: {kind}, which does nothing in Flee")
                continue
            if good and frozenset((name1, name2)) not in ends:
                rows.fault(line, f"there is no road between {name1} and {name2} to close")
        else:
            good = rows.known(line, name1, names)
            if name2:
                case.unread.append(f"{rows.path.name}:{line}: name2 ({name2}) of a {kind} closure")
        if good:
            case.closures.append(Closure(kind, name1, name2, start, end, line))


def read_conflicts(folder: Path, case: FleeCase, faults: list[Fault]) -> None:
    """Read conflicts.csv: one row a day from day 0; the position of a row counts, not its Day."""
    rows = Rows(folder / "conflicts.csv", faults)
    names = case.names
    position = {name: k for k, name in enumerate(names)}
    columns = []
    for k, name in enumerate(rows.header[1:], 1):
        if name in position:
            columns.append((k, position[name]))
        elif name:
            rows.fault(1, f"there is no place {name!r}", nearest(name, names))
    found = np.zeros((len(rows.rows), len(names)))
    for day, (line, row) in enumerate(rows):
        if row[0] != str(day):
            rows.fault(line, f"the row of day {day} says day {row[0]}: Flee counts rows")
        for k, place in columns:
            found[day, place] = rows.number(
                line, f"conflict at {names[place]}", rows.cell(row, k), 0.0, None
            )
    if rows.path.is_file() and len(found) < case.length:
        what = f"ends after {len(found)} days, but the case has {case.length}"
        rows.fault(rows.rows[-1][0] if rows.rows else None, what)
    case.conflict = _as_flee_takes_it(case, found[: case.length])


def _as_flee_takes_it(case: FleeCase, found: np.ndarray) -> np.ndarray:
    """Keep what was there when fighting began: Flee ignores later changes of its intensity."""
    taken = np.zeros_like(found)
    for k, place in enumerate(case.locations):
        begun = place.kind == "conflict_zone" and place.conflict_day == 0
        now, before = (1.0, 1.0) if begun else (0.0, 0.0)
        for day in range(len(found)):
            value = found[day, k]
            if day == 0 and begun and value <= 0.0:
                before = 0.0  # it starts as a conflict zone whatever its first row says
            if before <= 0.0 < value:
                now = value
            elif value <= 0.0 < before:
                now = 0.0
            taken[day, k], before = now, value
    return taken


def _name_unread(rows: Rows, read: int, case: FleeCase) -> None:
    for name in rows.header[read:]:
        case.unread.append(f"{rows.path.name}: column {name}")
    width = max((len(row) for _, row in rows), default=0)
    if not rows.header and width > read:
        case.unread.append(f"{rows.path.name}: columns after the first {read}, without a name")
