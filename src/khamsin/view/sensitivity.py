"""Which assumption goes with a result: rank correlations of an outcome with parameters and answers.

A first look from the members that are there, at no cost: a parameter that was drawn wide shows here
if it matters by itself. Interactions and a fair attribution need the designed runs of an
exploration, whose rows a report takes instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
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
# Of many assumptions some go with an outcome by luck. Those are shown that the luckiest of all that
# were tried would reach in one report of twenty (Bonferroni).
LUCK = 0.05


@dataclass(frozen=True)
class Bar:
    """An assumption and how an outcome goes with it."""

    label: str
    median: float  # rank correlation, -1 to 1
    low: float
    high: float


def bars(
    ds: xr.Dataset, outcome: Outcome, parameters: xr.Dataset | None = None, most: int = 10
) -> tuple[list[Bar], int]:
    """The assumptions that stand out as going with an outcome, strongest first.

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
    int
        How many assumptions were tried.
    """
    weight = series.weights(ds)
    ranks = _ranks(outcome.measured(ds))
    if np.ptp(ranks) == 0:
        return [], 0
    one = 1 / np.sqrt(max(effective_members(ds) - 3, 1))
    found = []
    for label, values in [*_answers(ds), *_parameters(ds, parameters)]:
        if np.ptp(values) == 0:
            continue
        rho = _correlation(_ranks(values), ranks, weight)
        z = np.arctanh(np.clip(rho, -0.999999, 0.999999))
        found.append(Bar(label, rho, float(np.tanh(z - Z90 * one)), float(np.tanh(z + Z90 * one))))
    if not found:
        return [], 0
    beyond_luck = np.tanh(NormalDist().inv_cdf(1 - LUCK / 2 / len(found)) * one)
    clear = [b for b in found if abs(b.median) > beyond_luck]
    return sorted(clear, key=lambda b: -abs(b.median))[:most], len(found)


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
