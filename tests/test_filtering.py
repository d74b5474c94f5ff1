"""The particle filter: saved states, resampling, evidence, collapse, branches."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from khamsin.calibration import resampling
from khamsin.calibration.evidence import odds_of, summary
from khamsin.calibration.filtered import Filtered
from khamsin.calibration.filtering import filter_states, plan_up_to
from khamsin.calibration.readings import reading
from khamsin.calibration.saved import SavedStates, clear_block, save_block
from khamsin.engine import compile_plan
from khamsin.ensemble import open_ensemble, open_parameters
from khamsin.errors import InputError, RunError
from khamsin.hindcast.observed import observed_in
from khamsin.hindcast.records import log_likelihood, reporting_parameters
from khamsin.hindcast.truth import truth
from khamsin.model import Model, read
from khamsin.verbs.forecast import forecast
from khamsin.verbs.run import run

DAY = date(2024, 5, 1)

OBSERVED = """
observations:
  deaths:
    title: Deaths
    file: deaths.csv
    column: deaths
    variable: battle_deaths
    where: [country:XX]
    reporting: {negative_binomial: {size: SIZE, background: 10}}
    use: {fit: [2024-01, 2024-04], test: [2024-05, 2024-12]}
    source: judgement
  rebels:
    title: Rebels at Southport
    file: rebels.csv
    column: rebels
    variable: fighters
    where: [place:SOUTH, actor:REB]
    reporting: {log_normal_error: {sigma: 0.8}}
    use: {fit: [2024-01, 2024-04]}
    source: judgement

outputs:
"""
DEATHS = "month,deaths,source\n" + "".join(f"2024-{m:02d},{v},judgement\n" for m, v in
                                            enumerate((12, 25, 30, 15, 20, 30, 25), 1))  # fmt: skip
REBELS = "date,rebels,source\n2024-02-29,1500,judgement\n2024-04-15,1300,judgement\n"
MOVED = (
    "{start: 2024-01-01, origin: 2024-01-01, end: 2024-12-31, step: 7 day}",
    "{start: 2024-01-01, origin: 2024-05-01, end: 2024-08-31, step: 7 day}",
)


@pytest.fixture
def model(changed: Callable[..., Path]) -> Callable[..., Model]:
    def make(size: float = 0.3, deaths: str = DEATHS) -> Model:
        folder = changed(
            ("\noutputs:\n", OBSERVED.replace("SIZE", str(size))), MOVED,
            files={"deaths.csv": deaths, "rebels.csv": REBELS},
        )  # fmt: skip
        return read(folder)

    return make


def filtered(model: Model, members: int = 60, **options: int) -> Filtered:
    return filter_states(model, observed_in(model.resolved()), DAY, members=members, **options)


def test_systematic_resampling_keeps_to_the_weights() -> None:
    weights = np.array([0.5, 0.0, 0.3, 0.2])
    for u in (0.0, 0.3, 0.999):
        chosen = resampling.systematic(weights, 10, u)
        assert (np.diff(chosen) >= 0).all()
        assert np.bincount(chosen, minlength=4).tolist() == pytest.approx([5, 0, 3, 2], abs=1)
        assert 1 not in chosen


def test_weights_and_their_errors() -> None:
    weights, total = resampling.normalised(np.log(np.array([1.0, 3.0])) - 1000)
    assert weights == pytest.approx([0.25, 0.75])
    assert total == pytest.approx(np.log(4.0) - 1000)
    assert resampling.effective(np.full(7, 1 / 7)) == pytest.approx(7)
    rng = np.random.default_rng(1)
    values = rng.random(4000)
    equal = np.full(4000, 1 / 4000)
    error = resampling.error_of_mean(values, equal, np.arange(4000))
    assert error == pytest.approx(values.std() / np.sqrt(4000), rel=1e-3)
    assert np.isnan(resampling.error_of_mean(values, equal, np.zeros(4000, dtype=np.int64)))
    nothing, total = resampling.normalised(np.full(3, -np.inf))
    assert np.isnan(nothing).all() and total == -np.inf


def test_saved_states_come_back_as_they_were() -> None:
    rng = np.random.default_rng(1)
    states = np.tile(rng.random(50), (11, 1))
    states[:, 7] = np.arange(11)
    states[5:, 20] = -1.0
    template = states[0].copy()
    parts = [states[k : k + 4] for k in (0, 4, 8)]
    saved = SavedStates(template, [save_block(p, template) for p in parts], 4)
    assert saved.blocks[0].cells.tolist() == [7]
    chosen = np.array([0, 3, 3, 4, 10, 10])
    assert np.array_equal(saved.taken(chosen), states[chosen])
    # The same array serves one block after another.
    space = np.tile(template, (4, 1))
    for k, block in enumerate(saved.blocks):
        members = np.arange(4 * k, min(4 * k + 4, 11))
        own = saved.taken(members, into=space[: members.size])
        assert np.array_equal(own, states[members])
        clear_block(own, block, template)
        assert np.array_equal(space, np.tile(template, (4, 1)))


def weighed_whole(own: Model, members: int, seed: int) -> tuple[np.ndarray, float]:
    """Weights and log-evidence of members that are run to the end and weighed once."""
    series = observed_in(own.resolved())
    made = plan_up_to(own, DAY, [v for one in series.values() for v in one.variables])
    everyone = np.arange(members)
    records = compile_plan(made, seed).block(everyone)
    found = np.log(made.weights(seed, members))
    for one in series.values():
        each = reading(made, one.within(one.fit))
        rows = np.flatnonzero(each.last >= 0)
        parameters = reporting_parameters(one, seed, everyone)
        found += log_likelihood(each.observed, each.truth(each.totals(records)), parameters, rows)
    return resampling.normalised(found)


def test_without_resampling_it_is_importance_sampling(model: Callable[..., Model]) -> None:
    own = model(0.05)  # so wide that no weight is lost: the members go as in a plain run
    found = filtered(own, 60)
    assert np.array_equal(found.roots, np.arange(60))
    weights, log_evidence = weighed_whole(own, 60, 1)
    assert found.weights == pytest.approx(weights, rel=1e-9)
    assert found.log_evidence == pytest.approx(log_evidence, rel=1e-12)
    assert [len(s.rows) for s in found.steps] == [1, 2, 1, 2]


def test_readings_agree_with_an_opened_ensemble(
    model: Callable[..., Model], tmp_path: Path
) -> None:
    from khamsin.plan import plan

    own = model()
    done = run(own, members=5, since="start", folder=tmp_path / "run")
    made = plan(own, next(iter(own.scenarios)), since=own.time.start)
    records = compile_plan(made, 1).block(np.arange(5))
    for one in observed_in(own.resolved()).values():
        each = reading(made, one)
        ours = each.truth(each.totals(records))
        theirs = truth(open_ensemble(done.stores[0]), one)
        assert np.array_equal(np.isnan(ours), np.isnan(theirs))
        assert ours == pytest.approx(theirs, rel=1e-5, nan_ok=True)


def test_it_resamples_and_does_not_depend_on_threads(model: Callable[..., Model]) -> None:
    own = model(8)
    one, two = filtered(own, 120, threads=1), filtered(own, 120, threads=2)
    assert np.unique(one.roots).size < 120
    assert np.array_equal(one.roots, two.roots)
    assert np.array_equal(one.weights, two.weights)
    everyone = np.arange(120)
    assert np.array_equal(one.states.taken(everyone), two.states.taken(everyone))
    other = filtered(own, 120, seed=2)
    assert not np.array_equal(one.roots, other.roots)
    found = summary(one)
    by_answer = {o["answer"]: o["posterior"] for o in found["odds"]}
    assert sum(by_answer.values()) == pytest.approx(1)
    assert all(0 <= o.prior <= 1 and o.families >= 0 for o in odds_of(one))


def test_evidence_agrees_with_plain_importance_sampling(model: Callable[..., Model]) -> None:
    own = model(3)
    weights, log_evidence = weighed_whole(own, 1200, 5)
    plain_error = np.sqrt(np.sum(weights**2))
    found = filtered(own, 300, drift=0)
    assert np.unique(found.roots).size < 300
    error = resampling.error_of_log_evidence(found.weights, found.roots, found.first)
    assert found.log_evidence == pytest.approx(log_evidence, abs=4 * (plain_error + error))


def test_one_series_does_not_use_up_what_the_others_say(model: Callable[..., Model]) -> None:
    blunt = observed_in(model().resolved())
    rebels = replace(blunt["rebels"], values=blunt["rebels"].values * np.array([30.0, 1.0]))
    sharp = {**blunt, "rebels": rebels}  # in February far from what nearly all members have
    months = {
        name: {step.day: step for step in filter_states(model(), one, DAY, members=60).steps}
        for name, one in (("blunt", blunt), ("sharp", sharp))
    }
    february = {name: steps[date(2024, 3, 1)].powers for name, steps in months.items()}
    assert february["sharp"]["rebels"] < february["blunt"]["rebels"]
    assert february["sharp"]["deaths"] > 1.5 * february["sharp"]["rebels"]
    assert months["sharp"][date(2024, 2, 1)].powers == {"deaths": 1.0}
    assert months["sharp"][date(2024, 3, 1)].effective > 0.15 * 60


def test_a_record_that_nobody_can_give_says_so(model: Callable[..., Model]) -> None:
    own = model(500, DEATHS.replace("2024-02,25", "2024-02,900000"))
    with pytest.raises(RunError) as refused:
        filtered(own)
    text = str(refused.value)
    assert "observations.deaths, 2024-02" in text
    assert "900000 person was recorded" in text
    assert "--members" in text


def test_scenarios_branch_from_the_same_members(
    model: Callable[..., Model], tmp_path: Path
) -> None:
    own = model(3)
    names = list(own.scenarios)
    assert len(names) == 2
    done = forecast(
        own, "origin", scenarios=names, members=30, particles=60, folder=tmp_path / "run"
    )
    assert (tmp_path / "run" / "evidence.json").exists()
    one, two = (open_ensemble(store) for store in done.run.stores)
    assert str(one["period_start"].values[0])[:10] == "2024-05-01"
    assert np.allclose(one["weight"], 1 / 30)
    first, second = (open_parameters(store) for store in done.run.stores)
    assert first.equals(second)
    drawn = done.filtered.branch(30).parameters
    parameter = next(p for p in done.filtered.plan.parameters if p.name == "combat.exponent")
    assert np.array_equal(first["combat.exponent"].values, drawn[:, parameter.offset])
    again = forecast(
        own, "origin", scenarios=names, members=30, particles=60, folder=tmp_path / "run"
    )
    assert again.run.cached
    # two descendants of one member do not have the same future
    luck = np.random.default_rng([1, 20160517]).random()
    chosen = resampling.systematic(done.filtered.weights, 30, luck)
    same = np.flatnonzero(np.diff(done.filtered.roots[chosen]) == 0)
    fighters = two["fighters"].transpose("member", "time", "pair").values
    assert same.size and not np.array_equal(fighters[same, -1], fighters[same + 1, -1])


def test_what_cannot_be_filtered(model: Callable[..., Model], small_folder: Path) -> None:
    with pytest.raises(InputError, match="no series with values to fit on"):
        filtered(read(small_folder))
    own = model()
    with pytest.raises(InputError, match="needs a time before the day"):
        forecast(own, "2024-01-01", members=5)
