"""Scores and claims as a report takes them: plain records, checked for what a page needs.

`scores` is a mapping with

- 'observed': list of {'title', 'variable', 'where', 'points': [{'time', 'value'}, ...]}: dots in
  the ribbons;
- 'table': list of rows, each a mapping of column to value: shown as it is;
- 'note': a sentence on how it was scored.

`claims` is a list of mappings with 'id', 'statement', 'who' (where it was said), 'measured' (how it
was measured), 'median', 'low', 'high', 'unit' (the effect), 'sign' ('+', '-' or '0'), 'verdict' (a
word), 'probability', 'probability_error', 'note', 'refuted_by' (what would change it). What is
missing is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from khamsin.errors import InputError
from khamsin.view.numbers import percent, shown

Record = Mapping[str, Any]


def observed(scores: Record | None, variables: Sequence[str]) -> list[Record]:
    """Recorded series whose variable the ensemble has.

    Raises
    ------
    InputError
        If a series lacks its points or its variable.
    """
    found = []
    for one in (scores or {}).get("observed", []):
        for key in ("title", "variable", "points"):
            if key not in one:
                raise InputError(f"an observed series of a report needs a {key}: {dict(one)!r:.80}")
        if one["variable"] in variables:
            found.append(one)
    return found


def score_table(scores: Record | None) -> tuple[list[str], list[list[str]]]:
    """Columns and rows of the scores as text."""
    rows = list((scores or {}).get("table", []))
    columns = list(dict.fromkeys(str(k) for row in rows for k in row))
    return columns, [[_text(row.get(c)) for c in columns] for row in rows]


def claim_rows(claims: Sequence[Record] | None) -> list[dict[str, str]]:
    """Claims with their numbers as text."""
    found = []
    for one in claims or []:
        if "statement" not in one:
            raise InputError(f"a claim of a report needs a statement: {dict(one)!r:.80}")
        effect = ""
        if one.get("median") is not None:
            effect = f"{shown(float(one['median']), signed=True)} {one.get('unit', '')}".strip()
            if one.get("low") is not None and one.get("high") is not None:
                low, high = (shown(float(one[k]), signed=True) for k in ("low", "high"))
                effect += f" (90 %: {low} to {high})"
        sign = {"+": "↑", "-": "↓", "0": "="}.get(str(one.get("sign", "")), "")
        probability, error = one.get("probability"), one.get("probability_error")
        share = "" if probability is None else percent(float(probability))
        if share and error is not None:
            share += f" (± {100 * float(error):.0f})"
        found.append(
            {
                "id": str(one.get("id", "")),
                "statement": str(one["statement"]),
                "who": str(one.get("who", "")),
                "measured": str(one.get("measured", "")),
                "effect": effect,
                "sign": sign,
                "verdict": str(one.get("verdict", "")),
                "probability": share,
                "note": str(one.get("note") or ""),
                "refuted_by": str(one.get("refuted_by", "")),
            }
        )
    return found


def _text(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value)
    if isinstance(value, int | float | np.number):
        return shown(float(value))
    return str(value)
