"""UCDP Georeferenced Event Dataset: the CSV of versions 18.1 to 25.1, and candidate events.

Codebook: Hogbladh 2024, UCDP GED Codebook. `where_prec`: 1 exact, 2 within about 25 km, 3
second-order and 4 first-order administrative division, 5 part of a country or a line, 6 country, 7
international waters or airspace. `date_prec`: 1 the day, 2 two to six days, 3 a week, 4 eight days
to a month, 5 more than a month up to a year; `date_start` and `date_end` bound it. Candidate events
are published every month and are revised later; some came without a header line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from khamsin.errors import InputError
from khamsin.readers.countries import iso3_of_rows, wanted
from khamsin.readers.events import COLUMNS, WHERE, Events, check_events
from khamsin.readers.report import Report
from khamsin.readers.table import Column, categorical, parse_dates, read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

LARGEST_ID = 2**53  # whole numbers that a float keeps
KINDS = ("state-based", "non-state", "one-sided")  # type_of_violence 1, 2, 3

# The 49 columns of recent versions in their order; versions 18.1 and 19.1 lack some of them.
STANDARD = (
    "id", "relid", "year", "active_year", "code_status", "type_of_violence", "conflict_dset_id",
    "conflict_new_id", "conflict_name", "dyad_dset_id", "dyad_new_id", "dyad_name",
    "side_a_dset_id", "side_a_new_id", "side_a", "side_b_dset_id", "side_b_new_id", "side_b",
    "number_of_sources", "source_article", "source_office", "source_date", "source_headline",
    "source_original", "where_prec", "where_coordinates", "where_description", "adm_1", "adm_2",
    "latitude", "longitude", "geom_wkt", "priogrid_gid", "country", "country_id", "region",
    "event_clarity", "date_prec", "date_start", "date_end", "deaths_a", "deaths_b",
    "deaths_civilians", "deaths_unknown", "best", "high", "low", "gwnoa", "gwnob",
)  # fmt: skip

_COLUMNS = (
    Column("event", ("id", "event_id"), "number"),
    Column("type_of_violence", ("type_of_violence",), "number"),
    Column("conflict", ("conflict_name",), required=False),
    Column("dyad", ("dyad_name",), required=False),
    Column("side_a", ("side_a",), required=False),
    Column("side_b", ("side_b",), required=False),
    Column("where_prec", ("where_prec",), "number"),
    Column("adm_1", ("adm_1",), required=False),
    Column("adm_2", ("adm_2",), required=False),
    Column("latitude", ("latitude",), "number"),
    Column("longitude", ("longitude",), "number"),
    Column("country", ("country",)),
    Column("country_id", ("country_id", "gwno"), "number", required=False),
    Column("date_prec", ("date_prec",), "number"),
    Column("date_start", ("date_start",)),
    Column("date_end", ("date_end",)),
    Column("deaths_a", ("deaths_a",), "number"),
    Column("deaths_b", ("deaths_b",), "number"),
    Column("deaths_civilians", ("deaths_civilians",), "number"),
    Column("deaths_unknown", ("deaths_unknown",), "number"),
    Column("deaths", ("best", "best_est"), "number"),
    Column("low", ("low", "low_est"), "number"),
    Column("high", ("high", "high_est"), "number"),
)
_ALSO = (
    *STANDARD,
    "isocc",
    "gwab",
    "gid",
    "conflict_id",
    "dyad_id",
    "side_a_id",
    "side_b_id",
    "version",
)


def read_ucdp(
    path: str | Path,
    *,
    countries: Iterable[str] | None = None,
    kinds: Iterable[str] | None = None,
    strict: bool = True,
) -> Events:
    """Read events of UCDP GED.

    Parameters
    ----------
    path : path
        The CSV file as published, or the zip around it.
    countries : iterable of str, optional
        Keep only these: ISO codes (two or three letters) or names as UCDP writes them.
    kinds : iterable of str, optional
        Keep only these: `state-based`, `non-state`, `one-sided`.
    strict : bool
        Raise faults of rows; otherwise set those rows aside, counted in the report and kept in
        `set_aside`.

    Returns
    -------
    Events
        An event whose day is not known has `start` and `end` as far apart as `date_prec` says:
        where the file gives one day for a week, a month or a year, the interval is widened to it
        and counted.

    Raises
    ------
    InputError
        Columns that are missing, faults of rows (see `check_events`), codes outside the codebook,
        an unknown country or kind.

    Examples
    --------
    >>> from pathlib import Path
    >>> from khamsin.readers import read_ucdp
    >>> names = (
    ...     "id,type_of_violence,where_prec,latitude,longitude,country,date_prec,date_start,"
    ...     "date_end,deaths_a,deaths_b,deaths_civilians,deaths_unknown,best,low,high"
    ... )
    >>> row = "1,1,1,32.89,13.19,Libya,1,2015-01-03,2015-01-03,1,2,0,0,3,3,5"
    >>> _ = Path("ged.csv").write_text(f"{names}\\n{row}\\n", encoding="utf-8")
    >>> events = read_ucdp("ged.csv", kinds=["state-based"])
    >>> print(events.report)
    ged.csv: 1 rows, 1 kept
    """
    report = Report(str(path))
    only = None if countries is None else wanted(countries)
    chosen = list(KINDS if kinds is None else kinds)
    for kind in chosen:
        if kind not in KINDS:
            raise InputError(f"no kind of violence {kind!r}; there are {', '.join(KINDS)}")
    table = read_table(path, _COLUMNS, report, also_known=_ALSO, headless=STANDARD)
    frame = table.frame
    faults = _odd_codes(frame, {"where_prec": 7, "date_prec": 5, "type_of_violence": 3})
    ids = frame["event"].to_numpy()
    odd = (np.abs(ids) > LARGEST_ID) | (ids % 1 > 0)
    faults += [(int(r), f"the id is no whole number: {ids[r]}") for r in np.flatnonzero(odd)]
    frame["event"] = np.floor(frame["event"].mask(odd, 0.0)).astype("Int64")
    for name in ("start", "end"):
        frame[name] = parse_dates(frame[f"date_{name}"], ("%Y-%m-%d", "%Y/%m/%d"))
    _widen_dates(frame, report)
    frame["where"] = _coded(frame["where_prec"], WHERE)
    frame["kind"] = _coded(frame["type_of_violence"], KINDS)
    frame["iso3"] = iso3_of_rows(frame["country"], frame["country_id"])
    good, aside = check_events(table, frame, report, strict=strict, faults=faults)
    unknown = good["iso3"].isna()
    names = good.loc[unknown, "country"].astype(str).unique()
    report.warn("events in a country without a code", names, int(unknown.sum()))
    parts = good[["deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown"]].sum(axis=1)
    uneven = good.loc[parts != good["deaths"], "event"]
    report.warn("events whose parts do not add up to best", uneven.tolist())
    keep = good["kind"].isin(chosen)
    if only is not None:
        keep &= good["iso3"].isin(only)
    good = good.loc[keep, list(COLUMNS)].reset_index(drop=True)
    report.kept = len(good)
    return Events(good, report, aside)


def _odd_codes(frame: pd.DataFrame, highest: dict[str, int]) -> list[tuple[int, str]]:
    """Return the rows with codes that are not in the codebook; they get the last one there is."""
    faults = []
    for name, top in highest.items():
        values = frame[name].to_numpy()
        bad = ~np.isin(values, np.arange(1, top + 1))
        faults += [
            (int(row), f"{name} is {values[row]:g}, not one of 1 to {top}")
            for row in np.flatnonzero(bad)
        ]
        frame[name] = np.where(bad, top, values)
    return faults


def _coded(numbers: pd.Series, names: Sequence[str]) -> pd.Categorical:
    return categorical(numbers.to_numpy() - 1, names)


def _widen_dates(frame: pd.DataFrame, report: Report) -> None:
    """Give an event with one date that is not known to the day its whole week, month or year."""
    start, end = (frame[c].to_numpy(dtype="datetime64[D]") for c in ("start", "end"))
    precision = frame["date_prec"].to_numpy()
    pinned = (start == end) & (precision >= 3)
    if not pinned.any():
        return
    whole: dict[int, tuple[NDArray[np.datetime64], NDArray[np.datetime64]]] = {
        3: (start - 3, start + 3)
    }
    for code, unit in ((4, "M"), (5, "Y")):
        first = start.astype(f"datetime64[{unit}]")
        whole[code] = (first.astype("datetime64[D]"), (first + 1).astype("datetime64[D]") - 1)
    for code, (first, last) in whole.items():
        at = pinned & (precision == code)
        start, end = np.where(at, first, start), np.where(at, last, end)
    frame["start"], frame["end"] = start, end
    what = "events dated to one day though known only to the week, month or year: spread over it"
    report.warn(what, frame.loc[pinned, "event"].tolist())
