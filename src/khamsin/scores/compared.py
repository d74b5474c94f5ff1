"""Is one forecast better than another? Difference and skill, by moving-block bootstrap."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

    from khamsin.scores.pairing import Floats

# Attributes that describe how much went into a score rather than which score it is.
_NOT_PARAMETERS = {
    "long_name", "orientation", "members", "effective_members", "weighted", "averaged_over",
    "cells", "missing", "steps_missing", "units",
}  # fmt: skip


@dataclass(frozen=True)
class Compared:
    """A difference (or a skill) of two forecasts, with its interval.

    Attributes
    ----------
    kind : str
        `difference` (first minus second, below zero: the first is better) or `skill` (1 - first /
        second, above zero: the first is better).
    value, low, high : float
        Estimate and bootstrap interval. NaN when a skill is not defined (the benchmark scores
        zero).
    level : float
        Probability of the interval.
    block : int
        Length of the blocks, in steps of `along`.
    along : str
        The dim whose blocks were resampled.
    periods : int
        Steps along it that carry a score of both.
    resamples : int
        Bootstrap resamples.
    first, second : str
        Names of the two scores, with their parameters.
    """

    kind: str
    value: float
    low: float
    high: float
    level: float
    block: int
    along: str
    periods: int
    resamples: int
    first: str
    second: str

    @property
    def verdict(self) -> str:
        """Say `first is better`, `second is better`, `no difference` or `not defined`.

        It is no difference when the interval includes zero.
        """
        if not np.isfinite(self.value):
            return "not defined"
        if self.low <= 0.0 <= self.high:
            return "no difference"
        return (
            "first is better"
            if (self.value < 0) == (self.kind == "difference")
            else "second is better"
        )

    def __str__(self) -> str:
        return (
            f"{self.kind} of {self.first} and {self.second}: {self.value:.4g} "
            f"({100 * self.level:g} % interval {self.low:.4g} to {self.high:.4g}, moving blocks of "
            f"{self.block} along {self.along} over {self.periods} periods, "
            f"{self.resamples:,} resamples): {self.verdict}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return all fields and the verdict, ready for JSON."""
        return {**asdict(self), "verdict": self.verdict}


def difference(
    first: xr.DataArray,
    second: xr.DataArray,
    *,
    along: str = "time",
    block: int | None = None,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Compared:
    """Mean difference of two scores of the same record.

    Moving-block bootstrap of the periods (Kuensch 1989), all cells of a period together, recentred
    so that the resampled mean has the observed one as its expectation (Lahiri 2003, ch. 2.7).

    Parameters
    ----------
    first, second : DataArray
        Scores by cell (`over=None`), with the same parameters, dims and labels. Cells where either
        is NaN are left out.
    along : str
        The dim in which neighbours depend on each other; other dims are averaged.
    block : int, optional
        Steps in a block; default the cube root of the number of periods, rounded up (Hall, Horowitz
        and Jing 1995).
    level : float
        Probability of the interval.
    resamples : int
        Number of resamples.
    seed : int
        Seed of the resampling.

    Returns
    -------
    Compared
        Says "no difference" when the interval includes zero.

    Raises
    ------
    InputError
        Different scores or parameters, different cells, no dim `along`, or fewer than two blocks of
        periods.
    """
    one, two, number, length = _prepared(first, second, along, block, level)
    gap = one - two
    drawn = _resampled(np.stack([gap]), number, length, resamples, seed)[0]
    value = float(np.sum(gap * number) / np.sum(number))
    low, high = _interval(drawn, level)
    return _compared(
        "difference", value, low, high, level, length, along, gap, resamples, first, second
    )


def skill(
    first: xr.DataArray,
    benchmark: xr.DataArray,
    *,
    along: str = "time",
    block: int | None = None,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Compared:
    """Skill of a forecast against a benchmark: `1 - mean score / mean score of the benchmark`.

    Parameters
    ----------
    first, benchmark, along, block, level, resamples, seed
        As in `difference`. Above zero the forecast is better; 1 is perfect.

    Returns
    -------
    Compared
        With value NaN ("not defined") when the benchmark scores zero.

    Raises
    ------
    InputError
        As `difference`.
    """
    one, two, number, length = _prepared(first, benchmark, along, block, level)
    means = [float(np.sum(s * number) / np.sum(number)) for s in (one, two)]
    drawn = _resampled(np.stack([one, two]), number, length, resamples, seed)
    value, low, high = float("nan"), float("nan"), float("nan")
    if means[1] > 0:
        value = 1.0 - means[0] / means[1]
        usable = drawn[1] > 0
        low, high = _interval(1.0 - drawn[0][usable] / drawn[1][usable], level)
    return _compared(
        "skill", value, low, high, level, length, along, one, resamples, first, benchmark
    )


def _prepared(
    first: xr.DataArray, second: xr.DataArray, along: str, block: int | None, level: float
) -> tuple[Floats, Floats, Floats, int]:
    ours = {k: v for k, v in first.attrs.items() if k not in _NOT_PARAMETERS}
    theirs = {k: v for k, v in second.attrs.items() if k not in _NOT_PARAMETERS}
    for key in sorted(set(ours) | set(theirs)):
        if ours.get(key) != theirs.get(key):
            raise InputError(
                f"these are not the same score: {key} is {ours.get(key)} in {first.name!r} "
                f"and {theirs.get(key)} in {second.name!r}"
            )
    if along not in first.dims or along not in second.dims:
        raise InputError(f"no dim {along!r} to take blocks along; score by cell first (over=None)")
    if set(first.dims) != set(second.dims) or any(
        list(first[d].values) != list(second[d].values) for d in first.dims
    ):
        raise InputError("the two scores are not of the same cells; score both on the same record")
    if not 0 < level < 1:
        raise InputError(f"level is {level}; it must lie between 0 and 1")
    second = second.transpose(*first.dims)
    both = np.moveaxis(
        np.stack([first.values, second.values]), 1 + list(first.dims).index(along), 1
    ).reshape(2, first.sizes[along], -1)
    there = np.isfinite(both).all(axis=0)
    number = there.sum(axis=1).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        sums = np.where(there, both, 0.0).sum(axis=2) / number
    sums, number = sums[:, number > 0], number[number > 0]
    periods = len(number)
    length = int(np.ceil(periods ** (1 / 3))) if block is None else block
    if length < 1 or periods < 2 * length:
        raise InputError(
            f"{periods} periods along {along!r} are too few for blocks of {length}; "
            "at least two blocks are needed"
        )
    return sums[0], sums[1], number, length


def _resampled(series: Floats, number: Floats, length: int, resamples: int, seed: int) -> Floats:
    """Return resampled means (series, resample); each period counts by the number of its cells."""
    periods = len(number)
    starts = periods - length + 1
    blocks = int(np.ceil(periods / length))
    rng = np.random.default_rng(seed)
    first = rng.integers(0, starts, size=(resamples, blocks))
    index = (first[:, :, None] + np.arange(length)).reshape(resamples, -1)[:, :periods]
    weight = number[index]
    means = np.stack([(s[index] * weight).sum(axis=1) / weight.sum(axis=1) for s in series])
    observed = (series * number).sum(axis=1) / number.sum()
    # The ends of the series lie in fewer blocks than its middle: shift to the observed mean.
    return np.asarray(means - means.mean(axis=1, keepdims=True) + observed[:, None])


def _interval(drawn: Floats, level: float) -> tuple[float, float]:
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _compared(
    kind: str,
    value: float,
    low: float,
    high: float,
    level: float,
    length: int,
    along: str,
    series: Floats,
    resamples: int,
    first: xr.DataArray,
    second: xr.DataArray,
) -> Compared:
    return Compared(
        kind,
        value,
        low,
        high,
        level,
        length,
        along,
        len(series),
        resamples,
        str(first.name),
        str(second.name),
    )
