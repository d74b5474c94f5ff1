"""The ensemble on disk: what xarray sees, and what a damaged one says."""

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import khamsin
from khamsin.engine import compile_plan
from khamsin.ensemble import Store, find_store, open_parameters, stores_in
from khamsin.errors import InputError, KhamsinError, RunError
from khamsin.model import read
from khamsin.plan import plan
from khamsin.storage import locked
from khamsin.verbs.run import Run, run


@pytest.fixture(scope="module")
def ds(small_run: Run) -> xr.Dataset:
    return khamsin.open(small_run.stores[1])


def test_values_are_those_of_the_engine(ds: xr.Dataset, small_folder: Path) -> None:
    engine = compile_plan(plan(read(small_folder), "air-campaign"), 1)
    records = engine.block(np.arange(40))
    assert list(ds.data_vars) == list(engine.plan.model.outputs.variables)
    for name, values in records.items():
        on_disk = np.asarray(ds[name].transpose("member", "time", ...))
        assert on_disk.dtype == np.float32
        if precision := ds[name].attrs.get("precision"):
            assert name == "control"
            assert np.abs(on_disk - values).max() <= precision / 2
        else:
            assert np.array_equal(on_disk, values.astype(np.float32)), name


def test_coordinates(ds: xr.Dataset, small_folder: Path) -> None:
    assert ds.sizes["member"] == 40
    assert ds.sizes["time"] == 12
    assert list(ds.place.values) == ["NORTH", "MIDDLE", "SOUTH"]
    assert list(ds.actor.values) == ["GOV", "REB"]
    assert list(ds.place_name.values) == ["Northtown", "Middleton", "Southport"]
    assert ds.lat.values.tolist() == [12.0, 11.2, 10.3]
    assert ds.population.values.tolist() == [200000, 60000, 150000]
    assert str(ds.time.values[3])[:10] == "2024-04-01"
    assert str(ds.period_end.values[-1])[:10] == "2025-01-01"
    assert float(ds.weight.sum()) == pytest.approx(1)
    assert sorted(np.unique(ds.hypothesis_combat_law.values).tolist()) == ["mixed", "square"]
    one = ds.fighters.sel(pair_place="SOUTH", pair_actor="REB")
    assert one.dims == ("member", "time")
    assert ds.fighters.sel(pair_place="SOUTH").dims == ("member", "time", "pair_actor")


def test_attributes(ds: xr.Dataset) -> None:
    assert ds.attrs["khamsin_version"] == khamsin.__version__
    assert (ds.attrs["scenario"], ds.attrs["seed"], ds.attrs["members"]) == ("air-campaign", 1, 40)
    assert ds.attrs["members_done"] == 40
    assert ds.attrs["from_date"] == "2024-01-01"
    assert json.loads(ds.attrs["hypotheses_live"]) == {"combat_law": ["mixed", "square"]}
    assert json.loads(ds.attrs["model"])["title"] == "Two groups and three towns"
    assert len(ds.attrs["plan_hash"]) == len(ds.attrs["source_hash"]) == 64
    assert ds.attrs["command"].startswith("khamsin run small --scenario as-it-is")
    for name, variable in ds.data_vars.items():
        assert variable.attrs["kind"] in ("stock", "flow"), name
        assert variable.attrs["units"], name
        assert variable.attrs["long_name"], name


def test_scenarios_hold_the_same_members(small_run: Run) -> None:
    a, b = (khamsin.open(s) for s in small_run.stores)
    for name in ("weight", "hypothesis_combat_law"):
        assert np.array_equal(a[name].values, b[name].values)
    assert np.array_equal(a.fighters[:, :3].values, b.fighters[:, :3].values)
    assert a.attrs["source_hash"] == b.attrs["source_hash"]
    assert a.attrs["plan_hash"] != b.attrs["plan_hash"]
    p, q = (open_parameters(s) for s in small_run.stores)
    assert p.equals(q)


def test_parameters_of_each_member(small_run: Run, ds: xr.Dataset, small_folder: Path) -> None:
    found = open_parameters(small_run.stores[1])
    resolved = plan(read(small_folder), "air-campaign")
    drawn = resolved.draw_parameters(1, np.arange(40))
    for p in resolved.parameters:
        values = np.asarray(found[p.name]).reshape(40, p.size)
        assert np.array_equal(values, drawn[:, p.offset : p.offset + p.size]), p.name
        assert found[p.name].attrs["source"], p.name
        assert found[p.name].attrs["prior"], p.name
    law = ds.hypothesis_combat_law.values
    assert (found["combat.exponent"].values == np.where(law == "square", 1.0, 0.5)).all()


def test_opening_what_is_no_ensemble(tmp_path: Path, small_run: Run) -> None:
    with pytest.raises(InputError, match="there is no ensemble"):
        khamsin.open(tmp_path / "nowhere")
    (tmp_path / "other.zarr").mkdir()
    (tmp_path / "other.zarr" / "zarr.json").write_text(
        '{"zarr_format": 3, "node_type": "group", "attributes": {}}'
    )
    with pytest.raises(InputError, match="is no ensemble"):
        khamsin.open(tmp_path / "other.zarr")
    (tmp_path / "other.zarr" / "zarr.json").write_text("{")
    with pytest.raises(KhamsinError, match="is no ensemble"):
        khamsin.open(tmp_path / "other.zarr")
    with pytest.raises(InputError, match="holds 2 scenarios: name one of"):
        khamsin.open(small_run.folder)
    assert find_store(small_run.stores[0]) == small_run.stores[0]
    assert stores_in(small_run.folder) == small_run.stores  # in the order asked for, not by name


def test_an_unfinished_run_opens_only_when_asked(finished: Path) -> None:
    store = finished / "air-campaign.zarr"
    (finished / "air-campaign.blocks" / "000001").unlink()
    with pytest.raises(RunError, match=r"is unfinished: 30 of 40 members.*khamsin run small"):
        khamsin.open(store)
    ds = khamsin.open(store, partial=True)
    assert ds.member.values.tolist() == [*range(10), *range(20, 40)]
    assert float(ds.weight.sum()) == pytest.approx(1)
    assert ds.attrs["members_done"] == 30
    assert np.isfinite(ds.fighters.values).all()


def test_unfinished_with_nothing_done(finished: Path) -> None:
    for file in (finished / "air-campaign.blocks").glob("0*"):
        file.unlink()
    with pytest.raises(RunError, match="0 of 40 members"):
        khamsin.open(finished / "air-campaign.zarr")


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with (
        locked(tmp_path / "run"),
        pytest.raises(RunError, match="another process is writing to"),
        locked(tmp_path / "run"),
    ):
        pass
    with locked(tmp_path / "run"):  # and the lock is free again
        pass


def test_ten_thousand_blocks_keep_their_order(tmp_path: Path) -> None:
    store = Store(tmp_path / "a.zarr", 10, 3)
    assert store.blocks() == 4
    assert store.ledger == tmp_path / "a.blocks"


def test_the_block_size_of_a_resumed_run_is_that_on_disk(
    small_folder: Path, finished: Path
) -> None:
    (finished / "air-campaign.blocks" / "000001").unlink()
    again = run(
        small_folder,
        scenarios=["as-it-is", "air-campaign"],
        members=40,
        folder=finished,
        block=7,
    )
    assert again.finished
    engine = compile_plan(plan(read(small_folder), "air-campaign"), 1)
    expected = engine.block(np.arange(40))["fighters"].astype(np.float32)
    assert np.array_equal(khamsin.open(again.stores[1]).fighters.values, expected)


def test_a_store_that_lost_a_chunk_is_refused(finished: Path) -> None:
    """Zarr would read the members of that block as no numbers, and every mean would shift."""
    store = finished / "air-campaign.zarr"
    next(f for f in (store / "fighters" / "c").rglob("*") if f.is_file()).unlink()
    with pytest.raises(RunError, match=r"fighters/c/.* is gone: delete .*air-campaign\.blocks"):
        khamsin.open(store)
