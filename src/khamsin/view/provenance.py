"""Where the numbers come from: parameters, hypotheses, references, settings; for the last section.

Read from what the ensemble carries: the resolved model in its attributes and the group of
parameters of its store. Nothing is looked up anywhere else, so a report says what that run used.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from khamsin import series
from khamsin.view.numbers import shown

if TYPE_CHECKING:
    import xarray as xr

JUDGEMENT = ("judgement", "memory")


@dataclass(frozen=True)
class Number:
    """A parameter with its prior and its source."""

    name: str
    value: str
    unit: str
    source: str
    known_on: str

    @property
    def judged(self) -> bool:
        """Whether it rests on nobody's data."""
        return self.source in JUDGEMENT


@dataclass(frozen=True)
class Reference:
    """A source."""

    key: str
    text: str
    url: str
    note: str
    used: int


def model(ds: xr.Dataset) -> dict[str, Any]:
    """The resolved model that the ensemble carries; {} if it carries none that can be read."""
    try:
        found = json.loads(ds.attrs.get("model", "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def numbers(resolved: Mapping[str, Any], parameters: xr.Dataset | None) -> list[Number]:
    """Every parameter: those of the run, with what the model's own file says of them."""
    found: dict[str, Number] = {}
    for name, spec in _mapping(resolved.get("parameters")).items():
        found[name] = _number(str(name), spec)
        for answer, more in _only(spec):
            found[f"{name} [{answer}]"] = _number(f"{name} [{answer}]", {**spec, "default": more})
    if parameters is not None:
        for drawn in parameters.data_vars:
            key, attrs = str(drawn), parameters.variables[drawn].attrs
            if key not in found or not found[key].value:
                found[key] = Number(
                    key,
                    str(attrs.get("prior", "")),
                    str(attrs.get("units", "")),
                    str(attrs.get("source", "")),
                    found[key].known_on if key in found else "",
                )
    return sorted(found.values(), key=lambda n: n.name)


def references(resolved: Mapping[str, Any], used: list[str]) -> list[Reference]:
    """The sources, with how many parameters rest on each."""
    found = []
    for key, entry in _mapping(resolved.get("references")).items():
        fields = {str(k).lower(): str(v) for k, v in _mapping(entry).items()}
        if isinstance(entry, Mapping) and isinstance(entry.get("fields"), Mapping):
            fields |= {str(k).lower(): str(v) for k, v in entry["fields"].items()}
        parts = [fields.get(k, "").strip(" .{}") for k in ("author", "year", "title", "journal")]
        found.append(
            Reference(
                key=str(key),
                text=". ".join(p for p in parts if p),
                url=_link(fields.get("url", "") or fields.get("howpublished", "")),
                note=fields.get("note", "") or fields.get("license", ""),
                used=sum(key in source.split(";") or key == source for source in used),
            )
        )
    return sorted(found, key=lambda r: r.key)


def hypotheses(resolved: Mapping[str, Any], ds: xr.Dataset) -> list[dict[str, Any]]:
    """The questions, their answers with weights, and whether they are live in this run."""
    found = []
    for name, spec in _mapping(resolved.get("hypotheses")).items():
        spec = _mapping(spec)
        answers = _mapping(spec.get("answers"))
        total = sum(float(_mapping(a).get("weight", 1) or 0) for a in answers.values()) or 1.0
        coordinate = f"hypothesis_{name}"
        held = set(series.words(ds[coordinate]).tolist()) if coordinate in ds.coords else set()
        found.append(
            {
                "name": str(name).replace("_", " "),
                "question": str(spec.get("question", "")),
                "live": len(held) > 1,
                "answers": [
                    {
                        "name": str(a),
                        "weight": float(_mapping(v).get("weight", 1) or 0) / total,
                        "source": str(_mapping(v).get("source", "")),
                        "held": not held or str(a) in held,
                    }
                    for a, v in answers.items()
                ],
            }
        )
    return found


def starts(resolved: Mapping[str, Any], most: int = 6) -> list[dict[str, Any]]:
    """The starting values: how many rows each variable has, and on whose word."""
    found = []
    for name, spec in _mapping(resolved.get("state")).items():
        rows = spec.get("rows") if isinstance(spec, Mapping) else None
        if not isinstance(rows, list):
            rows = [spec] if isinstance(spec, Mapping) and spec.get("source") else []
        sources = Counter(str(_mapping(row).get("source", "")) for row in rows)
        if not rows:
            continue
        named = [f"{s} ({n})" for s, n in sources.most_common(most)]
        rest = len(sources) - most
        found.append(
            {
                "name": str(name),
                "rows": len(rows),
                "judged": sum(sources[s] for s in JUDGEMENT),
                "sources": "; ".join(named) + (f"; {rest} more" if rest > 0 else ""),
            }
        )
    return found


def interventions(resolved: Mapping[str, Any], wanted: Sequence[str]) -> list[dict[str, Any]]:
    """What each scenario of the report changes, row by row."""
    found = []
    for name, spec in _mapping(resolved.get("scenarios")).items():
        spec = _mapping(spec)
        rows = [_mapping(r) for r in spec.get("interventions") or []]
        if name not in wanted or not rows:
            continue
        found.append(
            {
                "title": str(spec.get("title") or name),
                "description": str(spec.get("description") or ""),
                "rows": [_change(row) for row in rows],
            }
        )
    return found


def _change(row: Mapping[str, Any]) -> dict[str, str]:
    """An intervention as text."""
    start, end = row.get("start"), row.get("end")
    span = f"{start or 'the start'} to {end or 'the end'}" if start or end else "throughout"
    where = _mapping(row.get("where"))
    amount = f"{row.get('action', '')} {describe(row.get('value'))} {row.get('unit') or ''}"
    return {
        "change": str(row.get("change", "")),
        "where": "; ".join(f"{k} {', '.join(map(str, v))}" for k, v in where.items()),
        "when": str(row["on"]) if row.get("on") else span,
        "value": " ".join(amount.split()),
        "source": str(row.get("source", "")),
        "known_on": str(row.get("known_on") or ""),
    }


def describe(prior: Any) -> str:
    """A prior in words: {'uniform': {'low': 0, 'high': 2}} becomes 'uniform, low 0, high 2'."""
    if prior is None:
        return ""
    if isinstance(prior, int | float):
        return shown(float(prior))
    if not isinstance(prior, Mapping):
        return str(prior)
    kinds = {"lognormal": "log-normal", "halfnormal": "half-normal", "split": "split log-normal"}
    if len(prior) == 1:
        kind, inner = next(iter(prior.items()))
        if not isinstance(inner, Mapping):
            return shown(float(inner)) if isinstance(inner, int | float) else f"{kind} {inner}"
    else:
        inner = {k: v for k, v in prior.items() if k not in ("kind", "prior", "type")}
        kind = prior.get("kind") or prior.get("prior") or prior.get("type") or ""
    if kind == "fixed":
        return ", ".join(_value(v) for v in inner.values())
    words = ", ".join(f"{k} {_value(v)}" for k, v in inner.items())
    return ", ".join(part for part in (kinds.get(str(kind), str(kind)), words) if part)


def _number(name: str, spec: Any) -> Number:
    spec = _mapping(spec)
    return Number(
        name=name,
        value=describe(spec.get("default", spec.get("prior"))),
        unit=str(spec.get("unit") or ""),
        source=str(spec.get("source") or ""),
        known_on=str(spec.get("known_on") or ""),
    )


def _only(spec: Any) -> Iterator[tuple[str, Any]]:
    yield from _mapping(_mapping(spec).get("only")).items()


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _value(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return shown(float(value))


def _link(text: str) -> str:
    """An address that a page may link to: http and https only."""
    text = text.removeprefix("\\url{").rstrip("}")
    return text if text.startswith(("https://", "http://")) else ""
