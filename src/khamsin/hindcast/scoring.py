"""Scores of an ensemble by series and horizon, beside benchmark forecasts that know as much."""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from khamsin.errors import InputError
from khamsin.hindcast.observed import Floats, Observed
from khamsin.hindcast.records import draw_record
from khamsin.hindcast.truth import truth

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr

    from khamsin.scores import Compared

LEVEL = 0.9
HORIZONS = ((1, 3), (4, 6), (7, 12), (13, 24), (25, 36))  # months after the origin, both included


@dataclass(frozen=True)
class Score:
    """One line of the table: a series over a horizon.

    Attributes
    ----------
    horizon : str
        `all`, or months after the origin such as `4-6`.
    points : int
        Recorded values that were scored.
    crps, error : float
        Mean CRPS in the unit of the record, and its Monte-Carlo error.
    label : str
        The score with its parameters.
    skill : dict
        Benchmark -> skill with its interval; an interval needs two blocks of months, else it is
        missing.
    coverage, width : float
        Share of the recorded values inside the 90 % interval, and its mean width.
    """

    series: str
    title: str
    unit: str
    horizon: str
    points: int
    crps: float
    error: float
    label: str
    coverage: float
    width: float
    against: str
    skill: dict[str, Skill]

    def to_dict(self) -> dict[str, Any]:
        """Return all fields, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Skill:
    """1 - CRPS / CRPS of a benchmark, with its block-bootstrap interval where there is one."""

    value: float
    low: float
    high: float
    verdict: str


@dataclass
class Table:
    """All scores of an ensemble against the record.

    Attributes
    ----------
    notes : list of str
        What was left out, and why; gaps; series that are all zero.
    points : list of dict
        Each scored value with the median and the 90 % interval of the forecast.
    """

    origin: str
    scores: list[Score] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    points: list[dict[str, Any]] = field(default_factory=list)


def score_ensemble(
    ds: xr.Dataset,
    observed: Mapping[str, Observed],
    *,
    origin: str | np.datetime64 | None = None,
    seed: int | None = None,
    reporting: Mapping[str, Mapping[str, Floats]] | None = None,
) -> Table:
    """Hold an ensemble against every series that has values after the origin.

    Parameters
    ----------
    ds : Dataset
        An opened ensemble.
    observed : mapping
        Name -> series.
    origin : date, optional
        Benchmarks know what was known on that day; the ensemble's first day when not given. Rows
        whose period begins before it are not scored.
    seed : int, optional
        Of the draws of the record; the ensemble's own when not given.
    reporting : mapping, optional
        Series -> parameter of its reporting model -> ndarray, dims (member,), of filtered members;
        drawn from their priors when not given.
    """
    day = np.datetime64(str(origin or ds.attrs["from_date"]), "D")
    luck = int(ds.attrs["seed"]) if seed is None else seed
    table = Table(str(day))
    for name, one in observed.items():
        try:
            _score_series(ds, one, day, luck, table, (reporting or {}).get(name))
        except InputError as fault:
            table.notes.append(f"{name}: not scored: {fault}")
    return table


def _score_series(
    ds: xr.Dataset,
    one: Observed,
    origin: np.datetime64,
    seed: int,
    table: Table,
    reporting: Mapping[str, Floats] | None,
) -> None:
    happened = truth(ds, one)
    begun = one.start >= origin if one.kind == "flow" else one.end > origin
    covered = np.isfinite(happened).all(axis=0)
    chosen = begun & covered & np.isfinite(one.values)
    gaps = int((begun & np.isnan(one.values)).sum())
    if gaps:
        table.notes.append(f"{one.name}: {gaps} gaps after the origin")
    cut = int((begun & ~covered).sum())
    if cut:
        table.notes.append(f"{one.name}: {cut} rows that the run does not cover whole")
    if not chosen.any():
        table.notes.append(f"{one.name}: nothing was recorded after {origin}")
        return
    later = one.only(chosen)
    record = draw_record(later, happened[:, chosen], seed, ds["member"].values, reporting)
    months = later.start.astype("datetime64[M]")
    forecast, seen = arrays(later, record, ds["weight"].values if "weight" in ds.coords else None)
    if not later.values.any():
        table.notes.append(f"{one.name}: every recorded value after the origin is zero")
    ahead = months_ahead(origin, later)
    others = benchmarks(one, origin, months, later, ds.sizes["member"], seed, table)
    table.points += _points(later, record, ds, others.get(one.against))
    _lines(later, forecast, seen, ahead, others, table)


def arrays(
    later: Observed, record: Floats, weight: Floats | None = None
) -> tuple[xr.DataArray, xr.DataArray]:
    """Return draws and record as arrays over (member, time) and (time)."""
    import xarray as xr

    # Rows may share a month (two days of it), so rows are numbered, not dated.
    row = np.arange(len(later))
    attrs = {"units": later.unit}
    coords: dict[str, Any] = {"time": row}
    if weight is not None:
        coords["weight"] = ("member", weight)
    forecast = xr.DataArray(record, dims=("member", "time"), coords=coords, attrs=attrs)
    return forecast, xr.DataArray(later.values, dims="time", coords={"time": row}, attrs=attrs)


def months_ahead(origin: np.datetime64, later: Observed) -> npt.NDArray[np.int64]:
    """Return how many months after the origin each row ends, the origin's month counting as one."""
    last = (later.end - 1).astype("datetime64[M]")
    return np.asarray((last - origin.astype("datetime64[M]")).astype(np.int64) + 1)


def _lines(
    later: Observed,
    forecast: xr.DataArray,
    seen: xr.DataArray,
    ahead: npt.NDArray[np.int64],
    others: Mapping[str, xr.DataArray],
    table: Table,
) -> None:
    from khamsin.scores import coverage, crps

    own = crps(forecast, seen)
    theirs = {name: crps(draws, seen) for name, draws in others.items()}
    for label, first, last in [("all", -99, 999)] + [(f"{a}-{b}", a, b) for a, b in HORIZONS]:
        rows = np.flatnonzero((ahead >= first) & (ahead <= last))
        if not rows.size or (label != "all" and rows.size == len(later)):
            continue
        part = forecast.isel(time=rows)
        mean = crps(part, seen.isel(time=rows), over="all")
        inside = coverage(part, seen.isel(time=rows), level=LEVEL)
        table.scores.append(
            Score(
                later.name,
                later.title,
                later.unit,
                label,
                int(rows.size),
                float(mean),
                float(mean["monte_carlo_error"]),
                str(mean.name),
                float(inside["coverage"]),
                float(inside["width"]),
                later.against,
                {n: _skill(own.isel(time=rows), s.isel(time=rows)) for n, s in theirs.items()},
            )
        )


def _skill(own: xr.DataArray, theirs: xr.DataArray) -> Skill:
    from khamsin.scores import skill

    if own.size >= 2:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            try:
                found: Compared = skill(own, theirs)
                return Skill(found.value, found.low, found.high, found.verdict)
            except InputError:
                pass  # too few months for two blocks
    base = float(theirs.mean())
    value = 1.0 - float(own.mean()) / base if base > 0 else float("nan")
    return Skill(value, float("nan"), float("nan"), "too short for an interval")


def benchmarks(
    one: Observed,
    origin: np.datetime64,
    months: npt.NDArray[np.datetime64],
    later: Observed,
    members: int,
    seed: int,
    table: Table,
) -> dict[str, xr.DataArray]:
    """Forecast each scored row by every benchmark that what was known then allows."""
    import xarray as xr

    from khamsin.reference_forecasts import all_benchmarks

    known = one.known_by(origin)
    before = known.start.astype("datetime64[M]") < months.min()
    known = known.only(before & (_length(known) <= 1) & np.isfinite(known.values))
    if not len(known):
        table.notes.append(f"{one.name}: no month was on record by {origin}, so no benchmark")
        return {}
    if (_length(later) > 1).any():
        table.notes.append(f"{one.name}: recorded over longer periods than months: no benchmark")
        return {}
    first = known.start[0].astype("datetime64[M]")
    every = np.arange(first, known.start[-1].astype("datetime64[M]") + 1)
    values = np.full(every.size, np.nan)
    values[(known.start.astype("datetime64[M]") - first).astype(int)] = known.values
    history = xr.DataArray(
        values, dims="time", coords={"time": every.astype("datetime64[ns]")}, name=one.name
    )
    wanted = np.unique(months)
    made = all_benchmarks(history, wanted.astype("datetime64[ns]"), members=members, seed=seed)
    for key, reason in made["zero"].attrs.items():
        if key.startswith("left_out_"):
            table.notes.append(f"{one.name}: no {key.removeprefix('left_out_')}: {reason}")
    at = np.searchsorted(wanted, months)
    return {
        name: xr.DataArray(
            draws.values[:, at], dims=("member", "time"), coords={"time": np.arange(len(months))}
        )
        for name, draws in made.items()
    }


def _length(one: Observed) -> npt.NDArray[np.int64]:
    """Return how many calendar months each row touches."""
    first, last = one.start.astype("datetime64[M]"), (one.end - 1).astype("datetime64[M]")
    return np.asarray((last - first).astype(np.int64) + 1)


def _points(
    later: Observed, record: Floats, ds: xr.Dataset, other: xr.DataArray | None
) -> list[dict[str, Any]]:
    from khamsin.quantiles import weighted_quantile
    from khamsin.series import weights

    low, middle, high = weighted_quantile(record, weights(ds), (0.05, 0.5, 0.95))
    return [
        {
            "series": later.name,
            "when": label,
            "recorded": float(value),
            "low": float(low[k]),
            "median": float(middle[k]),
            "high": float(high[k]),
            "inside": bool(low[k] <= value <= high[k]),
            later.against: float(np.median(other[:, k])) if other is not None else None,
        }
        for k, (label, value) in enumerate(zip(later.labels, later.values, strict=True))
    ]
