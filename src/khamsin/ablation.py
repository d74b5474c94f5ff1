"""Ablation: each part of a model switched off, and what that does to what is observed of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from khamsin.engine import compile_plan
from khamsin.ensemble import in_memory
from khamsin.measures import parse
from khamsin.outcomes import evaluate
from khamsin.plan import plan

if TYPE_CHECKING:
    from khamsin.model import Model

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Ablation:
    """What switching a part off does to one of its series.

    Attributes
    ----------
    on, off : float
        Means over members with the part and without it.
    difference, error : float
        Mean of off - on, paired by member, and its standard error.
    """

    part: str
    number: int
    title: str
    series: str
    on: float
    off: float
    difference: float
    error: float

    @property
    def moves(self) -> bool:
        """Whether the difference is larger than twice its error."""
        return abs(self.difference) > 2.0 * self.error


def ablate(
    model: "Model",
    scenario: str | None = None,
    *,
    members: int = 40,
    seed: int = 1,
    parts: Iterable[str] | None = None,
    tell: Callable[[str], None] = lambda text: None,
) -> list[Ablation]:
    """Switch each part of a model off, and hold its own series against the whole model's.

    Parameters
    ----------
    scenario : str, optional
        Without one nothing intervenes.
    members : int
        All hypotheses are as in a run; the members of both runs share their luck.
    parts : iterable of str, optional
        All when not given.
    """
    everyone = np.arange(members)

    def measured(without: tuple[str, ...], series: Iterable[str]) -> dict[str, Floats]:
        resolved = plan(model, scenario, without=without)
        records = compile_plan(resolved, seed).block(everyone)
        ds = in_memory(resolved, seed, members, records)
        return {text: evaluate(parse(text), ds) for text in series}

    chosen = list(model.parts if parts is None else parts)
    whole = measured((), {text for name in chosen for text in model.parts[name].series})
    found = []
    for name in sorted(chosen, key=lambda n: model.parts[n].number):
        part = model.parts[name]
        tell(f"{part.number}. {part.title}")
        off = measured((name,), part.series)
        for text in part.series:
            change = np.nan_to_num(off[text] - whole[text])
            found.append(
                Ablation(
                    name,
                    part.number,
                    part.title,
                    text,
                    float(np.nanmean(whole[text])),
                    float(np.nanmean(off[text])),
                    float(change.mean()),
                    float(change.std(ddof=1) / members**0.5),
                )
            )
    return found
