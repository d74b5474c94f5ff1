"""What the terminal shows of an exploration."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from khamsin.printed import print_table

if TYPE_CHECKING:
    from khamsin.exploration.discovery import Box
    from khamsin.exploration.evidence import Value
    from khamsin.exploration.ranking import Standing
    from khamsin.verbs.explore import Discovered, Explored

MOST = 15  # lines of the screening
FEW = 10  # futures, of which it is too easy to say what they share
WHOLE = (
    "factor",
    "claim",
    "what",
    "under",
    "through",
    "question",
    "answer",
    "scenario",
)  # not broken


def print_explored(found: "Explored") -> None:
    """Print which assumption carries an outcome, and which sentence."""
    low, middle, high = found.band
    sources = {f.name: f.source for f in found.factors}
    print(f"{found.outcome}: {middle:,.4g} (90 %: {low:,.4g} to {high:,.4g}), {found.runs} futures")
    rows = [
        (
            s.name,
            f"{s.first:.2f} ± {s.first_error:.2f}",
            f"{s.total:.2f} ± {s.total_error:.2f}",
            f"{len(s.members)} factors" if len(s.members) > 1 else sources.get(s.name, ""),
        )
        for s in found.shares
    ]
    _print(
        "Which assumption carries it: shares of the variance (Sobol, 95 %)",
        ("factor", "alone", "with others", "rests on"),
        rows,
        right=(1, 2),
    )
    screened = [
        (s.name, f"{s.mean:,.4g} ± {_error(s.error)}", f"{s.spread:,.4g}", sources.get(s.name, ""))
        for s in found.screened[:MOST]
        if s.mean > 0
    ]
    _print(
        f"Screening (Morris): mean absolute change, the strongest {len(screened)} of"
        f" {len(found.screened)}",
        ("factor", "moves it by", "spread", "rests on"),
        screened,
        right=(1, 2),
    )
    answers = [
        (a.question, a.answer, f"{a.mean:,.4g} ± {_error(a.error)}", str(a.futures))
        for a in found.answers
    ]
    if answers:
        _print(
            "The outcome's mean under each answer (± one standard error)",
            ("question", "answer", "mean", "futures"),
            answers,
            right=(2, 3),
        )
    _print_sentences(found)


def _print_sentences(found: "Explored") -> None:
    rows = [
        (
            s.claim if s.number is None else f"{s.claim} (sentence {s.number})",
            s.says,
            f"{s.moves:,.4g} ± {_error(s.error)}",
            s.factor,
            "" if s.share is None else f"{s.share:.2f}",
        )
        for s in found.sentences[:MOST]
    ]
    if rows:
        _print(
            f"Which sentence moves it: the strongest {len(rows)} of {len(found.sentences)} claims",
            ("claim", "says", "moves it by", "through", "share"),
            rows,
            right=(2, 4),
        )


def print_discovered(found: "Discovered", scenario: str, against: str) -> None:
    """Print where a scenario backfires."""
    print(f"backfires: {found.cases:.3f}")
    print(
        f"{scenario} does worse than {against} on {found.outcome} in {found.cases:.0%} "
        f"of {found.futures} paired futures"
    )
    cases = round(found.cases * found.futures)
    if min(cases, found.futures - cases) < FEW:
        print(
            f"only {min(cases, found.futures - cases)} futures on one side: what tells them apart "
            "may be luck; take more members"
        )
    for box in found.boxes:
        print(
            f"\n{box.method}: coverage {box.coverage:.2f}, density {box.density:.2f}, "
            f"{box.mass:.0%} of the futures"
        )
        for line in limits(box):
            print(f"  {line}")


def limits(box: "Box") -> list[str]:
    """Put the restrictions of a box into words."""
    lines = []
    for one in box.limits:
        if one.answers:
            text = f"{one.name} is {' or '.join(one.answers)}"
        elif one.high > 0.995:
            text = f"{one.name} above the {one.low:.0%} quantile of its prior"
        elif one.low < 0.005:
            text = f"{one.name} below the {one.high:.0%} quantile of its prior"
        else:
            text = f"{one.name} between the {one.low:.0%} and the {one.high:.0%} quantile"
        chance = f" (by chance: {one.by_chance:.2g})" if one.by_chance == one.by_chance else ""
        lines.append(text + chance)
    return lines or ["no restriction tells cases from other futures"]


def print_ranking(standings: "Sequence[Standing]", out: set[str]) -> None:
    """Print the scenarios by the regret that their worst answer brings."""
    for outcome in dict.fromkeys(s.outcome for s in standings):
        rows = [
            (
                s.scenario + ("\n(dominated)" if s.scenario in out else ""),
                f"{s.mean:,.4g}",
                f"{s.regret:,.4g}",
                f"{s.regret_95:,.4g}",
                f"{s.worst_regret:,.4g}",
                s.worst_answer,
                f"{s.best_in:.2f}",
                "" if s.satisfices != s.satisfices else f"{s.satisfices:.2f}",
            )
            for s in standings
            if s.outcome == outcome
        ]
        _print(
            f"Least bad when nobody knows which answer is true: {outcome}",
            ("scenario", "mean", "regret", "95 %", "at worst", "under", "best", "enough"),
            rows,
            right=(1, 2, 3, 4, 6, 7),
        )
    print("regret: how much worse than the best scenario in the same future")


def print_evidence(outcome: str, found: "Sequence[Value]") -> None:
    """Print what knowing each thing would settle."""
    rows = []
    for value in found:
        said = "; ".join(f"{name}: {mean:,.4g}" for name, _, mean in value.classes)
        rows.append((value.name, f"{value.share:.2f} ± {value.error:.2f}", said))
    _print(
        f"What knowing it would take away of the variance of {outcome}",
        ("what", "share", "what it might say: mean of the outcome then"),
        rows,
        right=(1,),
    )
    if found:
        print(reasoning(outcome, found[0]))


def reasoning(outcome: str, value: "Value") -> str:
    """Say in a sentence why a piece of evidence is worth what it is."""
    if value.share < 2.0 * value.error or len(value.classes) < 2:
        return (
            f"Nothing of this is known to settle anything: the most telling, {value.name}, would "
            f"take away {value.share:.0%} ± {value.error:.0%} of the variance."
        )
    low, high = (f(value.classes, key=lambda c: c[2]) for f in (min, max))
    return (
        f"{value.name} would settle most: {outcome} is {low[2]:,.4g} on average where it says "
        f"{low[0]} (weight {low[1]:.2f}) and {high[2]:,.4g} where it says {high[0]} "
        f"(weight {high[1]:.2f}); knowing which is expected to take away {value.share:.0%} "
        f"± {value.error:.0%} of the variance, and leaves the rest."
    )


def _print(
    title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()
) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for k, heading in enumerate(headings):
        whole = k in right or heading in WHOLE
        side: Any = "right" if k in right else "left"
        table.add_column(heading, justify=side, no_wrap=whole, overflow="fold")
    for row in rows:
        table.add_row(*row)
    print_table(Console(markup=False), table)  # names in brackets are names


def _error(value: float) -> str:
    """Write an error with two figures, and never as a power of ten: 290, not 2.9e+02."""
    text = f"{value:.2g}"
    return f"{float(text):,.0f}" if abs(value) >= 100 else text


def chart(found: "Explored") -> Any:
    """Draw the shares of the variance with their intervals, as an Altair chart."""
    from khamsin.view.charts import sensitivity

    rows = [
        {
            "label": s.name,
            "low": max(0.0, s.total - s.total_error),
            "median": max(0.0, s.total),
            "high": s.total + s.total_error,
        }
        for s in found.shares
    ]
    return sensitivity(rows, title=f"Share of the variance of {found.outcome}")
