"""The first words of a report: three sentences of result, and what the model cannot say.

Made from the numbers alone, with the same words for every model, so that nobody's hope gets in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from khamsin import series
from khamsin.comparison import questions
from khamsin.outcomes import Outcome
from khamsin.quantiles import weighted_quantile
from khamsin.view.numbers import SPACE, percent, shown

if TYPE_CHECKING:
    import xarray as xr


def sentences(
    datasets: Sequence[xr.Dataset], effects: Sequence[xr.Dataset], outcomes: Sequence[Outcome]
) -> list[str]:
    """Up to three sentences: the size of it, who holds what, and what a scenario changes."""
    first = datasets[0]
    found = [_size(first, outcomes), _control(first)]
    found.append(_scenarios(effects) if effects else _hypothesis(first, outcomes))
    return [_unbroken(s) for s in found if s]


def limits(ds: xr.Dataset, judged: int, parameters: int) -> list[str]:
    """What the model cannot say: always the same kinds of caution, with this run's numbers."""
    n = effective_members(ds)
    found = [
        "These are odds inside the model. They are odds in the world only as far as its processes, "
        "its priors and its starting values hold."
    ]
    if parameters:
        found.append(
            f"{judged} of {parameters} parameters rest on judgement and on no data; each is marked "
            "under Sources."
        )
    live = questions(ds)
    if live:
        names = ", ".join(q.removeprefix("hypothesis_").replace("_", " ") for q in live)
        found.append(
            f"Rival answers are open on {names}. The bands mix them by their weights; where the "
            "record cannot tell them apart, read the split by answer, not the middle."
        )
    if n < 1.5:
        found.append("One member is one course of events: it says nothing of how likely it is.")
    else:
        found.append(
            f"{ds.sizes['member']:,} members carry the information of {n:,.0f} equal ones: a share "
            f"of 50 % is known to ±{100 * 1.645 * 0.5 / np.sqrt(n):.1f} points from luck alone."
        )
    found.append(
        "What is in no process cannot happen: a surprise that nobody wrote down is not among "
        "these futures."
    )
    return [_unbroken(s) for s in found]


def _unbroken(text: str) -> str:
    """With no break between a number and its percent sign."""
    return text.replace(" %", f"{SPACE}%")


def effective_members(ds: xr.Dataset) -> float:
    """How many equally weighted members would know as much: (sum w)^2 / sum w^2."""
    weight = series.weights(ds)
    return float(weight.sum() ** 2 / (weight**2).sum())


def interval(values: np.ndarray, weight: np.ndarray) -> str:
    """'1,204 (90 %: 800 to 2,310)' from the numbers of the members."""
    low, middle, high = weighted_quantile(values, weight, [0.05, 0.5, 0.95])
    return f"{shown(middle)} (90 %: {shown(low)} to {shown(high)})"


def _size(ds: xr.Dataset, outcomes: Sequence[Outcome]) -> str:
    """The two largest matters: the first flow of people in all, the first stock at the end."""
    last = series.months(ds)[-1]
    plain = [o for o in outcomes if not o.where]
    flows = [o for o in plain if o.measure == "total" and "death" in o.variable]
    flows = flows or [o for o in plain if o.measure == "total"]
    stocks = [o for o in plain if o.measure == "end"]
    parts = []
    weight = series.weights(ds)
    if flows:
        values = flows[0].measured(ds)
        parts.append(
            f"{series.title(ds, flows[0].variable)} over the run to {last}: median "
            f"{interval(values, weight)}"
        )
    if stocks:
        values = stocks[0].measured(ds)
        name = series.title(ds, stocks[0].variable)
        name = name[:1].lower() + name[1:] if parts else name
        parts.append(f"{name} at the end: {interval(values, weight)}")
    return "; ".join(parts) + "." if parts else ""


def _control(ds: xr.Dataset) -> str:
    """How many places are likely to stay with their holder, and the most open one."""
    odds = series.odds(ds)
    if odds is None:
        return ""
    whole = np.concatenate([odds, np.clip(1 - odds.sum(axis=2, keepdims=True), 0, 1)], axis=2)
    held = np.flatnonzero(odds.any(axis=(0, 2)))
    if not len(held) or len(odds) < 2:
        return ""
    first, last = whole[0, held].argmax(axis=1), whole[-1, held].argmax(axis=1)
    same = int((first == last).sum())
    best = whole[-1, held].max(axis=1)
    place = int(best.argmin())
    names = series.text(ds, "place_name", "place")
    places = f"all {len(held)}" if same == len(held) else f"{same} of {len(held)}"
    months = series.months(ds)
    text = f"In {places} places the likeliest holder in {months[-1]} is the one of {months[0]}"
    if best[place] > 1 - 1e-9:
        return f"{text}; all futures agree on who it is."
    return (
        f"{text}; the most open is {names[held[place]]}, where nobody is likelier than "
        f"{percent(float(best[place]))}."
    )


def _scenarios(effects: Sequence[xr.Dataset]) -> str:
    """The clearest effect of the first scenario against the baseline."""
    one = effects[0]
    rows = one.isel(group=0)
    sure = np.maximum(rows.probability_above.values, rows.probability_below.values)
    plain = np.array(["[" not in str(n) for n in rows.outcome.values])
    # what the scenario itself sets is no finding: it was not there without it
    new = rows.a_median.values == 0
    people = np.array([str(u) == "people" for u in rows.unit.values])
    order = np.lexsort((-sure, new, ~people, ~plain))
    pick = rows.isel(outcome=int(order[0]))
    up = float(pick.probability_above) >= float(pick.probability_below)
    share = float(pick.probability_above if up else pick.probability_below)
    return (
        f"Against “{one.attrs['a_title']}”, “{one.attrs['b_title']}” "
        f"{'raises' if up else 'lowers'} “{pick.title.item()}” in {percent(share)} of futures: "
        f"median {shown(float(pick.effect), signed=True)} "
        f"(90 %: {shown(float(pick.low), signed=True)} to {shown(float(pick.high), signed=True)})."
    )


def _hypothesis(ds: xr.Dataset, outcomes: Sequence[Outcome]) -> str:
    """The question whose answers move the first outcome furthest apart."""
    plain = [o for o in outcomes if not o.where]
    wanted = [o for o in plain if o.measure == "total"] or plain
    if not wanted or not questions(ds):
        return ""
    outcome: Outcome = next((o for o in wanted if "death" in o.variable), wanted[0])
    values, weight = outcome.measured(ds), series.weights(ds)
    best: tuple[float, str] | None = None
    for name in questions(ds):
        held = series.words(ds[name])
        medians = {
            a: float(weighted_quantile(values[held == a], weight[held == a], 0.5))
            for a in dict.fromkeys(held.tolist())
            if weight[held == a].sum() > 0
        }
        low, high = min(medians, key=lambda a: medians[a]), max(medians, key=lambda a: medians[a])
        gap = medians[high] - medians[low]
        text = (
            f"Of the open questions, “{name.removeprefix('hypothesis_').replace('_', ' ')}” moves "
            f"“{outcome.title(ds)}” most: median {shown(medians[low])} under “{low}” against "
            f"{shown(medians[high])} under “{high}”."
        )
        if gap > 0 and (best is None or gap > best[0]):
            best = (gap, text)
    return best[1] if best else ""
