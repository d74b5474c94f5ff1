"""Variables read straight from their files: what zarr reads, in whatever pieces, or clear words."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import zarr
from zarr.codecs import BloscCodec, TransposeCodec

from khamsin.ensemble import open_ensemble
from khamsin.ensemble.chunks import StoredArray
from khamsin.errors import RunError
from khamsin.verbs.run import Run

SHAPE, BLOCK = (23, 5, 3, 4), 6


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[StoredArray, np.ndarray]:
    """A variable laid out as the ensemble lays out its own, and its values."""
    folder = tmp_path_factory.mktemp("store") / "a.zarr"
    values = np.random.default_rng(3).normal(size=SHAPE).astype(np.float32)
    zarr.create_group(folder, zarr_format=3).create_array(
        "x",
        data=values,
        chunks=(BLOCK, *SHAPE[1:]),
        filters=[TransposeCodec(order=(2, 3, 0, 1))],
        compressors=BloscCodec(cname="zstd", clevel=3, shuffle="shuffle"),
    )
    return StoredArray(folder / "x", SHAPE, BLOCK), values


def test_any_piece_is_what_it_is_in_memory(stored: tuple[StoredArray, np.ndarray]) -> None:
    array, values = stored
    rng = np.random.default_rng(4)
    dims = ("member", "time", "a", "b")
    lazy = xr.Variable(dims, xr.core.indexing.LazilyIndexedArray(array))
    plain = xr.Variable(dims, values)
    np.testing.assert_array_equal(lazy.values, values)
    for _ in range(300):
        key: list[object] = []
        for size in SHAPE:
            kind, (low, high) = rng.integers(4), sorted(rng.integers(-1, size + 2, 2).tolist())
            key.append(
                [
                    int(rng.integers(-size, size)),
                    slice(low, high, int(rng.integers(1, 9))),
                    slice(None, None, -int(rng.integers(1, 9))),
                    rng.integers(0, size, rng.integers(0, 4)),
                ][kind]
            )
        xr.testing.assert_equal(lazy[tuple(key)].load(), plain[tuple(key)])


def test_an_ensemble_is_read_so(small_run: Run) -> None:
    ds = open_ensemble(small_run.stores[0])
    group = zarr.open_group(small_run.stores[0], mode="r")
    for name in ds.data_vars:
        assert isinstance(ds.variables[name]._data.array, StoredArray), name
        np.testing.assert_array_equal(ds[name].values, group[str(name)][:])


def test_a_chunk_that_is_gone_or_damaged_is_named(small_run: Run, tmp_path: Path) -> None:
    store = Path(shutil.copytree(small_run.stores[0], tmp_path / "a.zarr"))
    shutil.copytree(small_run.stores[0].with_suffix(".blocks"), tmp_path / "a.blocks")
    file = store / "fighters" / "c" / "0" / "0" / "0"
    whole = file.read_bytes()
    for content in (b"", whole[:9], whole[:-3], whole[:40] + bytes(len(whole) - 40), b"x" * 99):
        file.write_bytes(content)
        with pytest.raises(RunError, match=r"fighters/c/0/0/0 is damaged"):
            open_ensemble(store)["fighters"].load()
    file.unlink()
    with pytest.raises(RunError, match=r"fighters/c/0/0/0 is gone"):
        open_ensemble(store)


def test_what_lies_otherwise_is_left_to_zarr(small_run: Run, tmp_path: Path) -> None:
    store = Path(shutil.copytree(small_run.stores[0], tmp_path / "a.zarr"))
    shutil.copytree(small_run.stores[0].with_suffix(".blocks"), tmp_path / "a.blocks")
    group = zarr.open_group(store, mode="r+")
    before = group["fighters"]
    attributes, names = dict(before.attrs), before.metadata.dimension_names
    values = before[:]
    group.create_array(
        "fighters", data=values, dimension_names=names, attributes=attributes, overwrite=True
    )
    ds = open_ensemble(store)
    assert not isinstance(getattr(ds.variables["fighters"]._data, "array", None), StoredArray)
    np.testing.assert_array_equal(ds["fighters"].values, values)
