"""The engine: the numbers depend on model and seed, and on nothing else."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from recording import recording

from khamsin.engine import Engine, blocks_of, compile_plan, run_blocks
from khamsin.errors import RunError
from khamsin.model import read
from khamsin.plan import plan

EVERYONE = np.arange(24)


@pytest.fixture(scope="module")
def engine(small_folder: Path) -> Engine:
    return compile_plan(plan(read(small_folder), "air-campaign"), 1)


@pytest.fixture(scope="module")
def whole(engine: Engine) -> dict[str, np.ndarray]:
    return engine.block(EVERYONE)


def _same(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[n], b[n]) for n in a)


def _together(engine: Engine, size: int, threads: int) -> dict[str, np.ndarray]:
    blocks = list(enumerate(blocks_of(EVERYONE.size, size)))
    found = dict(run_blocks(engine, blocks, threads))
    assert sorted(found) == [k for k, _ in blocks]
    return {n: np.concatenate([found[k][n] for k, _ in blocks]) for n in found[0]}


def test_something_happens(whole: dict[str, np.ndarray]) -> None:
    assert all(np.isfinite(x).all() for x in whole.values())
    for name in ("fighters", "battle_deaths", "assaults"):
        assert whole[name].sum() > 0, name
    assert np.unique(whole["fighters"][:, -1].sum(axis=1)).size > EVERYONE.size // 2


@pytest.mark.parametrize(("size", "threads"), [(1, 1), (5, 2), (7, 1), (24, 2), (100, 3)])
def test_blocks_and_threads_do_not_matter(
    engine: Engine, whole: dict[str, np.ndarray], size: int, threads: int
) -> None:
    assert _same(_together(engine, size, threads), whole)


def test_a_member_alone_is_the_member_in_the_ensemble(
    engine: Engine, whole: dict[str, np.ndarray]
) -> None:
    for m in (0, 3, 23):
        assert _same(engine.block(np.array([m])), {n: x[[m]] for n, x in whole.items()})
    some = np.array([20, 2, 9])
    assert _same(engine.block(some), {n: x[some] for n, x in whole.items()})


def test_seeds(engine: Engine, whole: dict[str, np.ndarray]) -> None:
    assert _same(compile_plan(engine.plan, 1).block(EVERYONE), whole)
    other = compile_plan(engine.plan, 2).block(EVERYONE)
    for name in ("fighters", "control", "battle_deaths"):
        assert not np.array_equal(other[name], whole[name]), name
    # A seed is no offset of the member's number, or seeds would share futures.
    assert not np.array_equal(other["fighters"][:-1], whole["fighters"][1:])


@pytest.mark.parametrize("seed", [0, 2**31, 2**63 - 1])
def test_large_seeds_are_seeds(engine: Engine, seed: int) -> None:
    found = compile_plan(engine.plan, seed).block(EVERYONE[:2])
    assert np.isfinite(found["fighters"]).all()


@pytest.mark.parametrize("half", [1, 20, 52])
def test_two_halves_are_one_go(engine: Engine, half: int, tmp_path: Path) -> None:
    own = compile_plan(
        plan(recording(engine.plan.model, "fighters", "control", "battle_deaths"), "air-campaign")
    )
    steps = own.plan.calendar.steps
    at_once, parameters, values = own.start(EVERYONE)
    one_go = own.advance(at_once, parameters, values, EVERYONE, 0, steps)
    state, parameters, values = own.start(EVERYONE)
    first = own.advance(state, parameters, values, EVERYONE, 0, half)
    np.save(tmp_path / "saved.npy", state)  # as if another process went on
    again = np.load(tmp_path / "saved.npy")
    second = own.advance(again, parameters, values, EVERYONE, half, steps)
    assert np.array_equal(again, at_once)
    assert _same({n: first[n] + second[n] for n in first}, one_go)


def test_advance_leaves_parameters_and_values_alone(engine: Engine) -> None:
    state, parameters, values = engine.start(EVERYONE)
    before = parameters.copy(), values.copy()
    engine.advance(state, parameters, values, EVERYONE, 0, engine.plan.calendar.steps)
    assert np.array_equal(parameters, before[0])
    assert np.array_equal(values, before[1])


def test_stop_begins_no_further_block(engine: Engine) -> None:
    stop = threading.Event()
    blocks = list(enumerate(blocks_of(40, 2)))
    seen = []
    for number, _ in run_blocks(engine, blocks, 2, stop):
        seen.append(number)
        stop.set()
    assert 1 <= len(seen) <= 3


def test_something_else_is_done_while_the_first_blocks_run(engine: Engine) -> None:
    began, on, seen = threading.Event(), threading.Event(), []

    class Waiting:
        def block(self, members: np.ndarray) -> dict[str, np.ndarray]:
            began.set()
            assert on.wait(60)
            return engine.block(members)

    def aside() -> None:
        assert began.wait(60)
        seen.append("aside")
        on.set()

    for number, _ in run_blocks(Waiting(), list(enumerate(blocks_of(8, 2))), 1, None, aside):
        seen.append(str(number))
    assert sorted(seen) == ["0", "1", "2", "3", "aside"]
    assert seen[0] == "aside"


def test_scenarios_share_their_luck(engine: Engine) -> None:
    model = recording(engine.plan.model, "fighters", "control", "holder", "battle_deaths")
    with_air, without = (
        compile_plan(plan(model, name)).block(EVERYONE) for name in ("air-campaign", "as-it-is")
    )
    first = 13  # 2024-04-01 is the first day of the fourteenth week
    for name in with_air:
        assert np.array_equal(with_air[name][:, :first], without[name][:, :first]), name
    assert not np.array_equal(with_air["fighters"], without["fighters"])


TWO_MAPS = {
    "places.csv": """\
id,name,country,lat,lon,kind,population,rent,source
NORTH,Northtown,XX,12.0,4.0,city,200000,5,judgement
MIDDLE,Middleton,XX,11.2,4.6,town,60000,2,judgement
SOUTH,Southport,XX,10.3,4.1,city,150000,6,judgement
ISLE,Isleton,YY,1.0,1.0,city,150000,6,judgement
REEF,Reefton,YY,1.0,2.0,city,100000,6,judgement
""",
    "routes.csv": """\
id,a,b,mode,km,source
ROAD1,NORTH,MIDDLE,road,110,judgement
ROAD2,MIDDLE,SOUTH,road,120,judgement
ROAD3,ISLE,REEF,road,60,judgement
""",
    "actors.csv": """\
id,name,kind,source
GOV,The government,state force,judgement
REB,The rebels,armed group,judgement
RED,The red,armed group,judgement
BLUE,The blue,armed group,judgement
""",
    "strengths.csv": """\
actor,place,low,best,high,source
GOV,NORTH,1500,2500,4000,judgement
GOV,MIDDLE,200,400,800,judgement
REB,SOUTH,800,1500,2500,judgement
RED,ISLE,1500,2500,4000,judgement
BLUE,REEF,800,1500,2500,judgement
""",
    "control.csv": """\
place,actor,share,source
NORTH,GOV,0.95,judgement
MIDDLE,GOV,0.70,judgement
MIDDLE,REB,0.15,judgement
SOUTH,REB,0.90,judgement
ISLE,RED,0.90,judgement
REEF,BLUE,0.90,judgement
""",
    "hostility.csv": """\
actor,other,level,source
GOV,REB,1,judgement
RED,BLUE,1,judgement
""",
}


def test_places_that_nothing_touches_stay_identical(changed: Callable[..., Path]) -> None:
    model = recording(read(changed(files=TWO_MAPS)), "fighters", "control", "battle_deaths")
    with_air, without = (compile_plan(plan(model, name)) for name in ("air-campaign", "as-it-is"))
    a, b = with_air.block(EVERYONE), without.block(EVERYONE)
    far = with_air.plan.pairs[:, 0] >= 3
    assert far.sum() == 4
    for name in a:
        assert np.array_equal(a[name][:, :, far], b[name][:, :, far]), name
        assert a[name][:, :, far].sum() > 0, name
    assert not np.array_equal(a["fighters"][:, :, ~far], b["fighters"][:, :, ~far])


def test_a_new_place_and_actor_leave_the_luck_of_others_alone(
    changed: Callable[..., Path], small_folder: Path
) -> None:
    names = ("fighters", "control", "battle_deaths")
    engines = [
        compile_plan(plan(recording(read(f), *names), "air-campaign"))
        for f in (small_folder, changed(files=TWO_MAPS))
    ]
    found = [e.block(EVERYONE) for e in engines]
    shared = (engines[1].plan.pairs < (3, 2)).all(axis=1)
    for name in names:
        assert np.array_equal(found[0][name], found[1][name][:, :, shared]), name


def test_a_state_that_is_no_number_is_told(engine: Engine) -> None:
    state, _, _ = engine.start(EVERYONE)
    state[5, engine.plan.slots["fighters"].offset] = np.nan
    with pytest.raises(RunError, match="fighters of member 5 is not a number"):
        engine._check(state, EVERYONE)
