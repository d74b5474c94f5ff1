"""The second model: another war, of which no line of the source knows."""

from pathlib import Path

import numpy as np
import pytest

import khamsin

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "models" / "lake-chad-2015"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    names = ["as-it-happened", "neighbours-stay-home"]
    folder = tmp_path_factory.mktemp("lake-chad")
    return khamsin.run(MODEL, scenarios=names, members=16, folder=folder / "run", threads=1)


def test_the_source_does_not_know_it():
    words = ("lake-chad", "boko", "maiduguri", "gwoza", "sambisa")
    for file in (ROOT / "src").rglob("*.py"):
        text = file.read_text(encoding="utf-8").lower()
        assert not [w for w in words if w in text], file


def test_every_scenario_is_without_fault():
    model = khamsin.read(MODEL)
    assert set(model.scenarios) >= {"as-it-happened", "neighbours-stay-home", "none"}
    assert len(model.claims.claims) >= 5
    assert len(model.observations) >= 4


def test_displaced_people_have_homes_at_the_start():
    rows = (MODEL / "displacement.csv").read_text(encoding="utf-8").splitlines()[1:]
    cells = [row.split(",") for row in rows]
    assert sum(int(c[1]) for c in cells) == sum(int(c[2]) for c in cells)


def test_the_movement_splits_on_the_day(run):
    ds = khamsin.open(run.stores[0])
    wing = ds.strength.sel(actor="JAS").load()
    assert float(wing.sel(time=slice(None, "2016-07-31")).max()) == 0.0
    assert bool((wing.sel(time="2016-09").isel(time=-1) > 0).all())


def test_neighbours_take_towns(run):
    held = []
    for store in run.stores:
        ds = khamsin.open(store)
        bh = list(ds.actor.values).index("BH")
        border = ds.holder.sel(
            place=["GAMB", "DAMA", "ABAD"], time=slice("2015-03-01", "2015-12-31")
        )
        held.append((border == bh).sum(["place", "time"]))
    difference = (held[1] - held[0]).values
    error = difference.std(ddof=1) / np.sqrt(difference.size)
    assert difference.mean() > 2 * error
