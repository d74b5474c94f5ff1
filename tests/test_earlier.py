"""States of earlier days, and the history between them and the origin."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from khamsin.calibration.conditioning import conditioned, released
from khamsin.calibration.drifting import Drifting
from khamsin.errors import InputError, ModelError
from khamsin.hindcast.observed import observed_in
from khamsin.hindsight import known_by
from khamsin.model import Model, read
from khamsin.plan import Plan, plan

TIME = (
    "{start: 2024-01-01, origin: 2024-01-01, end: 2024-12-31, step: 7 day}",
    "{start: 2023-12-01, origin: 2024-05-01, end: 2024-12-31, step: 7 day}",
)
EARLIER = """
earlier:
  2024-01-01:
    fighters: {file: then.csv, column: best}
    strike_plan: 0
history: history.yaml
processes:
"""
STATE = ("  enemies: 0\n", "  enemies: 0\n  strike_plan: {file: plan.csv, column: level}\n")
THEN = "actor,place,best,source\nGOV,NORTH,700,judgement\nREB,SOUTH,300,judgement\n"
PLAN = "place,actor,level,source\nSOUTH,REB,5,judgement\n"
SOUTH = "{change: strike_plan, where: {place: SOUTH, actor: REB}"
HISTORY = f"""title: Until the origin
interventions:
  - {SOUTH}, from: 2024-02-01, set: 2 1/day, source: judgement, known_on: 2024-02-01}}
  - {SOUTH}, from: 2024-03-01, set: 3 1/day, source: judgement, known_on: 2024-03-01}}
  - {{change: strike_plan, where: {{place: MIDDLE, actor: REB}}, from: 2024-02-01, to: 2024-04-30,
      set: 1 1/day, source: judgement}}
"""


@pytest.fixture
def folder(changed: Callable[..., Path]) -> Callable[..., Path]:
    def make(earlier: str = EARLIER, history: str = HISTORY, then: str = THEN) -> Path:
        files = {"then.csv": then, "history.yaml": history, "plan.csv": PLAN}
        return changed(TIME, STATE, ("\nprocesses:\n", earlier), files=files)

    return make


@pytest.fixture
def model(folder: Callable[..., Path]) -> Model:
    return read(folder())


def fighters(made: Plan, place: str, actor: str) -> float:
    state = made.start(1, np.arange(3))
    grid = made.dims["place"].index(place), made.dims["actor"].index(actor)
    slot = made.slots["fighters"]
    return float(state[0, slot.offset + np.ravel_multi_index(grid, slot.shape)])


def cell(made: Plan, place: str) -> int:
    slot = made.slots["strike_plan"]
    grid = made.dims["place"].index(place), made.dims["actor"].index("REB")
    return slot.offset + int(np.ravel_multi_index(grid, slot.shape))


def strikes(made: Plan, place: str, day: date) -> float:
    """Return what the interventions make of the plan of strikes in the step of a day."""
    at, changes = cell(made, place), made.changes
    step = int(np.searchsorted(made.calendar.edges(), (day - made.calendar.first).days, "right"))
    drawn = [p.quantile(np.array([0.5]))[0] for p in changes.priors]
    uses = range(changes.start[step - 1], changes.start[step])
    found = 0.0
    for k in uses:
        where = changes.cells[changes.use[k, 0]]
        if where[1] == at:
            found += changes.share[k] * drawn[where[3]]
    return found


def test_a_run_takes_the_state_of_its_first_day(model: Model) -> None:
    assert fighters(plan(model, since=date(2024, 1, 1)), "NORTH", "GOV") == 700
    assert fighters(plan(model, since=date(2024, 3, 1)), "NORTH", "GOV") == 700
    assert fighters(plan(model), "NORTH", "GOV") != 700
    # what has no earlier value is that of the origin
    assert plan(model, since=date(2024, 1, 1)).model.state["rent"] == model.state["rent"]


def test_a_run_from_before_the_first_state_is_refused(model: Model) -> None:
    with pytest.raises(InputError, match=r"no state of 2023-12-01 or .*2024-01-01"):
        plan(model, since=date(2023, 12, 1))


def test_history_stands_until_it_is_set_again(model: Model) -> None:
    made = plan(model, "as-it-is", since=date(2024, 1, 1))
    days = [date(2024, 1, 20), date(2024, 2, 12), date(2024, 3, 20), date(2024, 11, 4)]
    assert [strikes(made, "SOUTH", d) for d in days] == pytest.approx([0, 2, 3, 3])
    assert [strikes(made, "MIDDLE", d) for d in days] == pytest.approx([0, 1, 1, 0])
    assert not plan(model, "as-it-is").changes.cells.size
    bare = plan(model, "as-it-is", since=date(2024, 1, 1), replay=False)
    assert not bare.changes.cells.size
    assert bare.plan_hash != made.plan_hash


def test_a_scenario_begins_at_the_origin_and_overrides(folder: Callable[..., Path]) -> None:
    home = folder()
    text = f"title: Other strikes\ninterventions:\n  - {SOUTH}, set: 9 1/day, source: judgement}}\n"
    (home / "scenarios/other.yaml").write_text(text)
    made = plan(read(home), "other", since=date(2024, 1, 1))
    days = [date(2024, 2, 12), date(2024, 4, 15), date(2024, 5, 20)]
    assert [strikes(made, "SOUTH", d) for d in days] == pytest.approx([2, 3, 9])


def test_a_forecast_keeps_what_stands_and_lets_go_of_clamps(model: Model) -> None:
    made = plan(model, since=date(2024, 1, 1))
    slot = made.slots["strike_plan"]
    state = np.zeros((2, made.size))
    state[:, cell(made, "SOUTH")], state[:, cell(made, "MIDDLE")] = 2.0, 1.0
    found = released(made, state, (date(2024, 2, 20) - made.calendar.first).days)
    assert found[0, cell(made, "SOUTH")] == 2.0
    assert slot.base is not None
    assert found[0, cell(made, "SOUTH") - slot.offset + slot.base] == 2.0
    assert found[0, cell(made, "MIDDLE")] == 0.0
    early = released(made, state, (date(2024, 1, 20) - made.calendar.first).days)
    assert early[0, cell(made, "SOUTH")] == 0.0


def test_at_the_origin_the_tables_are_taken_in(model: Model) -> None:
    made = plan(model, since=date(2024, 1, 1))
    everyone = np.arange(400)
    state = made.start(1, everyone)
    slot = made.slots["fighters"]
    at = slot.offset + int(
        np.ravel_multi_index(
            (made.dims["place"].index("NORTH"), made.dims["actor"].index("GOV")), slot.shape
        )
    )
    state[:, at] = np.exp(np.random.default_rng(1).normal(np.log(6000), 0.4, 400))
    found = conditioned(made, model, state, 1, everyone)
    logs = np.log(found[:, at])
    # the table has 2,500, 5 to 95 % 1,500 to 4,000: a log-sd of 0.3, so 0.64 of the way
    assert np.exp(logs.mean()) == pytest.approx(6000 * (2500 / 6000) ** 0.64, rel=0.08)
    assert logs.std() == pytest.approx(np.hypot(0.36 * 0.4, 0.64 * 0.3), rel=0.15)
    # particles that are all alike are spread out before
    state[:, at] = 6000.0 + np.arange(400) % 2
    alike = np.log(conditioned(made, model, state, 1, everyone)[:, at])
    assert 0.2 < alike.std() < 0.35
    assert (found[:, cell(made, "SOUTH")] == 5.0).all()


def test_without_hindsight_history_is_what_was_known(model: Model) -> None:
    known = known_by(model, date(2024, 2, 15)).model
    assert known.history is not None and model.history is not None
    assert [i.start for i in known.history.interventions if i.known_on] == [date(2024, 2, 1)]
    assert len(model.history.interventions) == 3


def test_parameters_drift_without_leaving_their_prior(model: Model) -> None:
    made = plan(model, since=date(2024, 1, 1))
    drifting = Drifting(made, observed_in(model.resolved()), 1, 4000, 0.5)
    intake = next(p for p in made.parameters if p.name == "recruitment.intake").offset
    first = np.log(drifting.values[:, intake])
    for period in range(3):
        drifting.descend(np.arange(4000), period)
    last = np.log(drifting.values[:, intake])
    assert last.mean() == pytest.approx(first.mean(), abs=0.05)
    assert last.std() == pytest.approx(first.std(), rel=0.05)
    assert np.corrcoef(first, last)[0, 1] == pytest.approx(0.75**1.5, abs=0.05)
    shares = [np.mean(drifting.held["combat_law"] == a) for a in ("mixed", "square")]
    assert shares == pytest.approx([0.5, 0.5], abs=0.04)


@pytest.mark.parametrize(
    ("earlier", "history", "then", "said"),
    [
        (EARLIER.replace("2024-01-01", "2024-06-01"), HISTORY, THEN, "earlier: 2024-06-01 must be"),
        (EARLIER.replace("2024-01-01", "soon"), HISTORY, THEN, "earlier: soon must be a day"),
        (EARLIER.replace("fighters:", "fighter:"), HISTORY, THEN, "fighter has no starting value"),
        (EARLIER, HISTORY, THEN.replace("NORTH", "NORD"), "then.csv:2.*NORD"),
        (EARLIER.replace("history.yaml", "past.yaml"), HISTORY, THEN, "history: there is no"),
        (EARLIER, HISTORY.replace("2024-03-01, set", "2024-06-01, set"), THEN, "before the or"),
        (EARLIER, HISTORY.replace("SOUTH", "SUD"), THEN, "there is no place SUD"),
    ],
)  # fmt: skip
def test_faults_are_named(
    folder: Callable[..., Path], earlier: str, history: str, then: str, said: str
) -> None:
    with pytest.raises(ModelError) as refused:
        plan(read(folder(earlier, history, then)))
    import re

    assert re.search(said, str(refused.value)), str(refused.value)
