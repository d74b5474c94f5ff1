"""The verbs that ask what carries a result: explore, discover, rank, evidence; registered by
`khamsin.cli`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from khamsin.cli.options import AsJson, Members, ModelArg, Seed, Trust
from khamsin.errors import InputError

OutcomeOption = Annotated[
    str, typer.Option(help="what is measured, like 'fighters.end[actor:ISL]'", show_default=False)
]
Scenarios = Annotated[
    list[str] | None, typer.Option("--scenario", help="scenario; repeat", show_default=False)
]
Better = Annotated[str, typer.Option(help="which is better: high or low", show_default=False)]


def explore(
    model: ModelArg,
    outcome: OutcomeOption,
    scenario: Scenarios = None,
    trajectories: Annotated[int, typer.Option(help="of the screening of all factors")] = 8,
    strongest: Annotated[int, typer.Option(help="factors with a share of their own")] = 8,
    size: Annotated[int, typer.Option(help="of the Sobol design, a power of two")] = 64,
    seed: Seed = 1,
    chart: Annotated[
        Path | None, typer.Option("-o", "--output", help="draw it: .svg, .png or .pdf")
    ] = None,
    as_json: AsJson = False,
    trust: Trust = False,
) -> None:
    """Say which assumption carries an outcome. Morris screening first, then Sobol indices.

    \b
    Examples:
      khamsin explore libya-2016 --outcome 'fighters.end[actor:ISL]'
      khamsin explore ./my-conflict --scenario as-it-is --outcome battle_deaths.total
    """
    _needs("SALib")
    from khamsin.exploration import printed
    from khamsin.verbs import explore as verbs

    with _progress() as (progress, tell):
        found = verbs.explore(
            model,
            outcome,
            scenario or (),
            trajectories=trajectories,
            strongest=strongest,
            size=size,
            seed=seed,
            trust=trust,
            progress=progress,
            tell=tell,
        )
    if chart is not None:
        from khamsin.view.pictures import save

        save(printed.chart(found), chart)
    if as_json:
        print(json.dumps(asdict(found), indent=1))
        return
    printed.print_explored(found)
    if chart is not None:
        print(chart)


def discover(
    model: ModelArg,
    outcome: OutcomeOption,
    scenario: Annotated[str, typer.Option(help="the intervention", show_default=False)],
    against: Annotated[str, typer.Option(help="what it is held against", show_default=False)],
    better: Better,
    members: Annotated[int, typer.Option(help="number of paired futures")] = 500,
    seed: Seed = 1,
    as_json: AsJson = False,
    trust: Trust = False,
) -> None:
    """Find the futures in which an intervention backfires. Says what they share (PRIM, CART).

    \b
    Examples:
      khamsin discover libya-2016 --outcome battle_deaths.total --scenario airpower \\
        --against none --better low
    """
    _needs("ema_workbench")
    from khamsin.exploration import printed
    from khamsin.verbs import explore as verbs

    with _progress() as (progress, tell):
        found = verbs.discover(
            model,
            outcome,
            scenario,
            against,
            wanted=_side(better),
            members=members,
            seed=seed,
            trust=trust,
            progress=progress,
            tell=tell,
        )
    if as_json:
        print(json.dumps(asdict(found), indent=1).replace("NaN", "null"))
        return
    printed.print_discovered(found, scenario, against)


def rank(
    model: ModelArg,
    scenario: Scenarios = None,
    outcome: Annotated[
        list[str] | None,
        typer.Option(help="'high:OUTCOME' or 'low:OUTCOME', which is better; repeat"),
    ] = None,
    enough: Annotated[
        list[str] | None, typer.Option(help="NUMBER from which an outcome is good enough, in order")
    ] = None,
    members: Members = 500,
    seed: Seed = 1,
    as_json: AsJson = False,
    trust: Trust = False,
) -> None:
    """Rank scenarios by regret over futures: which is least bad?

    \b
    Examples:
      khamsin rank libya-2016 --scenario none --scenario airpower \\
        --outcome low:civilian_deaths.total
    """
    from khamsin.exploration import printed
    from khamsin.exploration.futures import parse_outcomes, variables_of
    from khamsin.exploration.ranking import dominated
    from khamsin.verbs import explore as verbs

    if not scenario or len(set(scenario)) < 2:
        raise InputError("ranking needs at least two scenarios: --scenario A --scenario B")
    if not outcome:
        raise InputError("say what is wanted: --outcome 'low:civilian_deaths.total'")
    sides, texts = zip(*(one.partition(":")[::2] for one in outcome), strict=True)
    better = [_side(side) for side in sides]
    record = variables_of(parse_outcomes(texts))
    thresholds = [_number(one) for one in enough or ()]
    with _run(model, scenario, record, members, seed, trust) as done:
        found = verbs.rank(done, texts, better, thresholds)
    if as_json:
        print(json.dumps([asdict(s) for s in found], indent=1).replace("NaN", "null"))
        return
    printed.print_ranking(found, dominated(found))


def evidence(
    model: ModelArg,
    outcome: OutcomeOption,
    observation: Annotated[
        list[str] | None,
        typer.Option(help="what could be observed, in the same language; repeat"),
    ] = None,
    scenario: Annotated[str | None, typer.Option(help="scenario", show_default=False)] = None,
    members: Members = 1000,
    seed: Seed = 1,
    as_json: AsJson = False,
    trust: Trust = False,
) -> None:
    """Say what knowing each thing would settle. Questions answered, and quantities observed.

    \b
    Examples:
      khamsin evidence libya-2016 --outcome 'fighters.end[actor:ISL]' \\
        --observation 'strike_deaths.total[to:2016-12]'
    """
    from khamsin.exploration import printed
    from khamsin.exploration.futures import parse_outcomes, variables_of
    from khamsin.verbs import explore as verbs

    record = variables_of(parse_outcomes([outcome, *(observation or ())]))
    with _run(model, [scenario] if scenario else [], record, members, seed, trust) as done:
        found = verbs.evidence(done, outcome, observation or (), seed=seed)
    if as_json:
        print(json.dumps([asdict(v) for v in found], indent=1))
        return
    printed.print_evidence(outcome, found)


@contextmanager
def _run(
    model: str, scenarios: list[str], record: list[str], members: int, seed: int, trust: bool
) -> Iterator[Any]:
    """Run scenarios with the same luck, all answers live, into a folder that is gone afterwards."""
    from dataclasses import replace
    from tempfile import TemporaryDirectory

    from khamsin.model import find, read
    from khamsin.verbs.run import run

    own = read(find(model), trust=trust)
    own = replace(own, outputs=replace(own.outputs, variables=sorted(record), every="month"))
    live = {q: tuple(h.answers) for q, h in own.hypotheses.items()}
    with TemporaryDirectory(prefix="khamsin-explore-") as folder:
        with _progress() as (progress, tell):
            done = run(
                own,
                scenarios=scenarios,
                members=members,
                seed=seed,
                live=live,
                folder=Path(folder) / "run",
                trust=trust,
                tell=tell,
                progress=lambda p: progress(p.done, p.members),
            )
        yield done


@contextmanager
def _progress() -> Iterator[Any]:
    from rich.console import Console

    console = Console(stderr=True)
    with console.status("starting") as status:
        yield (
            lambda done, of: status.update(f"{done} of {of} futures"),
            console.print,
        )


def _side(text: str) -> Any:
    if text not in ("high", "low"):
        raise InputError(f"{text!r} is neither high nor low: say which of the outcome is better")
    return text


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"--enough takes a number, not {text!r}") from None


def _needs(module: str) -> None:
    from importlib.util import find_spec

    if find_spec(module) is None:
        raise InputError("this verb needs the extra: pip install 'khamsin[explore]'")
