"""Opening ensembles with xarray, from disk or from the records of an engine."""

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from khamsin.ensemble.bounds import refuse_too_large
from khamsin.ensemble.coordinates import coordinates, dims_on_disk
from khamsin.ensemble.finding import find_store
from khamsin.errors import InputError, KhamsinError, RunError
from khamsin.storage import for_zarr, is_remote, place

if TYPE_CHECKING:
    import xarray as xr

    from khamsin.plan import Plan

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Chunks = dict[str, int] | Literal["auto"]


def open_ensemble(
    path: str | Path, *, partial: bool = False, chunks: Chunks | None = None
) -> "xr.Dataset":
    """Open the ensemble of one scenario.

    Parameters
    ----------
    path : str or Path
        A store `<scenario>.zarr`, or a run's folder that holds exactly one; or its URL, like
        ``s3://bucket/run`` (extra `cluster`).
    partial : bool
        Open an unfinished run too, with the members that are done.
    chunks : mapping or "auto", optional
        Give dask arrays (extra `cluster`), in chunks of so many members, times, ... as
        `xarray.open_zarr` takes them; ``{}`` gives the blocks that lie on disk.

    Returns
    -------
    xarray.Dataset
        Dims member, time and those of each variable; `pair` is indexed by pair_place and
        pair_actor, and all other pairs are zero. Every mean and quantile over members must use the
        coordinate `weight`.

    Raises
    ------
    InputError
        When there is no ensemble.
    RunError
        When the run is unfinished and `partial` is not set, or a file of a finished block is gone.
    """
    store = find_store(place(path))
    try:
        return _opened(store, partial, chunks)
    except KhamsinError:
        raise
    except ImportError:
        raise InputError("chunks need the extra: pip install 'khamsin[cluster]'") from None
    except Exception as error:  # metadata at fault trip zarr and xarray in many ways
        what = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise InputError(f"{store} is no ensemble of khamsin, or damaged ({what})") from None


def _opened(store: Path, partial: bool, chunks: Chunks | None) -> "xr.Dataset":
    import xarray as xr
    import zarr

    from khamsin.ensemble.chunks import read_directly  # here: xarray takes long to import

    refuse_too_large(store)
    where, options = for_zarr(store)
    with (
        zarr.config.set({"array.order": "F"}),  # as the chunks lie: a third of the time
        warnings.catch_warnings(),
    ):
        # of chunks that cut those of the coordinates, which are read at once below
        warnings.filterwarnings("ignore", "The specified chunks separate", UserWarning)
        ds = xr.open_zarr(where, consolidated=False, chunks=chunks, storage_options=options)
    if chunks is None:
        ds = read_directly(ds, store)
    else:
        ds = ds.assign_coords({n: c.load() for n, c in ds.coords.items()})
    if "plan_hash" not in ds.attrs:
        raise InputError(f"{store} is no ensemble of khamsin: it has no plan_hash")
    _refuse_holes(ds, store)
    done = _members_done(ds, store)
    if done.size < ds.sizes["member"]:
        if not partial:
            raise RunError(
                f"{store} is unfinished: {done.size} of {ds.sizes['member']} members. "
                "The command that began it goes on: "
                f"{ds.attrs.get('command') or 'khamsin run'}"
            )
        ds = ds.isel(member=done)
        ds = ds.assign_coords(weight=ds.weight / ds.weight.sum())
    ds.attrs["members_done"] = int(done.size)
    ds.attrs["path"] = str(store)
    order = json.loads(ds.attrs["variables"])
    # without indexes, that nothing has to be aligned; a folder lists coordinates in no order
    found = {n: ds.variables[n] for n in (*order, *sorted(map(str, ds.coords)))}
    ds = _plain_text(found, [n for n in found if n in ds.coords], ds.attrs)
    if "pair" in ds.dims:
        ds = ds.set_index(pair=["pair_place", "pair_actor"])
    return ds


def in_memory(plan: "Plan", seed: int, members: int, records: Mapping[str, Floats]) -> "xr.Dataset":
    """The records of members 0 to `members` - 1 as an opened ensemble, without a disk.

    Parameters
    ----------
    records : mapping
        Variable -> ndarray (member, period, cell), as `Engine.block` returns it.
    """
    import xarray as xr

    sizes = {d: len(ids) for d, ids in plan.dims.items()}
    found = {}
    for name, values in records.items():
        dims = dims_on_disk(plan, name)
        shape = [len(plan.pairs) if d == "pair" else sizes[d] for d in dims]
        variable = plan.slots[name].variable
        about = {"units": variable.unit, "long_name": variable.meaning, "kind": variable.kind}
        found[name] = (
            ("member", "time", *dims),
            values.reshape(*values.shape[:2], *shape).astype(np.float32),
            about,
        )
    used = {"member", "time", "place", "actor", *(d for v in found.values() for d in v[0])}
    coords: dict[str, Any] = {
        name: (dim, _dated(values, attributes), {})
        for name, (dim, values, attributes) in coordinates(plan, seed, members).items()
        if dim in used
    }
    attrs: dict[str, Any] = {
        "scenario": plan.scenario_name,
        "seed": seed,
        "from_date": str(plan.calendar.first),
        "without": json.dumps(list(plan.without)),
    }
    whole = xr.Dataset(found, coords, attrs)
    ds = _plain_text(dict(whole.variables), list(coords), attrs)
    return ds.set_index(pair=["pair_place", "pair_actor"]) if "pair" in ds.dims else ds


def _dated(values: npt.NDArray[Any], attributes: dict[str, Any]) -> npt.NDArray[Any]:
    days = str(attributes.get("units", "")).startswith("days since")
    return values.astype("datetime64[D]").astype("datetime64[ns]") if days else values


def _plain_text(
    variables: dict[Any, "xr.Variable"], coords: list[Any], attrs: Mapping[Any, Any]
) -> "xr.Dataset":
    """The dataset with text coordinates in NumPy's fixed-width type, which all can work with."""
    import xarray as xr

    found = {}
    for name in coords:
        one = variables.pop(name)
        if one.dtype.kind == "T":
            one = xr.Variable(one.dims, np.array([str(x) for x in one.values]), one.attrs)
        found[name] = one
    return xr.Dataset(variables, found, dict(attrs))


def _refuse_holes(ds: "xr.Dataset", store: Path) -> None:
    """Refuse a store that has lost a chunk: zarr reads one that is gone as no numbers at all.

    Of an object store nothing is asked: that would take a question for each chunk.
    """
    if is_remote(store):
        return
    # an array that somebody else chunked otherwise is left to zarr
    block = min(int(ds.attrs.get("block", 0)), ds.sizes["member"])
    ours = {n for n, v in ds.variables.items() if (v.encoding.get("chunks") or [0])[0] == block}
    for file in sorted(store.with_suffix(".blocks").glob("[0-9]*")):
        try:
            names = list(dict(json.loads(file.read_text(encoding="utf-8"))))
        except (OSError, ValueError, TypeError):
            names = []  # an empty ledger says that the block is done, and no more
        for name in names:
            if name.partition("/")[0] in ours and not (store / name).exists():
                raise RunError(
                    f"{store / name} is gone: delete {file}, and the command that made the run "
                    "makes its members anew"
                )


def _members_done(ds: "xr.Dataset", store: Path) -> Ints:
    total = ds.sizes["member"]
    blocks = sorted(int(f.name) for f in store.with_suffix(".blocks").glob("[0-9]*"))
    size = next(
        (int(v.encoding["chunks"][0]) for v in ds.data_vars.values() if v.encoding.get("chunks")),
        total,
    )
    parts = [np.arange(b * size, min((b + 1) * size, total)) for b in blocks]
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)
