"""Scores over many origins: coverage and skill of each series, and of all together."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin.errors import InputError
from khamsin.hindcast.observed import Floats, Observed
from khamsin.hindcast.scoring import LEVEL, Skill, Table, arrays, benchmarks, months_ahead

if TYPE_CHECKING:
    import xarray as xr

HORIZONS = ((1, 3), (4, 6))  # months after the origin, both included
MONTHS = 6  # of record beside a benchmark, for a series to count in the skill of all together


@dataclass(frozen=True)
class Point:
    """One record against one forecast: of a series, from an origin.

    Attributes
    ----------
    month : str
        In which the record's period begins.
    ahead : int
        Months after the origin in which the record ends; its own counts as one.
    crps, other : float
        Of the forecast, and of the benchmark named beforehand (NaN where there is none).
    """

    series: str
    title: str
    unit: str
    against: str
    origin: str
    when: str
    month: str
    ahead: int
    recorded: float
    low: float
    median: float
    high: float
    crps: float
    other: float

    @property
    def inside(self) -> bool:
        """Whether the record lies in the 90 % interval."""
        return self.low <= self.recorded <= self.high


@dataclass(frozen=True)
class Line:
    """A series over a horizon, from all origins.

    Attributes
    ----------
    coverage, width : float
        Share of the records in the 90 % interval, and its mean width.
    above : float
        Share of the records above the median: 0.5 if the forecast sits right.
    """

    series: str
    title: str
    unit: str
    horizon: str
    points: int
    crps: float
    against: str
    skill: Skill
    coverage: float
    width: float
    above: float

    def to_dict(self) -> dict[str, Any]:
        """Return all fields, ready for JSON."""
        return asdict(self)


@dataclass
class Rolled:
    """What many origins gave.

    Attributes
    ----------
    together : Skill
        One minus the mean over series of CRPS over that of the benchmark, each series counting
        alike; blocks of months are drawn for all series at once.
    steps : list of dict
        What the filter did on the way, a line an origin.
    """

    origins: list[str]
    members: int
    particles: int
    points: list[Point] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)

    @property
    def lines(self) -> list[Line]:
        """A line a series and horizon."""
        names = dict.fromkeys(p.series for p in self.points)
        found = []
        for name in names:
            own = [p for p in self.points if p.series == name]
            for label, first, last in [("all", 0, 999)] + [(f"{a}-{b}", a, b) for a, b in HORIZONS]:
                chosen = [p for p in own if first <= p.ahead <= last]
                if chosen and (label == "all" or len(chosen) < len(own)):
                    found.append(_line(chosen, label))
        return found

    @property
    def together(self) -> Skill:
        """Skill of all series with half a year of record beside a benchmark that errs at all.

        Of fewer records a benchmark that happens to hit them leaves nothing to divide by.
        """
        scaled = []
        for name in dict.fromkeys(p.series for p in self.points):
            own = [p for p in self.points if p.series == name and np.isfinite(p.other)]
            base = sum(p.other for p in own)
            if base > 0 and len({p.month for p in own}) >= MONTHS:
                scaled += [(p.month, p.crps / base, p.other / base) for p in own]
        return _skill(scaled)


def points_of(
    one: Observed,
    later: Observed,
    record: Floats,
    origin: np.datetime64,
    seed: int,
    notes: Table,
) -> list[Point]:
    """Score the forecast of some rows from one origin, beside the benchmark of the series.

    Parameters
    ----------
    one : Observed
        The whole series; the benchmark sees what of it was known at the origin.
    later : Observed
        The rows that are forecast.
    record : ndarray, dims (member, row)
        Draws of what would be recorded, equally weighted.
    notes : Table
        Takes what was left out.
    """
    from khamsin.scores import crps

    months = later.start.astype("datetime64[M]")
    forecast, seen = arrays(later, record)
    others = benchmarks(one, origin, months, later, record.shape[0], seed, notes)
    other = others.get(later.against)
    own = crps(forecast, seen).values
    theirs = crps(other, seen).values if other is not None else np.full(len(later), np.nan)
    tail = (1.0 - LEVEL) / 2.0
    low, middle, high = np.quantile(record, (tail, 0.5, 1.0 - tail), axis=0)
    ahead = months_ahead(origin, later)
    return [
        Point(
            later.name, later.title, later.unit, later.against, str(origin), label, str(months[k]),
            int(ahead[k]), float(later.values[k]), float(low[k]), float(middle[k]), float(high[k]),
            float(own[k]), float(theirs[k]),
        )
        for k, label in enumerate(later.labels)
    ]  # fmt: skip


def _line(points: Sequence[Point], horizon: str) -> Line:
    one = points[0]
    scored = [(p.month, p.crps, p.other) for p in points if np.isfinite(p.other)]
    return Line(
        one.series,
        one.title,
        one.unit,
        horizon,
        len(points),
        float(np.mean([p.crps for p in points])),
        one.against,
        _skill(scored),
        float(np.mean([p.inside for p in points])),
        float(np.mean([p.high - p.low for p in points])),
        float(np.mean([p.recorded > p.median for p in points])),
    )


def _skill(scored: Iterable[tuple[str, float, float]]) -> Skill:
    """Return the skill of scores, in blocks of the months that they are of."""
    from khamsin.scores import skill

    rows = list(scored)
    if not rows:
        return Skill(float("nan"), float("nan"), float("nan"), "no benchmark")
    months = sorted({month for month, _, _ in rows})
    sums = np.zeros((2, len(months)))
    for month, own, other in rows:
        sums[:, months.index(month)] += own, other
    if sums[1].sum() <= 0:
        return Skill(float("nan"), float("nan"), float("nan"), "the benchmark never errs")
    value = float(1.0 - sums[0].sum() / sums[1].sum())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            found = skill(_series(sums[0], months), _series(sums[1], months))
        except InputError:
            return Skill(value, float("nan"), float("nan"), "too short for an interval")
    return Skill(value, found.low, found.high, found.verdict)


def _series(values: Floats, months: Sequence[str]) -> xr.DataArray:
    import xarray as xr

    return xr.DataArray(values, dims="time", coords={"time": list(months)}, name="sum of CRPS")
