"""Parts of a system that are switched off: skipped by the driver, known to the plan."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import khamsin
from khamsin.engine import compile_plan
from khamsin.errors import InputError
from khamsin.model import read
from khamsin.plan import plan
from khamsin.verbs.run import run

PARTS = """\
parts:
  war: {number: 1, title: The war, processes: [combat], series: battle_deaths.total}
  air: {number: 2, title: The air war, processes: [combat, air_strikes], series: fighters.end}

outputs:
"""


@pytest.fixture
def folder(changed: Callable[..., Path]) -> Path:
    return changed(("outputs:\n", PARTS))


def test_a_part_that_is_off_is_skipped(folder: Path) -> None:
    model = read(folder)
    members = np.arange(8)
    whole = compile_plan(plan(model, "air-campaign"))
    off = compile_plan(plan(model, "air-campaign", without=["war"]))
    assert whole.block(members)["battle_deaths"].sum() > 0
    assert off.block(members)["battle_deaths"].sum() == 0
    assert off.plan.off == {"combat"}
    assert plan(model, without=["war", "air"]).off == {"combat", "air_strikes"}
    hashes = {plan(model, without=w).plan_hash for w in ((), ("war",), ("air",), ("air", "war"))}
    assert len(hashes) == 3  # `air` takes `war` with it


def test_runs_with_and_without_a_part_lie_apart(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    on, off = (run(folder, members=4, without=w) for w in ((), ("war",)))
    assert on.folder != off.folder
    ds = khamsin.open(off.stores[0])
    assert json.loads(ds.attrs["without"]) == ["war"]
    assert "--without war" in ds.attrs["command"]
    with pytest.raises(InputError, match="Did you mean war"):
        run(folder, members=4, without=["wra"])


def test_half_the_step(small_folder: Path, tmp_path: Path) -> None:
    from khamsin.halving import step_effects

    done = [
        run(small_folder, members=24, halved=h, folder=tmp_path / str(h)) for h in (False, True)
    ]
    whole, half = (khamsin.open(d.stores[0]) for d in done)
    assert json.loads(half.attrs["model"])["time"]["step_days"] == 3.5
    effects = step_effects(whole, half)
    assert len(effects) > 3
    for effect in effects:
        assert effect.difference == pytest.approx(effect.half - effect.whole, abs=1e-6)
        assert effect.error >= 0
    assert not all(e.seen for e in effects)
    np.testing.assert_array_equal(whole.weight, half.weight)
