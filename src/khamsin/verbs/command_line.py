"""The one command that makes a run again: kept in its store, printed at the foot of its report."""

import shlex
from collections.abc import Sequence

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
