"""The command line: one command a verb, no logic of its own."""

import json
import os
import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

import khamsin
from khamsin import cli_claims, cli_displacement, cli_explore, cli_record
from khamsin.cli_options import (
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
)
from khamsin.errors import InputError, KhamsinError
from khamsin.storage import is_remote, place

app = typer.Typer(
    name="khamsin",
    help="Write a conflict down in plain files, run its futures, hold them against the record.",
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
            help="run this scenario; repeat for several, with the same luck", show_default=False
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
    """Run an ensemble of futures; the same command again goes on with one that was interrupted.

    Example: khamsin run libya-2016 --scenario as-it-happened --scenario no-airpower
    """
    from khamsin.terminal import run_and_show

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
        str | None, typer.Option(help="resolve this scenario", show_default=False)
    ] = None,
    known_by: KnownBy = None,
    as_json: AsJson = False,
    trust: Trust = False,
) -> None:
    """Print the resolved plan of a model, or all its faults at once.

    Example: khamsin check ./my-conflict
    """
    from khamsin.describe import describe_plan, plan_as_json
    from khamsin.model import find, read
    from khamsin.plan import plan

    own = read(find(model), trust=trust)
    if known_by is not None:
        from khamsin import hindsight

        known = hindsight.known_by(own, known_by, trust=trust)
        known.refuse(scenario)
        typer.echo("\n".join(known.lines()), err=as_json)
        own = known.model
    resolved = plan(own, scenario, trust=trust)
    typer.echo(json.dumps(plan_as_json(resolved), indent=1) if as_json else describe_plan(resolved))


@app.command()
def show(
    what: Annotated[str, typer.Argument(help="a model (with --step), or a run's folder")],
    step: Annotated[
        bool, typer.Option("--step", help="print the order of the step and the adapters that run")
    ] = False,
    trust: Trust = False,
) -> None:
    """Show the step of a model as it runs, or the ribbons of a run as text.

    Example: khamsin show libya-2016 --step
    """
    if step:
        from khamsin.describe import describe_step
        from khamsin.model import find, read
        from khamsin.plan import plan

        typer.echo(describe_step(plan(read(find(what), trust=trust), trust=trust)))
        return
    from khamsin.terminal import show_run

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
    """Write one offline page with map, ribbons, comparison and sources.

    Example: khamsin report runs/libya-2016-0123456789ab -o report.html
    """
    from khamsin.claims import report_records
    from khamsin.terminal import open_runs
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
    """Compare two scenarios, paired member by member: second minus first.

    Example: khamsin compare RUN/no-airpower.zarr RUN/as-it-happened.zarr
    """
    from khamsin.terminal_effects import show_effects

    show_effects(first, second, as_json)


app.add_typer(cli_displacement.importing, name="import")
app.add_typer(cli_displacement.displacement, name="displacement")
app.command()(cli_record.score)
app.command()(cli_record.forecast)
app.command()(cli_record.calibrate)
app.command()(cli_record.data)
app.command()(cli_claims.claims)
app.command()(cli_claims.loops)
app.command()(cli_explore.explore)
app.command()(cli_explore.discover)
app.command()(cli_explore.rank)
app.command()(cli_explore.evidence)


@app.command()
def plot(
    run: Annotated[
        Path, typer.Argument(parser=place, help="a run's folder, or a scenario's store")
    ],
    variable: Annotated[str, typer.Option(help="a recorded variable")],
    where: Annotated[
        list[str] | None,
        typer.Option(help="place:SIRT, actor:ISL, country:LY; repeat", show_default=False),
    ] = None,
    output: Annotated[Path, typer.Option("-o", "--output", help=".svg, .png or .pdf")] = Path(
        "plot.svg"
    ),
) -> None:
    """Draw the ribbons of a variable, one band for each scenario of the run.

    Example: khamsin plot RUN --variable fighters --where actor:ISL -o fighters.png
    """
    from khamsin.terminal import open_runs
    from khamsin.view.charts import fan
    from khamsin.view.pictures import save

    typer.echo(save(fan(open_runs([run]), variable, _ids(where)), output))


@app.command()
def serve(
    folder: Annotated[Path, typer.Argument(help="folder of models and runs")] = Path("."),
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port to listen on")] = 8000,
    trust: Trust = False,
) -> None:
    """Serve the web app: models, runs, results and comparisons on this machine.

    Example: khamsin serve --port 8000
    """
    try:
        from khamsin.view.web import serve as serve_forever
    except ImportError as error:
        raise InputError(
            f"the web app needs its extra: pip install 'khamsin[web]' ({error})"
        ) from None
    serve_forever(folder, host=host, port=port, trust=trust)


@app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """List the installed models.

    Example: khamsin list --json
    """
    from khamsin.model import installed

    found = installed()
    if as_json:
        typer.echo(
            json.dumps([{"name": n, "title": t, "path": str(p)} for n, t, p in found], indent=1)
        )
    else:
        for name, title, _ in found:
            typer.echo(f"{name:16} {title}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of a model file, for an editor.

    Example: khamsin schema > model.schema.json
    """
    from khamsin.model import schema as model_schema

    typer.echo(json.dumps(model_schema(), indent=1))


@app.command()
def new(name: Annotated[str, typer.Argument(help="the folder to make")]) -> None:
    """Write a small working model with comments.

    Example: khamsin new my-conflict
    """
    from khamsin.new import write_new

    folder = write_new(Path(name))
    there = str(folder) if folder.is_absolute() else f"./{folder}"
    typer.echo(f"{folder} is written. Now: khamsin run {shlex.quote(there)}")


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Say what this machine has for khamsin, and what is missing.

    Example: khamsin doctor
    """
    from dataclasses import asdict

    from khamsin.doctor import examine

    found = examine()
    if as_json:
        typer.echo(json.dumps([asdict(f) for f in found], indent=1))
    else:
        for f in found:
            typer.echo(f"{f.state:8} {f.name:14} {f.found}{'. ' + f.hint if f.hint else ''}")
    raise typer.Exit(int(any(f.state == "missing" for f in found)))


def _answers(given: list[str] | None) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for text in given or ():
        question, equals, answers = text.partition("=")
        if not equals or not answers:
            raise InputError(f"--answer takes QUESTION=ANSWER, not {text!r}")
        found[question.strip()] = tuple(a.strip() for a in answers.split(","))
    return found


def _ids(given: list[str] | None) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in given or ():
        kind, colon, name = text.partition(":")
        if not colon or not name:
            raise InputError(f"--where takes KIND:ID like place:SIRT, not {text!r}")
        found.setdefault(kind, []).append(name)
    return found


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; every error of khamsin ends in clear lines and its exit code, never a
    traceback."""
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
