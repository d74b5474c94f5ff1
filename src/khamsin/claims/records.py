"""Claims out of an ensemble's own copy of its model, and verdicts as a report shows them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from khamsin.blocks import remembering
from khamsin.claims.verdicts import Future, Verdict, judge

if TYPE_CHECKING:
    import xarray as xr

    from khamsin.model.claims import Claim


def claims_of(ds: xr.Dataset) -> dict[str, Claim]:
    """The claims of the model that an ensemble carries with it; empty when it has none."""
    from khamsin.model.claims import Claim

    written = json.loads(ds.attrs.get("model", "{}")).get("claims") or {}
    found = written.get("claims", {}) if isinstance(written, dict) else {}
    return {name: Claim(**{k: _tuple(v) for k, v in each.items()}) for name, each in found.items()}


def report_records(ensembles: Iterable[xr.Dataset]) -> list[dict[str, Any]]:
    """Verdicts that the scenarios of a run suffice for, as records of a report."""
    several = list(ensembles)
    if not several:
        return []
    futures = {str(ds.attrs.get("scenario", "")): Future(ds) for ds in several}
    with remembering(several):
        verdicts = judge(claims_of(several[0]), futures)
    return [record(v) for v in verdicts if v.word not in ("not computed", "not modelled")]


def record(verdict: Verdict) -> dict[str, Any]:
    """One verdict as plain data."""
    claim = verdict.claim
    return {
        "id": claim.id,
        "statement": claim.says,
        "type": claim.type,
        "who": _who(claim),
        "measured": verdict.measured,
        "verdict": verdict.word,
        "median": verdict.median,
        "low": verdict.low,
        "high": verdict.high,
        "mean": verdict.mean,
        "error": verdict.error,
        "unit": verdict.unit,
        "sign": claim.sign if claim.pair else "",
        "probability": verdict.probability,
        "probability_error": verdict.probability_error,
        "by_answer": verdict.by_answer,
        "note": verdict.note,
        "record": claim.record,
        "refuted_by": claim.refuted_by,
        "linked": list(claim.linked),
    }


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _who(claim: Claim) -> str:
    """Return where a claim comes from: a sentence of the text, its words, or who says so."""
    words = f"“{claim.quote}”" if claim.quote else ""
    if claim.sentence is not None:
        words = f"sentence {claim.sentence}: {words}" if words else f"sentence {claim.sentence}"
    return ", ".join(part for part in (claim.source, words) if part)
