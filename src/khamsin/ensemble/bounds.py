"""What a store claims to hold, held against the memory of this machine before anything is read.

A few bytes of metadata can claim any number of members, and what no chunk holds is filled up.
"""

import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from khamsin.errors import InputError
from khamsin.storage import read_files

BYTES = 8  # of a number in memory


def memory() -> int | None:
    """Return the memory of this machine in bytes; None where the system does not tell."""
    if not hasattr(os, "sysconf"):
        return None
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def refuse_too_large(store: Path, arrays: Sequence[str] | None = None) -> None:
    """Refuse a store that could not be opened here.

    Coordinates are read whole, the record in blocks: either must fit into memory.

    Parameters
    ----------
    arrays : sequence of str, optional
        Look at these only; at all that are not in groups when not given.

    Raises
    ------
    InputError
        When they do not.
    """
    there = memory()
    if there is None:
        return
    names = [file.parent.name for file in store.glob("*/zarr.json")] if arrays is None else arrays
    whole = 0
    for file, data in read_files(store, [f"{name}/zarr.json" for name in names]):
        claimed, block = _sizes(data)
        whole += claimed if block is None else 0
        needed = whole if block is None else block
        if needed > there:
            raise InputError(
                f"{store} claims more than this machine can hold "
                f"({file.removesuffix('/zarr.json')}: {needed / 2**30:,.0f} GiB, and "
                f"{there / 2**30:,.0f} are there): it is damaged, or needs a larger machine"
            )


def _sizes(data: bytes | None) -> tuple[int, int | None]:
    """Return the bytes that an array claims, and of one block where it has a time axis."""
    try:
        about: Any = json.loads(data or b"")
        claimed = BYTES * math.prod(int(n) for n in about["shape"])
        if list(about["dimension_names"])[:2] != ["member", "time"]:
            return claimed, None
        chunk = about["chunk_grid"]["configuration"]["chunk_shape"]
        return claimed, BYTES * math.prod(int(n) for n in chunk)
    except (ValueError, TypeError, KeyError, OverflowError):  # what is damaged is said on opening
        return 0, None
