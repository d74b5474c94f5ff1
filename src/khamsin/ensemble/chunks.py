"""Recorded variables read straight from their files: a third of what zarr takes for many chunks.

A chunk is a file of one block of members, compressed by Blosc, in which the months of a member at a
cell lie together (`khamsin.ensemble.layout`). Stores that lie elsewhere, or otherwise, are left to
zarr.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from xarray.backends import BackendArray
from xarray.core import indexing

from khamsin.errors import RunError
from khamsin.storage import is_remote

if TYPE_CHECKING:
    import xarray as xr

Singles = npt.NDArray[np.float32]

HEADER = struct.Struct("<4xI4xI")  # of what Blosc compressed: its bytes before and after


class StoredArray(BackendArray):
    """A variable (member, time, ...) of a store on this machine, read when it is indexed."""

    dtype = np.dtype("<f4")

    def __init__(self, folder: Path, shape: tuple[int, ...], block: int) -> None:
        self.folder, self.shape, self.block = folder, shape, block

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        return indexing.explicit_indexing_adapter(
            key, self.shape, indexing.IndexingSupport.BASIC, self._read
        )

    def _read(self, key: tuple[int | slice, ...]) -> Singles:
        """What a key of integers and slices means; whole cells lie together in memory."""
        member, time, *others = key
        chosen = member if isinstance(member, slice) else slice(member, member + 1)
        rows = range(self.shape[0])[chosen]
        low, high = (rows[0], rows[-1] + 1) if rows else (0, 0)
        scratch = np.empty((*self.shape[2:], self.block, self.shape[1]), self.dtype)
        found = scratch[(*others, slice(0), time)]
        axis = sum(isinstance(one, slice) for one in others)  # that of the members
        before = (slice(None),) * axis
        for number in range(low // self.block, -(-high // self.block)):
            self._decode(number, scratch)
            first = number * self.block
            start, stop = max(low, first), min(high, first + self.block)
            part = scratch[(*others, slice(start - first, stop - first), time)]
            if stop - start == high - low:
                found = part
                break
            if start == low:
                found = np.empty((*part.shape[:axis], high - low, *part.shape[axis + 1 :]), "<f4")
            found[(*before, slice(start - low, stop - low))] = part
        stepped = found[(*before, slice(None, None, rows.step))]
        ordered = stepped.transpose([*range(axis, found.ndim), *range(axis)])
        return ordered if isinstance(member, slice) else ordered[0]

    def _decode(self, number: int, into: Singles) -> None:
        """Unpack one chunk; one that is not there was never written, and is missing."""
        from numcodecs import blosc

        file = self.folder.joinpath("c", str(number), *["0"] * (len(self.shape) - 1))
        try:
            data = file.read_bytes()
        except FileNotFoundError:
            into.fill(np.nan)
            return
        try:
            if HEADER.unpack_from(data) != (into.nbytes, len(data)):
                raise RuntimeError
            blosc.decompress(data, into)
        except (RuntimeError, struct.error):
            raise RunError(
                f"{file} is damaged: the command that made the run says what to do about it"
            ) from None


def read_directly(ds: xr.Dataset, store: Path) -> xr.Dataset:
    """The dataset with those variables read straight from their files that lie as we lay them."""
    if is_remote(store):
        return ds
    found = {}
    for name, variable in ds.data_vars.items():
        if not _is_ours(variable.variable):
            continue
        block = int(variable.encoding["chunks"][0])
        data = indexing.LazilyIndexedArray(StoredArray(store / str(name), variable.shape, block))
        found[name] = variable.variable._replace(data=data)
    return ds.assign(found)


def _is_ours(variable: xr.Variable) -> bool:
    from zarr.codecs import BloscCodec, BytesCodec, TransposeCodec

    laid = variable.encoding
    order = TransposeCodec(order=(*range(2, variable.ndim), 0, 1))
    compressors = tuple(laid.get("compressors") or ())
    return (
        variable.dims[:2] == ("member", "time")
        and variable.dtype == StoredArray.dtype
        and tuple(laid.get("chunks") or ())[1:] == variable.shape[1:]
        and not laid.get("shards")
        and tuple(laid.get("filters") or ()) == (order,)
        and laid.get("serializer", BytesCodec()) == BytesCodec()
        and len(compressors) == 1
        and isinstance(compressors[0], BloscCodec)
    )
