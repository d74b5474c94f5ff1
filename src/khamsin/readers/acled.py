"""ACLED: the CSV of the export tool and of the API, in the columns of before and after 2023.

Codebook: ACLED 2023. `time_precision`: 1 the day, 2 within a week around the date, 3 the month.
`geo_precision`: 1 the place, 2 part of a region around it, 3 a larger region. `fatalities` is one
conservative number without a range, and 3 or 10 where the reports only say "several"; a month
without events is a month without reported events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from khamsin.readers.countries import iso3_of_rows, wanted
from khamsin.readers.events import COLUMNS, WHERE, Events, check_events
from khamsin.readers.report import Report
from khamsin.readers.table import Column, categorical, parse_dates, read_table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd

_COLUMNS = (
    Column("event", ("event_id_cnty",)),
    Column("event_date", ("event_date",)),
    Column("time_precision", ("time_precision",), "number"),
    Column("kind", ("event_type",)),
    Column("side_a", ("actor1",), required=False),
    Column("side_b", ("actor2",), required=False),
    Column("country", ("country",)),
    Column("adm_1", ("admin1",), required=False),
    Column("adm_2", ("admin2",), required=False),
    Column("latitude", ("latitude",), "number"),
    Column("longitude", ("longitude",), "number"),
    Column("geo_precision", ("geo_precision",), "number"),
    Column("deaths", ("fatalities",), "number"),
)
_ALSO = (
    "data_id", "iso", "iso3", "event_id_no_cnty", "year", "disorder_type", "sub_event_type",
    "assoc_actor_1", "inter1", "assoc_actor_2", "inter2", "interaction", "civilian_targeting",
    "region", "admin3", "location", "source", "source_scale", "notes", "tags", "timestamp",
    "population_1km", "population_2km", "population_5km", "population_best",
)  # fmt: skip
# Precision 3 is a larger region at a representative point: a province where one is named.
_WHERE = {1: "point", 2: "near", 3: "adm_1"}


def read_acled(
    path: str | Path,
    *,
    countries: Iterable[str] | None = None,
    kinds: Iterable[str] | None = None,
    separator: str = ",",
    strict: bool = True,
) -> Events:
    """Read events of ACLED.

    Parameters
    ----------
    path : path
        The CSV file as exported.
    countries : iterable of str, optional
        Keep only these: ISO codes (two or three letters) or names as ACLED writes them.
    kinds : iterable of str, optional
        Keep only these event types, for example `Battles`.
    separator : str
        Between the fields; some exports use `;`.
    strict : bool
        Raise faults of rows; otherwise set those rows aside, counted in the report and kept in
        `set_aside`.

    Returns
    -------
    Events
        `kind` is the event type; `low`, `high` and the deaths of each side are missing, since ACLED
        has none.

    Raises
    ------
    InputError
        Columns that are missing, faults of rows (see `check_events`), precisions other than 1 to 3.

    Examples
    --------
    >>> from pathlib import Path
    >>> from khamsin.readers import read_acled
    >>> names = (
    ...     "event_id_cnty,event_date,time_precision,event_type,country,latitude,longitude,"
    ...     "geo_precision,fatalities"
    ... )
    >>> rows = [
    ...     names,
    ...     "LBY100,03 January 2015,1,Battles,Libya,32.89,13.19,1,3",
    ...     "LBY101,04 January 2015,1,Protests,Libya,32.89,13.19,1,0",
    ... ]
    >>> _ = Path("acled.csv").write_text("\\n".join(rows), encoding="utf-8")
    >>> events = read_acled("acled.csv", kinds=["Battles"])
    >>> len(events)
    1
    >>> print(events.report)
    acled.csv: 2 rows, 1 kept
    """
    report = Report(str(path))
    table = read_table(path, _COLUMNS, report, also_known=_ALSO, separator=separator)
    frame = table.frame
    faults = []
    for name in ("time_precision", "geo_precision"):
        values = frame[name].to_numpy()
        bad = ~np.isin(values, (1, 2, 3))
        faults += [
            (int(r), f"{name} is {values[r]:g}, not one of 1 to 3") for r in np.flatnonzero(bad)
        ]
        frame[name] = np.where(bad, 3, values)
    day = parse_dates(
        frame["event_date"], ("%Y-%m-%d", "%d %B %Y", "%d-%B-%Y", "%d %b %Y", "%d-%b-%Y")
    )
    frame["start"], frame["end"] = _interval(day, frame["time_precision"])
    codes = frame["geo_precision"].to_numpy()
    where = np.select(
        [codes == 1, codes == 2, frame["adm_1"].notna()], [0, 1, 3], WHERE.index("area")
    )
    frame["where"] = categorical(where, WHERE)
    frame["iso3"] = iso3_of_rows(frame["country"])
    for name in set(COLUMNS) - set(frame.columns):
        frame[name] = (
            categorical(np.full(len(frame), -1), []) if name in ("conflict", "dyad") else np.nan
        )
    good, aside = check_events(table, frame, report, strict=strict, faults=faults)
    unknown = good["iso3"].isna()
    names = good.loc[unknown, "country"].astype(str).unique()
    report.warn("events in a country without a code", names, int(unknown.sum()))
    keep = good["kind"].notna()
    if kinds is not None:
        keep &= good["kind"].isin(list(kinds))
    if countries is not None:
        keep &= good["iso3"].isin(wanted(countries))
    good = good.loc[keep, list(COLUMNS)].reset_index(drop=True)
    report.kept = len(good)
    return Events(good, report, aside)


def _interval(
    day: np.ndarray[tuple[int], np.dtype[np.datetime64]], precision: pd.Series
) -> tuple[
    np.ndarray[tuple[int], np.dtype[np.datetime64]], np.ndarray[tuple[int], np.dtype[np.datetime64]]
]:
    """Return first and last day: the day, the week around it, or its calendar month."""
    month = day.astype("datetime64[M]")
    choice = [precision.to_numpy() == 1, precision.to_numpy() == 2]
    first = np.select(choice, [day, day - 3], month.astype("datetime64[D]"))
    last = np.select(choice, [day, day + 3], (month + 1).astype("datetime64[D]") - 1)
    return first, last
