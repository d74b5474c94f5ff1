"""The verbs of displacement by days: import flee, displacement score, displacement conflicts."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from khamsin.cli.options import AsJson, Members, Seed
from khamsin.errors import InputError

importing = typer.Typer(no_args_is_help=True, help="Turn another project's files into a model.")
displacement = typer.Typer(no_args_is_help=True, help="Displacement by days: scores and exports.")


@importing.command("flee")
def import_flee(
    folder: Annotated[Path, typer.Argument(help="a case of Flee: input_csv and source_data")],
    output: Annotated[Path, typer.Option("-o", "--output", help="the model folder to write")],
    counts: Annotated[
        Path | None,
        typer.Option(help="folder of data_layout.csv, where it lies elsewhere", show_default=False),
    ] = None,
    settings: Annotated[
        Path | None, typer.Option(help="a simsetting.yml of Flee", show_default=False)
    ] = None,
    days: Annotated[
        int | None, typer.Option(help="only the first so many days", show_default=False)
    ] = None,
    known: Annotated[
        int | None,
        typer.Option(help="days a leak-free forecast knows; else a third", show_default=False),
    ] = None,
) -> None:
    """Write a model from a case of Flee, and name what was not read.

    \b
    Examples:
      khamsin import flee mali2012 -o mali
    """
    from khamsin.displacement import import_flee as write

    case = write(folder, output, counts, settings, days, known)
    for what in case.unread:
        typer.echo(f"not read: {what}")
    typer.echo(
        f"{len(case.locations)} places, {len(case.roads)} roads, {len(case.camps)} camps with "
        f"counts, {case.length} days from {case.start}"
    )
    typer.echo(str(output))


@displacement.command()
def score(
    models: Annotated[list[Path], typer.Argument(help="folders that khamsin import flee wrote")],
    members: Members = 40,
    seed: Seed = 1,
    flee: Annotated[
        Path | None,
        typer.Option(
            help="folder of cases: CASE/flee_output holds what Flee itself printed",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="write the page (Markdown)", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score cases twice: as Flee does it, and without hindsight.

    \b
    Examples:
      khamsin displacement score mali burundi --members 40 -o displacement.md
    """
    from khamsin.displacement.output import writing
    from khamsin.displacement.page import page
    from khamsin.displacement.running import open_case
    from khamsin.displacement.scoring import as_json as plain
    from khamsin.displacement.scoring import as_table, score_case

    if members < 2:
        raise InputError(f"--members must be at least 2, not {members}")
    if output is not None and not output.parent.is_dir():
        raise InputError(f"there is no folder {output.parent} to write {output.name} into")
    rows = []
    for model in models:
        case = open_case(model)
        printed = flee / case.model.name / "flee_output" if flee else None
        if printed is not None and not printed.is_dir():
            raise InputError(f"there is no folder {printed}")
        rows += score_case(case, members, seed, printed, lambda text: print(text, file=sys.stderr))
    typer.echo(json.dumps(plain(rows), indent=1) if as_json else as_table(rows))
    if output is not None:
        with writing(output):
            output.write_text(page(rows, members), encoding="utf-8")
        typer.echo(str(output), err=as_json)


@displacement.command()
def conflicts(
    store: Annotated[Path, typer.Argument(help="a scenario's store, RUN/SCENARIO.zarr")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="folder, or a file for one member")
    ] = Path("conflicts"),
    member: Annotated[
        int | None, typer.Option(help="one member; all when not given", show_default=False)
    ] = None,
    variable: Annotated[str, typer.Option(help="a flow of fighting")] = "battle_deaths",
    threshold: Annotated[
        float, typer.Option(help="from this on a place is a conflict zone in a period")
    ] = 1.0,
) -> None:
    """Write conflicts.csv of Flee: a row a day, a column a place.

    \b
    Examples:
      khamsin displacement conflicts RUN/none.zarr --member 7 -o conflicts.csv
    """
    from khamsin.displacement import write_conflicts
    from khamsin.ensemble import open_ensemble

    ensemble = open_ensemble(store)
    if member is not None:
        typer.echo(
            write_conflicts(ensemble, output, member=member, variable=variable, threshold=threshold)
        )
        return
    for m in range(ensemble.sizes["member"]):
        file = output / f"member{m}" / "conflicts.csv"
        write_conflicts(ensemble, file, member=m, variable=variable, threshold=threshold)
    typer.echo(str(output))
