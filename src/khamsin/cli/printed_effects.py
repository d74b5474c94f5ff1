"""What the terminal shows of two scenarios: the paired differences, and what decides their sign."""

import json
from pathlib import Path
from typing import Any

from khamsin.errors import InputError
from khamsin.printed import needed, print_table


def show_effects(first: Path, second: Path, as_json: bool) -> None:
    """Print the paired differences of two scenarios, as a table or as JSON."""
    from rich.console import Console

    from khamsin.comparison import compare, deciding_questions
    from khamsin.ensemble import open_ensemble

    if str(first) == str(second):
        raise InputError(f"{first} would be compared with itself: name two scenarios")
    opened = open_ensemble(first)
    effects = compare(opened, open_ensemble(second))
    whole = effects.isel(group=0)
    rows = [
        {
            "outcome": str(name),
            "unit": str(whole.unit.values[k]),
            "median": float(whole.effect[k]),
            "low": float(whole.low[k]),
            "high": float(whole.high[k]),
            "probability_above_zero": float(whole.probability_above[k]),
            "probability_below_zero": float(whole.probability_below[k]),
            "members_independent": float(whole.members_independent[k]),
            "by_answer": _by_answer(effects.isel(outcome=k)),
        }
        for k, name in enumerate(whole.outcome.values)
    ]
    if as_json:
        text = json.dumps({"a": str(first), "b": str(second), "effects": rows}, indent=1)
        print(text.replace("NaN", "null"))
        return
    console = Console()
    table = _effects_table(rows, f"{second.stem} minus {first.stem}, paired by member")
    if needed(console, table) > console.width:
        table = _effects_table(rows, str(table.title), narrow=True)
    print_table(console, table)
    console.print(f"P: standard error {_error(opened):.2f} at most", style="dim", highlight=False)
    console.print(
        "needed apart: members for the same precision with seeds of their own", style="dim"
    )
    deciding = [deciding_questions(effects, k) for k in range(len(rows))]
    _print_deciding(console, rows, deciding)


def _effects_table(rows: list[dict[str, Any]], title: str, narrow: bool = False) -> Any:
    """Make the table; a narrow one has no frame, and its names go on after their brackets."""
    from rich.markup import escape
    from rich.table import Table

    edge = not narrow
    table = Table(title=title, title_justify="left", show_edge=edge, pad_edge=edge)
    headings = ("outcome", "unit", "median", "5 %", "95 %", "P(<0)", "P(>0)", "needed\napart")
    for heading in headings:
        left = heading in ("outcome", "unit")
        table.add_column(heading, justify="left" if left else "right", no_wrap=True)
    for row in rows:
        same = row["probability_below_zero"] == row["probability_above_zero"] == 0.0
        apart = row["members_independent"]
        name = str(row["outcome"])
        table.add_row(
            # fighters.end[actor:REB] is no markup
            escape(name.replace("[", "\n  [") if narrow else name),
            str(row["unit"]),
            *(("none", "", "") if same else [_signed(row[k]) for k in ("median", "low", "high")]),
            f"{row['probability_below_zero']:.2f}",
            f"{row['probability_above_zero']:.2f}",
            "" if apart != apart else f"{apart:,.0f}",
        )
    return table


def _error(ds: Any) -> float:
    """Return the standard error of a probability of a half, from having only so many members."""
    from khamsin.quantiles import share_error
    from khamsin.summary import effective_members

    return share_error(0.5, effective_members(ds))


def _signed(value: float) -> str:
    """Write a difference: whole where it is large, with two figures where it is below ten."""
    small = 0 < abs(value) < 9.5 and value != round(value)
    return f"{value:+.2g}" if small else f"{value + 0.0:+,.0f}"


def _by_answer(effect: Any) -> list[dict[str, Any]]:
    """The effect among the members that hold each answer of each question."""
    return [
        {
            "hypothesis": str(effect.hypothesis.values[g]),
            "answer": str(effect.answer.values[g]),
            "members": int(effect.group_members[g]),
            "weight": float(effect.group_weight[g]),
            "median": float(effect.effect[g]),
            "low": float(effect.low[g]),
            "high": float(effect.high[g]),
            "probability_above_zero": float(effect.probability_above[g]),
            "probability_below_zero": float(effect.probability_below[g]),
        }
        for g in range(1, effect.sizes["group"])
    ]


def _print_deciding(console: Any, rows: list[dict[str, Any]], deciding: list[list[str]]) -> None:
    """Print by answer what raises an outcome under one answer and lowers it under another."""
    from rich.markup import escape
    from rich.table import Table

    if not any(deciding):
        if any(row["by_answer"] for row in rows):
            console.print(
                "no answer to a question turns a sign beyond luck; --json has all by answer",
                style="dim",
            )
        return
    table = Table(title="Where the answer to a question decides the sign", title_justify="left")
    for heading in ("outcome", "answer", "median", "5 %", "95 %", "P(<0)", "P(>0)"):
        left = heading in ("outcome", "answer")
        table.add_column(heading, justify="left" if left else "right", no_wrap=True)
    for row, questions in zip(rows, deciding, strict=True):
        for one in row["by_answer"]:
            if one["hypothesis"] in questions:
                table.add_row(
                    escape(row["outcome"]),
                    escape(f"{one['hypothesis']} = {one['answer']}"),
                    *(_signed(one[k]) for k in ("median", "low", "high")),
                    f"{one['probability_below_zero']:.2f}",
                    f"{one['probability_above_zero']:.2f}",
                )
    print_table(console, table)
