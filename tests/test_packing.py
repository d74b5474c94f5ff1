"""What is written by hand is what zarr writes, byte for byte."""

from pathlib import Path

import numpy as np
import pytest
import zarr
from zarr.codecs import BloscCodec, TransposeCodec

from khamsin.ensemble.packing import COMPRESSION, LEVEL, SHARE_PRECISION, write_chunk


@pytest.mark.parametrize("given", [7, 3, 1])
@pytest.mark.parametrize("cells", [(), (1,), (40,), (5, 8), (700,)])
@pytest.mark.parametrize("share", [False, True])
def test_a_chunk_is_the_one_that_zarr_writes(
    tmp_path: Path, given: int, cells: tuple[int, ...], share: bool
) -> None:
    """A whole block after another, or a last one that lacks members."""
    shape = (7 + given, 5, *cells)
    group = zarr.create_group(tmp_path / "x.zarr", zarr_format=3)
    array = group.create_array(
        "fighters",
        shape=shape,
        chunks=(7, *shape[1:]),
        dtype="float32",
        fill_value=float("nan"),
        filters=[TransposeCodec(order=(*range(2, len(shape)), 0, 1))],
        compressors=BloscCodec(cname=COMPRESSION, clevel=LEVEL, shuffle="shuffle"),
        attributes={"precision": SHARE_PRECISION} if share else {},
    )
    values = np.random.default_rng(1).gamma(0.3, 5.0, (given, *shape[1:]))
    values[values < 1.0] = 0.0
    stored = np.round(values / SHARE_PRECISION) * SHARE_PRECISION if share else values
    array[7:] = stored.astype(np.float32)
    file = tmp_path / "x.zarr" / "fighters" / "c" / "1" / "/".join("0" * (len(shape) - 1))
    expected = file.read_bytes()
    file.unlink()
    name, data = write_chunk(
        tmp_path / "x.zarr", 1, "fighters", values.reshape(given, shape[1], -1)
    )
    assert tmp_path / "x.zarr" / name == file
    assert data == expected
    assert file.read_bytes() == expected
    np.testing.assert_array_equal(np.asarray(array[7:]), stored.astype(np.float32))
    assert not list(tmp_path.rglob("*.part"))
