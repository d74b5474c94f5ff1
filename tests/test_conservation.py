"""Fighters are conserved to the unit in every step, added up from what was written (decision 16).

All stocks of people under arms together change by who joins from outside, less who dies or leaves
for good, plus what a scenario adds. Nobody is lost on the road, in hospital, or in a change of
sides.
"""

from pathlib import Path

import numpy as np
import pytest
from recording import recording

import khamsin
from khamsin.engine import Engine, compile_plan
from khamsin.model import Model, read
from khamsin.plan import Plan, plan
from khamsin.plan.changes import ACTIONS
from khamsin.verbs.run import run

STOCKS = ("fighters", "unplaced", "wounded", "marching", "foreign_under_way", "returnees")
GAINS = ("recruits", "foreign_departures", "joined", "joined_sahel")
LOSSES = (
    "battle_deaths",
    "strike_deaths",
    "deserters",
    "discharged",
    "gone_home",
    "demobilised",
)


def _recorded(model: Model) -> Model:
    resolved = plan(model)
    names = [n for n in (*STOCKS, *GAINS, *LOSSES) if n in resolved.slots]
    return recording(model, *names)


def _additions(resolved: Plan, values: np.ndarray) -> np.ndarray:
    """Fighters that the scenario adds, dims (member, step)."""
    changes = resolved.changes
    added = np.zeros((values.shape[0], resolved.calendar.steps))
    slot = resolved.slots["fighters"]
    for step in range(resolved.calendar.steps):
        for use in range(changes.start[step], changes.start[step + 1]):
            where, offset, action, value, _ = changes.cells[changes.use[use, 0]]
            own = slot.offset <= offset < slot.offset + slot.size
            if where == 0 and action == ACTIONS["add"] and own:
                added[:, step] += values[:, value]
    return added


def _missing(
    records: dict[str, np.ndarray], start: np.ndarray, additions: np.ndarray
) -> np.ndarray:
    """People who appear or vanish without account, dims (member, step)."""

    def total(names: tuple[str, ...]) -> np.ndarray:
        return sum(
            records[n].reshape(*records[n].shape[:2], -1).sum(axis=2) for n in names if n in records
        )

    held = np.concatenate([start[:, None], total(STOCKS)], axis=1)
    return np.diff(held, axis=1) - total(GAINS) + total(LOSSES) - additions


def _start(engine: Engine, state: np.ndarray) -> np.ndarray:
    slots = [engine.plan.slots[n] for n in STOCKS if n in engine.plan.slots]
    return sum(state[:, s.offset : s.offset + s.size].sum(axis=1) for s in slots)


def _wild(engine: Engine, parameters: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Parameters far out in their priors, and rates up to tens of times faster."""
    found = parameters.copy()
    for p in engine.plan.parameters:
        u = rng.uniform(0.001, 0.999, (p.size, parameters.shape[0]))
        for k, prior in enumerate(p.priors):
            values = np.asarray(prior.quantile(u[k]), float)
            if p.unit.endswith("/day"):
                values = values * np.exp(rng.normal(0.5, 1.5, values.size))
            found[:, p.offset + k] = values
    return found


@pytest.mark.parametrize("scenario", ["as-it-happened", "none"])
@pytest.mark.parametrize("wild", [False, True])
def test_libya_conserves_fighters(libya: Model, scenario: str, wild: bool) -> None:
    engine = compile_plan(plan(_recorded(libya), scenario), 3)
    members = np.arange(6)
    state, parameters, values = engine.start(members)
    if wild:
        parameters = _wild(engine, parameters, np.random.default_rng(5))
    start, additions = _start(engine, state), _additions(engine.plan, values)
    assert additions.any() == (scenario == "as-it-happened")
    records = engine.advance(state, parameters, values, members, 0, engine.plan.calendar.steps)
    for name in (*STOCKS, *GAINS, *LOSSES):
        x = records[name]
        assert np.isfinite(x).all(), name
        assert (x >= 0).all(), name
        assert np.array_equal(x, np.floor(x)), f"{name}: people are whole"
    assert records["battle_deaths"].sum() > 1000
    missing = _missing(records, start, additions)
    assert not missing.any(), f"from step {np.argmax(missing.any(axis=0))} on"


def test_the_written_output_conserves_fighters(small_folder: Path, tmp_path: Path) -> None:
    model = _recorded(read(small_folder))
    done = run(model, scenarios=["air-campaign"], members=60, folder=tmp_path / "run", block=25)
    ds = khamsin.open(done.stores[0])
    records = {
        str(n): np.asarray(v.transpose("member", "time", ...), np.float64)
        for n, v in ds.data_vars.items()
    }
    assert records["strike_deaths"].sum() > 0
    engine = compile_plan(plan(model, "air-campaign"), 1)
    start = _start(engine, engine.start(np.arange(60))[0])
    assert not _missing(records, start, np.zeros((60, ds.sizes["time"]))).any()


def test_control_stays_a_share(libya: Model) -> None:
    engine = compile_plan(plan(recording(libya, "control", "holder"), "as-it-happened"), 4)
    members = np.arange(6)
    state, parameters, values = engine.start(members)
    wild = _wild(engine, parameters, np.random.default_rng(6))
    records = engine.advance(state, wild, values, members, 0, engine.plan.calendar.steps)
    shares = np.zeros((*records["control"].shape[:2], len(engine.plan.dims["place"])))
    for k, (place, _) in enumerate(engine.plan.pairs):
        shares[:, :, place] += records["control"][:, :, k]
    assert records["control"].min() >= 0
    assert shares.max() <= 1 + 1e-9
    assert set(np.unique(records["holder"])) <= set(range(-1, len(engine.plan.dims["actor"])))
