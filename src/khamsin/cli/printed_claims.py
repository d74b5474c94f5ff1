"""What the terminal shows of claims."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from khamsin.errors import InputError, nearest
from khamsin.printed import print_table


def show_claims(
    name: str,
    run: Path | None,
    *,
    only: list[str] | None,
    as_json: bool,
    trust: bool,
    **options: Any,
) -> None:
    """Run the futures that claims need (or open those of a run), and print the verdicts."""
    from rich.console import Console

    from khamsin.claims import judge
    from khamsin.claims.futures import needed, open_futures, run_futures
    from khamsin.claims.records import record
    from khamsin.model import find, read

    model = read(find(name), trust=trust)
    claims = model.claims.claims
    for one in only or ():
        if one not in claims:
            hint = nearest(one, claims)
            raise InputError(
                f"{model.name} has no claim {one}" + (f". Did you mean {hint}?" if hint else "")
            )
    chosen = {id: c for id, c in claims.items() if only is None or id in only}
    if not chosen:
        raise InputError(f"{model.name} has no claims: write them in {model.folder}/claims.yaml")
    console = Console(stderr=True)
    if run is None:
        with console.status("running the futures") as status:
            run = run_futures(
                model,
                needed(model, chosen),
                trust=trust,
                progress=lambda p: status.update(f"{p.scenario}: {p.done} of {p.members}"),
                tell=console.print,
                **options,
            )
    verdicts = judge(chosen, open_futures(run))
    records = [record(v) for v in verdicts]
    if as_json:
        print(json.dumps({"futures": str(run), "claims": records}, indent=1))
        return
    _print(records, Console())
    for word, count in Counter(r["verdict"] for r in records).most_common():
        print(f"{word.replace(' ', '_')}: {count}")
    print(run)


def _print(records: list[dict[str, Any]], console: Any) -> None:
    from rich.table import Table

    table = Table(title="What follows in this model from its numbers", title_justify="left")
    for heading in ("claim", "says", "verdict", "number (90 %)", "P", "note"):
        right = heading in ("number (90 %)", "P")
        table.add_column(
            heading, justify="right" if right else "left", no_wrap=heading in ("claim", "P")
        )
    for row in records:
        table.add_row(row["id"], row["statement"], row["verdict"], *_numbers(row), _note(row))
    print_table(console, table)
    console.print(
        "P: its standard error in brackets, from having only so many members", style="dim"
    )


def _numbers(row: dict[str, Any]) -> tuple[str, str]:
    from khamsin.view.numbers import shown

    signed = bool(row["sign"])
    number = ""
    if row["median"] is not None:
        median, low, high = (shown(row[k], signed=signed) for k in ("median", "low", "high"))
        number = f"{median} ({low} to {high}) {row['unit']}".rstrip()
    probability = row["probability"]
    if probability is None:
        return number, ""
    return number, f"{probability:.2f} ({row['probability_error']:.2f})"


def _note(row: dict[str, Any]) -> str:
    """The note; of a difference whose sign hangs on an answer, which."""
    notes = [str(row["note"])] if row["note"] else []
    signs = {k: v for k, v in row["by_answer"].items() if v != 0.0}
    if row["sign"] in ("+", "-") and len({v > 0 for v in signs.values()}) == 2:
        against = [k for k, v in signs.items() if (v > 0) != (row["sign"] == "+")]
        notes.append("the other way under " + ", ".join(against))
    return "; ".join(notes)


def show_loops(
    name: str,
    *,
    only: list[str] | None,
    as_json: bool,
    members: int,
    seed: int,
    known_by: str | None,
    trust: bool,
) -> None:
    """Push the loops of a model, and print what each adds."""
    from rich.console import Console
    from rich.table import Table

    from khamsin.hindsight import known_by as as_known
    from khamsin.loops import as_record, respond
    from khamsin.model import find, read
    from khamsin.view.numbers import shown

    model = read(find(name), trust=trust)
    if known_by is not None:
        model = as_known(model, known_by, trust=trust).model
    if not model.claims.loops:
        raise InputError(f"{model.name} has no loops: write them in {model.folder}/claims.yaml")
    console = Console(stderr=True)
    found = []
    for one in only or model.claims.loops:
        with console.status(f"pushing {one}"):
            found.append(respond(model, one, members=members, seed=seed, trust=trust))
    if as_json:
        print(json.dumps([as_record(r) for r in found], indent=1).replace("NaN", "null"))
        return
    table = Table(title="A small push, with each loop closed and cut", title_justify="left")
    for heading in ("loop", "title", "response", "closed", "cut", "the loop", "gain", "it"):
        left = heading in ("loop", "title", "response", "it")
        table.add_column(heading, justify="left" if left else "right")
    for r in found:
        table.add_row(
            f"{r.name} ({r.sign})",
            r.title,
            f"{r.measure}, {shown(r.base)} without the push",
            f"{shown(r.closed, signed=True)} ({shown(r.closed_error)})",
            f"{shown(r.cut, signed=True)} ({shown(r.cut_error)})",
            f"{shown(r.loop, signed=True)} ({shown(r.loop_error)})",
            "" if r.gain != r.gain else f"{r.gain:+.2f}",
            r.word,
        )
    print_table(Console(), table)
    print(f"loops_seen: {sum(r.word != 'not seen' for r in found)} of {len(found)}")
