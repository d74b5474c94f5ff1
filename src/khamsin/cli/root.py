"""The command itself, and the verbs that check, run, show and compare."""

import gc
import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

import khamsin
from khamsin.cli import claims, displacement, explore, record, setup
from khamsin.cli.options import (
    AsJson,
    Block,
    Cluster,
    Folder,
    KnownBy,
    Members,
    ModelArg,
    Seed,
    Threads,
    Trust,
    complete_scenario,
)
from khamsin.errors import InputError, KhamsinError
from khamsin.storage import is_remote, place

app = typer.Typer(
    name="khamsin",
    help="Write a conflict down in plain files, run its futures, hold them against the record.",
    epilog="""\b
To begin:
  khamsin new my-conflict      a small working model, to be changed
  khamsin check ./my-conflict  what it says, or where it is at fault
  khamsin run ./my-conflict    its futures: a table, a page for the browser
\b
khamsin VERB --help has examples of each verb.""",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Without = Annotated[
    list[str] | None,
    typer.Option(help="switch this part of the model off; repeat", show_default=False),
]
Answer = Annotated[
    list[str] | None,
    typer.Option(
        "--answer",
        help="QUESTION=ANSWER[,ANSWER]: members hold these answers in turn",
        show_default=False,
    ),
]


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"khamsin {khamsin.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version")
    ] = False,
) -> None:
    pass


@app.command()
def run(
    model: ModelArg,
    members: Members = 1000,
    seed: Seed = 1,
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            help="run this scenario; repeat for several, with the same luck; "
            "the model's first when not given",
            autocompletion=complete_scenario,
            show_default=False,
        ),
    ] = None,
    since: Annotated[str, typer.Option("--from", help="origin, start, or a date")] = "origin",
    answer: Answer = None,
    without: Without = None,
    known_by: KnownBy = None,
    halve_step: Annotated[
        bool, typer.Option("--halve-step", help="run with half the step too; show the difference")
    ] = False,
    output: Folder = None,
    threads: Threads = None,
    cluster: Cluster = None,
    block: Block = 50,
    as_json: AsJson = False,
    trust: Trust = False,
    make_report: Annotated[
        bool, typer.Option("--report/--no-report", help="write report.html beside the ensembles")
    ] = True,
    yes: Annotated[
        bool, typer.Option("--yes", help="go on although it will need much space")
    ] = False,
) -> None:
    """Run an ensemble of futures. The same command again goes on where one was interrupted.

    \b
    Examples:
      khamsin run libya-2016
      khamsin run ./my-conflict --scenario as-it-is --scenario air-campaign -o runs/air
      khamsin run libya-2016 --members 200 --known-by 2016-05-17 --json
    """
    from khamsin.cli.printed_run import run_and_show

    raise typer.Exit(
        run_and_show(
            model,
            as_json=as_json,
            members=members,
            seed=seed,
            scenarios=tuple(scenario or ()),
            since=since,
            live=_answers(answer),
            without=tuple(without or ()),
            known_by=known_by,
            halve_step=halve_step,
            folder=output,
            threads=threads,
            cluster=cluster,
            block=block,
            trust=trust,
            yes=yes,
            make_report=make_report,
        )
    )


@app.command()
def check(
    model: ModelArg,
    scenario: Annotated[
        str | None,
        typer.Option(
            help="resolve this scenario", autocompletion=complete_scenario, show_default=False
        ),
    ] = None,
    known_by: KnownBy = None,
    as_json: AsJson = False,
    trust: Trust = False,
) -> None:
    """Print the resolved plan of a model, or all its faults.

    \b
    Examples:
      khamsin check ./my-conflict
      khamsin check libya-2016 --scenario airpower
    """
    from khamsin.describe import describe_plan, plan_as_json
    from khamsin.model import find, read
    from khamsin.parameter_bounds import refuse_impossible
    from khamsin.plan import plan

    own = read(find(model), trust=trust)
    if known_by is not None:
        from khamsin import hindsight

        known = hindsight.known_by(own, known_by, trust=trust)
        known.refuse(scenario)
        typer.echo("\n".join(known.lines()), err=as_json)
        own = known.model
    resolved = plan(own, scenario, trust=trust)
    refuse_impossible(resolved)
    typer.echo(json.dumps(plan_as_json(resolved), indent=1) if as_json else describe_plan(resolved))


@app.command()
def show(
    what: Annotated[str, typer.Argument(help="a model (with --step), or a run's folder")],
    step: Annotated[
        bool, typer.Option("--step", help="print the order of the step and the adapters that run")
    ] = False,
    trust: Trust = False,
) -> None:
    """Show the step of a model, or the ribbons of a run as text.

    \b
    Examples:
      khamsin show libya-2016 --step
      khamsin show runs/air
    """
    if step:
        from khamsin.describe import describe_step
        from khamsin.model import find, read
        from khamsin.plan import plan

        typer.echo(describe_step(plan(read(find(what), trust=trust), trust=trust)))
        return
    from khamsin.cli.printed_run import show_run

    show_run(place(what))


@app.command()
def report(
    runs: Annotated[
        list[Path], typer.Argument(parser=place, help="folders of runs, or stores of scenarios")
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="the file", show_default=False)
    ] = None,
) -> None:
    """Write one offline page: map, ribbons, comparison, sources.

    \b
    Examples:
      khamsin report runs/air
      khamsin report RUN/none.zarr RUN/airpower.zarr -o report.html
    """
    from khamsin.claims import report_records
    from khamsin.cli.printed_run import open_runs
    from khamsin.view.report import write

    opened = open_runs(runs)
    page = output or (Path() if is_remote(runs[0]) else runs[0]) / "report.html"
    typer.echo(write(opened, page, claims=report_records(opened)))


@app.command()
def compare(
    first: Annotated[
        Path, typer.Argument(parser=place, help="a scenario's store, RUN/SCENARIO.zarr")
    ],
    second: Annotated[Path, typer.Argument(parser=place, help="another, run with the same seed")],
    as_json: AsJson = False,
) -> None:
    """Compare two scenarios, paired by member: second minus first.

    \b
    Examples:
      khamsin compare RUN/no-airpower.zarr RUN/as-it-happened.zarr
      khamsin compare RUN/no-airpower.zarr RUN/as-it-happened.zarr --json > effects.json
    """
    from khamsin.cli.printed_effects import show_effects

    show_effects(first, second, as_json)


app.add_typer(displacement.importing, name="import")
app.add_typer(displacement.displacement, name="displacement")
app.command()(record.score)
app.command()(record.forecast)
app.command()(record.calibrate)
app.command()(record.data)
app.command()(claims.claims)
app.command()(claims.loops)
app.command()(explore.explore)
app.command()(explore.discover)
app.command()(explore.rank)
app.command()(explore.evidence)


@app.command()
def plot(
    run: Annotated[
        Path, typer.Argument(parser=place, help="a run's folder, or a scenario's store")
    ],
    variable: Annotated[str, typer.Option(help="a recorded variable")],
    where: Annotated[
        list[str] | None,
        typer.Option(
            help="place:SIRT, actor:ISL, country:IT, or a name: italy; repeat", show_default=False
        ),
    ] = None,
    output: Annotated[Path, typer.Option("-o", "--output", help=".svg, .png or .pdf")] = Path(
        "plot.svg"
    ),
) -> None:
    """Draw the ribbons of a variable, one band for each scenario.

    \b
    Examples:
      khamsin plot RUN --variable fighters --where actor:ISL -o fighters.png
      khamsin plot RUN/none.zarr --variable arrivals --where italy -o arrivals.svg
    """
    from khamsin.cli.printed_run import open_runs
    from khamsin.naming import meant
    from khamsin.view.charts import fan
    from khamsin.view.pictures import save

    opened = open_runs([run])
    typer.echo(save(fan(opened, variable, meant(opened[0], where or [])), output))


@app.command()
def serve(
    folder: Annotated[Path, typer.Argument(help="folder of models and runs")] = Path("."),
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port to listen on")] = 8000,
    trust: Trust = False,
) -> None:
    """Serve the web app: models, runs and comparisons, live.

    \b
    Examples:
      khamsin serve
      khamsin serve my-folder --port 8001
    """
    try:
        from khamsin.view.web import serve as serve_forever
    except ImportError as error:
        raise InputError(
            f"the web app needs its extra: pip install 'khamsin[web]' ({error})"
        ) from None
    serve_forever(folder, host=host, port=port, trust=trust)


app.command("list")(setup.list_models)
app.command()(setup.schema)
app.command()(setup.new)
app.command()(setup.doctor)


def _answers(given: list[str] | None) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for text in given or ():
        question, equals, answers = text.partition("=")
        if not equals or not answers:
            raise InputError(f"--answer takes QUESTION=ANSWER, not {text!r}")
        found[question.strip()] = tuple(a.strip() for a in answers.split(","))
    return found


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; every error of khamsin ends in clear lines and its exit code, never a
    traceback."""
    # Modules and models live to the end: walking them for garbage takes a tenth of a short run.
    gc.set_threshold(50_000, 20, 20)
    try:
        return app(arguments, prog_name="khamsin")
    except KhamsinError as error:
        print(str(error), file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        sys.exit(130)
    except Exception as error:
        if os.environ.get("KHAMSIN_DEBUG"):
            raise
        what = " ".join(f"{type(error).__name__}: {error}".split())
        if "decompression" in what:
            what = (
                "a chunk of an ensemble is damaged; the command that made the run, given again, "
                "names it and says what to delete"
            )
        print(f"khamsin failed: {what}. KHAMSIN_DEBUG=1 shows where", file=sys.stderr)
        sys.exit(1)
