"""The plan: faults of processes and scenarios, interventions, hypotheses, starting values."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from recording import recording

from khamsin.describe import describe_plan, describe_step, numbers_of
from khamsin.engine import compile_plan
from khamsin.errors import InputError, ModelError
from khamsin.model import Model, read
from khamsin.plan import Plan, plan
from khamsin.plan.hypotheses import answers_of, weights_of

Change = Callable[..., Path]
SCENARIO = "title: Changes\ninterventions:\n"


def _faults(folder: Path, trust: bool = False) -> str:
    with pytest.raises(ModelError) as caught:
        plan(read(folder, trust=trust), trust=trust)
    assert caught.value.exit_code == 2
    return str(caught.value)


def _planned(changed: Change, *interventions: str, record: tuple[str, ...] = ()) -> Plan:
    text = SCENARIO + "".join(f"  - {{{i}, source: judgement}}\n" for i in interventions)
    model = read(changed(files={"scenarios/changes.yaml": text}))
    names = record or ("strike_plan", "access", "recruits", "fighters")
    model = recording(model, *[n for n in names if n != "access"])
    return plan(model, "changes")


def _line(folder: Path, text: str, file: str = "model.yaml") -> int:
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    return next(k for k, line in enumerate(lines, 1) if text in line)


# --- processes and their order -----------------------------------------------------------------


def test_unknown_process(changed: Change) -> None:
    folder = changed(("  - combat\n", "  - combatt\n"))
    said = _faults(folder)
    assert f"model.yaml:{_line(folder, 'combatt')}: there is no process 'combatt'" in said
    assert "Did you mean combat?" in said


def test_unknown_parameter(changed: Change) -> None:
    folder = changed(("recruitment.intake:", "recruitment.intak:"))
    said = _faults(folder)
    assert f"model.yaml:{_line(folder, 'recruitment.intak')}" in said
    assert "is no parameter of recruitment. Did you mean intake?" in said
    said = _faults(changed(("recruitment.intake:", "recruitment.zeal:")))
    assert "recruitment.zeal is no parameter of recruitment, which has " in said
    assert "intake, " in said


def test_parameter_of_a_process_that_does_not_run(changed: Change) -> None:
    said = _faults(changed(("  - recruitment\n", "")))
    assert "recruitment.intake: the model runs no process 'recruitment'" in said


def test_parameter_in_the_wrong_unit(changed: Change) -> None:
    folder = changed(("5 person/week", "5 km"))
    assert f"model.yaml:{_line(folder, '5 km')}: recruitment.intake" in _faults(folder)


def test_reading_what_nothing_sets(changed: Change) -> None:
    folder = changed(("  hostility: {file: hostility.csv, column: level, symmetric: true}\n", ""))
    said = _faults(folder)
    line = _line(folder, "  - combat")
    assert f"model.yaml:{line}: combat.hostility reads hostility, which nothing sets" in said
    assert "under `state:`" in said


def test_reading_a_flow_that_nothing_sets(changed: Change) -> None:
    said = _faults(changed(("  - combat\n", "")))
    assert "reads battle_deaths, which nothing sets: put a process earlier" in said


def test_reading_before_it_is_set(changed: Change) -> None:
    folder = changed(("  - desertion\n", ""), ("  - combat\n", "  - desertion\n  - combat\n"))
    assert "desertion.battle_deaths reads battle_deaths before combat has set it" in _faults(folder)


def test_two_writers(changed: Change) -> None:
    folder = changed(("  - desertion\n", "  - desertion\n  - again: {process: recovery}\n"))
    said = _faults(folder)
    assert "both recovery and again set discharged" in said
    assert f"model.yaml:{_line(folder, 'again')}" in said


def test_a_second_instance_with_bindings_runs(changed: Change) -> None:
    own = (
        "variables:\n  sent_home:"
        " {dims: [actor], unit: person, kind: flow, meaning: wounded who are out for good}\n"
    )
    folder = changed(
        (
            "  - desertion\n",
            "  - desertion\n  - again: {process: recovery, bind: {discharged: sent_home}}\n",
        ),
        ("# Starting values.", own + "# Starting values."),
    )
    resolved = plan(read(folder))
    assert {"recovery.stay", "again.stay"} <= {p.name for p in resolved.parameters}
    drawn = resolved.draw_parameters(1, np.arange(10))
    one, two = (p.offset for p in resolved.parameters if p.name.endswith(".stay"))
    assert not np.array_equal(drawn[:, one], drawn[:, two])  # its name keys its draws
    compile_plan(resolved).block(np.arange(3))


def test_binding_what_is_not_there(changed: Change) -> None:
    folder = changed(
        ("  - desertion\n", "  - away: {process: desertion, bind: {deserter: wounded}}\n")
    )
    said = _faults(folder)
    assert "has no variable argument 'deserter' to bind" in said
    assert "Did you mean deserters?" in said


def test_an_out_with_a_starting_value(changed: Change) -> None:
    folder = changed(("  wounded: 0\n", "  wounded: 0\n  recruits: 0\n"))
    with pytest.raises(ModelError, match="recruits"):
        plan(read(folder))


def test_all_faults_at_once(changed: Change) -> None:
    said = _faults(
        changed(
            ("  - combat\n", "  - combatt\n"),
            ("recruitment.intake:", "recruitment.intak:"),
            ("  siege_days: 0\n", ""),
        )
    )
    lines = said.splitlines()
    assert len(lines) >= 3
    numbers = [int(line.split("model.yaml:")[1].split(":")[0]) for line in lines]
    assert numbers == sorted(numbers)


# --- processes of the user's own ---------------------------------------------------------------

OWN = '''\
"""Rumours spread from place to place."""

from typing import Annotated

from khamsin.draws import uniform
from khamsin.priors import LogNormal
from khamsin.process import Array, Days, In, InOut, Param, Stream, process


@process(each="place")
def rumours(
    rumour: Annotated[Array, InOut("", "1")],
    population: Annotated[float, In("", "person")],
    spread: Annotated[float, Param("1/day", LogNormal(0.02, 0.3), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Let rumours spread."""
    if population > 0.0:
        rumour[0] += spread * dt * uniform(rng) * (1.0 - rumour[0])
'''
VARIABLE = (
    "# Starting values.",
    "variables:\n  rumour: {dims: [place], unit: '1', kind: stock, bounds: [0, 1],"
    " meaning: share who believe it}\n# Starting values.",
)
USE = ("  - desertion\n", "  - desertion\n  - ./rumours.py:rumours\n")
START = ("  wounded: 0\n", "  wounded: 0\n  rumour: 0.1\n")


def only(small_folder: Path, folder: Path, process: str, output: str) -> Path:
    """Make a copy of the small model that runs one process and records one variable."""
    shutil.copytree(small_folder, folder)
    file = folder / "model.yaml"
    text = file.read_text(encoding="utf-8")
    text = re.sub(r"processes:\n(  - \w+\n)+", f"processes:\n  - {process}\n", text)
    text = re.sub(r"\nparameters:\n(  .*\n)+", "\nparameters: {}\n", text)
    text = re.sub(r"\nhypotheses:\n(  .*\n)+", "\nhypotheses: {}\n", text)
    text = re.sub(r"variables: \[.*\]", f"variables: [{output}]", text)
    text = re.sub(r"scenario: .*\n", "", text)
    file.write_text(text, encoding="utf-8")
    shutil.rmtree(folder / "scenarios")
    return folder


def test_a_process_of_twenty_lines_runs_with_trust(changed: Change) -> None:
    assert len(OWN.splitlines()) == 20
    folder = changed(VARIABLE, USE, START, files={"rumours.py": OWN})
    model = recording(read(folder, trust=True), "rumour")
    found = compile_plan(plan(model, trust=True)).block(np.arange(6))["rumour"]
    assert (np.diff(found, axis=1) > 0).all()
    assert np.unique(found[:, -1]).size == found[:, -1].size
    assert 0.1 < found.min() < found.max() < 1.0


def test_python_beside_the_model_is_refused_without_trust(changed: Change) -> None:
    folder = changed(VARIABLE, USE, START, files={"rumours.py": "raise SystemExit('it ran')"})
    said = _faults(folder)
    assert "rumours.py" in said
    assert "--trust" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('InOut("", "1")', 'InOut("actor", "1")', r"rumours.rumour has dims \(actor\)"),
        ('In("", "person")', 'In("", "km")', "rumours.population is in km"),
        ("population: Annotated", "populace: Annotated", "no variable 'populace'. Did you mean"),
        ("rumour: Annotated[Array, ", "rumour: Annotated[float, ", "must be an Array"),
        ("dt: Days", "dt: float", "rumours.dt says neither In, Out"),
        ("from typing import Annotated", "import no_such_thing", "does not run"),
        ("def rumours(", "def rumors(", "declares no process 'rumours'; it declares: rumors"),
        ('In("", "person")', 'InOut("", "person")', "must be an Array"),
        ("from khamsin.draws", "def (", "does not run"),
    ],
)
def test_faults_of_a_process_of_ones_own(changed: Change, old: str, new: str, said: str) -> None:
    text = OWN.replace(old, new)
    assert text != OWN
    folder = changed(VARIABLE, USE, START, files={"rumours.py": text})
    with pytest.raises(ModelError, match=said):
        plan(read(folder, trust=True), trust=True)


def test_a_file_that_is_not_there(changed: Change) -> None:
    folder = changed(VARIABLE, USE, START)
    with pytest.raises(ModelError, match=r"rumours\.py"):
        plan(read(folder, trust=True), trust=True)


def test_writing_a_forcing_is_a_fault(changed: Change) -> None:
    text = OWN.replace(
        'population: Annotated[float, In("", "person")]',
        'strike_plan: Annotated[Array, InOut("actor", "strike/day")]',
    ).replace("population > 0.0", "strike_plan[0] > 0.0")
    folder = changed(VARIABLE, USE, START, files={"rumours.py": text})
    with pytest.raises(ModelError, match="which is a forcing and is written by no process"):
        plan(read(folder, trust=True), trust=True)


# --- interventions -----------------------------------------------------------------------------

STRIKES = "change: strike_plan, where: {place: SOUTH, actor: REB}"


def _strike_plan(resolved: Plan, members: int = 3) -> np.ndarray:
    """Strikes planned a day on REB at SOUTH, dims (member, step)."""
    engine = compile_plan(resolved)
    records = engine.block(np.arange(members))["strike_plan"]
    pair = [tuple(p) for p in resolved.pairs].index((2, 1))
    others = np.delete(records, pair, axis=2)
    assert not others.any()
    return records[:, :, pair]


def test_set_is_prorated_by_day_and_taken_back(changed: Change) -> None:
    # From Wednesday of the first week of April (13 weeks in) to Wednesday of the next.
    found = _strike_plan(
        _planned(changed, f"{STRIKES}, from: 2024-04-03, to: 2024-04-10, set: 7 strike/week")
    )
    expected = np.zeros(53)
    expected[13], expected[14] = 5 / 7, 3 / 7
    assert found == pytest.approx(np.tile(expected, (3, 1)))


def test_two_sets_that_follow_each_other_share_a_step(changed: Change) -> None:
    found = _strike_plan(
        _planned(
            changed,
            f"{STRIKES}, from: 2024-04-01, to: 2024-04-03, set: 7 strike/week",
            f"{STRIKES}, from: 2024-04-04, to: 2024-04-14, set: 14 strike/week",
        )
    )
    assert found[0, 12:16] == pytest.approx([0, 3 / 7 * 1 + 4 / 7 * 2, 2, 0])


def test_add_and_scale_come_on_top(changed: Change) -> None:
    found = _strike_plan(
        _planned(
            changed,
            f"{STRIKES}, set: 7 strike/week",
            f"{STRIKES}, from: 2024-04-01, to: 2024-04-14, add: 7 strike/week",
            f"{STRIKES}, from: 2024-04-08, to: 2024-04-21, scale: 3",
        )
    )
    assert found[0, 12:18] == pytest.approx([1, 2, 6, 3, 1, 1])


def test_an_intervention_without_dates_lasts(changed: Change) -> None:
    assert _strike_plan(_planned(changed, f"{STRIKES}, set: 7 strike/week")) == pytest.approx(1.0)


def test_a_parameter_is_scaled_for_a_while(changed: Change) -> None:
    quiet = "change: recruitment.intake, from: 2024-04-01, to: 2024-06-30, scale: 0"
    resolved = _planned(changed, quiet, record=("recruits",))
    members = np.arange(10)
    found = compile_plan(resolved).block(members)["recruits"].sum(axis=2)
    assert found[:, :13].sum() > 0
    assert found[:, 13:26].sum() == 0
    assert found[:, 26:].sum() > 0
    plain = recording(resolved.model, "recruits")
    before = compile_plan(plan(plain)).block(members)["recruits"].sum(axis=2)
    assert np.array_equal(found[:, :13], before[:, :13])


def test_a_parameter_is_set_for_one_actor(changed: Change) -> None:
    one = "change: recruitment.intake, where: {actor: REB}, set: 0 person/week"
    found = compile_plan(_planned(changed, one, record=("recruits",))).block(np.arange(10))
    assert found["recruits"][:, :, 1].sum() == 0
    assert found["recruits"][:, :, 0].sum() > 0


def test_a_stock_is_added_to_once(changed: Change) -> None:
    where = "change: fighters, where: {place: NORTH, actor: GOV}, on: 2024-04-03"
    resolved = _planned(
        changed,
        f"{where}, add: {{split: {{low: 100, best: 300, high: 800}}}}",
        record=("fighters",),
    )
    members = np.arange(20)
    engine = compile_plan(resolved)
    added = engine.plan.draw_values(1, members)[:, 0]
    assert np.array_equal(added, np.floor(added))
    assert np.unique(added).size > 10
    state, parameters, values = engine.start(members)
    engine.advance(state, parameters, values, members, 0, 13)
    before = state.copy()
    stocks = [resolved.slots[n] for n in ("fighters", "unplaced", "wounded", "marching")]
    engine.advance(state, parameters, values, members, 13, 14)
    other = compile_plan(plan(resolved.model))
    plain = before.copy()
    other.advance(plain, parameters, other.plan.draw_values(1, members), members, 13, 14)
    gained = sum((state - plain)[:, s.offset : s.offset + s.size].sum(axis=1) for s in stocks)
    assert np.abs(gained - added).max() < 0.2 * added.max()  # but for what the step does with them
    assert (gained > 0).all()


def test_priors_of_interventions_are_drawn_alike_in_each_scenario(changed: Change) -> None:
    prior = "set: {lognormal: {median: 10 strike/week, sigma: 0.5}}"
    one = f"{STRIKES}, from: 2024-04-01, to: 2024-06-30, {prior}"
    other = "change: recruitment.intake, scale: {uniform: {low: 0.5, high: 1}}"
    texts = {
        f"scenarios/{name}.yaml": SCENARIO
        + "".join(f"  - {{{i}, source: judgement}}\n" for i in interventions)
        for name, interventions in {"a": [one], "b": [other, one]}.items()
    }
    model = read(changed(files=texts))
    members = np.arange(50)
    a, b = (plan(model, name).draw_values(1, members) for name in ("a", "b"))
    assert np.array_equal(a[:, 0], b[:, 1])
    assert np.unique(a).size == 50
    assert np.median(a) == pytest.approx(10 / 7, rel=0.3)


@pytest.mark.parametrize(
    ("interventions", "said"),
    [
        (
            (f"{STRIKES}, set: 1 strike/week", f"{STRIKES}, from: 2024-05-01, set: 2 strike/week"),
            "strike_plan is set twice at the same place and time",
        ),
        (
            (
                f"{STRIKES}, to: 2024-05-01, set: 1 strike/week",
                "change: strike_plan, where: {country: XX}, from: 2024-05-01, set: 2 strike/week",
            ),
            "strike_plan is set twice",
        ),
        (("change: strike_plans, set: 1",), "Did you mean strike_plan?"),
        (("change: recruitment.intak, set: 1",), "Did you mean recruitment.intake?"),
        ((f"{STRIKES}, set: 1 km",), "strike_plan"),
        (("change: fighters, where: {place: NORTH, actor: GOV}, set: 5",), "fighters"),
        (("change: recruits, add: 5",), "recruits"),
        (("change: access, set: 0",), "access is used by no process of this model"),
        (
            ("change: recruitment.intake, where: {place: NORTH}, scale: 2",),
            "`where` cannot name place",
        ),
        (("change: combat.exponent, where: {actor: GOV}, set: 1",), "`where` cannot name actor"),
        (("change: combat.exponent, on: 2024-05-01, set: 1",), "combat.exponent"),
    ],
)
def test_faults_of_interventions(
    changed: Change, interventions: tuple[str, ...], said: str
) -> None:
    with pytest.raises(ModelError) as caught:
        _planned(changed, *interventions)
    assert said in str(caught.value)
    assert "changes.yaml:" in str(caught.value)


def test_sets_that_only_touch_are_no_fault(changed: Change) -> None:
    _planned(
        changed,
        f"{STRIKES}, to: 2024-04-30, set: 1 strike/week",
        f"{STRIKES}, from: 2024-05-01, set: 2 strike/week",
        "change: strike_plan, where: {place: NORTH, actor: REB}, set: 2 strike/week",
    )


def test_interventions_before_the_run_begins_are_over(small_folder: Path) -> None:
    from datetime import date

    model = recording(read(small_folder), "strike_plan")
    late = plan(model, "air-campaign", since=date(2024, 7, 1))
    assert not compile_plan(late).block(np.arange(2))["strike_plan"].any()
    middle = plan(model, "air-campaign", since=date(2024, 6, 15))
    found = compile_plan(middle).block(np.arange(1))["strike_plan"].sum(axis=2)[0]
    assert found[:4] == pytest.approx([10 / 7, 10 / 7, 10 / 7 * 2 / 7, 0])


# --- hypotheses --------------------------------------------------------------------------------


@pytest.mark.parametrize("members", [1, 3, 40, 101, 4000])
def test_answers_are_balanced_and_weighted(libya: Model, members: int) -> None:
    everyone = np.arange(members)
    live = {q: tuple(h.answers) for q, h in libya.hypotheses.items()}
    held = answers_of(libya.hypotheses, live, 1, everyone)
    for question, answers in held.items():
        counts = [int((answers == a).sum()) for a in live[question]]
        assert sum(counts) == members
        assert max(counts) - min(counts) <= 1
    weights = weights_of(libya.hypotheses, held)
    assert weights.sum() == pytest.approx(1.0)
    if members < 4000:  # few members cannot bear the product of many weights
        return
    for question, hypothesis in libya.hypotheses.items():  # one at a time: weights multiply
        alone = answers_of({question: hypothesis}, {question: live[question]}, 1, everyone)
        weights = weights_of({question: hypothesis}, alone)
        total = sum(a.weight for a in hypothesis.answers.values())
        for name, answer in hypothesis.answers.items():
            share = weights[alone[question] == name].sum()
            assert share == pytest.approx(answer.weight / total, abs=1e-9)


def test_answers_do_not_depend_on_who_else_runs(libya: Model) -> None:
    live = {q: tuple(h.answers) for q, h in libya.hypotheses.items()}
    whole = answers_of(libya.hypotheses, live, 1, np.arange(100))
    some = np.array([99, 3, 50])
    part = answers_of(libya.hypotheses, live, 1, some)
    for question in live:
        assert np.array_equal(whole[question][some], part[question])


def test_answers_set_parameters_with_the_same_luck(libya: Model) -> None:
    resolved = plan(libya)
    members = np.arange(80)
    held = resolved.answers(1, members)["combat_law"]
    drawn = resolved.draw_parameters(1, members)
    at = {p.name: p.offset for p in resolved.parameters}
    expected = {"square": 1.0, "mixed": 0.5, "log": 0.0}
    for answer, exponent in expected.items():
        assert (drawn[held == answer, at["combat.exponent"]] == exponent).all()
    assert (drawn[:, at["combat.area"]] == (held == "deitchman")).all()
    one = plan(libya, live={"combat_law": ("log",)})
    same = one.draw_parameters(1, members)
    rest = [p.offset for p in resolved.parameters if not p.name.startswith("combat.")]
    assert np.array_equal(same[:, rest], drawn[:, rest])


def test_answers_that_weigh_nothing_give_no_ensemble(changed: Change) -> None:
    folder = changed(("mixed: {weight: 1,", "mixed: {weight: 0,"))
    try:
        model = read(folder)
        resolved = plan(model, live={"combat_law": ("mixed",)})
    except (ModelError, InputError):
        return  # refused at once
    weights = resolved.weights(1, 10)
    assert weights.sum() == pytest.approx(1.0)


# --- starting values ---------------------------------------------------------------------------


def test_national_totals_are_kept_and_spread_as_given(libya: Model) -> None:
    resolved = plan(libya)
    members = np.arange(3000)
    state = resolved.start(1, members)
    fighters, unplaced = resolved.slots["fighters"], resolved.slots["unplaced"]
    grid = state[:, fighters.offset : fighters.offset + fighters.size].reshape(
        members.size, *fighters.shape
    )
    left = state[:, unplaced.offset : unplaced.offset + unplaced.size]
    assert (grid >= 0).all()
    assert (left >= 0).all()
    assert np.array_equal(grid, np.floor(grid))
    totals = [row for row in libya.state["fighters"].rows if row.total]  # type: ignore[union-attr]
    assert len(totals) >= 3
    for row in totals:
        actor = resolved.dims["actor"].index(row.index[0])
        whole = grid[:, :, actor].sum(axis=1) + left[:, actor]
        for q in (0.05, 0.5, 0.95):
            expected = float(row.prior.quantile(np.array([q]))[0])
            assert np.quantile(whole, q) == pytest.approx(expected, rel=0.06), (row.index, q)
        assert 0.0 < np.median(left[:, actor] / whole) < 1.0, row.index


def test_holders_without_fighters_get_a_garrison(libya: Model) -> None:
    resolved = plan(libya)
    state = resolved.start(1, np.arange(400))
    fighters, holder = resolved.slots["fighters"], resolved.slots["holder"]
    grid = state[:, fighters.offset : fighters.offset + fighters.size].reshape(400, *fighters.shape)
    held = state[:, holder.offset : holder.offset + holder.size].astype(int)
    rows = {row.index for row in libya.state["fighters"].rows}  # type: ignore[union-attr]
    sizes = []
    for p, place in enumerate(resolved.dims["place"]):
        h = int(held[0, p])
        if h >= 0 and (place, resolved.dims["actor"][h]) not in rows:
            sizes.append(grid[held[:, p] == h, p, h])
    assert len(sizes) > 5
    assert np.median(np.concatenate(sizes)) == pytest.approx(150, rel=0.1)


def test_shares_of_control_add_up_to_at_most_one(libya: Model) -> None:
    resolved = plan(libya)
    control = resolved.slots["control"]
    grid = resolved.start(1, np.arange(100))[:, control.offset : control.offset + control.size]
    shares = grid.reshape(100, *control.shape)
    assert (shares >= 0).all()
    assert shares.sum(axis=2).max() <= 1 + 1e-9


def test_starting_values_do_not_depend_on_who_else_is_drawn(libya: Model) -> None:
    resolved = plan(libya)
    some = np.array([7, 0, 30])
    assert np.array_equal(resolved.start(1, np.arange(31))[some], resolved.start(1, some))


# --- names, hashes, descriptions ---------------------------------------------------------------


def test_unknown_names_are_told_with_the_nearest(libya: Model) -> None:
    with pytest.raises(InputError, match=r"Did you mean as-it-happened\?"):
        plan(libya, "as-it-happend")
    with pytest.raises(InputError, match="It has: as-it-happened"):
        plan(libya, "qqq")
    with pytest.raises(InputError, match=r"Did you mean combat_law\?"):
        plan(libya, live={"combat_low": ("log",)})
    with pytest.raises(InputError, match=r"Did you mean square\?"):
        plan(libya, live={"combat_law": ("sqare",)})


def test_the_hash_knows_what_matters(libya: Model, changed: Change, small_folder: Path) -> None:
    assert plan(libya).plan_hash == plan(libya).plan_hash
    hashes = {
        plan(libya).plan_hash,
        plan(libya, "none").plan_hash,
        plan(libya, live={"combat_law": ("log",)}).plan_hash,
        plan(libya, since=libya.time.start).plan_hash,
        plan(recording(libya, "fighters")).plan_hash,
        plan(read(small_folder)).plan_hash,
        plan(read(changed(("median: 5 person/week", "median: 6 person/week")))).plan_hash,
        plan(read(changed(("step: 7 day", "step: 14 day")))).plan_hash,
    }
    assert len(hashes) == 8


def test_every_number_has_a_source(libya: Model, small_folder: Path) -> None:
    for model in (libya, read(small_folder)):
        for name in [*model.scenarios, None]:
            for number in numbers_of(plan(model, name)):
                assert number.source.strip(), number.name
                assert number.value.strip(), number.name


def test_the_description_names_every_process_and_number(libya: Model) -> None:
    resolved = plan(libya, "as-it-happened")
    text = describe_plan(resolved)
    for instance in resolved.instances:
        assert instance.name in text
    for number in numbers_of(resolved):
        assert number.value in text
    step = describe_step(resolved)
    order = [step.index(f"# {k + 1}. {i.name}") for k, i in enumerate(resolved.instances)]
    assert order == sorted(order)
    assert "def combat_adapter(state, parameters, at, stream, days):" in step


def test_a_lag_cannot_be_negative(changed: Callable[..., Path]) -> None:
    line = "parameters:\n  attack.persistence: {default: -7 day, source: judgement}\n"
    with pytest.raises(ModelError, match=r"model.yaml:\d+: attack.persistence is a time"):
        plan(read(changed(("parameters:\n", line))))
    scenario = (
        "title: S\ninterventions:\n  - {change: attack.persistence, set: -1 day, source: judgement}"
    )
    folder = changed()
    (folder / "scenarios" / "late.yaml").write_text(scenario, encoding="utf-8")
    with pytest.raises(ModelError, match=r"late.yaml:3: attack.persistence is a time"):
        plan(read(folder))


def test_a_parameter_that_cannot_be_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A negative rate had been run, and something made of it, without a word."""
    folder = tmp_path / "towns"
    shutil.copytree(Path(__file__).parent.parent / "models" / "three-towns", folder)
    file = folder / "model.yaml"
    text = file.read_text(encoding="utf-8")
    given = (
        "parameters:\n  combat.attacker_rate: {fixed: -3, source: judgement}\n"
        "  combat.skirmish: {fixed: 30, source: judgement}\n"
        "  reinforcement.rate: {normal: {mean: 0.02, sd: 0.01}, source: judgement}\n"
    )
    file.write_text(text.replace("parameters:\n", given, 1), encoding="utf-8")
    resolved = plan(read(folder, trust=True), None, trust=True)
    with pytest.raises(ModelError) as refused:
        compile_plan(resolved)
    first, second, third = str(refused.value).splitlines()
    assert "combat.attacker_rate: fixed at -3 reaches below 0, which it cannot be" in first
    assert "combat.skirmish: fixed at 30 reaches above 1, the most that it can be" in second
    assert "reinforcement.rate: normal, mean 0.02, sd 0.01 reaches below 0" in third
    assert all(f"model.yaml:{line}:" in str(refused.value) for line in (28, 29, 30))
