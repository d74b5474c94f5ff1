"""Write the pages of docs/ that hold numbers: python -m verification.pages [ablation|claims|loops].

Each page says how it was made, so that its numbers can be made again. The parts and claims of
libya-2016 are those of its model.yaml and claims.yaml.
"""

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from khamsin.model import Model, find, read

DOCS = Path(__file__).parent.parent / "docs"
RUNS = Path("runs")


def _number(x: float | None) -> str:
    return "" if x is None or x != x else f"{x:,.3g}" if abs(x) < 1000 else f"{x:,.0f}"


def ablation(model: Model, members: int) -> list[str]:
    """Each part off against on, and the series that is observed of it."""
    from khamsin.ablation import ablate

    rows = ablate(model, "none", members=members, tell=print)
    still = sorted({r.title for r in rows} - {r.title for r in rows if r.moves})
    lines = [
        "# Each part switched off",
        "",
        f"Means of {members} members of `none` with every part and without one; `khamsin run "
        "libya-2016 --without PART` does the same. Off minus on is paired by member; a series "
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
        f"Made from {members} members a future: `khamsin claims libya-2016 --members {members}`. "
        + ", ".join(f"{word}: {count}" for word, count in counts.most_common())
        + ".",
        "",
        "| claim | says | verdict | number or difference (90 %) | P | note | record |",
        "|---|---|---|---|---|---|---|",
    ]
    for v in verdicts:
        number = ""
        if v["median"] is not None:
            number = f"{_number(v['median'])} ({_number(v['low'])} to {_number(v['high'])})"
        p = "" if v["probability"] is None else f"{v['probability']:.2f}"
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


PAGES: dict[str, tuple[Callable[[Model, int], list[str]], int]] = {
    "ablation": (ablation, 60),
    "claims": (claims, 100),
    "loops": (loops, 60),
}


def main(names: list[str]) -> int:
    """Write the pages that are named, or all."""
    model = read(find("libya-2016"))
    for name in names or list(PAGES):
        page, members = PAGES[name]
        made = f"<!-- made by: python -m verification.pages {name} -->"
        text = "\n".join([*page(model, members), "", made, ""])
        (DOCS / f"{name}.md").write_text(text, encoding="utf-8")
        print(DOCS / f"{name}.md")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
