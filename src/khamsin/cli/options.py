"""The options that mean the same in every verb (decision 30 of the design)."""

from pathlib import Path
from typing import Annotated

import typer

from khamsin.storage import place


def complete_model(incomplete: str) -> list[str]:
    """Return what a shell may complete a model to: installed names, and model folders here."""
    from khamsin.model import installed

    names = [name for name, _, _ in installed()]
    names += [f"./{file.parent}" for file in sorted(Path().glob("*/model.yaml"))]
    return [name for name in names if name.startswith(incomplete)]


def complete_scenario(context: typer.Context, incomplete: str) -> list[str]:
    """Return the scenarios of the model that stands before on the line."""
    from khamsin.errors import InputError
    from khamsin.model import find

    # while an option waits for its value, the model is still among what was not taken in
    before = [context.params.get("model"), *context.args]
    model = next((word for word in before if word and not word.startswith("-")), "")
    try:
        folder = find(model)
    except InputError:
        return []
    names = sorted(file.stem for file in folder.glob("scenarios/*.yaml"))
    return [name for name in names if name.startswith(incomplete)]


ModelArg = Annotated[
    str,
    typer.Argument(
        help="an installed model's name, or a model folder", autocompletion=complete_model
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout, everything else on stderr")]
Trust = Annotated[bool, typer.Option("--trust", help="let Python files beside the model run")]
Members = Annotated[int, typer.Option(help="number of futures")]
Seed = Annotated[int, typer.Option(help="the luck; the same seed gives the same bytes")]
Threads = Annotated[
    int | None, typer.Option(help="threads; all cores when not given", show_default=False)
]
Folder = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        parser=place,
        metavar="PATH",
        help="folder or URL to write to; runs/<model>-<hash> when not given",
        show_default=False,
    ),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        help="run on a Dask cluster: tcp://HOST:PORT, or local:NUMBER of processes",
        metavar="ADDRESS",
        show_default=False,
    ),
]
Block = Annotated[int, typer.Option(help="members a block: what is made and written at once")]
KnownBy = Annotated[
    str | None,
    typer.Option(
        "--known-by",
        help="DATE: replace what became known later by something wide, and list it",
        show_default=False,
    ),
]
