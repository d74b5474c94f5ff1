"""Priors made from the normal distribution, on the plain and on the logarithmic scale."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from khamsin.priors.written import Floats, as_mapping, check_numbers, demand, in_words

Z95 = 1.6448536269514722  # the standard normal's 95 % quantile


def normal_quantile(u: npt.ArrayLike) -> Floats:
    from scipy.special import ndtri  # imported here: it takes 0.4 s

    return np.asarray(ndtri(np.asarray(u, dtype=np.float64)), dtype=np.float64)


@dataclass(frozen=True)
class Normal:
    """A normal distribution."""

    mean: float
    sd: float

    kind: ClassVar[str] = "normal"
    support: ClassVar[tuple[float, float]] = (-math.inf, math.inf)
    to_dict = as_mapping
    describe = in_words

    def __post_init__(self) -> None:
        check_numbers(self, ("sd",))

    def quantile(self, u: npt.ArrayLike) -> Floats:
        return self.mean + self.sd * normal_quantile(u)

    def widened(self) -> "Normal":
        return Normal(self.mean, 2 * self.sd)

    def scaled(self, factor: float) -> "Normal":
        return Normal(self.mean * factor, self.sd * factor)


@dataclass(frozen=True)
class LogNormal:
    """A log-normal distribution: its median, and the standard deviation of its logarithm."""

    median: float
    sigma: float

    kind: ClassVar[str] = "lognormal"
    support: ClassVar[tuple[float, float]] = (0.0, math.inf)
    to_dict = as_mapping
    describe = in_words

    def __post_init__(self) -> None:
        check_numbers(self, ("median", "sigma"))

    def quantile(self, u: npt.ArrayLike) -> Floats:
        return np.asarray(self.median * np.exp(self.sigma * normal_quantile(u)))

    def widened(self) -> "LogNormal":
        return LogNormal(self.median, 2 * self.sigma)

    def scaled(self, factor: float) -> "LogNormal":
        return LogNormal(self.median * factor, self.sigma)


@dataclass(frozen=True)
class HalfNormal:
    """The absolute value of a normal distribution around 0."""

    sd: float

    kind: ClassVar[str] = "halfnormal"
    support: ClassVar[tuple[float, float]] = (0.0, math.inf)
    to_dict = as_mapping
    describe = in_words

    def __post_init__(self) -> None:
        check_numbers(self, ("sd",))

    def quantile(self, u: npt.ArrayLike) -> Floats:
        return self.sd * normal_quantile(0.5 + 0.5 * np.asarray(u, dtype=np.float64))

    def widened(self) -> "HalfNormal":
        return HalfNormal(2 * self.sd)

    def scaled(self, factor: float) -> "HalfNormal":
        return HalfNormal(self.sd * factor)


@dataclass(frozen=True)
class SplitLogNormal:
    """Two halves of log-normals that meet at `best`: 5 % lie below `low`, 95 % below `high`.

    A `low` of 0 has no logarithm: the lower half is then drawn with low = best / 10.
    low = best = high is a fixed value; a `best` of 0 is allowed only there.
    """

    low: float
    best: float
    high: float

    kind: ClassVar[str] = "split"
    to_dict = as_mapping
    describe = in_words

    def __post_init__(self) -> None:
        check_numbers(self)
        text = f"{self.low:g}, {self.best:g}, {self.high:g}"
        demand(0 <= self.low <= self.best <= self.high, f"not 0 <= low <= best <= high: {text}")
        demand(self.best > 0 or self.high == 0, f"best is 0 but high is not: {text}")

    def quantile(self, u: npt.ArrayLike) -> Floats:
        if self.low == self.high:
            return np.full(np.shape(u), float(self.best))
        low = self.low if self.low > 0 else self.best / 10
        down, up = math.log(self.best / low) / Z95, math.log(self.high / self.best) / Z95
        z = normal_quantile(u)
        # an infinite z times a half of no width would be NaN
        below = np.where(z < 0, z, 0.0) * down if down > 0 else np.zeros_like(z)
        above = np.where(z > 0, z, 0.0) * up if up > 0 else np.zeros_like(z)
        return np.asarray(self.best * np.exp(below + above))

    @property
    def support(self) -> tuple[float, float]:
        if self.low == self.high:
            return (self.best, self.best)
        return (
            self.best if self.low == self.best else 0.0,
            self.best if self.high == self.best else math.inf,
        )

    def widened(self) -> "SplitLogNormal":
        """Double both distances from `best` on the log scale."""
        demand(self.low < self.high, f"{self.best:g} has no width to widen: spread low and high")
        low = self.low if self.low > 0 else self.best / 10
        return SplitLogNormal(low * low / self.best, self.best, self.high * self.high / self.best)

    def scaled(self, factor: float) -> "SplitLogNormal":
        return SplitLogNormal(self.low * factor, self.best * factor, self.high * factor)
