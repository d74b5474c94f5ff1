"""An ensemble read piece by piece: however many members it has, little of it is in memory at once.

A store holds its members in blocks.  A sum or a mean needs each block once.  A quantile needs all
members of a cell together, so cells are gathered: as many at a time as `BUDGET` holds, in as many
passes over the blocks as that takes.  The numbers do not depend on the budget.

A page asks for the same things many times: what fits the budget is read once (`loaded`) and added
up once (`remembering`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import xarray as xr

Array = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

BUDGET = 256 * 2**20  # bytes of values that are gathered, kept or remembered at once
READ = 4 * 2**20  # bytes of values that are read at once, if a block on disk has no more


def blocks(variable: xr.DataArray) -> Iterator[tuple[slice, npt.NDArray[Any]]]:
    """Blocks of members, one or several of those on disk.

    Yields
    ------
    slice, array (cell, member, time)
        Which members, and their values; cells are the elements of all other dims in C order.
    """
    ordered = variable.variable.transpose("member", "time", ...)  # without its coordinates: quick
    members, periods, *_ = ordered.shape
    cells = int(np.prod(ordered.shape[2:], dtype=np.int64))
    lies = (variable.encoding.get("chunks") or [1])[0]
    size = lies * max(1, READ // max(4 * periods * cells * lies, 1))
    for first in range(0, members, size):
        rows = slice(first, min(first + size, members))
        values = np.asarray(ordered[rows].values)
        yield rows, values.reshape(-1, periods, cells).transpose(2, 0, 1)


def filled(variable: xr.DataArray) -> Iterator[tuple[slice, Ints, npt.NDArray[Any]]]:
    """As `blocks`, but only the cells that are not zero for all members of a block: most are.

    Yields
    ------
    slice, array (cell), array (cell, member, time)
        Which members, which cells, and their values.
    """
    for rows, values in blocks(variable):
        some = np.flatnonzero(_any(values))
        yield rows, some, values if some.size == len(values) else values[some]


def _any(values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Which cells have anything but zeros (cell)."""
    if values.dtype == np.float32 and values.flags.c_contiguous and values.size:
        bits = values.reshape(len(values), -1).view(np.uint32)  # a tenth of the time of `any`
        return np.asarray(bits.max(axis=1) > 0)
    return np.asarray(values.any(axis=(1, 2)))


def total(variable: xr.DataArray) -> Array:
    """Sum over everything but members and time (member, time)."""
    found = np.zeros((variable.sizes["member"], variable.sizes["time"]))
    for rows, _, values in filled(variable):
        found[rows] = values.sum(axis=0, dtype=np.float64)
    return found


def mean(variable: xr.DataArray, weight: Array) -> Array:
    """Mean over members, weighted (time, ...); what is missing counts as zero."""
    share = (weight / weight.sum()).astype(np.float32)
    shape = variable.variable.transpose("member", "time", ...).shape[1:]
    found = np.zeros((int(np.prod(shape[1:], dtype=np.int64)), shape[0]))
    for rows, cells, values in filled(variable):
        found[cells] += share[rows] @ values
    return np.nan_to_num(found.T.reshape(shape))


def occupied(variable: xr.DataArray) -> npt.NDArray[np.bool_]:
    """Which cells, the elements of all dims but member and time in C order, are ever not zero."""
    shape = variable.variable.transpose("member", "time", ...).shape
    found = np.zeros(int(np.prod(shape[2:], dtype=np.int64)), dtype=bool)
    for _, cells, _ in filled(variable):
        found[cells] = True
    return found


def gather(
    variable: xr.DataArray, column: Ints | None = None, columns: int = 0
) -> Iterator[tuple[slice, Singles]]:
    """Columns of a variable with all members of each, so many at a time as the budget holds.

    Parameters
    ----------
    variable : DataArray
        Dims member, time and others, whose elements in C order are its cells.
    column : array of int (cell), optional
        The column that a cell is added to; -1 leaves it out. Each has its own when not given.
    columns : int
        How many columns there are.

    Yields
    ------
    slice, array (member, time, column)
        Which columns, and their values, members lying together in memory.
    """
    shape = variable.variable.transpose("member", "time", ...).shape
    cells = int(np.prod(shape[2:], dtype=np.int64))
    column = np.arange(cells) if column is None else column
    columns = columns or cells
    alone = np.array_equal(column, np.arange(columns))  # each cell in a column of its own
    at_once = max(1, BUDGET // (4 * shape[0] * shape[1]))
    for first in range(0, columns, at_once):
        chosen = slice(first, min(first + at_once, columns))
        found = np.zeros((*shape[:2], chosen.stop - chosen.start), dtype=np.float32, order="F")
        for rows, some, values in filled(variable):
            mine = (column[some] >= chosen.start) & (column[some] < chosen.stop)
            if alone:  # at once: there is nothing to add to
                own = values if mine.all() else values[mine]
                found.T[some[mine] - first, :, rows] = own.transpose(0, 2, 1)
                continue
            for n in np.flatnonzero(mine).tolist():
                found[rows, :, column[some[n]] - first] += values[n]
        yield chosen, found


def loaded(ds: xr.Dataset, most: int = BUDGET) -> xr.Dataset:
    """The ensemble with its pairs in memory, without those that are empty in every member.

    Most pairs could be occupied and never are. Every total is unchanged. Shares of control are left
    out where `holder` says who holds what. Where what is occupied takes more than `most` bytes, the
    pairs stay on disk.
    """
    if "holder" in ds.data_vars and "control" in ds.data_vars:
        ds = ds.drop_vars("control")
    names = [str(n) for n in ds.data_vars if "pair" in ds[n].dims]
    size = 4 * ds.sizes["member"] * ds.sizes["time"] * len(names)
    occupied = np.zeros(ds.sizes.get("pair", 0), dtype=bool)
    parts: dict[str, list[tuple[slice, Ints, Singles]]] = {name: [] for name in names}
    for name in names:
        for rows, some, values in filled(ds[name]):
            occupied[some] = True
            if size * occupied.sum() > most:
                return ds
            parts[name].append((rows, some, values))
    kept = np.flatnonzero(occupied)
    found = ds.isel(pair=kept) if names else ds
    place = np.cumsum(occupied) - 1
    for name in names:
        shape = (ds.sizes["member"], ds.sizes["time"], kept.size)
        whole = np.zeros(shape, dtype=np.float32, order="F")
        for rows, some, values in parts.pop(name):
            whole.T[place[some], :, rows] = values.transpose(0, 2, 1)
        found[name] = (("member", "time", "pair"), whole, ds[name].attrs)
    return found


def load(ensembles: Sequence[xr.Dataset]) -> list[xr.Dataset]:
    """Several ensembles that are looked at together, each `loaded` with its share of memory."""
    share = 2 * BUDGET // max(len(ensembles), 1)
    with ThreadPoolExecutor(2) as pool:  # reading and unpacking wait for no one
        return list(pool.map(lambda ds: loaded(ds, share), ensembles))


@contextmanager
def at_hand(ensembles: Sequence[xr.Dataset]) -> Iterator[list[xr.Dataset]]:
    """The ensembles as `load` gives them, remembered; those that are remembered already as they
    are."""
    new = iter(load([ds for ds in ensembles if id(ds) not in _memories]))
    several = [ds if id(ds) in _memories else next(new) for ds in ensembles]
    with remembering(several):
        yield several


@contextmanager
def remembering(ensembles: Sequence[xr.Dataset]) -> Iterator[None]:
    """Remember what is computed from these ensembles until the end, as far as the budget goes.

    They must not be changed meanwhile. What is remembered already is so until its own end.
    """
    mine = [id(ds) for ds in ensembles if id(ds) not in _memories]
    _memories.update({id(ds): (ds, {}) for ds in ensembles if id(ds) in mine})
    try:
        yield
    finally:
        for one in mine:
            _memories.pop(one, None)


_memories: dict[int, tuple[xr.Dataset, dict[Hashable, Array]]] = {}


def remembered(ds: xr.Dataset, key: Hashable, compute: Callable[[], Array]) -> Array:
    """What was computed of an ensemble before, or what is computed now."""
    if id(ds) not in _memories:
        return compute()
    memory = _memories[id(ds)][1]
    if key not in memory:
        found = compute()
        found.flags.writeable = False
        held = sum(a.nbytes for _, other in _memories.values() for a in other.values())
        if held + found.nbytes > BUDGET:
            return found
        memory[key] = found
    return memory[key]
