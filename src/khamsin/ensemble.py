"""The ensemble on disk: one Zarr v3 store a scenario, written block by block, resumable, opened by
xarray.

    RUN_DIR/run.json             what was asked
    RUN_DIR/<scenario>.zarr      the ensemble; group `parameters` holds each member's parameters
    RUN_DIR/<scenario>.blocks/   one small file a finished block of members, with the hashes of its
    chunks

A block counts as done when its file in `.blocks` is there: it is written last, by renaming. So a
run that is killed at any moment goes on where it was, and ends with the same bytes.
"""

import errno
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from khamsin.errors import InputError, RunError

if TYPE_CHECKING:
    import xarray as xr

    from khamsin.model import Variable
    from khamsin.plan import Plan

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PLACE_COORDS = ("name", "name_ar", "country", "kind", "lat", "lon", "population")
ACTOR_COORDS = ("name", "kind", "side")
PARAMETER_CHUNK = 50_000  # members
SHARE_PRECISION = 2.0**-12  # of a share on disk: finer is noise, and noise cannot be compressed


@contextmanager
def clear_disk_errors(path: Path) -> Iterator[None]:
    """Turn the operating system's complaints about a folder into one clear line."""
    try:
        yield
    except OSError as error:
        reasons = {
            errno.ENOSPC: "the disk is full",
            errno.EDQUOT: "the disk quota is used up",
            errno.EROFS: "the file system is read-only",
            errno.EACCES: "permission denied",
            errno.EPERM: "permission denied",
            errno.ENOTDIR: "a file stands where a folder is needed",
        }
        reason = reasons.get(error.errno or 0) or error.strerror or str(error)
        raise RunError(
            f"cannot write {path}: {reason}. What was finished is kept; "
            "the same command goes on from there."
        ) from error


@dataclass(frozen=True)
class Store:
    """The store of one scenario while it is being written."""

    path: Path
    members: int
    block: int

    @property
    def ledger(self) -> Path:
        """Folder of the files that say which blocks are done."""
        return self.path.with_suffix(".blocks")

    def blocks(self) -> int:
        """Number of blocks."""
        return -(-self.members // self.block)

    def done(self) -> list[int]:
        """Return the numbers of the finished blocks, after checking their bytes.

        Raises
        ------
        RunError
            When a chunk of a finished block is damaged or gone.
        """
        self._check(
            self.ledger / "layout",
            f"move {self.path} and {self.ledger} away, and the same command begins them anew",
        )
        found = []
        for file in sorted(self.ledger.glob("[0-9]*")):
            if not file.name.isdigit():
                continue
            self._check(file, f"delete {file}, and the same command makes its members anew")
            found.append(int(file.name))
        return found

    def _check(self, file: Path, remedy: str) -> None:
        try:
            hashes = dict(json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            raise RunError(f"{file} is damaged: {remedy}") from None
        for name, digest in hashes.items():
            part = self.path / name
            if not part.is_file() or _digest(part) != digest:
                raise RunError(f"{part} is damaged: {remedy}")

    def write(self, number: int, records: Mapping[str, Floats]) -> None:
        """Write the members of one block, then the file that says it is done."""
        import zarr

        with clear_disk_errors(self.path):
            group = zarr.open_group(self.path, mode="r+")
            first = number * self.block
            last = min(first + self.block, self.members)
            hashes = {}
            for name, values in records.items():
                array = group[name]
                assert isinstance(array, zarr.Array)
                shaped = values.reshape(last - first, *array.shape[1:])
                if "precision" in array.attrs:
                    shaped = np.round(shaped / SHARE_PRECISION) * SHARE_PRECISION
                array[first:last] = shaped.astype(array.dtype)
                chunk = "/".join([name, "c", str(number), *["0"] * (array.ndim - 1)])
                hashes[chunk] = _digest(self.path / chunk)
            write_text(self.ledger / f"{number:06d}", json.dumps(hashes, indent=0, sort_keys=True))


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def write_text(file: Path, text: str) -> None:
    """Write a small file whole or not at all, whenever the process is killed."""
    part = file.with_name(f".{file.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a run folder for this process alone; the lock is gone when the process is, however it
    ends.

    Raises
    ------
    RunError
        When another process is writing there.
    """
    import fcntl

    with clear_disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RunError(
                f"another process is writing to {folder}: "
                "wait for it, or choose another folder with -o"
            ) from None
        yield
    finally:
        os.close(handle)


def create(
    plan: "Plan", folder: Path, seed: int, members: int, block: int, command: str = ""
) -> Store:
    """Make the store of a scenario, or find the one that is there.

    Raises
    ------
    InputError
        When something else stands there: it is never overwritten.
    """
    store = Store(folder / f"{plan.scenario_name}.zarr", members, block)
    if store.path.exists():
        block = _same_run(store, plan, seed)
        with clear_disk_errors(store.path):
            for left in store.path.rglob("*.partial"):  # a killed process was writing these
                left.unlink()
        return Store(store.path, members, block)
    with clear_disk_errors(folder):
        part = store.path.with_suffix(".part")
        if part.exists():
            import shutil

            shutil.rmtree(part)
        _lay_out(part, plan, seed, members, block, command)
        store.ledger.mkdir(exist_ok=True)
        laid = {str(f.relative_to(part)): _digest(f) for f in part.rglob("*") if f.is_file()}
        write_text(store.ledger / "layout", json.dumps(laid, indent=0, sort_keys=True))
        part.rename(store.path)
    return store


def _same_run(store: Store, plan: "Plan", seed: int) -> int:
    """Return the block size of the store that is there, after checking that it is this run's."""
    try:
        found = json.loads((store.path / "zarr.json").read_text(encoding="utf-8"))["attributes"]
        same = (found["plan_hash"], found["seed"], found["members"]) == (
            plan.plan_hash,
            seed,
            store.members,
        )
        block = int(found["block"])
    except (OSError, ValueError, KeyError, TypeError):
        raise RunError(
            f"{store.path / 'zarr.json'} is damaged, or no ensemble of this version: "
            f"move {store.path} and "
            f"{store.ledger} away, and the same command begins them anew"
        ) from None
    if not same:
        raise InputError(
            f"{store.path} holds something else "
            "(another model, first day, answer, part, seed, number of members or version): "
            "choose another folder with -o"
        )
    return block


def _lay_out(path: Path, plan: "Plan", seed: int, members: int, block: int, command: str) -> None:
    import zarr
    from zarr.codecs import BloscCodec, TransposeCodec

    import khamsin

    group = zarr.create_group(path, zarr_format=3)
    compressor = BloscCodec(cname="zstd", clevel=3, shuffle="shuffle")
    periods = plan.calendar.period_start
    sizes = {
        "time": len(periods),
        "pair": len(plan.pairs),
        **{d: len(ids) for d, ids in plan.dims.items()},
    }
    for name, cells in plan.recorded.items():
        variable = plan.slots[name].variable
        dims = ("pair",) if variable.dims == ("place", "actor") else variable.dims
        shape = (members, len(periods), *(sizes[d] for d in dims))
        group.create_array(
            name,
            shape=shape,
            chunks=(min(block, members), *shape[1:]),
            dtype="float32",
            fill_value=float("nan"),
            # Months of one member at one place lie together: a third less to store.
            filters=[TransposeCodec(order=(*range(2, len(shape)), 0, 1))],
            compressors=compressor,
            dimension_names=("member", "time", *dims),
            attributes={
                "units": variable.unit,
                "long_name": variable.meaning,
                "kind": variable.kind,
                **({"precision": SHARE_PRECISION} if _is_share(variable) else {}),
            },
        )
        assert cells.size == np.prod(shape[2:], dtype=int)
    coords = _coords(plan, seed, members)
    used = {"member", "time", *(d for name in plan.recorded for d in _dims_on_disk(plan, name))}
    coords = {n: c for n, c in coords.items() if c[0] in used or c[0] in ("place", "actor")}
    for name, (dim, values, attributes) in coords.items():
        group.create_array(
            name,
            data=values,
            chunks=(max(len(values), 1),),
            compressors=compressor,
            dimension_names=(dim,),
            attributes=attributes,
        )
    _lay_out_parameters(group.create_group("parameters"), plan, seed, members, compressor)
    group.attrs.update(
        {
            "khamsin_version": khamsin.__version__,
            "title": plan.model.title,
            "scenario": plan.scenario_name,
            "scenario_title": plan.scenario.title if plan.scenario else "No scenario",
            "seed": seed,
            "members": members,
            "block": block,
            "from_date": str(plan.calendar.first),
            "plan_hash": plan.plan_hash,
            "source_hash": plan.source_hash,
            "without": json.dumps(list(plan.without)),
            "hypotheses_live": json.dumps({q: list(a) for q, a in plan.live.items() if len(a) > 1}),
            "model": json.dumps(
                plan.model.resolved(), ensure_ascii=False, sort_keys=True, default=str
            ),
            "command": command,
            "variables": json.dumps(list(plan.recorded)),
            "coordinates": " ".join(n for n, c in coords.items() if n != c[0]),
        }
    )


def _is_share(variable: "Variable") -> bool:
    return variable.unit == "1" and variable.kind == "stock" and variable.bounds == (0.0, 1.0)


def _lay_out_parameters(group: Any, plan: "Plan", seed: int, members: int, compressor: Any) -> None:
    """Write each member's parameters, at the start: they are known, and few chunks are fast."""
    many = min(members, PARAMETER_CHUNK)
    arrays = []
    for parameter in plan.parameters:
        shape = (members, parameter.size) if parameter.dims else (members,)
        arrays.append(
            group.create_array(
                parameter.name,
                shape=shape,
                chunks=(many, *shape[1:]),
                dtype="float64",
                fill_value=float("nan"),
                compressors=compressor,
                dimension_names=("member", *parameter.dims),
                attributes={
                    "units": parameter.unit,
                    "source": parameter.source,
                    "prior": _prior_text(parameter.priors),
                },
            )
        )
    for first in range(0, members, many):
        those = np.arange(first, min(first + many, members))
        drawn = plan.draw_parameters(seed, those)
        for parameter, array in zip(plan.parameters, arrays, strict=True):
            values = drawn[:, parameter.offset : parameter.offset + parameter.size]
            array[first : first + those.size] = values.reshape(those.size, *array.shape[1:])


def _prior_text(priors: tuple[Any, ...]) -> str:
    texts = list(dict.fromkeys(p.describe() for p in priors))
    return texts[0] if len(texts) == 1 else f"{len(texts)} priors"


def _dims_on_disk(plan: "Plan", name: str) -> tuple[str, ...]:
    dims = plan.slots[name].variable.dims
    return ("pair",) if dims == ("place", "actor") else dims


def _coords(
    plan: "Plan", seed: int, members: int
) -> dict[str, tuple[str, npt.NDArray[Any], dict[str, Any]]]:
    everyone = np.arange(members)
    days = [
        np.array([(d - date(1970, 1, 1)).days for d in dates], np.int64)
        for dates in (plan.calendar.period_start, plan.calendar.period_end)
    ]
    since = {"units": "days since 1970-01-01", "calendar": "proleptic_gregorian"}
    if plan.model.outputs.every == "month":
        label = np.array(
            [(d.replace(day=1) - date(1970, 1, 1)).days for d in plan.calendar.period_start],
            np.int64,
        )
    else:
        label = days[0]
    coords: dict[str, tuple[str, npt.NDArray[Any], dict[str, Any]]] = {
        "member": ("member", everyone.astype(np.int64), {}),
        "weight": (
            "member",
            plan.weights(seed, members),
            {"long_name": "weight by the answers held; adds up to one"},
        ),
        "time": ("time", label, since),
        "period_start": ("time", days[0], since),
        "period_end": ("time", days[1], since),
    }
    for question, answers in plan.answers(seed, everyone).items():
        coords[f"hypothesis_{question}"] = (
            "member",
            _text(answers),
            {"long_name": plan.model.hypotheses[question].question},
        )
    for dim in ("place", "actor"):
        if not plan.dims[dim]:
            continue
        table = plan.model.tables[dim]
        coords[dim] = (dim, _text(plan.dims[dim]), {})
        for column in PLACE_COORDS if dim == "place" else ACTOR_COORDS:
            if column not in table.columns:
                continue
            plain = column in ("country", "lat", "lon", "population")
            values = (
                _numbers(table.columns[column])
                if column in ("lat", "lon", "population")
                else _text(table.columns[column])
            )
            coords[column if plain else f"{dim}_{column}"] = (dim, values, {})
    for dim, ids in plan.dims.items():
        if dim not in ("place", "actor", "other", "route", "link") and ids:
            coords[dim] = (dim, _text(ids), {})
            named = plan.model.tables[dim].columns if dim in plan.model.tables else {}
            if len(named.get("name", ())) == len(ids):
                coords[f"{dim}_name"] = (dim, _text(named["name"]), {})
    if plan.dims["link"]:
        routes = plan.model.tables["route"].columns
        a, b = np.array(routes["a"], object), np.array(routes["b"], object)
        coords["link"] = ("link", np.arange(2 * a.size), {})
        coords["link_from"] = ("link", _text(np.column_stack([a, b]).ravel()), {})
        coords["link_to"] = ("link", _text(np.column_stack([b, a]).ravel()), {})
        coords["link_mode"] = (
            "link",
            _text(np.repeat(np.array(routes.get("mode", [""] * a.size), object), 2)),
            {},
        )
    place, actor = (np.array(plan.dims[d], object) for d in ("place", "actor"))
    coords["pair_place"] = ("pair", _text(place[plan.pairs[:, 0]] if place.size else []), {})
    coords["pair_actor"] = ("pair", _text(actor[plan.pairs[:, 1]] if actor.size else []), {})
    return coords


def _text(values: Any) -> npt.NDArray[Any]:
    return np.array([str(v) for v in values], dtype=np.dtypes.StringDType())


def _numbers(column: list[str]) -> npt.NDArray[Any]:
    return np.array([float(v) if v else np.nan for v in column])


def open_ensemble(path: str | Path, *, partial: bool = False) -> "xr.Dataset":
    """Open the ensemble of one scenario.

    Parameters
    ----------
    path : str or Path
        A store `<scenario>.zarr`, or a run's folder that holds exactly one.
    partial : bool
        Open an unfinished run too, with the members that are done.

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
        When the run is unfinished and `partial` is not set.
    """
    import xarray as xr
    import zarr

    store = find_store(Path(path))
    try:
        with zarr.config.set({"array.order": "F"}):  # as the chunks lie: a third of the time
            ds = xr.open_zarr(store, consolidated=False, chunks=None)
    except (ValueError, KeyError, OSError) as error:
        raise InputError(f"{store} is no ensemble of khamsin ({error})") from None
    if "plan_hash" not in ds.attrs:
        raise InputError(f"{store} is no ensemble of khamsin: it has no plan_hash")
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
    ds = _plain_text(xr.Dataset({n: ds[n] for n in order}, ds.coords, ds.attrs))
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
        dims = _dims_on_disk(plan, name)
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
        for name, (dim, values, attributes) in _coords(plan, seed, members).items()
        if dim in used
    }
    attrs: dict[str, Any] = {
        "scenario": plan.scenario_name,
        "seed": seed,
        "from_date": str(plan.calendar.first),
        "without": json.dumps(list(plan.without)),
    }
    ds = _plain_text(xr.Dataset(found, coords, attrs))
    return ds.set_index(pair=["pair_place", "pair_actor"]) if "pair" in ds.dims else ds


def _dated(values: npt.NDArray[Any], attributes: dict[str, Any]) -> npt.NDArray[Any]:
    days = str(attributes.get("units", "")).startswith("days since")
    return values.astype("datetime64[D]").astype("datetime64[ns]") if days else values


def _plain_text(ds: "xr.Dataset") -> "xr.Dataset":
    """Give text coordinates NumPy's fixed-width type, which everything can work with."""
    texts = {n: c.values for n, c in ds.coords.items() if c.dtype.kind == "T"}
    return ds.assign_coords(
        {n: (ds[n].dims, np.array([str(x) for x in v]), ds[n].attrs) for n, v in texts.items()}
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


def find_store(path: Path) -> Path:
    """Return the one store that a path means.

    Raises
    ------
    InputError
        When there is none, or more than one.
    """
    if (path / "zarr.json").exists():
        return path
    stores = stores_in(path)
    if len(stores) == 1:
        return stores[0]
    if not stores:
        raise InputError(f"there is no ensemble at {path}")
    raise InputError(
        f"{path} holds {len(stores)} scenarios: name one of {', '.join(s.name for s in stores)}"
    )


def stores_in(folder: Path) -> list[Path]:
    """Return the stores of a run's folder in the order asked for, others by name after them."""
    try:
        asked = json.loads((folder / "run.json").read_text(encoding="utf-8")).get("scenarios", [])
    except (OSError, ValueError, AttributeError):
        asked = []
    first = {f"{name}.zarr": n for n, name in enumerate(asked)}
    found = [p for p in folder.glob("*.zarr") if (p / "zarr.json").exists()]
    return sorted(found, key=lambda p: (first.get(p.name, len(first)), p.name))


def open_parameters(path: str | Path) -> "xr.Dataset":
    """Open the parameters of each member: "process.parameter", dims (member[, actor]).

    Parameters
    ----------
    path : str or Path
        A store `<scenario>.zarr`, or a run's folder that holds exactly one.

    Returns
    -------
    xarray.Dataset
        One variable a parameter, in the parameter's unit.

    Raises
    ------
    InputError
        When there is no ensemble.

    Examples
    --------
    >>> import khamsin
    >>> run = khamsin.run("lanchester", members=10, folder="parameters-example")
    >>> sorted(set(khamsin.open_parameters(run.stores[0])["combat.exponent"].values.tolist()))
    [0.0, 0.5, 1.0]
    """
    import xarray as xr

    store = find_store(Path(path))
    opened = xr.open_zarr(store, group="parameters", consolidated=False, chunks=None)
    return cast("xr.Dataset", opened)
