"""The verbs that stand before a run: which models there are, a new one, what the machine has."""

import json
import shlex
from pathlib import Path
from typing import Annotated

import typer

from khamsin.cli.options import AsJson


def list_models(as_json: AsJson = False) -> None:
    """List the installed models.

    \b
    Examples:
      khamsin list
      khamsin list --json
    """
    from khamsin.model import installed

    found = installed()
    if as_json:
        typer.echo(
            json.dumps([{"name": n, "title": t, "path": str(p)} for n, t, p in found], indent=1)
        )
    else:
        width = max((len(name) for name, _, _ in found), default=0)
        for name, title, _ in found:
            typer.echo(f"{name:{width}}  {title}")


def schema() -> None:
    """Print the JSON Schema of a model file, for an editor.

    \b
    Examples:
      khamsin schema > model.schema.json
    """
    from khamsin.model import schema as model_schema

    typer.echo(json.dumps(model_schema(), indent=1))


def new(name: Annotated[str, typer.Argument(help="the folder to make")]) -> None:
    """Write a small working model with comments.

    \b
    Examples:
      khamsin new my-conflict
    """
    from khamsin.new import write_new

    folder = write_new(Path(name))
    there = str(folder) if folder.is_absolute() else f"./{folder}"
    typer.echo(f"{folder} is written. Now: khamsin run {shlex.quote(there)}")


def doctor(as_json: AsJson = False) -> None:
    """Say what this machine has for khamsin, and what is missing.

    \b
    Examples:
      khamsin doctor
      khamsin doctor --json
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
