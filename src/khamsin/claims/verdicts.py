"""Verdicts on claims: a number, a probability or a paired difference against what is claimed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from khamsin import series
from khamsin.comparison import questions
from khamsin.errors import InputError
from khamsin.measures import Measured, parse, parse_event
from khamsin.outcomes import evaluate, happens, outcome
from khamsin.quantiles import share_error, weighted_mean, weighted_quantile, worth

if TYPE_CHECKING:
    import xarray as xr

    from khamsin.model.claims import Claim

Array = npt.NDArray[np.float64]

#: a difference counts from so many standard errors on
ERRORS = 2.0
#: an event is expected from this probability on, and not expected below one minus it
EXPECTED = 2 / 3
#: fewer equal members than this say nothing of a sign or of odds
FEWEST = 10
#: "no effect" is less than this share of what is measured
NOTHING = 0.05


@dataclass(frozen=True)
class Future:
    """The ensemble of a scenario or variant, with its members' parameters."""

    ensemble: xr.Dataset
    parameters: xr.Dataset | None = None


@dataclass(frozen=True)
class Verdict:
    """What the futures say of a claim.

    Attributes
    ----------
    word : str
        'holds', 'fails' or 'open'; 'in the model' or 'fixed' of what is claimed to exist; 'raises'
        or 'lowers' where the text leaves the sign open; 'not modelled'; 'not computed'.
    median, low, high : float or None
        Weighted median, and 5 % and 95 % quantiles, of the number or of the paired difference.
    mean, error : float or None
        Weighted mean and its standard error.
    probability : float or None
        Of the event; of the claimed sign; of a number within the claimed range.
    by_answer : dict
        "question = answer" -> mean of the difference, or probability of the event, among the
        members that hold it.
    probability_error : float or None
        Standard error of the probability, from having only so many members.
    note : str
        Why it was not computed, modelled or decided; scores of a forecast.
    """

    claim: Claim
    word: str
    median: float | None = None
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    error: float | None = None
    probability: float | None = None
    probability_error: float | None = None
    unit: str = ""
    measured: str = ""
    by_answer: dict[str, float] = field(default_factory=dict)
    note: str = ""


def judge(claims: Mapping[str, Claim], futures: Mapping[str, Future]) -> list[Verdict]:
    """Hold each claim against the futures that it names.

    Parameters
    ----------
    claims : mapping
        Of `Model.claims.claims`.
    futures : mapping
        Scenario or variant -> its ensemble; a claim whose futures are not there is not computed.
    """
    return [_verdict(claim, futures) for claim in claims.values()]


def _verdict(claim: Claim, futures: Mapping[str, Future]) -> Verdict:
    if claim.not_modelled:
        return Verdict(claim, "not modelled", note=claim.not_modelled)
    names = claim.pair or (claim.future,)
    missing = [name for name in names if name not in futures]
    if missing:
        return Verdict(claim, "not computed", note=f"needs the futures of {', '.join(missing)}")
    chosen = [futures[name] for name in names]
    try:
        if claim.pair:
            return _difference(claim, *chosen)
        return _event(claim, chosen[0]) if claim.event else _number(claim, chosen[0])
    except InputError as error:
        return Verdict(claim, "not computed", note=str(error))


def _cautious(found: Verdict, weight: Array) -> Verdict:
    """Give the probability its error, and leave open what a handful of members say."""
    equal = worth(weight)
    if found.probability is not None:
        found = replace(found, probability_error=share_error(found.probability, equal))
    if equal >= FEWEST or found.word not in ("holds", "fails", "raises", "lowers"):
        return found
    few = f"too few members: worth {equal:.1f} equal ones, {FEWEST} are needed"
    return replace(found, word="open", note="; ".join(filter(None, (few, found.note))))


def _difference(claim: Claim, a: Future, b: Future) -> Verdict:
    _check_paired(claim, a.ensemble, b.ensemble)
    expression = parse(claim.measure)
    names = claim.pair or ("", "")
    first = evaluate(expression, a.ensemble, a.parameters)
    change = evaluate(expression, b.ensemble, b.parameters) - first
    kept = np.isfinite(change)
    weight = series.weights(a.ensemble)[kept]
    change, first = change[kept], first[kept]
    if not change.size:
        return Verdict(claim, "not computed", note="the measure is a number in no member")
    mean, error = mean_and_error(change, weight)
    low, median, high = (float(x) for x in weighted_quantile(change, weight, [0.05, 0.5, 0.95]))
    size = float(weighted_mean(np.abs(first), weight))
    towards = {"+": change > 0, "-": change < 0, "0": np.abs(change) <= NOTHING * size}
    probability = towards.get(claim.sign)
    found = Verdict(
        claim,
        _word_of_sign(claim.sign, mean, error, size, same_sign=low > 0 or high < 0),
        median,
        low,
        high,
        mean,
        error,
        None if probability is None else float(weighted_mean(probability * 1.0, weight)),
        unit=_unit(claim, a.ensemble),
        measured=f"{claim.measure}: {names[1]} minus {names[0]}",
        by_answer=_by_answer(a.ensemble, change, weight, kept),
        note="".join(_undefined(kept)),
    )
    return _cautious(found, weight)


def _word_of_sign(sign: str, mean: float, error: float, size: float, same_sign: bool) -> str:
    """Return the verdict on a difference.

    Its sign counts when the mean lies beyond twice its error, or when nine members in ten have it:
    a few members with huge differences make the error of a mean large, and its sign no less sure.
    """
    if sign == "0":
        bound = NOTHING * size
        if abs(mean) + ERRORS * error <= bound:
            return "holds"
        return "fails" if abs(mean) - ERRORS * error > bound else "open"
    if abs(mean) <= ERRORS * error and error > 0 and not same_sign:
        return "open"
    if sign == "?":
        return "raises" if mean > 0 else "lowers" if mean < 0 else "open"
    return "holds" if (mean > 0) == (sign == "+") and mean != 0 else "fails"


def _event(claim: Claim, future: Future) -> Verdict:
    ds = future.ensemble
    happened = happens(parse_event(claim.event), ds, future.parameters)
    kept = np.isfinite(happened)
    happened, weight = happened[kept], series.weights(ds)[kept]
    if not happened.size:
        return Verdict(claim, "not computed", note="the event is defined in no member")
    probability, error = mean_and_error(happened, weight)
    word = "open"
    if probability >= EXPECTED or probability <= 1 - EXPECTED:
        word = "holds" if probability >= EXPECTED else "fails"
    notes = _undefined(kept)
    if claim.stated:
        notes.append(f"the text: {claim.stated[0]:.2f} to {claim.stated[1]:.2f}")
    if claim.happened is not None:
        notes.append(f"the record: {'yes' if claim.happened else 'no'}")
        brier = (probability - claim.happened) ** 2
        notes.append(f"Brier score of the model {brier:.2f}")
        if claim.stated:
            told = (sum(claim.stated) / 2 - claim.happened) ** 2
            notes.append(f"of the text {told:.2f}")
    found = Verdict(
        claim,
        word,
        error=error,
        probability=probability,
        measured=f"probability of {claim.event} in {claim.future}",
        by_answer=_by_answer(ds, happened, weight, kept),
        note="; ".join(notes),
    )
    return _cautious(found, weight)


def _number(claim: Claim, future: Future) -> Verdict:
    ds = future.ensemble
    values = evaluate(parse(claim.measure), ds, future.parameters)
    kept = np.isfinite(values)
    weight = series.weights(ds)[kept]
    values = values[kept]
    if not values.size:
        return Verdict(claim, "not computed", note="the measure is a number in no member")
    low, median, high = (float(x) for x in weighted_quantile(values, weight, [0.05, 0.5, 0.95]))
    mean, error = mean_and_error(values, weight)
    word, probability = "in the model" if low < high else "fixed", None
    if claim.range:
        least, most = claim.range
        probability = float(weighted_mean(((values >= least) & (values <= most)) * 1.0, weight))
        word = "open"
        if least <= median <= most:
            word = "holds"
        elif high < least or low > most:
            word = "fails"
    found = Verdict(
        claim,
        word,
        median,
        low,
        high,
        mean,
        error,
        probability,
        unit=_unit(claim, ds),
        measured=f"{claim.measure} in {claim.future}"
        + (f", claimed {claim.range[0]:g} to {claim.range[1]:g}" if claim.range else ""),
        note="".join(_undefined(kept)),
    )
    return _cautious(found, weight)


def _undefined(kept: npt.NDArray[np.bool_]) -> list[str]:
    """Say in how many members what is measured is no number, as where nothing is divided by."""
    missing = int(kept.size - kept.sum())
    return [f"undefined in {missing} of {kept.size} members"] if missing else []


def mean_and_error(values: Array, weight: Array) -> tuple[float, float]:
    """Return the weighted mean and its standard error.

    The error is that of a mean of as many equal members as the weights are worth.
    """
    mean = float(weighted_mean(values, weight))
    variance = float(weighted_mean((values - mean) ** 2, weight))
    return mean, (variance / max(worth(weight) - 1.0, 1.0)) ** 0.5


def _by_answer(
    ds: xr.Dataset, values: Array, weight: Array, kept: npt.NDArray[np.bool_]
) -> dict[str, float]:
    found = {}
    for name in questions(ds):
        held = series.words(ds[name])[kept]
        for answer in dict.fromkeys(held.tolist()):
            those = held == answer
            mean = float(weighted_mean(values[those], weight[those]))
            found[f"{name.removeprefix('hypothesis_')} = {answer}"] = mean
    return found


def _unit(claim: Claim, ds: xr.Dataset) -> str:
    one = parse(claim.measure)
    return outcome(one).unit(ds) if isinstance(one, Measured) else ""


def _check_paired(claim: Claim, a: xr.Dataset, b: xr.Dataset) -> None:
    """Refuse futures whose members do not share their luck; they may differ in anything else."""
    for key in ("seed", "from_date"):
        if a.attrs.get(key) != b.attrs.get(key):
            raise InputError(f"the futures of {claim.id} have different values of {key}")
    for dim in ("member", "time"):
        if not np.array_equal(a[dim].values, b[dim].values):
            raise InputError(f"the futures of {claim.id} have different {dim}s")
