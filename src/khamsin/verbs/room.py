"""Room for a run: what its members need on disk and in memory, asked before the first one runs."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from khamsin import storage
from khamsin.ensemble.bounds import memory
from khamsin.errors import InputError
from khamsin.model import Model
from khamsin.plan import Plan

SURE = 1_000_000  # members from which on the user is asked to be sure


def bytes_needed(plans: Sequence[Plan], members: int) -> int:
    """Return the size of the record before compression, in bytes."""
    cells = sum(c.size for p in plans for c in p.recorded.values()) * len(
        plans[0].calendar.period_start
    )
    return 4 * cells * members


def refuse_too_much(plans: Sequence[Plan], members: int, yes: bool, home: Path) -> None:
    """Refuse more members than the disk or the memory holds; with `yes` the disk is not asked.

    Raises
    ------
    InputError
        With what they would need, and what is there.
    """
    # Compressed to about a tenth, as measured on libya-2016: most pairs of place and actor are
    # empty.
    needed = bytes_needed(plans, members) // 10
    free = _free(home)
    if yes or (members < SURE and needed < 0.9 * free):
        _refuse_without_memory(plans[0].model, members)
        return
    raise InputError(
        f"{members:,} members would need about {_size(needed)} on disk "
        f"({_size(free)} are free): ask for fewer, or add --yes"
    )


def _free(home: Path) -> float:
    """Bytes that are free where a folder will lie; an object store has no end."""
    if storage.is_remote(home):
        return float("inf")
    there = home
    while not there.exists():
        there = there.absolute().parent
    return shutil.disk_usage(there).free


def _refuse_without_memory(model: Model, members: int) -> None:
    # Answers and weights of all members are laid out at once: about 200 bytes a question.
    needed = members * (100 + 200 * len(model.hypotheses))
    there = memory()
    if there is not None and needed > there:
        raise InputError(
            f"{members:,} members would need about {_size(needed)} of memory "
            f"({_size(there)} are there): ask for fewer"
        )


def _size(count: float) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e8 else f"{count / 1e6:,.1f} MB"
