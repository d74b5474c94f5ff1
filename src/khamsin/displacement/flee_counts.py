"""Registered people of a case of Flee: the camps' files, corrected and carried from day to day."""

from bisect import bisect_right
from itertools import pairwise
from math import floor
from pathlib import Path

import numpy as np

from khamsin.displacement.flee_case import FleeCase, Rows
from khamsin.errors import Fault, nearest

HEADERS = ("date", "datetime")


def read_counts(folder: Path, corrections: Path, case: FleeCase, faults: list[Fault]) -> None:
    """Read data_layout.csv and the files that it names, and correct what was counted before a new
    registration."""
    layout = Rows(folder / "data_layout.csv", faults)
    camps = [p.name for p in case.locations if "camp" in p.kind]
    used = {"data_layout.csv"}
    series: dict[str, dict[int, float]] = {}
    where: dict[str, Path] = {}
    for line, row in layout:
        name, files = row[0], [f for f in row[1:] if f]
        if name == "total":
            used |= set(files)
            for file in files[:1]:
                total = _read_camp(folder / file, line, layout, case)
                if total:
                    case.first_total = _on_day(0, sorted(total), [total[d] for d in sorted(total)])
            case.unread.append(f"{', '.join(files)}: the total after day 0 (sum_from_camps)")
            continue
        if not layout.known(line, name, camps, "camp"):
            continue
        if not files:
            layout.fault(line, f"{name} names no file")
        read = [_read_camp(folder / f, line, layout, case) for f in files]
        used |= set(files)
        if read:
            series[name] = _added(read)
            where[name] = folder / files[0]
    if layout.path.is_file():
        for place in case.locations:
            if place.kind == "camp" and place.name not in series:
                layout.fault(None, f"the camp {place.name} has no file of counts")
        left = sorted(p.name for p in folder.iterdir() if p.is_file() and p.name not in used)
        case.unread += [f"{name}: not named in data_layout.csv" for name in left]
    _correct(corrections, case, series, faults)
    for name in series:
        days = sorted(series[name])
        case.counts[name] = (days, [series[name][d] for d in days])
    _carry(case)


def cut(case: FleeCase, days: int) -> None:
    """Shorten a case to its first days, and to the counts that bear a date in them."""
    case.length = min(days, case.length)
    case.conflict = case.conflict[: case.length]
    for name, (dates, people) in case.counts.items():
        early = [k for k, day in enumerate(dates) if day < case.length]
        case.counts[name] = ([dates[k] for k in early], [people[k] for k in early])
    _carry(case)


def _carry(case: FleeCase) -> None:
    """Work out the count of each day, for camps that have any."""
    case.camps = [name for name, (dates, _) in case.counts.items() if dates]
    case.daily = np.array(
        [[_on_day(d, *case.counts[name]) for name in case.camps] for d in range(case.length)]
    ).reshape(case.length, len(case.camps))


def _on_day(day: int, days: list[int], people: list[float]) -> float:
    """Return the count of a day: on a line between two counts, cut to a whole number."""
    after = bisect_right(days, day)
    if after == 0 or after == len(days):
        return floor(people[0 if after == 0 else -1])
    old, share = people[after - 1], (day - days[after - 1]) / (days[after] - days[after - 1])
    return floor(old + share * (people[after] - old))


def _read_camp(path: Path, line: int, layout: Rows, case: FleeCase) -> dict[int, float]:
    if not path.is_file():
        others = [p.name for p in path.parent.glob("*.csv")]
        layout.fault(line, f"there is no file {path.name}", nearest(path.name, others))
        return {}
    rows = Rows(path, layout.faults)
    found: dict[int, float] = {}
    wide = False
    for line, row in rows:
        if row[0].lower() in HEADERS:
            continue
        day = rows.day(line, row[0])
        count = rows.number(line, "the count", rows.cell(row, 1), 0.0, None)
        wide = wide or len(row) > 2
        if day is None:
            continue
        at = (day - case.start).days
        if found.setdefault(at, count) != count:
            rows.fault(line, f"{day} is here twice, with {found[at]:g} people and with {count:g}")
    if wide:
        case.unread.append(f"{path.name}: columns from the third on")
    if not found:
        rows.fault(None, "holds no counts")
    return found


def _added(read: list[dict[int, float]]) -> dict[int, float]:
    """Add up the files of one camp on the days of any."""
    if len(read) == 1:
        return read[0]
    read = [each for each in read if each]
    days = sorted({day for each in read for day in each})
    at = [np.interp(days, sorted(each), [each[d] for d in sorted(each)]) for each in read]
    return dict(zip(days, map(float, sum(at, np.zeros(len(days)))), strict=True))


def _correct(
    path: Path, case: FleeCase, series: dict[str, dict[int, float]], faults: list[Fault]
) -> None:
    """Scale what was counted before a new registration by what it found over what was held."""
    rows = Rows(path, faults, needed=False)
    if any(len(row) > 3 for _, row in rows):
        case.unread.append(f"{path.name}: columns after the third")
    for line, row in rows:
        name, how = row[0], rows.cell(row, 2)
        day = rows.day(line, rows.cell(row, 1))
        if not rows.known(line, name, list(series), "camp with counts") or day is None:
            continue
        if how not in ("", "normalize"):
            rows.fault(line, f"there is no correction {how!r}", nearest(how, ["normalize"]))
            continue
        at, days = (day - case.start).days, sorted(series[name])
        if at not in series[name]:
            rows.fault(line, f"{day} is no day on which {name} was counted")
            continue
        for before, here in pairwise(days):
            if here == at and series[name][before] > 0:
                factor = series[name][at] / series[name][before]
                for d in days[: days.index(here)]:
                    series[name][d] *= factor
