"""Two scenarios of one model, compared member by member.

Members of the same number share their parameters, the answers they hold and their random draws;
only what the scenario changes is different.  So the effect of the scenario is the distribution of
paired differences, far narrower than the difference of two distributions.  `compare` refuses
ensembles that are not paired.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from khamsin import series
from khamsin.errors import InputError
from khamsin.outcomes import Outcome, main_outcomes
from khamsin.quantiles import weighted_mean, weighted_quantile

if TYPE_CHECKING:
    import xarray as xr

Array = npt.NDArray[np.float64]

ALL = "all members"

# An answer decides the sign when a rise is this likely under one, and a fall under another, and
# both are so many standard errors from even odds: many outcomes and answers are looked at.
LIKELY, SURE = 0.7, 3.0


def compare(a: xr.Dataset, b: xr.Dataset, outcomes: Sequence[Outcome] | None = None) -> xr.Dataset:
    """What scenario `b` changes against scenario `a`: differences b - a, paired by member.

    Parameters
    ----------
    a, b : Dataset
        Opened ensembles of one model, with the same seed and members.
    outcomes : sequence of Outcome, optional
        What is compared; by default what the ensembles have in common (`main_outcomes`).

    Returns
    -------
    Dataset
        Dims outcome, group, member. `group` is all members, then each answer of each hypothesis
        (coordinates `hypothesis`, `answer`, `group_weight`, `group_members`).

        difference (outcome, member)
            In the unit of the outcome (coordinate `unit`).
        effect, low, high (outcome, group)
            Weighted median of the difference, and its 5 % and 95 % quantiles.
        effect_mean, probability_above, probability_below (outcome, group)
            Weighted mean; weighted share of members with a difference above and below zero.
        a_median, b_median (outcome)
            Medians of the outcome itself.
        members_independent (outcome)
            Members that two runs with seeds of their own would have needed for a mean difference of
            the same standard error. NaN where no member differs.

    Raises
    ------
    InputError
        If the ensembles are not paired: another model, seed, members, answers or months; or an
        outcome is in neither.

    Examples
    --------
    >>> import khamsin
    >>> scenarios = ["as-it-is", "ceasefire"]
    >>> run = khamsin.run(
    ...     "three-towns", scenarios=scenarios, members=20, folder="compare-example", trust=True
    ... )
    >>> effects = khamsin.compare(*(khamsin.open(store) for store in run.stores))
    >>> dict(effects.difference.sizes)["member"]
    20
    >>> bool(effects.effect_mean.sel(outcome="battle_deaths.total", group="all members") <= 0)
    True
    """
    check_paired(a, b)
    wanted = list(outcomes) if outcomes is not None else _in_both(a, b)
    if not wanted:
        raise InputError("these ensembles have no outcome in common")
    weight = np.asarray(a["weight"].values, dtype=np.float64)
    first = np.stack([one.measured(a) for one in wanted])
    second = np.stack([one.measured(b) for one in wanted])
    groups = _groups(a)
    return _effects(a, b, wanted, groups, weight, first, second)


def check_paired(a: xr.Dataset, b: xr.Dataset) -> None:
    """Refuse two ensembles whose members do not belong together.

    Raises
    ------
    InputError
        Says in what they differ, and what to do.
    """
    again = "run both scenarios with one command: khamsin run MODEL --scenario A --scenario B"
    names = [str(d.attrs.get("scenario", "?")) for d in (a, b)]
    pair = f"{names[0]} and {names[1]} cannot be paired"
    for key, words in (("model", "models"), ("seed", "seeds"), ("from_date", "first days")):
        if a.attrs.get(key) != b.attrs.get(key):
            detail = "" if key == "model" else f" ({a.attrs.get(key)} and {b.attrs.get(key)})"
            raise InputError(f"{pair}: they have different {words}{detail}; {again}")
    same_parts = a.attrs.get("without") == b.attrs.get("without")
    if same_parts and a.attrs.get("source_hash") != b.attrs.get("source_hash"):
        raise InputError(
            f"{pair}: the code of their processes was changed between the runs; {again}"
        )
    if not np.array_equal(a["member"].values, b["member"].values):
        sizes = f"{a.sizes['member']} and {b.sizes['member']}"
        raise InputError(f"{pair}: they have different members ({sizes}); {again}")
    if not np.array_equal(a["time"].values, b["time"].values):
        raise InputError(f"{pair}: they cover different months; {again}")
    for name in (*questions(a), "weight"):
        if name not in b.coords or not np.array_equal(a[name].values, b[name].values):
            raise InputError(f"{pair}: their members differ in {name}; {again}")


def deciding_questions(effects: xr.Dataset, outcome: int) -> list[str]:
    """Hypotheses of which one answer makes a rise of an outcome likely and another a fall.

    Parameters
    ----------
    effects : Dataset
        Of `compare`.
    outcome : int
        Position along the dim outcome.
    """
    asked, members = effects["hypothesis"].values, effects["group_members"].values
    likely = np.maximum(LIKELY, 0.5 + SURE * 0.5 / np.sqrt(np.maximum(members, 1)))
    rises = effects["probability_above"].values[outcome] > likely
    falls = effects["probability_below"].values[outcome] > likely
    return [
        str(question)
        for question in dict.fromkeys(asked[1:].tolist())
        if rises[asked == question].any() and falls[asked == question].any()
    ]


def questions(ds: xr.Dataset) -> list[str]:
    """Coordinates that hold the members' answers to hypotheses of which more than one is live."""
    return [
        str(name)
        for name in ds.coords
        if str(name).startswith("hypothesis_") and len(np.unique(series.words(ds[name]))) > 1
    ]


def _in_both(a: xr.Dataset, b: xr.Dataset) -> list[Outcome]:
    """Main outcomes of either, as far as both have the variable and its ids."""
    found: list[Outcome] = []
    for one in [*main_outcomes(a), *main_outcomes(b)]:
        if one not in found and one.known_to(a) and one.known_to(b):
            found.append(one)
    return found


def _groups(ds: xr.Dataset) -> list[tuple[str, str, str, npt.NDArray[np.bool_]]]:
    """Label, hypothesis, answer and members of each group."""
    groups = [(ALL, "", "", np.ones(ds.sizes["member"], dtype=bool))]
    for name in questions(ds):
        held = series.words(ds[name])
        question = name.removeprefix("hypothesis_")
        for answer in dict.fromkeys(held.tolist()):
            groups.append((f"{question} = {answer}", question, answer, held == answer))
    return groups


def _effects(
    a: xr.Dataset,
    b: xr.Dataset,
    wanted: list[Outcome],
    groups: list[tuple[str, str, str, npt.NDArray[np.bool_]]],
    weight: Array,
    first: Array,
    second: Array,
) -> xr.Dataset:
    import xarray as xr

    difference = second - first
    table = np.full((6, len(wanted), len(groups)), np.nan)
    for column, (_, _, _, members) in enumerate(groups):
        own, part = weight[members], difference[:, members]
        if own.sum() <= 0:
            continue
        table[:3, :, column] = weighted_quantile(part, own, [0.5, 0.05, 0.95], axis=1)
        table[3, :, column] = weighted_mean(part, own, axis=1)
        table[4, :, column] = weighted_mean(part > 0, own, axis=1)
        table[5, :, column] = weighted_mean(part < 0, own, axis=1)
    names = ("effect", "low", "high", "effect_mean", "probability_above", "probability_below")
    by_group = {n: (("outcome", "group"), t) for n, t in zip(names, table, strict=True)}
    return xr.Dataset(
        {
            "difference": (("outcome", "member"), difference),
            **by_group,
            "a_median": ("outcome", weighted_quantile(first, weight, 0.5, axis=1)),
            "b_median": ("outcome", weighted_quantile(second, weight, 0.5, axis=1)),
            "members_independent": ("outcome", _independent(first, second, weight)),
        },
        coords={
            "outcome": [one.name for one in wanted],
            "title": ("outcome", [one.title(a) for one in wanted]),
            "unit": ("outcome", [one.unit(a) for one in wanted]),
            "member": a["member"].values,
            "weight": ("member", weight),
            "group": [g[0] for g in groups],
            "hypothesis": ("group", [g[1] for g in groups]),
            "answer": ("group", [g[2] for g in groups]),
            "group_weight": ("group", [float(weight[g[3]].sum() / weight.sum()) for g in groups]),
            "group_members": ("group", [int(g[3].sum()) for g in groups]),
        },
        attrs={
            "a": str(a.attrs.get("scenario", "")),
            "b": str(b.attrs.get("scenario", "")),
            "a_title": str(a.attrs.get("scenario_title", "")),
            "b_title": str(b.attrs.get("scenario_title", "")),
            "seed": a.attrs.get("seed", -1),
            "members": int(a.sizes["member"]),
        },
    )


def _independent(first: Array, second: Array, weight: Array) -> Array:
    """Members that independent seeds would need: n times (var a + var b) / var (b - a)."""

    def variance(values: Array) -> Array:
        middle = weighted_mean(values, weight, axis=1)
        return weighted_mean((values - middle[:, None]) ** 2, weight, axis=1)

    paired = variance(second - first)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (variance(first) + variance(second)) / paired
    members = first.shape[1]
    return np.where(paired > 0, np.ceil(members * ratio), np.nan)
