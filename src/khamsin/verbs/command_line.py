"""The one command that makes a run again: kept in its store, printed at the foot of its report."""

import shlex
from collections.abc import Mapping, Sequence
from datetime import date

from khamsin.model import Model


def command_line(
    verb: str,
    model: Model,
    scenarios: Sequence[str | None] = (),
    *,
    members: int,
    seed: int,
    more: Sequence[str] = (),
) -> str:
    """Return what to type.

    Parameters
    ----------
    verb : str
        run, forecast, score or claims.
    model : Model
        Named as it is, without where it lies: a path says more of a machine than others need know.
    scenarios : sequence of str
        None stands for none of them, which is not written.
    more : sequence of str
        Further options, word by word.
    """
    words = ["khamsin", verb, model.name]
    words += [word for name in scenarios if name for word in ("--scenario", name)]
    words += ["--members", str(members), "--seed", str(seed), *more]
    if any(use.file for use in model.processes):
        words.append("--trust")
    return shlex.join(words)


def run_options(
    since: str | date | None,
    live: Mapping[str, tuple[str, ...]] | None,
    without: Sequence[str],
    known_by: str | date | None,
    halved: bool,
) -> list[str]:
    """Return the options of `khamsin run` that differ from what it does by itself."""
    words = ["--from", str(since)] if since and since != "origin" else []
    for question, answers in (live or {}).items():
        words += ["--answer", f"{question}={','.join(answers)}"]
    for name in without:
        words += ["--without", name]
    words += ["--known-by", str(known_by)] if known_by is not None else []
    return words + ["--halve-step"] * halved
