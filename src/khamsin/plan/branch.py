"""A branch: members that go on from saved states, with the parameters that they had before."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Branch:
    """Where the members of a plan come from.

    Attributes
    ----------
    hash : str
        Names what was run before; enters the hash of the plan and the draws that follow.
    answers : dict
        Hypothesis -> the answer of each member, dims (member,).
    parameters : ndarray, dims (member, element)
    states : callable
        Members -> their states, dims (member, cell).
    """

    hash: str
    answers: dict[str, npt.NDArray[np.str_]]
    parameters: Floats
    states: Callable[[Ints], Floats]
