"""Fuzzing: whatever stands in the metadata of a store, it is opened or refused in words."""

import json
import resource
import shutil
import time
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from khamsin.ensemble import open_ensemble, open_parameters
from khamsin.errors import KhamsinError
from khamsin.verbs.run import Run

FUZZ = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,  # the suite gives the same answer every time
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
FILES = [
    *("zarr.json", "fighters/zarr.json", "weight/zarr.json", "time/zarr.json"),
    *("pair_place/zarr.json", "member/zarr.json", "parameters/table/zarr.json"),
    "hypothesis_combat_law/zarr.json",
]
VALUES: list[Any] = [
    *(None, True, 0, -1, 1, 2, 3.5, 10**6, 10**12, 10**30, "", "x", "float32", "int64", "float64"),
    *("string", "utf8", "member", "gzip", "NaN", [], {}, [0], [-1], [10**12], [4, 4], ["member"]),
    *([10**9, 10**9, 10**9], {"name": "bytes"}, {"name": "nosuch"}, [{"name": "blosc"}]),
]
LONGEST = 5.0  # seconds of the processor
LARGEST = 300_000  # KiB of memory that one file may add


@pytest.fixture(scope="module")
def store(small_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("fuzzed")
    found = Path(shutil.copytree(small_run.stores[0], copy / "a.zarr"))
    shutil.copytree(small_run.stores[0].with_suffix(".blocks"), copy / "a.blocks")
    open_or_refuse(found)
    return found


def open_or_refuse(store: Path) -> None:
    """Open a store and look into it; anything but a dataset or words fails."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, said = time.process_time(), ""
    for opened in (open_ensemble, open_parameters):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                opened(store)
        except KhamsinError as error:
            said += str(error)
    assert said.replace("\n", " ").isprintable()
    assert time.process_time() - start < LONGEST
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < LARGEST


def with_file(store: Path, name: str, content: bytes) -> None:
    file = store / name
    before = file.read_bytes()
    try:
        file.write_bytes(content)
        open_or_refuse(store)
    finally:
        file.write_bytes(before)


def put(tree: Any, path: list[Any], value: Any) -> Any:
    """Put a value at a path of keys into a tree of JSON."""
    if not path:
        return value
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[path[0]] = put(copy[path[0]], path[1:], value)
    return copy


@FUZZ
@given(name=st.sampled_from(FILES), data=st.data())
def test_values_of_metadata(store: Path, name: str, data: st.DataObject) -> None:
    tree = json.loads((store / name).read_text("utf-8"))
    path: list[Any] = []
    inner = tree
    while isinstance(inner, dict | list) and inner and data.draw(st.integers(0, 3)):
        keys = sorted(inner) if isinstance(inner, dict) else range(len(inner))
        path.append(data.draw(st.sampled_from(keys)))
        inner = inner[path[-1]]
    changed = put(tree, path, data.draw(st.sampled_from(VALUES)))
    with_file(store, name, json.dumps(changed).encode())


@FUZZ
@given(name=st.sampled_from(FILES), data=st.data())
def test_bytes_of_metadata(store: Path, name: str, data: st.DataObject) -> None:
    text = bytearray((store / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        text[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=8))
    with_file(store, name, bytes(text))


@FUZZ
@given(name=st.sampled_from(FILES), rubbish=st.binary(max_size=200))
@example(name="zarr.json", rubbish=b"[]")
@example(name="fighters/zarr.json", rubbish=b"{}")
@example(name="zarr.json", rubbish=b"1000000000000")
def test_metadata_of_rubbish(store: Path, name: str, rubbish: bytes) -> None:
    with_file(store, name, rubbish)


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("weight/zarr.json", ["chunk_grid", "name"], [10**12]),
        ("pair_place/zarr.json", ["dimension_names", 0], "float32"),
        ("member/zarr.json", ["shape", 0], 10**30),
        ("member/zarr.json", ["attributes"], [10**9] * 3),
        ("zarr.json", ["zarr_format"], 2),
        ("zarr.json", ["attributes", "variables"], "float32"),
    ],
)
def test_what_was_found_is_refused(store: Path, name: str, path: list[Any], value: Any) -> None:
    tree = json.loads((store / name).read_text("utf-8"))
    file, before = store / name, (store / name).read_bytes()
    try:
        file.write_text(json.dumps(put(tree, path, value)), "utf-8")
        with pytest.raises(
            KhamsinError, match=r"no ensemble of khamsin, or damaged|claims more than"
        ):
            open_ensemble(store)
    finally:
        file.write_bytes(before)


@pytest.mark.parametrize("members", [10**10, 10**13])
def test_a_claim_of_more_members_than_memory_holds(
    store: Path, tmp_path: Path, members: int
) -> None:
    """A few bytes of metadata, consistent in themselves, that would be filled up to 75 GiB."""
    forged = Path(shutil.copytree(store, tmp_path / "a.zarr"))
    shutil.copytree(store.with_suffix(".blocks"), tmp_path / "a.blocks")
    for file in forged.rglob("zarr.json"):
        tree = json.loads(file.read_text("utf-8"))
        if "member" in tree.get("dimension_names", []):
            tree["shape"][tree["dimension_names"].index("member")] = members
            file.write_text(json.dumps(tree), "utf-8")
    open_or_refuse(forged)
    for opened in (open_ensemble, open_parameters):
        with pytest.raises(KhamsinError, match="claims more than this machine can hold"):
            opened(forged)


def test_a_claim_of_blocks_that_memory_does_not_hold(store: Path, tmp_path: Path) -> None:
    forged = Path(shutil.copytree(store, tmp_path / "a.zarr"))
    file = forged / "fighters" / "zarr.json"
    tree = json.loads(file.read_text("utf-8"))
    tree["chunk_grid"]["configuration"]["chunk_shape"][0] = 10**12
    file.write_text(json.dumps(tree), "utf-8")
    with pytest.raises(KhamsinError, match=r"claims more .*fighters"):
        open_ensemble(forged)
