"""From events to series: deaths by place or country and month; what is imprecise is spread out.

Only what the source covers is a series: a month without events is zero within its coverage, and
missing outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin.errors import InputError
from khamsin.placing import Placed, great_circle_km, place_events
from khamsin.readers.report import Report

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from numpy.typing import ArrayLike, NDArray

    from khamsin.readers.events import Events

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

__all__ = [
    "Placed",
    "Series",
    "by_country",
    "by_place",
    "great_circle_km",
    "months",
    "place_events",
]

_QUANTITIES = (
    "deaths",
    "low",
    "high",
    "deaths_a",
    "deaths_b",
    "deaths_civilians",
    "deaths_unknown",
    "events",
)


@dataclass
class Series:
    """Series summed from events.

    Attributes
    ----------
    data : DataArray (time, place) or (time, country)
        Sums over each period; NaN in periods outside the coverage. `attrs` say how much was placed,
        how much fell outside the periods, and how much has no place; the three add up to the whole.
    report : Report
        Counted oddities.
    """

    data: xr.DataArray
    report: Report


def months(first: str, last: str) -> NDArray[np.datetime64]:
    """Return the edges of calendar months.

    Parameters
    ----------
    first, last : str
        First and last month, `2015-01`.

    Returns
    -------
    array (month + 1,) of datetime64[D]
        First day of each month, and of the month after the last.

    Raises
    ------
    InputError
        The last before the first.

    Examples
    --------
    >>> from khamsin import observations
    >>> [str(day) for day in observations.months("2015-12", "2016-01")]
    ['2015-12-01', '2016-01-01', '2016-02-01']
    """
    start, stop = np.datetime64(first, "M"), np.datetime64(last, "M") + 1
    if stop <= start:
        raise InputError(f"no months from {first} to {last}")
    return np.arange(start, stop + 1).astype("datetime64[D]")


def by_place(
    placed: Placed,
    edges: ArrayLike,
    *,
    quantity: str = "deaths",
    covers: tuple[str, str] | None = None,
    rng: np.random.Generator | None = None,
) -> Series:
    """Sum events by place and period.

    Parameters
    ----------
    placed : Placed
        From `place_events`.
    edges : array of datetime64
        Edges of the periods, from `months` or any rising days (weeks, steps).
    quantity : str
        `deaths`, `low`, `high`, `deaths_civilians`, ..., or `events`.
    covers : (str, str), optional
        First and last day that the source covers; default the whole months from its first to its
        last event.
    rng : Generator, optional
        Draw one whole-number version, each event that is not exactly known by a multinomial over
        its days and places (multiple imputation). Default: expected values, which may be fractions.

    Returns
    -------
    Series
        `data` (time, place).

    Raises
    ------
    InputError
        An unknown quantity, edges that do not rise, a quantity that the source does not have.

    Examples
    --------
    >>> from pathlib import Path
    >>> from khamsin import observations
    >>> from khamsin.readers import read_acled
    >>> names = (
    ...     "event_id_cnty,event_date,time_precision,event_type,country,latitude,longitude,"
    ...     "geo_precision,fatalities"
    ... )
    >>> rows = [
    ...     names,
    ...     "LBY100,03 January 2015,1,Battles,Libya,32.89,13.19,1,3",
    ...     "LBY101,14 February 2015,1,Battles,Libya,31.20,16.60,1,7",
    ... ]
    >>> _ = Path("events.csv").write_text("\\n".join(rows), encoding="utf-8")
    >>> events = read_acled("events.csv")
    >>> import pandas as pd
    >>> places = pd.DataFrame(
    ...     {
    ...         "id": ["TRIP", "SIRT"],
    ...         "name": ["Tripoli", "Sirte"],
    ...         "country": ["LBY", "LBY"],
    ...         "lat": [32.89, 31.21],
    ...         "lon": [13.19, 16.59],
    ...     }
    ... )
    >>> placed = observations.place_events(events, places)
    >>> by_month = observations.by_place(placed, observations.months("2015-01", "2015-02"))
    >>> by_month.data.values
    array([[3., 0.],
           [0., 7.]])
    """
    from scipy.sparse import csr_array

    values = _values(placed.events, quantity)
    count = len(placed.events)
    at = csr_array((placed.share, (placed.event, placed.place)), shape=(count, len(placed.places)))
    return _summed(placed.events, values, at, placed.places, "place", edges, quantity, covers, rng)


def by_country(
    events: Events,
    edges: ArrayLike,
    *,
    quantity: str = "deaths",
    countries: list[str] | None = None,
    covers: tuple[str, str] | None = None,
    rng: np.random.Generator | None = None,
) -> Series:
    """Sum events by country (ISO alpha-3 code) and period, without places.

    Parameters
    ----------
    events : Events
        From a reader.
    edges, quantity
        As in `by_place`.
    countries : list of str, optional
        Codes of the result, in order; default those in the events. A country without events is
        zero.
    covers, rng
        As in `by_place`.

    Returns
    -------
    Series
        `data` (time, country).

    Raises
    ------
    InputError
        As `by_place`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from khamsin import observations
    >>> from khamsin.readers import read_acled
    >>> names = (
    ...     "event_id_cnty,event_date,time_precision,event_type,country,latitude,longitude,"
    ...     "geo_precision,fatalities"
    ... )
    >>> rows = [
    ...     names,
    ...     "LBY100,03 January 2015,1,Battles,Libya,32.89,13.19,1,3",
    ...     "LBY101,14 February 2015,1,Battles,Libya,31.20,16.60,1,7",
    ... ]
    >>> _ = Path("events.csv").write_text("\\n".join(rows), encoding="utf-8")
    >>> events = read_acled("events.csv")
    >>> by_month = observations.by_country(events, observations.months("2015-01", "2015-02"))
    >>> by_month.data.sel(country="LBY").values
    array([3., 7.])
    """
    from scipy.sparse import csr_array

    frame = events.frame
    names = countries if countries is not None else sorted(frame["iso3"].dropna().unique())
    place = {code: k for k, code in enumerate(names)}
    columns = np.array([place.get(code, -1) for code in frame["iso3"].astype(object)])
    rows = np.flatnonzero(columns >= 0)
    at = csr_array((np.ones(len(rows)), (rows, columns[rows])), shape=(len(frame), len(names)))
    return _summed(
        frame, _values(frame, quantity), at, names, "country", edges, quantity, covers, rng
    )


def _values(frame: pd.DataFrame, quantity: str) -> Floats:
    if quantity not in _QUANTITIES:
        raise InputError(f"no quantity {quantity!r}; there are {', '.join(_QUANTITIES)}")
    if quantity == "events":
        return np.ones(len(frame))
    values = frame[quantity].to_numpy(float)
    if len(values) and np.isnan(values).any():
        raise InputError(
            f"the source has no {quantity} for {int(np.isnan(values).sum())} "
            f"of {len(values)} events"
        )
    return values


def _summed(
    frame: pd.DataFrame,
    values: Floats,
    at: Any,
    names: list[str],
    dim: str,
    edges: ArrayLike,
    quantity: str,
    covers: tuple[str, str] | None,
    rng: np.random.Generator | None,
) -> Series:
    import xarray as xr

    days = np.asarray(edges, dtype="datetime64[D]")
    if days.ndim != 1 or len(days) < 2 or (np.diff(days).astype(int) <= 0).any():
        raise InputError("edges of periods must be two or more days, rising")
    report = Report(f"{quantity} by {dim}", rows=len(frame), kept=len(frame))
    first, last = (frame[c].to_numpy(dtype="datetime64[D]") for c in ("start", "end"))
    when, outside = _shares_of_periods(first, last, days)
    if rng is None:
        total = (when.T.multiply(values) @ at).toarray()
    else:
        total = _drawn(values, when.tocsr(), at, rng)
    covered = np.asarray(at.sum(axis=1)).ravel()
    report.warn("events without a place", frame.loc[covered == 0, "event"].tolist())
    report.warn(
        "events wholly outside the periods", frame.loc[outside > 1 - 1e-9, "event"].tolist()
    )
    known = _covered(first, last, days, covers)
    report.warn(
        "periods outside the coverage of the source, missing", [str(d) for d in days[:-1][~known]]
    )
    inside = float(total.sum())
    unplaced = float((values * (1 - covered)).sum())
    total[~known] = np.nan
    data = xr.DataArray(
        total,
        dims=("time", dim),
        coords={"time": days[:-1].astype("datetime64[ns]"), dim: names},
        name=quantity,
        attrs={
            "units": "event" if quantity == "events" else "person",
            "kind": "flow",
            "whole": float(values.sum()),
            "in_the_series": inside,
            "without_a_place": unplaced,
            "outside_the_periods": float(values.sum()) - inside - unplaced,
            "drawn": rng is not None,
        },
    )
    return Series(data, report)


def _shares_of_periods(
    first: NDArray[np.datetime64], last: NDArray[np.datetime64], edges: NDArray[np.datetime64]
) -> tuple[Any, Floats]:
    """Return the share of each event in each period (event, period), and outside of all periods.

    The days of an event count alike.
    """
    from scipy.sparse import csr_array

    start, stop = first.astype(np.int64), last.astype(np.int64) + 1
    edge = edges.astype(np.int64)
    periods = len(edge) - 1
    low = np.clip(np.searchsorted(edge, start, side="right") - 1, 0, periods - 1)
    high = np.clip(np.searchsorted(edge, stop - 1, side="right") - 1, 0, periods - 1)
    number = np.where((stop <= edge[0]) | (start >= edge[-1]), 0, high - low + 1)
    event = np.repeat(np.arange(len(start)), number)
    step = np.arange(len(event)) - np.repeat(np.cumsum(number) - number, number)
    period = low[event] + step
    overlap = np.minimum(stop[event], edge[period + 1]) - np.maximum(start[event], edge[period])
    share = overlap / (stop - start)[event]
    shares = csr_array((share, (event, period)), shape=(len(start), periods))
    outside = 1.0 - np.asarray(shares.sum(axis=1), dtype=np.float64).ravel()
    return shares, outside


def _drawn(values: Floats, when: Any, at: Any, rng: np.random.Generator) -> Floats:
    """Return one whole-number version (period, place): events by a multinomial over cells."""
    total = np.zeros((when.shape[1], at.shape[1]))
    for event in np.flatnonzero(values > 0).tolist():
        periods = when.indices[when.indptr[event] : when.indptr[event + 1]]
        places = at.indices[at.indptr[event] : at.indptr[event + 1]]
        if not len(periods) or not len(places):
            continue
        chance = np.outer(
            when.data[when.indptr[event] : when.indptr[event + 1]],
            at.data[at.indptr[event] : at.indptr[event + 1]],
        ).ravel()
        left = max(0.0, 1.0 - float(chance.sum()))
        cells = rng.multinomial(
            int(values[event]), np.append(chance, left) / (chance.sum() + left)
        )[:-1]
        np.add.at(total, (np.repeat(periods, len(places)), np.tile(places, len(periods))), cells)
    return total


def _covered(
    first: NDArray[np.datetime64],
    last: NDArray[np.datetime64],
    edges: NDArray[np.datetime64],
    covers: tuple[str, str] | None,
) -> NDArray[np.bool_]:
    if covers is not None:
        start, stop = np.datetime64(covers[0], "D"), np.datetime64(covers[1], "D") + 1
    elif len(first):
        start = first.min().astype("datetime64[M]").astype("datetime64[D]")
        stop = (last.max().astype("datetime64[M]") + 1).astype("datetime64[D]")
    else:
        raise InputError("there are no events: say what the source covers (covers=)")
    return np.asarray((edges[:-1] >= start) & (edges[1:] <= stop))
