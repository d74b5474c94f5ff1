"""The form of our rules: what they leave open, chosen by other days than those scored.

`scripts.displacement_forms` chooses, docs/displacement.md says by what.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from khamsin.errors import InputError

Floats = npt.NDArray[np.float64]

ALL_DAYS = 10_000  # longer than any case
POINTS = ("mean", "median", "coherent")


@dataclass(frozen=True)
class Form:
    """A form of our rules.

    Attributes
    ----------
    days : int
        Of arrivals at a camp before its last count that its attraction is fitted to.
    evidence : float, day
        Days after which half of what the fit says of a camp is believed.
    newness : bool
        Whether a camp that opens draws more.
    shrunk : bool
        Whether the trend may be less than that of the days before (`trend`).
    anchor : float
        Weight of the forecast that nobody's share changes, 0 to 1, in a combined one.
    point : {"mean", "median", "coherent"}
        Of the members: what the averaged relative difference is of. The medians of camps add up to
        less than the median of their total; a coherent one scales them up to it.
    """

    days: int = 60
    evidence: float = 30.0
    newness: bool = True
    shrunk: bool = False
    anchor: float = 0.0
    point: str = "mean"

    def combine(self, members: Floats, last: Floats) -> Floats:
        """Combine each member with the one that shares out its total as it was shared last.

        Parameters
        ----------
        members : ndarray, dims (member, day, camp), person
        last : ndarray, dims (camp,), person
            The last counts that are known.
        """
        if self.anchor == 0.0 or last.sum() <= 0.0:
            return members
        still = members.sum(axis=2, keepdims=True) * (last / last.sum())
        combined: Floats = (1.0 - self.anchor) * members + self.anchor * still
        return combined

    def total(self, members: Floats) -> Floats:
        """Return the point forecast of all camps together, dims (day,), person."""
        each = members.sum(axis=2)
        found: Floats = each.mean(axis=0) if self.point == "mean" else np.median(each, axis=0)
        return found

    def middle(self, members: Floats) -> Floats:
        """Return the point forecast of an ensemble, dims (day, camp), person.

        Parameters
        ----------
        members : ndarray, dims (member, day, camp), person
        """
        if self.point == "mean":
            mean: Floats = members.mean(axis=0)
            return mean
        found: Floats = np.median(members, axis=0)
        if self.point == "coherent":
            own = found.sum(axis=1)
            found *= np.divide(self.total(members), own, out=np.ones_like(own), where=own > 0)[
                :, None
            ]
        return found


FORM = Form()


def read_forms(path: Path) -> dict[str, Form]:
    """Read the forms of cases, as `scripts.displacement_forms` writes them.

    Raises
    ------
    InputError
        When the file is not there or holds no such forms.
    """
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        forms = {name: Form(**each) for name, each in held.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise InputError(f"{path} holds no forms of cases ({error})") from None
    for name, form in forms.items():
        if not _holds(form):
            raise InputError(
                f"{path}: of the forms, {name} needs days (1 or more), evidence (days, 0 or more), "
                "newness and shrunk (true or false), anchor (0 to 1) and point "
                f"({', '.join(POINTS)})"
            )
    return forms


def _holds(form: Form) -> bool:
    numbers = (form.days, form.evidence, form.anchor)
    if not all(type(n) in (int, float) and n >= 0 for n in numbers):
        return False
    flags = type(form.newness) is bool and type(form.shrunk) is bool
    return form.days >= 1 and form.anchor <= 1 and flags and form.point in POINTS
