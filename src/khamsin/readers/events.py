"""Events as a tidy table, whatever their source; and the checks that every source shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from khamsin.readers.report import Report
    from khamsin.readers.table import Table

# How exactly the place of an event is known, from best to worst.
WHERE = ("point", "near", "adm_2", "adm_1", "area", "country", "international", "unknown")
COLUMNS = (
    "event", "start", "end", "deaths", "low", "high", "deaths_a", "deaths_b", "deaths_civilians",
    "deaths_unknown", "latitude", "longitude", "where", "country", "iso3", "adm_1", "adm_2", "kind",
    "side_a", "side_b", "conflict", "dyad",
)  # fmt: skip
EARLIEST, LATEST = np.datetime64("1900-01-01", "D"), np.datetime64("2100-01-01", "D")


@dataclass
class Events:
    """Events of political violence.

    Attributes
    ----------
    frame : DataFrame
        One row an event. `event` (id in the source), `start` and `end` (first and last day on which
        it may have happened), `deaths`, `low`, `high` (persons; NaN where the source has none),
        `deaths_a`, `deaths_b`, `deaths_civilians`, `deaths_unknown`, `latitude`, `longitude`
        (degrees), `where` (how exactly the place is known: point, near, adm_2, adm_1, area,
        country, international, unknown), `country`, `iso3`, `adm_1`, `adm_2`, `kind` (state-based,
        non-state, one-sided; for ACLED its event type), `side_a`, `side_b`, `conflict`, `dyad`.
    report : Report
        What was odd.
    set_aside : DataFrame
        Rows that were at fault and read with `strict=False`, with a column `reason`.
    """

    frame: pd.DataFrame
    report: Report
    set_aside: pd.DataFrame

    def __len__(self) -> int:
        return len(self.frame)


def check_events(
    table: Table,
    frame: pd.DataFrame,
    report: Report,
    *,
    strict: bool,
    faults: Sequence[tuple[int, str]] = (),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Check what every source must fulfil, and settle duplicates.

    At fault: no id, no or impossible dates, an end before the start, negative, broken or missing
    deaths, coordinates off the globe, an id that two different rows share. Counted: rows repeated
    word for word (one is kept), low above best or best above high (the range is widened to hold
    best), events without coordinates.

    Parameters
    ----------
    table : Table
        Where the rows come from.
    frame : DataFrame
        Events, row by row.
    report : Report
        Takes the counts.
    strict : bool
        Raise the faults; otherwise set the rows aside and count them.
    faults : sequence of (row, what)
        Faults that the reader of the source has found already.

    Returns
    -------
    good, set_aside : DataFrame

    Raises
    ------
    InputError
        Strict, and there are faults: each with file and line.
    """

    found = list(faults)

    def fault(bad: NDArray[np.bool_], what: str, column: str | None = None) -> None:
        for row in np.flatnonzero(bad):
            value = f": {frame[column].iloc[row]}" if column else ""
            found.append((int(row), what + value))

    start, end = (frame[c].to_numpy(dtype="datetime64[D]") for c in ("start", "end"))
    fault(frame["event"].isna().to_numpy(), "no id")
    for name, days in (("start", start), ("end", end)):
        fault(np.isnat(days), f"no such day as {name} of the event")
        fault((days < EARLIEST) | (days > LATEST), f"an impossible date as {name}", name)
    fault(end < start, "the event ends before it starts")
    deaths = frame["deaths"].to_numpy()
    fault(~np.isfinite(deaths), "the number of deaths is missing (is the file cut off?)")
    for name in (
        "deaths",
        "low",
        "high",
        "deaths_a",
        "deaths_b",
        "deaths_civilians",
        "deaths_unknown",
    ):
        values = frame[name].to_numpy()
        fault(values < 0, f"{name} is negative", name)
        fault(np.isfinite(values) & (values != np.rint(values)), f"{name} is no whole number", name)
    latitude, longitude = frame["latitude"].to_numpy(), frame["longitude"].to_numpy()
    fault((np.abs(latitude) > 90) | (np.abs(longitude) > 180), "coordinates off the globe")
    copies = _copies(frame, found)
    if strict:
        table.refuse(found)
    reasons = dict(reversed(found))  # the first fault of a row
    aside = frame.loc[sorted(reasons)].assign(reason=[reasons[row] for row in sorted(reasons)])
    report.warn("rows at fault, set aside", aside["reason"].tolist())
    report.warn("rows repeated word for word, one kept", frame.loc[copies, "event"].tolist())
    good = frame.drop(index=frame.index[copies].union(aside.index)).reset_index(drop=True)
    _widen(good, report)
    lost = good["latitude"].isna() | good["longitude"].isna()
    if lost.any():
        report.warn("events without coordinates", good.loc[lost, "event"].tolist())
        known = good["where"].isin(["country", "international", "adm_1", "adm_2", "area"])
        named = good["country"].notna()
        good.loc[lost & ~known, "where"] = np.where(named[lost & ~known], "country", "unknown")
    report.kept = len(good)
    return good, aside


def _copies(frame: pd.DataFrame, faults: list[tuple[int, str]]) -> NDArray[np.bool_]:
    """Return which rows repeat an earlier one; rows that share an id but differ are faults."""
    again = frame["event"].duplicated(keep=False).to_numpy() & frame["event"].notna().to_numpy()
    copies = np.zeros(len(frame), dtype=bool)
    if again.any():
        same = frame.loc[again]
        copies[np.flatnonzero(again)] = same.astype(str).duplicated().to_numpy()
        left = same.loc[~copies[again]]
        clash = left["event"].duplicated()
        rows = np.flatnonzero(again)[~copies[again]][clash.to_numpy()]
        faults += [
            (int(row), f"event {frame['event'].iloc[row]} is there before, with other content")
            for row in rows
        ]
    return copies


def _widen(frame: pd.DataFrame, report: Report) -> None:
    for name, below in (("low", True), ("high", False)):
        bad = frame[name] > frame["deaths"] if below else frame[name] < frame["deaths"]
        what = "low above best, lowered to it" if below else "high below best, raised to it"
        report.warn(f"events with {what}", frame.loc[bad, "event"].tolist())
        frame.loc[bad, name] = frame.loc[bad, "deaths"]
