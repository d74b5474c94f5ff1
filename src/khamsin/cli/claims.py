"""The verbs that hold statements against futures: claims, loops; registered by `khamsin.cli`."""

from pathlib import Path
from typing import Annotated

import typer

from khamsin.cli.options import AsJson, Folder, KnownBy, Members, ModelArg, Seed, Trust


def claims(
    model: ModelArg,
    run: Annotated[
        Path | None,
        typer.Argument(help="a run's folder; without one the futures are run", show_default=False),
    ] = None,
    members: Members = 100,
    seed: Seed = 1,
    only: Annotated[
        list[str] | None, typer.Option(help="this claim; repeat", show_default=False)
    ] = None,
    known_by: KnownBy = None,
    output: Folder = None,
    as_json: AsJson = False,
    trust: Trust = False,
) -> None:
    """Hold the claims of a model against its futures.

    \b
    Examples:
      khamsin claims libya-2016 --members 200
    """
    from khamsin.cli.printed_claims import show_claims

    show_claims(
        model,
        run,
        only=only,
        as_json=as_json,
        members=members,
        seed=seed,
        known_by=known_by,
        folder=output,
        trust=trust,
    )


def loops(
    model: ModelArg,
    members: Members = 40,
    seed: Seed = 1,
    only: Annotated[
        list[str] | None, typer.Option(help="this loop; repeat", show_default=False)
    ] = None,
    known_by: KnownBy = None,
    as_json: AsJson = False,
    trust: Trust = False,
) -> None:
    """Push each feedback loop a little, closed and cut. The difference is what the loop adds.

    \b
    Examples:
      khamsin loops libya-2016
    """
    from khamsin.cli.printed_claims import show_loops

    show_loops(
        model,
        only=only,
        as_json=as_json,
        members=members,
        seed=seed,
        known_by=known_by,
        trust=trust,
    )
