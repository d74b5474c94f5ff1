"""The verb `import flee`: a case of Flee becomes a model folder of khamsin."""

import re
import shutil
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path

from khamsin.displacement.flee_case import FleeCase
from khamsin.displacement.flee_counts import cut, read_counts
from khamsin.displacement.flee_places import (
    read_closures,
    read_conflicts,
    read_locations,
    read_period,
    read_routes,
)
from khamsin.displacement.flee_settings import read_settings
from khamsin.displacement.flee_text import MODEL, REFERENCES
from khamsin.displacement.knowledge import known_on
from khamsin.displacement.output import writing
from khamsin.displacement.trend import HALF_LIFE, SPREAD, window
from khamsin.errors import Fault, InputError, ModelError
from khamsin.spreadsheet import write_rows

STAYS = 3  # classes of lately travelled distance (daily_journey)
SLOWEST = 35.0  # km a day on foot: what the ring of arrival days must hold
READ = {
    "locations.csv",
    "routes.csv",
    "closures.csv",
    "conflicts.csv",
    "sim_period.csv",
    "registration_corrections.csv",
}


def read_case(folder: Path, counts: Path | None = None, days: int | None = None) -> FleeCase:
    """Read a case of Flee.

    Parameters
    ----------
    folder : Path
        Holds `input_csv` and `source_data`, or the files of the first themselves.
    counts : Path, optional
        Folder of data_layout.csv; `source_data` in `folder` when not given.
    days : int, optional
        Only the first so many days, and counts that bear a date in them.

    Raises
    ------
    ModelError
        With everything that is wrong in all files.
    """
    if days is not None and days < 3:
        raise InputError(f"a case of {days} days is too short: give at least 3")
    if not folder.is_dir():
        raise InputError(f"there is no folder {folder}")
    tables = folder / "input_csv" if (folder / "input_csv").is_dir() else folder
    held = counts or folder / "source_data"
    if not held.is_dir():
        raise InputError(f"there is no folder {held} with data_layout.csv: name it by --counts")
    case, faults = FleeCase(), list[Fault]()
    read_period(tables, case, faults)
    read_locations(tables, case, faults)
    if not case.locations and faults:  # every name in the other files would be unknown
        raise ModelError(faults)
    read_routes(tables, case, faults)
    read_closures(tables, case, faults)
    read_conflicts(tables, case, faults)
    read_counts(held, tables / "registration_corrections.csv", case, faults)
    for path in sorted(tables.iterdir()):
        if path.is_file() and path.name not in READ and path.name != "simsetting.yml":
            case.unread.append(f"{path.name}: not a file of a case")
    if faults:
        raise ModelError(faults)
    if days is not None:
        cut(case, days)
    return case


def import_flee(
    folder: Path,
    output: Path,
    counts: Path | None = None,
    settings: Path | None = None,
    days: int | None = None,
    known: int | None = None,
) -> FleeCase:
    """Write the model folder of a case of Flee.

    Parameters
    ----------
    folder : Path
    output : Path
        A new folder: nothing is overwritten.
    counts : Path, optional
    settings : Path, optional
        A simsetting.yml; Flee's rules `flee3_default` when not given.
    days : int, optional
        Only the first so many days; all when not given.
    known : int, optional
        Days whose counts a leak-free forecast knows; a third when not given.

    Returns
    -------
    FleeCase
        What was read; `unread` names what was not.

    Raises
    ------
    ModelError, InputError
    """
    if output.exists():
        raise InputError(f"{output} is there already: choose another name with -o")
    case = read_case(folder, counts, days)
    known = case.length // 3 if known is None else known
    if not 0 < known < case.length:
        raise InputError(f"known days must be between 1 and {case.length - 1}, not {known}")
    rules, unread = read_settings(settings) if settings else ({}, [])
    case.unread += unread
    try:
        with writing(output):
            _write_model(case, output, folder.name, known, rules)
    except InputError:
        shutil.rmtree(output, ignore_errors=True)  # half a model is none
        raise
    return case


def _write_model(
    case: FleeCase, output: Path, name: str, known: int, rules: dict[str, float]
) -> None:
    (output / "scenarios").mkdir(parents=True)
    (output / "observations").mkdir()
    _write_tables(case, output, known)
    end = case.start + timedelta(days=case.length - 1)
    text = MODEL.format(
        title=f"{name}: displacement by days, a case of Flee",
        start=case.start,
        end=end,
        known=known,
        window=window(known),
        half_life=HALF_LIFE * known,
        spread=SPREAD,
        parameters="".join(
            f"  {name}: {{default: {value}, source: flee_2026}}\n" for name, value in rules.items()
        )
        or "  {}\n",
        observations="".join(_observation(name) for name in case.camps),
    )
    (output / "model.yaml").write_text(text, encoding="utf-8")
    (output / "references.bib").write_text(REFERENCES, encoding="utf-8")
    scenario = "title: Fighting and closures as the case has them\ninterventions:\n" + "".join(
        _interventions(case)
    )
    (output / "scenarios" / "as-recorded.yaml").write_text(scenario, encoding="utf-8")


def _write(path: Path, header: str, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        write_rows(file, [header.split(",")])
        write_rows(file, rows)


def place_id(name: str) -> str:
    """Return a place's id: its name with what an id may not hold as underscores."""
    found = "".join(c if c.isalnum() or c in "_.+'-" else "_" for c in name)
    return found if found[:1] not in "+'-" else f"_{found[1:]}"


def road_ids(case: FleeCase) -> list[str]:
    """Return an id for each road."""
    seen: dict[str, int] = {}
    found = []
    for road in case.roads:
        name = f"{place_id(road.a)}-{place_id(road.b)}"
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return found


def _write_tables(case: FleeCase, output: Path, known_days: int) -> None:
    source = "flee_2026"
    known = known_on(case, known_days)
    last_count = dict(zip(case.camps, known.last_count, strict=True))
    _write(
        output / "places.csv",
        "id,name,country,lat,lon,kind,region,population,capacity,counted,last_count,camp,hub,source",
        (
            (
                place_id(p.name),
                p.name,
                p.country.strip(),
                p.lat,
                p.lon,
                p.kind,
                p.region.strip(),
                0 if "camp" in p.kind else int(p.people),
                int(p.people) if "camp" in p.kind else 0,
                int(p.name in case.camps),
                last_count.get(p.name, -1),
                int("camp" in p.kind),
                int(p.kind in ("forwarding_hub", "marker")),
                source,
            )
            for p in case.locations
        ),
    )
    _write(
        output / "routes.csv",
        "id,a,b,mode,km,redirection,source",
        (
            (name, place_id(r.a), place_id(r.b), "road", r.km, r.redirection, source)
            for name, r in zip(road_ids(case), case.roads, strict=True)
        ),
    )
    stays = [f"{way}{r}" for way in ("vehicle", "foot") for r in range(STAYS)]
    ring = int(max((r.km for r in case.roads), default=0.0) / SLOWEST) + 3
    _write(output / "stays.csv", "id,source", ((s, "judgement") for s in stays))
    _write(
        output / "legs.csv",
        "id,source",
        ((f"day{d}_{s}", "judgement") for d in range(ring) for s in stays),
    )
    _write(
        output / "days.csv",
        "id,date,registered_total,raw_total,source",
        (
            (
                f"day{d}",
                case.start + timedelta(days=d),
                int(n),
                int(n + case.first_total),
                "unhcr",
            )
            for d, n in enumerate(case.daily.sum(axis=1))
        ),
    )
    _write(
        output / "registered.csv",
        "place,day,people,source",
        (
            (place_id(name), f"day{d}", int(case.daily[d, k]), "unhcr")
            for k, name in enumerate(case.camps)
            for d in range(case.length)
        ),
    )
    _write(
        output / "carried.csv",
        "place,day,people,source",
        (
            (place_id(name), f"day{d}", int(people), "unhcr")
            for k, name in enumerate(case.camps)
            for d, people in enumerate(known.carried[:, k])
        ),
    )
    _write(
        output / "first_day.csv",
        "place,stay,people,source",
        (
            (place_id(name), f"foot{0}", int(case.daily[0, k]), "unhcr")
            for k, name in enumerate(case.camps)
        ),
    )
    for name in case.camps:
        days, people = case.counts[name]
        _write(
            output / "observations" / f"{place_id(name)}.csv",
            "date,people,source",
            (
                (case.start + timedelta(days=d), round(n, 2), "unhcr")
                for d, n in zip(days, people, strict=True)
            ),
        )


def _observation(name: str) -> str:
    place = place_id(name)
    return (
        f"  {re.sub(r'[^A-Za-z0-9_]', '_', place)}:\n    title: Registered people in {name}\n"
        f"    file: observations/{place}.csv\n    column: people\n    variable: in_camps\n"
        f"    where: [place:{place}]\n    every: step\n    source: unhcr\n"
    )


def _interventions(case: FleeCase) -> list[str]:
    found = []

    def change(what: str, where: str, first: int, last: int | None, value: float) -> None:
        until = "" if last is None else f", to: {case.start + timedelta(days=last)}"
        found.append(
            f"  - {{change: {what}, where: {{{where}}}, from: {case.start + timedelta(days=first)}"
            f"{until}, set: {value:g}, source: flee_2026}}\n"
        )

    for k, place in enumerate(case.locations):
        hard = case.conflict[:, k]
        edges = [d for d in range(case.length) if d == 0 or hard[d] != hard[d - 1]]
        for first, stop in zip(edges, [*edges[1:], case.length], strict=True):
            if hard[first] > 0:
                last = None if stop == case.length else stop - 1
                change("conflict", f"place: {place_id(place.name)}", first, last, hard[first])
    for what, name, first, last in _closed(case):
        change(what, f"{'place' if what == 'camp' else 'route'}: {name}", first, last, 0)
    return found


def _closed(case: FleeCase) -> list[tuple[str, str, int, int | None]]:
    """Return what is closed and when, each road or camp at most once on a day."""
    shut: dict[tuple[str, str], set[int]] = {}
    country = {p.name: p.country for p in case.locations}
    ids = road_ids(case)
    for closure in case.closures:
        stop = case.length if closure.end is None else min(closure.end, case.length)
        days = range(closure.start, stop)
        if closure.kind in ("camp", "idpcamp"):
            shut.setdefault(("camp", place_id(closure.name1)), set()).update(days)
            continue
        for name, road in zip(ids, case.roads, strict=True):
            ends = {road.a, road.b}
            shuts = {
                "country": {country[road.a], country[road.b]} == {closure.name1, closure.name2},
                "location": closure.name1 in ends,
                "link": ends == {closure.name1, closure.name2},
            }.get(closure.kind, False)
            if shuts:
                shut.setdefault(("road_open", name), set()).update(days)
    found = []
    for (what, name), closed in sorted(shut.items()):
        for first in sorted(d for d in closed if d - 1 not in closed):
            last = first
            while last + 1 in closed:
                last += 1
            found.append((what, name, first, None if last == case.length - 1 else last))
    return found
