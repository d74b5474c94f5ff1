"""Quantiles of an ensemble that is larger than memory: peak memory of a fresh process."""

import json
import sys
from pathlib import Path

import numpy as np

from benchmarks.measuring import Figures, child, say, scratch

NAMES = ("quantiles_gib_100k",)
MEMBERS, BLOCK, TIMES, PAIRS = 100_000, 1000, 32, 60

ASKED = """
import sys
import khamsin
from khamsin import tidy
ds = khamsin.open(sys.argv[1])
levels = [0.05, 0.5, 0.95]
found = tidy.quantiles(ds, "fighters", levels)
whole = tidy.quantiles(ds, "fighters", levels, over=["pair"])
assert found.shape == (3, ds.sizes["time"], ds.sizes["pair"]) and whole.shape == found.shape[:2]
assert (found[0] <= found[2]).all() and float(whole[1].min()) > 0
"""


def measure() -> Figures:
    """Ask for the quantiles of each cell and of the sum, of 0.8 GB a variable as float32."""
    with scratch() as home:
        store = write(home / "large.zarr", MEMBERS)
        size = sum(f.stat().st_size for f in home.rglob("*") if f.is_file())
        done = child([sys.executable, "-c", ASKED, str(store)])
    raw = 4 * MEMBERS * TIMES * PAIRS
    say(f"{MEMBERS:,} members, {raw / 2**30:.1f} GiB ({size / 2**30:.1f} on disk)")
    say(f"{done.seconds:.0f} s, peak {done.peak_gib:.2f} GiB")
    return {"quantiles_gib_100k": done.peak_gib}


def write(path: Path, members: int) -> Path:
    """Write an ensemble of one variable with invented numbers, laid out as a run lays it out."""
    import zarr

    rng = np.random.Generator(np.random.Philox(1))
    group = zarr.create_group(path, zarr_format=3)
    array = group.create_array(
        "fighters",
        shape=(members, TIMES, PAIRS),
        chunks=(BLOCK, TIMES, PAIRS),
        dtype="float32",
        filters=[zarr.codecs.TransposeCodec(order=(1, 2, 0))],
        compressors=zarr.codecs.BloscCodec(cname="zstd", clevel=3, shuffle="shuffle"),
        dimension_names=("member", "time", "pair"),
        attributes={"units": "person", "kind": "stock", "long_name": "fighters"},
    )
    ledger = path.with_suffix(".blocks")
    ledger.mkdir()
    for number in range(members // BLOCK):
        drawn = np.floor(rng.lognormal(5.0, 1.0, (BLOCK, TIMES, PAIRS)))
        array[number * BLOCK : (number + 1) * BLOCK] = drawn.astype(np.float32)
        (ledger / f"{number:06d}").write_text("{}")
    days = 16436 + 30 * np.arange(TIMES)
    since = {"units": "days since 1970-01-01", "calendar": "proleptic_gregorian"}
    for name, dim, values, about in (
        ("member", "member", np.arange(members), {}),
        ("weight", "member", np.full(members, 1 / members), {}),
        ("time", "time", days, since),
        ("pair_place", "pair", _names("P", PAIRS), {}),
        ("pair_actor", "pair", _names("A", PAIRS), {}),
    ):
        group.create_array(name, data=values, dimension_names=(dim,), attributes=about)
    group.attrs.update(
        {
            "plan_hash": "invented",
            "variables": json.dumps(["fighters"]),
            "coordinates": "weight pair_place pair_actor",
        }
    )
    return path


def _names(letter: str, count: int) -> np.ndarray:
    return np.array([f"{letter}{k}" for k in range(count)], dtype=np.dtypes.StringDType())
