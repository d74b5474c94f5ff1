"""Which assumption goes with a result: rank correlations of an outcome with parameters and answers.

A first look from the members that are there, at no cost: a parameter that was drawn wide shows here
if it matters by itself. Interactions and a fair attribution need the designed runs of an
exploration, whose rows a report takes instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
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
FEWEST = 10  # members of equal weight
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
    ds: xr.Dataset,
    outcomes: Sequence[Outcome],
    parameters: xr.Dataset | None = None,
    most: int = 10,
) -> list[tuple[list[Bar], int]]:
    """For each outcome the assumptions that stand out as going with it, strongest first.

    Parameters
    ----------
    parameters : Dataset, optional
        Variables with a dim `member`: what each member drew. Those that all members share are left
        out; of a parameter with elements each is an assumption of its own.

    Returns
    -------
    list of (list of Bar, int)
        Weighted Spearman correlations with 90 % intervals (Fisher's z, with the effective number of
        members), and how many assumptions were tried: none for an outcome that never varies. Of a
        hypothesis with two answers, one is shown. Of fewer than ten members' worth none is: among
        a handful everything goes with everything.
    """
    if effective_members(ds) < FEWEST:
        return [([], 0) for _ in outcomes]
    share = series.weights(ds) / series.weights(ds).sum()
    wanted = np.array([_standard(one.measured(ds), share) for one in outcomes])
    one = 1 / np.sqrt(max(effective_members(ds) - 3, 1))
    found: list[list[Bar]] = [[] for _ in outcomes]
    tried = 0
    for label, values in chain(_answers(ds), _parameters(ds, parameters)):
        if np.ptp(values) == 0:
            continue
        tried += 1
        for bars_of, rho in zip(found, wanted @ (share * _standard(values, share)), strict=True):
            z = np.arctanh(np.clip(rho, -0.999999, 0.999999))
            low, high = float(np.tanh(z - Z90 * one)), float(np.tanh(z + Z90 * one))
            bars_of.append(Bar(label, float(rho), low, high))
    if not tried:
        return [([], 0) for _ in outcomes]
    beyond_luck = np.tanh(NormalDist().inv_cdf(1 - LUCK / 2 / tried) * one)
    varies_at_all = [bool(row.any()) for row in wanted]
    ranked = [sorted(several, key=lambda b: -abs(b.median)) for several in found]
    return [
        ([b for b in several if abs(b.median) > beyond_luck][:most], tried if varies else 0)
        for several, varies in zip(ranked, varies_at_all, strict=True)
    ]


def _answers(ds: xr.Dataset) -> Iterator[tuple[str, Array]]:
    for name in questions(ds):
        held = series.words(ds[name])
        answers = list(dict.fromkeys(held.tolist()))
        for answer in answers[: 1 if len(answers) == 2 else None]:
            label = f"{name.removeprefix('hypothesis_').replace('_', ' ')} = {answer}"
            yield label, (held == answer).astype(np.float64)


def _parameters(ds: xr.Dataset, parameters: xr.Dataset | None) -> Iterator[tuple[str, Array]]:
    """Parameters one after the other: all at once would not fit, of many members."""
    if parameters is None or parameters.sizes.get("member") != ds.sizes["member"]:
        return
    for name in parameters.data_vars:
        variable = parameters.variables[name]
        if "member" not in variable.dims:
            continue
        values = np.asarray(variable.transpose("member", ...).values, dtype=np.float64)
        flat = values.reshape(len(values), -1)
        names = _elements(ds, variable, flat.shape[1])
        for n in np.flatnonzero(np.ptp(flat, axis=0) > 0):
            yield f"{name}{names[n]}", flat[:, n]


def _elements(ds: xr.Dataset, variable: xr.Variable, count: int) -> list[str]:
    dims = [d for d in variable.dims if d != "member"]
    if not dims:
        return [""]
    if len(dims) == 1 and dims[0] in ds.coords:
        return [f" [{i}]" for i in ds[dims[0]].values]
    return [f" [{n}]" for n in range(count)]


def _standard(values: Array, share: Array) -> Array:
    """Ranks, ties sharing their mean rank, brought to weighted mean 0 and variance 1."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[place]
    ranks -= share @ ranks
    size = float(np.sqrt(share @ ranks**2))
    return np.asarray(ranks / size if counts.size > 1 and size > 0 else np.zeros(ranks.size))


def outcomes_for(wanted: Sequence[Outcome], most: int = 3) -> list[Outcome]:
    """Outcomes worth a sensitivity chart: totals first, none restricted to an actor."""
    plain = [o for o in wanted if not o.where]
    plain.sort(key=lambda o: (o.measure != "total", "death" not in o.variable))
    return plain[:most]
