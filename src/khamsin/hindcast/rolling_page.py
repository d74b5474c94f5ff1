"""Rolling origins as a page, for JSON and in the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from khamsin.hindcast.page import number, plain
from khamsin.hindcast.rolling import Line, Rolled
from khamsin.hindcast.scoring import Skill


def as_json(rolled: Rolled) -> dict[str, Any]:
    """Return everything ready for JSON: numbers that are not there are null."""
    found = plain(
        {
            "origins": rolled.origins,
            "members": rolled.members,
            "particles": rolled.particles,
            "together": vars(rolled.together),
            "lines": [line.to_dict() for line in rolled.lines],
            "points": [vars(point) for point in rolled.points],
            "filter": rolled.steps,
            "notes": rolled.notes,
        }
    )
    assert isinstance(found, dict)
    return found


def markdown(rolled: Rolled, heading: Iterable[str] = ()) -> str:
    """Return a page: scores by series, all together, the filter on its way, what was left out."""
    lines = [*heading, ""]
    lines += [
        f"Forecasts from {len(rolled.origins)} ends of months ({rolled.origins[0]} to "
        f"{rolled.origins[-1]}), {rolled.members:,} futures each, {rolled.particles:,} particles. "
        "Each knows what was on record on its day, and its benchmark the same.",
        "",
        f"**All series together:** skill {_skill(rolled.together)}; each series with half a year "
        "of record beside a benchmark counts alike.",
        "",
        "## By series and months ahead",
        "",
        "CRPS (not fair). Skill is 1 - CRPS / CRPS of the benchmark named beforehand, with its "
        "95 % moving-block bootstrap interval over the months of the records. `covers` and `width` "
        "are of the 90 % interval; `above` is the share of records above the median.",
        "",
        "| series | months ahead | points | CRPS | against | skill | covers | width | above |",
        "|---|---|---|---|---|---|---|---|---|",
        *(_row(line) for line in rolled.lines),
        "",
        "## The filter on its way",
        "",
        "`power` is the least with which a series was taken in: below 1 it was discounted, so that "
        "it leaves its share, and all together a fifth, of the particles. `families` are first "
        "ancestors left.",
        "",
        "| by | rows | effective | power | families |",
        "|---|---|---|---|---|",
    ]
    for s in rolled.steps:
        lines.append(
            f"| {s['day']} | {s['rows']} | {s['effective']:.0f} | {s['power']:.2f} | "
            f"{s['families']} |"
        )
    lines += ["", "## Left out, and why", "", *(f"- {note}" for note in rolled.notes), ""]
    return "\n".join(lines)


def print_rolled(rolled: Rolled) -> None:
    """Print a line a series, and all together."""
    from rich.console import Console
    from rich.table import Table as Grid

    grid = Grid(title=f"From {len(rolled.origins)} origins", title_justify="left")
    for name in ("series", "points", "CRPS", "skill", "covers", "width", "above"):
        left = name in ("series", "skill")
        grid.add_column(name, justify="left" if left else "right", no_wrap=True)
    for line in rolled.lines:
        if line.horizon == "all":
            grid.add_row(
                f"{line.series} ({line.unit})", str(line.points), number(line.crps),
                _skill(line.skill), f"{100 * line.coverage:.0f} %", number(line.width),
                f"{100 * line.above:.0f} %",
            )  # fmt: skip
    Console(width=140).print(grid)
    print(f"origins: {len(rolled.origins)}")
    print(f"skill_together: {rolled.together.value:.3f}")


def _row(line: Line) -> str:
    return (
        f"| {line.title} ({line.unit}) | {line.horizon} | {line.points} | {number(line.crps)} | "
        f"{line.against} | {_skill(line.skill)} | {100 * line.coverage:.0f} % | "
        f"{number(line.width)} | {100 * line.above:.0f} % |"
    )


def _skill(skill: Skill) -> str:
    if skill.value != skill.value:
        return skill.verdict
    text = f"{skill.value:+.2f}"
    if skill.low == skill.low:
        text += f" ({skill.low:+.2f} to {skill.high:+.2f})"
        if skill.verdict == "no difference":
            text += ", no difference"
    return text
