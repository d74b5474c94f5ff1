"""Priors between two ends, and the gamma, which has one."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from khamsin.priors.written import Floats, as_mapping, check_numbers, demand, in_words


def twice_as_wide(low: float, high: float, down: float, up: float) -> tuple[float, float]:
    """Move the ends outwards by `down` and `up`, but keep signs and keep shares within 0..1."""
    wide_low = low - down if low < 0 else max(0.0, low - down)
    wide_high = high + up
    if high <= 0:
        wide_high = min(0.0, wide_high)
    elif low >= 0 and high <= 1:
        wide_high = min(1.0, wide_high)
    return wide_low, wide_high


@dataclass(frozen=True)
class Uniform:
    """Any value between low and high, each as likely."""

    low: float
    high: float

    kind: ClassVar[str] = "uniform"
    to_dict = as_mapping
    describe = in_words

    def __post_init__(self) -> None:
        check_numbers(self)
        demand(self.low < self.high, f"low {self.low:g} is not below high {self.high:g}")

    def quantile(self, u: npt.ArrayLike) -> Floats:
        return self.low + (self.high - self.low) * np.asarray(u, dtype=np.float64)

    @property
    def support(self) -> tuple[float, float]:
        return (self.low, self.high)

    def widened(self) -> "Uniform":
        """Double the width around the middle, but cross neither 0 nor, for a share, 1."""
        half = (self.high - self.low) / 2
        return Uniform(*twice_as_wide(self.low, self.high, half, half))

    def scaled(self, factor: float) -> "Uniform":
        return Uniform(self.low * factor, self.high * factor)


@dataclass(frozen=True)
class Triangular:
    """A triangle from low to high with its peak at mode."""

    low: float
    mode: float
    high: float

    kind: ClassVar[str] = "triangular"
    to_dict = as_mapping
    describe = in_words

    def __post_init__(self) -> None:
        check_numbers(self)
        ordered = self.low <= self.mode <= self.high and self.low < self.high
        demand(ordered, f"not low <= mode <= high: {self.low:g}, {self.mode:g}, {self.high:g}")

    def quantile(self, u: npt.ArrayLike) -> Floats:
        u = np.asarray(u, dtype=np.float64)
        width, left, right = self.high - self.low, self.mode - self.low, self.high - self.mode
        rising = self.low + np.sqrt(u * width * left)
        falling = self.high - np.sqrt((1 - u) * width * right)
        return np.where(u * width < left, rising, falling)

    @property
    def support(self) -> tuple[float, float]:
        return (self.low, self.high)

    def widened(self) -> "Triangular":
        """Move each end twice as far from the mode, but cross neither 0 nor, for a share, 1."""
        down, up = self.mode - self.low, self.high - self.mode
        low, high = twice_as_wide(self.low, self.high, down, up)
        return Triangular(low, self.mode, high)

    def scaled(self, factor: float) -> "Triangular":
        return Triangular(self.low * factor, self.mode * factor, self.high * factor)


@dataclass(frozen=True)
class Beta:
    """A beta distribution on 0..`scale`; `scale` is 1 until a unit is converted."""

    a: float
    b: float
    scale: float = 1.0

    kind: ClassVar[str] = "beta"
    to_dict = as_mapping
    describe = in_words

    def __post_init__(self) -> None:
        check_numbers(self, ("a", "b", "scale"))

    def quantile(self, u: npt.ArrayLike) -> Floats:
        from scipy.special import betaincinv

        return np.asarray(self.scale * betaincinv(self.a, self.b, np.asarray(u, dtype=np.float64)))

    @property
    def support(self) -> tuple[float, float]:
        return (0.0, self.scale)

    def widened(self) -> "Beta":
        return Beta(self.a / 4, self.b / 4, self.scale)

    def scaled(self, factor: float) -> "Beta":
        return Beta(self.a, self.b, self.scale * factor)


@dataclass(frozen=True)
class Gamma:
    """A gamma distribution with mean shape x scale."""

    shape: float
    scale: float

    kind: ClassVar[str] = "gamma"
    support: ClassVar[tuple[float, float]] = (0.0, math.inf)
    to_dict = as_mapping
    describe = in_words

    def __post_init__(self) -> None:
        check_numbers(self, ("shape", "scale"))

    def quantile(self, u: npt.ArrayLike) -> Floats:
        from scipy.special import gammaincinv

        return np.asarray(self.scale * gammaincinv(self.shape, np.asarray(u, dtype=np.float64)))

    def widened(self) -> "Gamma":
        """Keep the mean and double the standard deviation."""
        return Gamma(self.shape / 4, self.scale * 4)

    def scaled(self, factor: float) -> "Gamma":
        return Gamma(self.shape, self.scale * factor)
