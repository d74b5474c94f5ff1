"""A table of scores as text: Markdown for a page, plain records for JSON and the report."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from khamsin.hindcast.scoring import Score, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr

    from khamsin.hindcast.observed import Observed


def as_json(table: Table) -> dict[str, Any]:
    """Return a table ready for JSON: numbers that are not there are null."""
    found = plain(
        {
            "origin": table.origin,
            "scores": [score.to_dict() for score in table.scores],
            "notes": table.notes,
            "points": table.points,
        }
    )
    assert isinstance(found, dict)
    return found


def for_report(table: Table, observed: Mapping[str, Observed]) -> dict[str, Any]:
    """Return scores as `khamsin.view.report` takes them: dots in the ribbons, and a table."""
    rows = [
        {
            "series": score.title,
            "months": score.horizon,
            "points": score.points,
            "CRPS": f"{number(score.crps)} ± {number(score.error)} {score.unit}",
            f"skill against {score.against}": skill_text(score, score.against),
            "90 % covers": f"{100 * score.coverage:.0f} %",
        }
        for score in table.scores
        if score.horizon == "all"
    ]
    dots = [
        {
            "title": one.title,
            "variable": one.variables[0],
            "where": one.where,
            "points": [
                {"time": str(day), "value": float(value / one.scale)}
                for day, value in zip(one.start, one.values, strict=True)
                if math.isfinite(value) and str(day) >= table.origin
            ],
        }
        for one in observed.values()
        if len(one.variables) == 1 and one.variables != ("holder",)
    ]
    label = table.scores[0].label if table.scores else "CRPS"
    return {
        "observed": [d for d in dots if d["points"]],
        "table": rows,
        "note": f"{label}, from {table.origin}; ± is the Monte-Carlo error of the members.",
    }


def markdown(table: Table, heading: Iterable[str] = ()) -> str:
    """Return a page: scores by series and horizon, each point, what was left out."""
    lines = [*heading, "", "## Scores by series and horizon", ""]
    lines += [
        f"Score: {table.scores[0].label if table.scores else 'CRPS'}; coverage and mean width of "
        "the 90 % interval. For series of yes and no (1 and 0) the CRPS is the Brier score, and "
        "coverage says little. Skill is 1 - CRPS / CRPS of the benchmark named beforehand, with "
        "its 95 % moving-block bootstrap interval over months.",
        "",
        "| series | months | points | CRPS (± Monte-Carlo) | against | skill | covers | width |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for s in table.scores:
        lines.append(
            f"| {s.title} ({s.unit}) | {s.horizon} | {s.points} | {number(s.crps)} ± "
            f"{number(s.error)} | {s.against} | {skill_text(s, s.against)} | "
            f"{100 * s.coverage:.0f} % | {number(s.width)} |"
        )
    lines += ["", "## Skill against every benchmark", ""]
    names = list(dict.fromkeys(name for s in table.scores for name in s.skill))
    lines += ["| series | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for s in table.scores:
        if s.horizon == "all":
            cells = " | ".join(skill_text(s, name, short=True) for name in names)
            lines.append(f"| {s.title} | {cells} |")
    lines += ["", "## Every point", ""]
    lines += ["| series | when | recorded | 5 % | median | 95 % | inside |", "|---" * 7 + "|"]
    for p in table.points:
        inside = "yes" if p["inside"] else "**no**"
        numbers = " | ".join(number(p[k]) for k in ("recorded", "low", "median", "high"))
        lines.append(f"| {p['series']} | {p['when']} | {numbers} | {inside} |")
    lines += ["", "## Left out, and why", "", *(f"- {note}" for note in table.notes), ""]
    return "\n".join(lines)


def heading(ds: xr.Dataset) -> list[str]:
    """Return what a page must say of its ensemble: command, sources, hindsight."""
    return [
        f"Made by a command, not by hand: {ds.sizes['member']:,} members, seed {ds.attrs['seed']}, "
        f"from {ds.attrs['from_date']}, scenario `{ds.attrs['scenario']}`, khamsin "
        f"{ds.attrs['khamsin_version']}. Plan `{ds.attrs['plan_hash'][:16]}`, sources of the "
        f"processes `{ds.attrs['source_hash'][:16]}`.",
        "",
        "This is a *retrospective* hindcast: those who wrote the model knew how the story went on. "
        "The guard is against numbers, not against memory: benchmarks see the rows that were on "
        "record at the origin, and numbers that became known later are replaced by wide ones.",
    ]


def skill_text(score: Score, benchmark: str, short: bool = False) -> str:
    """Say a skill with its interval; "no difference" when it includes zero."""
    found = score.skill.get(benchmark)
    if found is None or math.isnan(found.value):
        return "not defined" if found else "none"
    text = f"{found.value:+.2f}"
    if math.isfinite(found.low):
        text += f" ({found.low:+.2f} to {found.high:+.2f})"
        if found.verdict == "no difference" and not short:
            text += ", no difference"
    return text


def number(value: float) -> str:
    """Write a number with three figures, and thousands by commas."""
    if math.isnan(value):
        return "none"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def plain(value: Any) -> Any:
    """Return values ready for JSON: numbers that are not there are null."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
