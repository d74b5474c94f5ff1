"""Priors on single values: one that is fixed, or a few to choose from."""

from dataclasses import dataclass
from typing import ClassVar, NoReturn

import numpy as np
import numpy.typing as npt

from khamsin.priors.written import Floats, as_mapping, check_numbers, demand, in_words


@dataclass(frozen=True)
class Fixed:
    """One value, known or assumed without error."""

    value: float

    kind: ClassVar[str] = "fixed"
    to_dict = as_mapping
    describe = in_words

    def __post_init__(self) -> None:
        check_numbers(self)

    def quantile(self, u: npt.ArrayLike) -> Floats:
        return np.full(np.shape(u), float(self.value))

    @property
    def support(self) -> tuple[float, float]:
        return (self.value, self.value)

    def widened(self) -> NoReturn:
        """Refuse: a fixed value has no width that could be doubled."""
        raise ValueError(f"the fixed value {self.value:g} has no width to widen: give it a prior")

    def scaled(self, factor: float) -> "Fixed":
        return Fixed(self.value * factor)


@dataclass(frozen=True)
class Choice:
    """One of a few values, by weight."""

    values: tuple[float, ...]
    weights: tuple[float, ...]

    kind: ClassVar[str] = "choice"
    to_dict = as_mapping
    describe = in_words

    def __post_init__(self) -> None:
        check_numbers(self, ("weights",))
        demand(len(self.values) > 0, "there are no values to choose from")
        same = len(self.values) == len(self.weights)
        demand(same, f"{len(self.values)} values but {len(self.weights)} weights")

    def quantile(self, u: npt.ArrayLike) -> Floats:
        steps = np.cumsum(np.asarray(self.weights, dtype=np.float64))
        found = np.searchsorted(steps / steps[-1], np.asarray(u), side="right")
        return np.asarray(self.values, dtype=np.float64)[np.minimum(found, len(self.values) - 1)]

    @property
    def support(self) -> tuple[float, float]:
        return (min(self.values), max(self.values))

    def widened(self) -> "Choice":
        """Give each value the same weight."""
        return Choice(self.values, (1.0,) * len(self.values))

    def scaled(self, factor: float) -> "Choice":
        return Choice(tuple(value * factor for value in self.values), self.weights)
