"""One variable of one block of members, packed as it lies on disk: a chunk of a Zarr array.

The bytes are those that zarr writes (tests/test_packing.py holds them side by side), in half of its
time.
"""

import json
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from khamsin.storage import make_folder, persistent, write_bytes

SHARE_PRECISION = 2.0**-12  # of a share on disk: finer is noise, and noise cannot be compressed
COMPRESSION: Final = "zstd"
LEVEL = 3

Floats = npt.NDArray[np.float64]


def write_chunk(store: Path, number: int, name: str, values: Floats) -> tuple[str, bytes]:
    """Write a block of members of a variable.

    Parameters
    ----------
    store : Path
        The store, which is laid out.
    number : int
        Number of the block.
    name : str
        The variable.
    values : ndarray, dims (member, period, cell)

    Returns
    -------
    str, bytes
        The name of the chunk's file in the store, and what it holds.
    """
    head = store / name / "zarr.json"
    about = json.loads(persistent(head, lambda: head.read_text(encoding="utf-8")))
    shape = about["chunk_grid"]["configuration"]["chunk_shape"]
    data = pack(values, shape[0], shares="precision" in about["attributes"])
    chunk = "/".join([name, "c", str(number), *["0"] * (len(shape) - 1)])
    make_folder((store / chunk).parent)
    write_bytes(store / chunk, data)
    return chunk, data


def pack(values: Floats, members: int, shares: bool = False) -> bytes:
    """Pack a block: months of one member at one place lie together, a third less to store.

    Parameters
    ----------
    values : ndarray, dims (member, period, cell)
    members : int
        How many members a chunk has; those that a last block lacks are missing in it.
    shares : bool
        Whether these are shares, which are rounded to `SHARE_PRECISION`.
    """
    from numcodecs import blosc

    given, periods, cells = values.shape
    laid = np.empty((cells, members, periods), "<f4")
    laid[:, given:] = np.nan
    for m in range(given):  # what is turned round at once fits the processor's cache
        own = np.round(values[m] / SHARE_PRECISION) * SHARE_PRECISION if shares else values[m]
        laid[:, m] = own.T
    return bytes(blosc.compress(laid, COMPRESSION.encode(), LEVEL, blosc.SHUFFLE))
