"""Exploration: factors and designs, sensitivity against exact indices, boxes, regret, evidence."""

import json
from pathlib import Path

import numpy as np
import pytest

from khamsin import new
from khamsin.cli import main
from khamsin.errors import InputError
from khamsin.exploration import discovery, evidence, printed, ranking, sensitivity
from khamsin.exploration.factors import CHANCE, START, Factor, Space, space
from khamsin.exploration.futures import measure, parse_outcomes, variables_of
from khamsin.exploration.sentences import sentences
from khamsin.model import Model, read

OUTCOME = "battle_deaths.total"


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explored") / "towns"
    new.write_new(folder)
    return folder


@pytest.fixture(scope="module")
def spaced(towns: Path) -> Space:
    return space(read(towns), record=["battle_deaths"])


def invented(names: list[str]) -> Space:
    """A space of factors without a model."""
    return Space((), tuple(Factor(n, "parameter") for n in names))


def test_every_uncertain_number_question_and_luck_is_a_factor(spaced: Space) -> None:
    kinds = {f.name: f.kind for f in spaced.factors}
    assert kinds["combat_law"] == "hypothesis"
    assert kinds["combat.defender_rate"] == "parameter"
    assert kinds[START] == kinds[CHANCE] == "luck"
    assert len(kinds) == len(spaced.factors)


def test_a_design_moves_one_factor_and_nothing_else(spaced: Space) -> None:
    design = np.full((2, len(spaced.factors)), 0.4)
    column = spaced.names.index("combat.defender_rate")
    design[1, column] = 0.9
    members = spaced.members(design, 0)
    moved = members.parameters[0] != members.parameters[1]
    parameter = next(p for p in spaced.plans[0].parameters if p.name == "combat.defender_rate")
    assert np.flatnonzero(moved).tolist() == [parameter.offset]
    assert members.start[0] == members.start[1] and members.chance[0] == members.chance[1]


def test_the_same_point_gives_the_same_future_whatever_stands_beside_it(spaced: Space) -> None:
    rng = np.random.Generator(np.random.Philox(3))
    design = rng.random((6, len(spaced.factors)))
    expressions = parse_outcomes([OUTCOME])
    whole = measure(spaced, design, expressions)
    alone = measure(spaced, design[4:5], expressions)
    assert whole[4, 0] == alone[0, 0]
    assert len(set(whole[:, 0].tolist())) > 1


def test_an_answer_takes_its_share_of_the_axis(spaced: Space) -> None:
    column = spaced.names.index("combat_law")
    design = np.full((1000, len(spaced.factors)), 0.5)
    design[:, column] = (np.arange(1000) + 0.5) / 1000
    held = spaced.answers(design)["combat_law"]
    given = spaced.model.hypotheses["combat_law"].answers
    whole = sum(a.weight for a in given.values())
    for name, answer in given.items():
        assert np.mean(held == name) == pytest.approx(answer.weight / whole, abs=0.002)


def test_morris_effects_of_a_linear_outcome_are_its_slopes() -> None:
    pytest.importorskip("SALib", reason="the extra khamsin[explore] is not installed")
    own = invented(["a", "b", "idle"])
    design = sensitivity.screening_design(own, 10, 1)
    found = {s.name: s for s in sensitivity.screen(own, design, design @ [3.0, -1.0, 0.0], 1)}
    assert found["a"].mean == pytest.approx(3.0) and found["a"].spread == pytest.approx(0, abs=1e-9)
    assert found["b"].mean == pytest.approx(1.0) and found["idle"].mean == pytest.approx(0.0)


def test_sobol_shares_are_those_of_the_exact_solution() -> None:
    pytest.importorskip("SALib", reason="the extra khamsin[explore] is not installed")
    own = invented(["a", "b", "c", "d"])
    groups = sensitivity.grouping(own, ["a", "b"])
    assert groups[sensitivity.OTHERS] == ("c", "d")
    design = sensitivity.apportioning_design(own, groups, 2048, 1)
    a, b, c, d = (np.sqrt(12.0) * (design[:, k] - 0.5) for k in range(4))
    # variances: a 1, b 4, a b 1, (c + d) 2; whole 8
    found = {s.name: s for s in sensitivity.apportion(own, groups, a + 2 * b + a * b + c + d, 1)}
    assert found["a"].first == pytest.approx(1 / 8, abs=0.03)
    assert found["a"].total == pytest.approx(2 / 8, abs=0.03)
    assert found["b"].total == pytest.approx(5 / 8, abs=0.04)
    assert found[sensitivity.OTHERS].total == pytest.approx(2 / 8, abs=0.03)
    base = sensitivity.base_rows(groups, len(design))
    assert base.sum() == 2 * 2048 and np.corrcoef(design[base].T)[0, 1] == pytest.approx(
        0, abs=0.06
    )


def test_an_outcome_that_never_changes_is_refused() -> None:
    pytest.importorskip("SALib", reason="the extra khamsin[explore] is not installed")
    own = invented(["a", "b"])
    design = sensitivity.screening_design(own, 4, 1)
    with pytest.raises(InputError, match="the same in all futures"):
        sensitivity.screen(own, design, np.ones(len(design)), 1)


def test_prim_and_cart_find_the_corner_that_was_planted() -> None:
    pytest.importorskip("ema_workbench", reason="the extra khamsin[explore] is not installed")
    import pandas as pd

    rng = np.random.Generator(np.random.Philox(5))
    table = pd.DataFrame(rng.random((800, 4)), columns=["p", "q", "idle", "idler"])
    table["law"] = pd.Categorical(np.array(["mixed", "square"])[rng.integers(2, size=800)])
    cases = np.asarray((table.p > 0.6) & (table.law == "square"))
    for box in discovery.discover(table, cases):
        assert box.coverage > 0.8 and box.density > 0.8
        named = {one.name: one for one in box.limits}
        assert named["p"].low == pytest.approx(0.6, abs=0.1)
        assert named["law"].answers == ("square",)
    with pytest.raises(InputError, match="none of the 800"):
        discovery.discover(table, np.zeros(800, dtype=bool))


def test_regret_is_taken_future_by_future() -> None:
    weights = np.full(4, 0.25)
    answers = {"image": np.array(["backlash", "backlash", "momentum", "momentum"])}
    outcomes = {
        "deaths": {
            "bomb": np.array([10.0, 10.0, 2.0, 2.0]),
            "wait": np.array([5.0, 5.0, 6.0, 6.0]),
        }
    }
    found = {
        s.scenario: s
        for s in ranking.rank(outcomes, weights, answers, {"deaths": "low"}, {"deaths": 6.0})
    }
    assert found["bomb"].regret == pytest.approx(2.5) and found["wait"].regret == pytest.approx(2.0)
    assert found["bomb"].worst_answer == "image=backlash"
    assert found["bomb"].worst_regret == pytest.approx(5.0)
    assert found["wait"].worst_answer == "image=momentum"
    assert found["wait"].satisfices == 1.0 and found["bomb"].satisfices == 0.5
    assert found["bomb"].mean == pytest.approx(6.0)
    assert ranking.dominated(list(found.values())) == {"bomb"}


def test_what_differs_by_rounding_alone_is_no_regret() -> None:
    sums = np.array([1e9, 3e9, 2e9, 2e9])
    outcomes = {"people": {"one": sums, "other": sums + 1.5e-6}}
    answers = {"q": np.array(["a", "a", "b", "b"])}
    for standing in ranking.rank(outcomes, np.full(4, 0.25), answers, {"people": "low"}):
        assert (standing.regret, standing.regret_95, standing.worst_regret) == (0.0, 0.0, 0.0)
        assert standing.best_in == 1.0


def test_evidence_is_worth_the_variance_that_it_explains() -> None:
    rng = np.random.Generator(np.random.Philox(7))
    answer = rng.integers(2, size=4000)
    outcome = 2.0 * answer + rng.normal(size=4000)  # variance 1 of the answer, 1 of noise
    weights = np.full(4000, 1 / 4000)
    values = evidence.value_of(
        outcome,
        weights,
        {
            "question": np.array(["no", "yes"])[answer],
            "series": outcome + 0.01 * rng.normal(size=4000),
            "nothing": rng.normal(size=4000),
        },
    )
    found = {v.name: v for v in values}
    assert values[0].name == "series" and found["series"].share > 0.9
    assert found["question"].share == pytest.approx(0.5, abs=0.03)
    assert found["nothing"].share < 0.01
    assert [c[0] for c in found["question"].classes] == ["no", "yes"]
    assert found["question"].classes[1][2] == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("parameter:combat.skill", "is a factor"),
        ("3 + 4", "must measure a variable"),
        ("battle_deaths.totel", "Did you mean total"),
    ],
)
def test_an_outcome_that_cannot_be_explored_is_refused(outcome: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        variables_of(parse_outcomes([outcome]))


def run_cli(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    return int(end.value.code or 0)


def test_the_verbs_answer(towns: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("SALib", reason="the extra khamsin[explore] is not installed")
    few = ["--trajectories", "2", "--strongest", "2", "--size", "4"]
    assert run_cli("explore", str(towns), "--outcome", OUTCOME, *few, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert {s["name"] for s in found["shares"]} >= {START, CHANCE, sensitivity.OTHERS}
    assert found["runs"] == 2 * (len(found["factors"]) + 1) + 4 * (len(found["shares"]) + 2)
    scenarios = ["--scenario", "as-it-is", "--scenario", "air-campaign"]
    wanted = ["--outcome", f"low:{OUTCOME}", "--members", "12"]
    assert run_cli("rank", str(towns), *scenarios, *wanted, "--json") == 0
    assert {s["scenario"] for s in json.loads(capsys.readouterr().out)} == {
        "as-it-is",
        "air-campaign",
    }
    seen = ["--observation", "battle_deaths.total[to:2024-03]", "--members", "40"]
    assert run_cli("evidence", str(towns), "--outcome", OUTCOME, *seen, "--json") == 0
    assert len(json.loads(capsys.readouterr().out)) == 2
    assert run_cli("rank", str(towns), "--scenario", "as-it-is") == 2
    assert run_cli("rank", str(towns), *scenarios, "--outcome", "nice:x.total") == 2
    assert run_cli("explore", str(towns), "--outcome", OUTCOME, "--size", "5") == 2
    assert "power of two" in capsys.readouterr().err


def test_the_ema_workbench_runs_a_model_unchanged(towns: Path) -> None:
    pytest.importorskip("ema_workbench", reason="the extra khamsin[explore] is not installed")
    import warnings

    from khamsin.exploration.bridges import to_ema

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import ema_workbench

        built = to_ema(str(towns), [OUTCOME], ["as-it-is", "air-campaign"])
        experiments, outcomes = ema_workbench.perform_experiments(built, scenarios=3, policies=2)
    assert len(experiments) == 6 and np.isfinite(outcomes["outcome_0"]).all()


def test_salib_gets_a_problem_and_its_function(towns: Path) -> None:
    from khamsin.exploration.bridges import to_salib

    problem, evaluate = to_salib(str(towns), [OUTCOME])
    assert problem["bounds"] == [[0.0, 1.0]] * problem["num_vars"]
    middle = np.full((2, problem["num_vars"]), 0.5)
    found = evaluate(middle)
    assert found.shape == (2, 1) and found[0, 0] == found[1, 0]


def test_a_sentence_moves_the_outcome_by_what_it_rests_on(libya: Model) -> None:
    screened = [
        sensitivity.Screened("image", 40.0, 5.0, 1.0),
        sensitivity.Screened("attack.initiative", 7.0, 2.0, 1.0),
        sensitivity.Screened("attack.most", 9.0, 2.0, 1.0),
    ]
    shares = [sensitivity.Share("image", 0.3, 0.1, 0.5, 0.1, ("image",))]
    found = {s.claim: s for s in sentences(libya, screened, shares)}
    ordered = [s.moves for s in sentences(libya, screened, shares)]
    assert ordered == sorted(ordered, reverse=True)
    assert len(found) >= 5
    assert (found["C004"].factor, found["C004"].moves) == ("attack.most", 9.0)  # its process
    assert found["C004"].share is None
    of_image = [s for s in found.values() if s.factor == "image"]
    assert of_image and all((s.moves, s.error, s.share) == (40.0, 5.0, 0.5) for s in of_image)
    assert all(s.says for s in found.values())


def test_the_value_of_evidence_is_reasoned() -> None:
    value = evidence.Value("series", 0.4, 0.05, (("low", 0.5, 10.0), ("high", 0.5, 30.0)))
    said = printed.reasoning("deaths", value)
    assert "10" in said and "30" in said and "40%" in said and "weight 0.50" in said
    nothing = evidence.Value("series", 0.05, 0.05, value.classes)
    assert printed.reasoning("deaths", nothing).startswith("Nothing of this is known")


def test_a_ranking_names_outcomes_and_scenarios_in_full(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    rows = [
        ranking.Standing(name, outcome, 1.0, 2.0, 3.0, "combat_law=ratio", 4.0, 0.5, float("nan"))
        for outcome in ("battle_deaths.total", "civilian_deaths.total[country:LY]")
        for name in ("as-it-is", "air-campaign")
    ]
    printed.print_ranking(rows, {"as-it-is"})
    said = capsys.readouterr().out
    for name in ("battle_deaths.total", "civilian_deaths.total[country:LY]", "combat_law"):
        assert name in said
    assert "…" not in said
