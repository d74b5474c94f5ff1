"""Which assumption goes with a result: rank correlations of an outcome with parameters and answers.

A first look from the members that are there, at no cost: a parameter that was drawn wide shows here
if it matters by itself. Interactions and a fair attribution need the designed runs of an
exploration, whose rows a report takes instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from khamsin import series
from khamsin.comparison import questions
from khamsin.outcomes import Outcome
from khamsin.view.findings import effective_members

if TYPE_CHECKING:
    import xarray as xr

Array = npt.NDArray[np.float64]

Z90 = 1.6449


@dataclass(frozen=True)
class Bar:
    """An assumption and how an outcome goes with it."""

    label: str
    median: float  # rank correlation, -1 to 1
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


def bars(
    ds: xr.Dataset, outcome: Outcome, parameters: xr.Dataset | None = None, most: int = 10
) -> list[Bar]:
    """The assumptions that go most with an outcome, strongest first.

    Parameters
    ----------
    parameters : Dataset, optional
        Variables with a dim `member`: what each member drew. Those that all members share are left
        out; of a parameter with elements each is an assumption of its own.

    Returns
    -------
    list of Bar
        Weighted Spearman correlations with 90 % intervals (Fisher's z, with the effective number of
        members). Of a hypothesis with two answers, one is shown.
    """
    weight = series.weights(ds)
    ranks = _ranks(outcome.measured(ds))
    if np.ptp(ranks) == 0:
        return []
    error = Z90 / np.sqrt(max(effective_members(ds) - 3, 1))
    found = []
    for label, values in [*_answers(ds), *_parameters(ds, parameters)]:
        if np.ptp(values) == 0:
            continue
        rho = _correlation(_ranks(values), ranks, weight)
        z = np.arctanh(np.clip(rho, -0.999999, 0.999999))
        found.append(Bar(label, rho, float(np.tanh(z - error)), float(np.tanh(z + error))))
    return sorted(found, key=lambda b: -abs(b.median))[:most]


def _answers(ds: xr.Dataset) -> list[tuple[str, Array]]:
    found = []
    for name in questions(ds):
        held = series.words(ds[name])
        answers = list(dict.fromkeys(held.tolist()))
        for answer in answers[: 1 if len(answers) == 2 else None]:
            label = f"{name.removeprefix('hypothesis_').replace('_', ' ')} = {answer}"
            found.append((label, (held == answer).astype(np.float64)))
    return found


def _parameters(ds: xr.Dataset, parameters: xr.Dataset | None) -> list[tuple[str, Array]]:
    found: list[tuple[str, Array]] = []
    if parameters is None or parameters.sizes.get("member") != ds.sizes["member"]:
        return found
    for name, variable in parameters.data_vars.items():
        if "member" not in variable.dims:
            continue
        values = np.asarray(variable.transpose("member", ...).values, dtype=np.float64)
        flat = values.reshape(len(values), -1)
        changing = [n for n in range(flat.shape[1]) if np.ptp(flat[:, n]) > 0]
        names = _elements(ds, variable, flat.shape[1])
        found += [(f"{name}{names[n]}", flat[:, n]) for n in changing]
    return found


def _elements(ds: xr.Dataset, variable: xr.DataArray, count: int) -> list[str]:
    dims = [d for d in variable.dims if d != "member"]
    if not dims:
        return [""]
    if len(dims) == 1 and dims[0] in ds.coords:
        return [f" [{i}]" for i in ds[dims[0]].values]
    return [f" [{n}]" for n in range(count)]


def _ranks(values: Array) -> Array:
    """Ranks, ties sharing their mean rank."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[place], dtype=np.float64)


def _correlation(a: Array, b: Array, weight: Array) -> float:
    w = weight / weight.sum()
    da, db = a - w @ a, b - w @ b
    scale = np.sqrt((w @ da**2) * (w @ db**2))
    return float(w @ (da * db) / scale) if scale > 0 else 0.0


def outcomes_for(wanted: Sequence[Outcome], most: int = 3) -> list[Outcome]:
    """Outcomes worth a sensitivity chart: totals first, none restricted to an actor."""
    plain = [o for o in wanted if not o.where]
    plain.sort(key=lambda o: (o.measure != "total", "death" not in o.variable))
    return plain[:most]
