"""Scores in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from khamsin import printed
from khamsin.hindcast.page import number, skill_text
from khamsin.hindcast.scoring import Table

if TYPE_CHECKING:
    import xarray as xr

FEW = 10  # first particles with descendants, below which odds are told to rest on luck


def print_table(ds: xr.Dataset, table: Table) -> None:
    """Print a table of scores by series and horizon, and what was left out."""
    from rich.table import Table as Grid

    console = _console()
    grid = Grid(title=f"{ds.attrs['title']}: {ds.attrs['scenario']}", title_justify="left")
    for heading in ("series", "months", "points", "CRPS", "skill", "covers", "width"):
        left = heading in ("series", "skill")
        grid.add_column(heading, justify="left" if left else "right", no_wrap=True)
    for s in table.scores:
        grid.add_row(
            f"{s.series} ({s.unit})" if s.horizon == "all" else "",
            s.horizon,
            str(s.points),
            f"{number(s.crps)} ± {number(s.error)}",
            skill_text(s, s.against, short=True),
            f"{100 * s.coverage:.0f} %",
            number(s.width),
        )
    printed.print_table(console, grid)
    if table.scores:
        console.print(
            f"{table.scores[0].label}, ± Monte-Carlo error; for yes or no it is the Brier score. "
            "Skill: against the benchmark named beforehand, with its 95 % block-bootstrap interval "
            "(no difference when it includes zero). Covers: share of records in the 90 % interval.",
            style="dim",
            highlight=False,
        )
    for note in table.notes:
        console.print(f"- {note}", style="dim", highlight=False)
    print(f"origin: {table.origin}")
    print(f"series: {len({s.series for s in table.scores})}")
    print(f"points: {sum(s.points for s in table.scores if s.horizon == 'all')}")


def print_odds(evidence: dict[str, Any]) -> None:
    """Print what the record says of the hypotheses, and how far the filter can be trusted."""
    _print_answers(evidence)
    least = min((step["effective"] for step in evidence["steps"]), default=float("nan"))
    print(f"log_evidence: {evidence['log_evidence']:.2f}")
    print(f"least_effective_members: {least:.1f}")


def print_posterior(found: dict[str, Any]) -> None:
    """Print odds, the parameters that moved most, predictive checks and diagnostics."""
    from rich.table import Table as Grid

    _print_answers(found)
    console = _console()
    grid = Grid(title="Parameters: 5, 50 and 95 % before and after", title_justify="left")
    for heading in ("parameter", "prior", "posterior", "R-hat"):
        grid.add_column(heading, justify="left" if heading == "parameter" else "right")
    for each in sorted(found["parameters"], key=_narrowed)[:20]:
        texts = [", ".join(number(x) for x in each[k]) for k in ("prior", "posterior")]
        hat = each["r_hat"]
        grid.add_row(each["name"], *texts, "?" if hat is None else f"{hat:.2f}")
    printed.print_table(console, grid)
    for each in found["predictive"]:
        console.print(
            f"{each['series']}: {100 * each['inside_90']:.0f} % of {each['rows']} rows in the 90 % "
            f"range of the posterior; P(sum as large) {each['p_sum']:.2f}, "
            f"P(peak as large) {each['p_peak']:.2f}",
            highlight=False,
        )
    error = found["log_evidence_error"]
    print(f"log_evidence: {found['log_evidence']:.2f}{'' if error is None else f' ± {error:.2f}'}")
    print(f"ancestors_left: {min(found['ancestors_left'])}")
    if min(found["ancestors_left"]) < FEW:
        print(
            f"fewer than {FEW} first particles have descendants: odds may rest on luck; take more"
        )


def _narrowed(each: dict[str, Any]) -> float:
    """Return how much of the prior's range is left: the record spoke on what is small."""
    before = each["prior"][2] - each["prior"][0]
    return (each["posterior"][2] - each["posterior"][0]) / before if before > 0 else 1.0


def _console() -> Any:
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=120)


def _print_answers(found: dict[str, Any]) -> None:
    from rich.table import Table as Grid

    if not found["odds"]:
        return
    console = _console()
    grid = Grid(title="What the record says of the hypotheses", title_justify="left")
    for heading in ("question", "answer", "prior", "posterior", "factor", "families"):
        left = heading in ("question", "answer")
        grid.add_column(heading, justify="left" if left else "right")
    for each in found["odds"]:
        error = each["error"]
        grid.add_row(
            each["question"],
            each["answer"],
            f"{each['prior']:.2f}",
            f"{each['posterior']:.2f} ± {'?' if error is None else f'{error:.2f}'}",
            "?" if each["factor"] is None else f"{each['factor']:.2g}",
            str(each["families"]),
        )
    printed.print_table(console, grid)
    console.print(
        "factor: posterior odds over prior odds; families: first ancestors left, of whom few mean "
        "that ± says little",
        style="dim",
        highlight=False,
    )
