"""Write the pages of docs/ that hold numbers: python -m verification.pages [NAME]...

The names are ablation, claims, libya-2016-forecasts, libya-2016-odds, loops and targets;
--members N takes other than the usual numbers.

Each page says how it was made, so that its numbers can be made again. The parts and claims of
libya-2016 are those of its model.yaml and claims.yaml.
"""

import csv
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from khamsin.engine import compile_plan
from khamsin.ensemble import in_memory
from khamsin.hindsight import known_by
from khamsin.measures import parse, parse_event
from khamsin.model import Model, find, read
from khamsin.outcomes import evaluate, happens
from khamsin.plan import Plan, plan
from khamsin.quantiles import weighted_quantile
from verification import forecasts
from verification.odds import odds

if TYPE_CHECKING:
    import xarray as xr

DOCS = Path(__file__).parent.parent / "docs"
RUNS = Path("runs")


def _number(x: float | None) -> str:
    return "" if x is None or x != x else f"{x:,.3g}" if abs(x) < 1000 else f"{x:,.0f}"


def ablation(model: Model, members: int) -> list[str]:
    """Each part off against on, and the series that is observed of it."""
    from khamsin.ablation import ablate

    rows = ablate(model, None, members=members, tell=print)
    still = sorted({r.title for r in rows} - {r.title for r in rows if r.moves})
    lines = [
        "# Each part switched off",
        "",
        f"Means of {members} members of the free model with every part and without one, as by "
        "`khamsin run libya-2016 --without PART`. Off minus on is paired by member; a series "
        "moves when that is more than twice its Monte-Carlo error.",
        "",
        "| | part | `--without` | its own series | on | off | off - on (error) | moves |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for r in rows:
        lines.append(
            f"| {r.number} | {r.title} | `{r.part}` | `{r.series}` | {_number(r.on)} | "
            f"{_number(r.off)} | {_number(r.difference)} ({_number(r.error)}) | "
            f"{'yes' if r.moves else 'no'} |"
        )
    lines += ["", f"Parts of which no series moves: {', '.join(still) or 'none'}."]
    print(f"parts_that_move: {len({r.part for r in rows if r.moves})} of {len(model.parts)}")
    return lines


def claims(model: Model, members: int) -> list[str]:
    """The verdicts on all claims."""
    from khamsin.claims import judge
    from khamsin.claims.futures import needed, open_futures, run_futures
    from khamsin.claims.records import record

    home = run_futures(
        model, needed(model), members=members, folder=RUNS / "claims-page", tell=print
    )
    verdicts = [record(v) for v in judge(model.claims.claims, open_futures(home))]
    counts = Counter(v["verdict"] for v in verdicts)
    lines = [
        "# The claims of the article, held against the model",
        "",
        "A verdict says what follows in this model from its numbers, most of which are judgement; "
        "it is no finding about the world. `record` is our reading of what was known by the end of "
        "2018, which the model was not fitted to, and which we knew when we wrote it down.",
        "",
        "The rule of the verdicts was changed after a first set of them had been seen: a sign then "
        "had to exceed two standard errors of the mean, which left claims open of which nearly "
        "every member said the same (heavy tails); now it also counts when the 90 % interval "
        "leaves zero out. By the first rule 23 claims held and 37 were open.",
        "",
        f"Made from {members} members a future: `khamsin claims libya-2016 --members {members}`. "
        + ", ".join(f"{word}: {count}" for word, count in counts.most_common())
        + ".",
        "",
        "| claim | says | verdict | number or difference (90 %) | P (error) | note | record |",
        "|---|---|---|---|---|---|---|",
    ]
    for v in verdicts:
        number = ""
        if v["median"] is not None:
            number = f"{_number(v['median'])} ({_number(v['low'])} to {_number(v['high'])})"
        p = ""
        if v["probability"] is not None:
            p = f"{v['probability']:.2f} ({v['probability_error']:.2f})"
        lines.append(
            f"| {v['id']} | {v['statement']} | {v['verdict']} | {number} {v['unit']} | {p} | "
            f"{v['note']} | {v['record']} |"
        )
    return lines


def loops(model: Model, members: int) -> list[str]:
    """What each feedback loop does with a small push."""
    from khamsin.loops import respond

    lines = [
        "# The feedback loops of the article, closed and cut",
        "",
        "Each loop gets a small push on the first day. It is then run closed, and cut: the "
        "processes at the cut are shown what they saw in the paired member without the push. The "
        f"gain is 1 - cut / closed. {members} members hold the likeliest answers, or those that "
        "the loop names (`khamsin loops libya-2016`).",
        "",
        "| loop | title | expected | response | closed (error) | cut (error) | "
        "the loop adds (error) | gain | it |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name in model.claims.loops:
        print(name)
        r = respond(model, name, members=members)
        cells = [
            f"{_number(x)} ({_number(e)})"
            for x, e in (
                (r.closed, r.closed_error),
                (r.cut, r.cut_error),
                (r.loop, r.loop_error),
            )
        ]
        expected = "feeds itself" if r.sign == "+" else "damps"
        lines.append(
            f"| {r.name} | {r.title} | {expected} | `{r.measure}` | {' | '.join(cells)} | "
            f"{_number(r.gain)} | {r.word} |"
        )
    return lines


def targets(model: Model, members: int) -> list[str]:
    """The twelve headline targets and the ten numbers: what the priors say, and the record."""
    found = {}
    for name, day in (("as written", None), ("known by the origin", model.time.origin)):
        own = known_by(model, day).model if day else model
        resolved = plan(own)
        seed_weights = resolved.weights(1, members)
        ds = _futures(resolved, members)
        for row in _rows():
            text = row["measure"]
            if ">" in text:  # an event: its probability
                happened = float((happens(parse_event(text), ds) * seed_weights).sum())
                found[name, row["target"]] = np.full(3, happened)
                continue
            values = evaluate(parse(text), ds)
            kept = np.isfinite(values)
            found[name, row["target"]] = weighted_quantile(
                values[kept], seed_weights[kept], [0.05, 0.5, 0.95]
            )
    lines = [
        "# What the priors say of the headline targets, and the record",
        "",
        "Quantiles of the free model (no scenario, the ladder of intervention moves by itself) "
        f"from its priors alone, {members} members; nothing is fitted here. The first interval is "
        "of the priors as written, which lean on what was learnt by 2018; the second is that of "
        f"`--known-by {model.time.origin}`, with every answer equally likely. The record is given "
        "as far as it is in the tables of this project; where it is not, that is said. A record "
        "outside of the interval is a miss.",
        "",
        "| target | 5 % to 95 % (median), as written | known by the origin | record | it lies | "
        "source |",
        "|---|---|---|---|---|---|",
    ]
    inside = {"as written": [0, 0], "known by the origin": [0, 0]}
    title = ""
    for row in _rows():
        if row["set"] != title:
            title = row["set"]
            lines.append(f"| **{title}** | | | | | |")
        cells, places = [], []
        for name in inside:
            low, median, high = (float(x) for x in found[name, row["target"]])
            if ">" in row["measure"]:
                cells.append(f"probability {median:.2f}")
                continue
            cells.append(f"{_number(low)} to {_number(high)} ({_number(median)})")
            if row["record"]:
                record = float(row["record"])
                inside[name][1] += 1
                inside[name][0] += low <= record <= high
                places.append(
                    "inside" if low <= record <= high else "below" if record < low else "above"
                )
        where = "; ".join(places) if places else ""
        shown = _number(float(row["record"])) if row["record"] else "not in the tables"
        shown = {"0": "no", "1": "yes"}[row["record"]] if ">" in row["measure"] else shown
        lines.append(
            f"| {row['target']} | {cells[0]} | {cells[1]} | {shown} | {where} | {row['source']} |"
        )
    lines.append("")
    for name, (hit, count) in inside.items():
        lines.append(f"Records inside of the 90 % interval, {name}: {hit} of {count}.")
        print(f"inside_{name.replace(' ', '_')}: {hit} of {count}")
    return lines


def _rows() -> list[dict[str, str]]:
    with (Path(__file__).parent / "targets.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _futures(resolved: Plan, members: int) -> "xr.Dataset":
    engine = compile_plan(resolved, 1)
    return in_memory(resolved, 1, members, engine.block(np.arange(members)))


PAGES: dict[str, tuple[Callable[[Model, int], list[str]], int]] = {
    "ablation": (ablation, 60),
    "claims": (claims, 100),
    "libya-2016-forecasts": (forecasts.page, 500),
    "libya-2016-odds": (odds, 400),
    "loops": (loops, 60),
    "targets": (targets, 200),
}


def main(arguments: list[str]) -> int:
    """Write the pages that are named, or all."""
    given = 0
    if "--members" in arguments:
        at = arguments.index("--members")
        given = int(arguments[at + 1])
        arguments = arguments[:at] + arguments[at + 2 :]
    model = read(find("libya-2016"))
    for name in arguments or list(PAGES):
        page, usual = PAGES[name]
        members = given or usual
        made = f"<!-- made by: python -m verification.pages {name} --members {members} -->"
        text = "\n".join([*page(model, members), "", made, ""])
        (DOCS / f"{name}.md").write_text(text, encoding="utf-8")
        print(DOCS / f"{name}.md")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
