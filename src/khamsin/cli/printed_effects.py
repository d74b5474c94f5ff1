"""What the terminal shows of two scenarios: the paired differences, and what decides their sign."""

import json
from pathlib import Path
from typing import Any


def show_effects(first: Path, second: Path, as_json: bool) -> None:
    """Print the paired differences of two scenarios, as a table or as JSON."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from khamsin.comparison import compare, deciding_questions
    from khamsin.ensemble import open_ensemble

    effects = compare(open_ensemble(first), open_ensemble(second))
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
    table = Table(title=f"{second.stem} minus {first.stem}, paired by member", title_justify="left")
    headings = ("outcome", "unit", "median", "5 %", "95 %", "P(<0)", "P(>0)", "needed\napart")
    for heading in headings:
        left = heading in ("outcome", "unit")
        table.add_column(
            heading, justify="left" if left else "right", no_wrap=not left, overflow="fold"
        )
    for row in rows:
        same = row["probability_below_zero"] == row["probability_above_zero"] == 0.0
        needed = row["members_independent"]
        table.add_row(
            escape(str(row["outcome"])),  # fighters.end[actor:REB] is no markup
            str(row["unit"]),
            *(("none", "", "") if same else [f"{row[k]:+,.0f}" for k in ("median", "low", "high")]),
            f"{row['probability_below_zero']:.2f}",
            f"{row['probability_above_zero']:.2f}",
            "" if needed != needed else f"{needed:,.0f}",
        )
    console = Console()
    console.print(table)
    console.print(
        "needed apart: members for the same precision with seeds of their own", style="dim"
    )
    deciding = [deciding_questions(effects, k) for k in range(len(rows))]
    _print_deciding(console, rows, deciding)


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
        table.add_column(
            heading, justify="left" if left else "right", no_wrap=not left, overflow="fold"
        )
    for row, questions in zip(rows, deciding, strict=True):
        for one in row["by_answer"]:
            if one["hypothesis"] in questions:
                table.add_row(
                    escape(row["outcome"]),
                    escape(f"{one['hypothesis']} = {one['answer']}"),
                    *(f"{one[k]:+,.0f}" for k in ("median", "low", "high")),
                    f"{one['probability_below_zero']:.2f}",
                    f"{one['probability_above_zero']:.2f}",
                )
    console.print(table)
