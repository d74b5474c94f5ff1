"""What the length of the step does: the main outcomes with the whole step and with half of it.

Both runs share parameters, answers and starting values; what happens in each step does not, so the
difference comes with a Monte-Carlo error. A difference within twice that error cannot be seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from khamsin.outcomes import main_outcomes
from khamsin.quantiles import weighted_mean

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class StepEffect:
    """The mean of one outcome with the whole step, with half of it, and their difference.

    Attributes
    ----------
    difference : float
        Half minus whole.
    error : float
        Standard error of the difference.
    """

    outcome: str
    title: str
    unit: str
    whole: float
    half: float
    difference: float
    error: float

    @property
    def seen(self) -> bool:
        """Whether the difference is larger than twice its error."""
        return abs(self.difference) > 2.0 * self.error


def step_effects(whole: xr.Dataset, half: xr.Dataset) -> list[StepEffect]:
    """Compare two opened ensembles of the same members, one of which took half the step."""
    weight = np.asarray(whole["weight"].values, dtype=np.float64)
    effective = weight.sum() ** 2 / (weight**2).sum()
    found = []
    for one in main_outcomes(whole):
        if not one.known_to(half):
            continue
        first, second = one.measured(whole), one.measured(half)
        difference = second - first
        mean = float(weighted_mean(difference, weight))
        variance = float(weighted_mean((difference - mean) ** 2, weight))
        found.append(
            StepEffect(
                one.name,
                one.title(whole),
                one.unit(whole),
                float(weighted_mean(first, weight)),
                float(weighted_mean(second, weight)),
                mean,
                (variance / max(effective - 1.0, 1.0)) ** 0.5,
            )
        )
    return found
