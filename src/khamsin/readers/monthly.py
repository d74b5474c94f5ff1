"""Monthly tables: UNHCR arrivals, IOM deaths by route, plain CSV files with a date and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin.errors import InputError
from khamsin.readers.archive import read_header
from khamsin.readers.report import Report
from khamsin.readers.table import Column, parse_dates, read_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    import xarray as xr
    from numpy.typing import NDArray

_MONTHS = ("%Y-%m-%d", "%Y-%m", "%Y/%m/%d", "%Y/%m", "%b %Y", "%B %Y", "%d %B %Y")
_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%d %B %Y", "%d %b %Y")
EARLIEST, LATEST = np.datetime64("1800-01"), np.datetime64("2200-01")
LONGEST_NUMBER = 40  # characters
_IOM = ("incidents", "dead", "missing", "total_dead_missing", "arrivals")


@dataclass
class Monthly:
    """Series by month.

    Attributes
    ----------
    data : Dataset (time[, series])
        One variable a column; `time` is the first day of each month, without a month left out; NaN
        where nothing was recorded.
    report : Report
        Gaps and oddities, counted.
    """

    data: xr.Dataset
    report: Report


def read_monthly(
    path: str | Path,
    *,
    time: str,
    values: Sequence[str],
    by: str | None = None,
    only: Mapping[str, str] | None = None,
    daily: bool = False,
    negative: bool = False,
    separator: str = ",",
) -> Monthly:
    """Read a plain CSV file with a date and numbers.

    Parameters
    ----------
    path : path
        The file.
    time : str
        Column of the month: `2015-03`, `2015-03-01`, `Mar 2015` or `March 2015`.
    values : sequence of str
        Columns of numbers; empty fields are gaps.
    by : str, optional
        Column that names the series of a row (a route, a country); becomes the dim `series`.
    only : mapping of column to text, optional
        Read only the rows with these texts, for example `{"series": "arrivals", "freq": "month"}`;
        the rest is neither checked nor counted as a gap.
    daily : bool
        Rows are days, summed to months; a month with a day missing is a gap, and counted.
    negative : bool
        Allow values below zero.
    separator : str
        Between the fields.

    Returns
    -------
    Monthly

    Raises
    ------
    InputError
        Missing columns, text among numbers, dates that do not exist, negative values, a month (or
        day) of a series that is there twice, or no row with the texts of `only`: with file and
        line.

    Examples
    --------
    >>> from pathlib import Path
    >>> from khamsin.readers import read_monthly
    >>> rows = [
    ...     "month,arrivals",
    ...     "2024-01,1200",
    ...     "2024-02,",
    ...     "2024-03,900",
    ... ]
    >>> _ = Path("arrivals.csv").write_text("\\n".join(rows), encoding="utf-8")
    >>> read_monthly("arrivals.csv", time="month", values=["arrivals"]).data.arrivals.values
    array([1200.,   nan,  900.])
    """
    chosen = dict(only or {})
    names = [time, *values, *([by] if by else []), *chosen]
    if len({n.lower() for n in names}) < len(names):
        raise InputError(f"the columns {', '.join(names)} are not all different")
    report = Report(str(path))
    # Numbers are read as text: a column may hold names in the rows of series that nobody asked for.
    columns = [Column(name.lower(), (name.lower(),)) for name in names]
    every = read_header(Path(path), separator)
    table = read_table(path, columns, report, also_known=every, separator=separator)
    frame = table.frame
    days = parse_dates(frame[time.lower()], _DAYS if daily else _MONTHS)
    series = np.full(len(frame), "", dtype=object)
    if by:
        series = frame[by.lower()].astype(object).fillna("").astype(str).to_numpy(dtype=object)
    rows = _rows(path, frame, chosen)
    numbers, faults = _numbers(frame, rows, [v.lower() for v in values], negative=negative)
    periods = days if daily else days.astype("datetime64[M]")
    faults += _odd_dates(frame[time.lower()], rows, periods, series)
    faults += [(r, f"{by} is missing") for r in rows.tolist() if by and not series[r]]
    table.refuse(faults)
    data = _by_month(days[rows], series[rows], numbers, list(values), report, daily=daily)
    report.kept = len(rows)
    return Monthly(_dataset(data, list(values), single=by is None), report)


def read_unhcr(path: str | Path) -> Monthly:
    """Read a table of monthly arrivals as UNHCR gives them: `date`, then a column a country.

    Parameters
    ----------
    path : path
        The CSV file.

    Returns
    -------
    Monthly
        One variable a column, in persons.

    Raises
    ------
    InputError
        As `read_monthly`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from khamsin.readers import read_unhcr
    >>> rows = [
    ...     "date,italy_all,greece_all",
    ...     "2015-01-01,100,20",
    ...     "2015-02-01,150,30",
    ... ]
    >>> _ = Path("unhcr.csv").write_text("\\n".join(rows), encoding="utf-8")
    >>> read_unhcr("unhcr.csv").data.italy_all.values
    array([100., 150.])
    """
    header = read_header(Path(path), ",")
    if "date" not in header:
        raise InputError(f"{path}:1: column date is missing; the columns are {', '.join(header)}")
    found = read_monthly(path, time="date", values=[h for h in header if h != "date"])
    return _with_units(found, "UNHCR")


def read_iom(path: str | Path, *, route: str | None = None) -> Monthly:
    """Read the table of IOM's Missing Migrants Project by route and month.

    Parameters
    ----------
    path : path
        The CSV file, with `Migration.Route` and `Year.Month`.
    route : str, optional
        One route, for example `Central Mediterranean`.

    Returns
    -------
    Monthly
        `incidents`, `dead`, `missing`, `total_dead_missing`, `arrivals`. Deaths are those that
        became known: a minimum.

    Raises
    ------
    InputError
        As `read_monthly`; a route that is not in the file.

    Examples
    --------
    >>> from pathlib import Path
    >>> from khamsin.readers import read_iom
    >>> rows = [
    ...     "Migration.Route,Year.Month,incidents,dead,missing,total_dead_missing,arrivals",
    ...     "Central,2015-01,2,5,1,6,100",
    ...     "Western,2015-01,1,1,0,1,40",
    ... ]
    >>> _ = Path("iom.csv").write_text("\\n".join(rows), encoding="utf-8")
    >>> read_iom("iom.csv", route="Central").data.dead.values
    array([5.])
    """
    header = read_header(Path(path), ",")
    values = [v for v in _IOM if v in header]
    by, only = ("Migration.Route", None) if route is None else (None, {"Migration.Route": route})
    found = read_monthly(path, time="Year.Month", values=values or list(_IOM), by=by, only=only)
    return _with_units(found, "IOM Missing Migrants Project")


def _rows(path: str | Path, frame: pd.DataFrame, chosen: Mapping[str, str]) -> NDArray[np.int64]:
    keep = np.ones(len(frame), dtype=bool)
    for column, text in chosen.items():
        here = (frame[column.lower()] == text).to_numpy()
        if not here.any():
            there = ", ".join(map(str, frame[column.lower()].cat.categories[:20]))
            raise InputError(f"{path}: no row with {column} {text!r}; there are {there}")
        keep &= here
    if not keep.any():
        raise InputError(
            f"{path}: no row with {', '.join(f'{k} {v!r}' for k, v in chosen.items())}"
        )
    return np.flatnonzero(keep)


def _numbers(
    frame: pd.DataFrame, rows: NDArray[np.int64], values: Sequence[str], *, negative: bool
) -> tuple[NDArray[np.float64], list[tuple[int, str]]]:
    """Return numbers (row, column) and the faults among them."""
    import pandas as pd

    numbers = np.full((len(rows), len(values)), np.nan)
    faults: list[tuple[int, str]] = []
    for k, value in enumerate(values):
        texts = frame[value].iloc[rows].astype(object)
        short = texts.where(texts.astype(str).str.len() < LONGEST_NUMBER)
        column = pd.to_numeric(short, errors="coerce").to_numpy(dtype=float)
        bad = texts.notna().to_numpy() & ~np.isfinite(column)
        bad &= ~texts.isin(("NA", "NaN", "nan")).to_numpy()
        faults += [
            (int(rows[r]), f"{value} is no number: {texts.iloc[r]!r}") for r in np.flatnonzero(bad)
        ]
        if not negative:
            below = np.flatnonzero(column < 0)
            faults += [(int(rows[r]), f"{value} is negative: {column[r]:g}") for r in below]
        numbers[:, k] = column
    return numbers, faults


def _odd_dates(
    texts: pd.Series, rows: NDArray[np.int64], periods: NDArray[np.datetime64], series: NDArray[Any]
) -> list[tuple[int, str]]:
    faults: list[tuple[int, str]] = []
    seen: set[tuple[Any, Any]] = set()
    for row in rows.tolist():
        period, name = periods[row], series[row]
        if np.isnat(period):
            faults.append((row, f"no such month or day: {texts.iloc[row]!r}"))
        elif not EARLIEST <= period < LATEST:
            faults.append((row, f"{period} is no month of a record"))
        elif (period, name) in seen:
            faults.append((row, f"{period}{' of ' + name if name else ''} is there before"))
        seen.add((period, name))
    return faults


def _by_month(
    days: NDArray[np.datetime64],
    series: NDArray[Any],
    numbers: NDArray[np.float64],
    columns: list[str],
    report: Report,
    *,
    daily: bool,
) -> tuple[NDArray[np.datetime64], list[str], NDArray[np.float64]]:
    """Return months, series and values (time, series, column)."""
    months = days.astype("datetime64[M]")
    first = months.min()
    count = int((months.max() - first).astype(int)) + 1
    names = sorted(set(series))
    at = (months - first).astype(int)
    which = np.array([names.index(name) for name in series])
    values = np.full((count, len(names), numbers.shape[1]), np.nan)
    every = first + np.arange(count)
    if daily:
        values[:] = 0.0
        number = np.zeros_like(values)
        np.add.at(values, (at, which), np.where(np.isfinite(numbers), numbers, 0.0))
        np.add.at(number, (at, which), np.isfinite(numbers).astype(float))
        length = ((every + 1).astype("datetime64[D]") - every.astype("datetime64[D]")).astype(int)
        partial = (number > 0) & (number < length[:, None, None])
        values[number < length[:, None, None]] = np.nan
        incomplete = [str(every[m]) for m in np.unique(np.nonzero(partial)[0])]
        report.warn("months with days missing, left as gaps", incomplete)
    else:
        values[at, which] = numbers
    for k, column in enumerate(columns):
        gaps = np.unique(np.nonzero(np.isnan(values[:, :, k]))[0])
        report.warn(f"months with a gap in {column}", [str(every[m]) for m in gaps])
    return every, names, values


def _dataset(
    data: tuple[NDArray[np.datetime64], list[str], NDArray[np.float64]],
    columns: list[str],
    *,
    single: bool,
) -> xr.Dataset:
    import xarray as xr

    months, names, values = data
    dims = ("time",) if single else ("time", "series")
    coords: dict[str, Any] = {"time": months.astype("datetime64[ns]")}
    if not single:
        coords["series"] = names
    return xr.Dataset(
        {c: (dims, values[:, 0, k] if single else values[:, :, k]) for k, c in enumerate(columns)},
        coords=coords,
    )


def _with_units(found: Monthly, source: str) -> Monthly:
    for name, variable in found.data.items():
        variable.attrs.update(units="incident" if name == "incidents" else "person", kind="flow")
    found.data.attrs["source"] = source
    return found
