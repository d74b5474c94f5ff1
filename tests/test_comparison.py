"""Paired comparison: right by hand, and refused where members do not belong together."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from synthetic_ensemble import HYPOTHESES, small

from khamsin.cli.printed_effects import show_effects
from khamsin.comparison import ALL, check_paired, compare, deciding_questions
from khamsin.errors import InputError
from khamsin.outcomes import Outcome, main_outcomes
from khamsin.quantiles import weighted_quantile

BLUE = Outcome("fighters", "end", (("actor", ("BLU",)),))
DEATHS = Outcome("battle_deaths", "total")
NUMBERS = re.compile(r"[+-]?\d[\d,.]*")


def test_differences_are_member_by_member() -> None:
    a, b = small("none"), small("strikes")
    effects = compare(a, b, [BLUE, DEATHS])
    by_hand = (b.fighters - a.fighters).isel(time=-1)
    by_hand = by_hand.where(by_hand.pair_actor == "BLU", 0).sum("pair")
    np.testing.assert_allclose(effects.difference.sel(outcome=BLUE.name), by_hand, atol=1e-3)
    low, median, high = weighted_quantile(by_hand, a.weight, [0.05, 0.5, 0.95])
    row = effects.sel(outcome=BLUE.name, group=ALL)
    np.testing.assert_allclose([row.low, row.effect, row.high], [low, median, high], atol=1e-3)
    above = float(a.weight.values[np.asarray(by_hand) > 0].sum())
    assert float(row.probability_above) == pytest.approx(above)


def test_split_by_answers_shows_that_a_scenario_helps_under_one_and_hurts_under_another() -> None:
    effects = compare(small("none"), small("strikes"), [BLUE])
    median = effects.effect.sel(outcome=BLUE.name)
    assert (
        float(median.sel(group="image = backlash"))
        > 0
        > float(median.sel(group="image = momentum"))
    )
    weights = effects.group_weight.values[effects.hypothesis.values == "image"]
    assert weights.sum() == pytest.approx(1)


def test_pairing_saves_members() -> None:
    a, b = small("none", members=400), small("strikes", members=400)
    effects = compare(a, b, [DEATHS])
    first, second = (d.battle_deaths.sum(["time", "pair"]).values for d in (a, b))
    w = a.weight.values

    def var(x: np.ndarray) -> float:
        return float(np.cov(x, aweights=w, ddof=0))

    expected = 400 * (var(first) + var(second)) / var(second - first)
    assert float(effects.members_independent[0]) == pytest.approx(expected, abs=1)
    assert expected > 400


def test_an_answer_decides_the_sign_only_beyond_luck() -> None:
    many, few = ([small(s, members=n) for s in ("none", "strikes")] for n in (300, 12))
    assert deciding_questions(compare(*many, [BLUE]), 0) == ["image"]
    assert deciding_questions(compare(*few, [BLUE]), 0) == []
    assert deciding_questions(compare(many[0], many[0], [BLUE]), 0) == []


def test_the_terminal_splits_by_what_decides(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = {"none.zarr": small("none", members=300), "strikes.zarr": small("strikes", members=300)}
    monkeypatch.setattr("khamsin.ensemble.open_ensemble", lambda path: known[path.name])
    show_effects(Path("none.zarr"), Path("strikes.zarr"), as_json=False)
    said = capsys.readouterr().out
    assert "image = backlash" in said
    assert "…" not in said  # a number that is cut is no number
    assert "P: standard error 0.03 at most" in said
    monkeypatch.setenv("COLUMNS", "30")
    show_effects(Path("none.zarr"), Path("strikes.zarr"), as_json=False)
    narrow = capsys.readouterr().out
    assert sorted(NUMBERS.findall(narrow)) == sorted(NUMBERS.findall(said))
    show_effects(Path("none.zarr"), Path("strikes.zarr"), as_json=True)
    effects = json.loads(capsys.readouterr().out)["effects"]
    first = effects[0]["by_answer"]
    assert {a["hypothesis"] for a in first} == set(HYPOTHESES)
    whole = compare(known["none.zarr"], known["strikes.zarr"])
    assert [a["median"] for a in first] == whole["effect"].values[0, 1:].tolist()


def test_a_scenario_compared_with_itself_changes_nothing() -> None:
    a = small("none")
    effects = compare(a, a)
    assert (effects.difference == 0).all()
    assert (effects.probability_above == 0).all()
    assert effects.members_independent.isnull().all()


def test_main_outcomes_are_what_the_ensemble_holds() -> None:
    names = [one.name for one in main_outcomes(small())]
    assert "battle_deaths.total" in names
    assert "fighters.end" in names
    assert "fighters.end[actor:BLU]" in names
    assert "holder.places[actor:BLU]" in names
    assert not any("control" in n for n in names)


def test_places_held_are_counted() -> None:
    ds = small()
    held = Outcome("holder", "places", (("actor", ("BLU",)),)).measured(ds)
    np.testing.assert_array_equal(held, (ds.holder.isel(time=-1) == 1).sum("place"))


def _other_model() -> dict:
    return {"model": json.dumps({"name": "another"})}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.assign_attrs(seed=8), "different seeds"),
        (lambda d: d.assign_attrs(source_hash="changed"), "code of their processes was changed"),
        (lambda d: d.assign_attrs(_other_model()), "different models"),
        (lambda d: d.isel(member=slice(0, 40)), "different members"),
        (lambda d: d.isel(time=slice(0, 3)), "different months"),
        (
            lambda d: d.assign_coords(
                hypothesis_oil=("member", np.roll(d.hypothesis_oil.values, 1))
            ),
            "hypothesis_oil",
        ),
    ],
)
def test_unpaired_ensembles_are_refused(change: object, words: str) -> None:
    a, b = small("none"), change(small("strikes"))  # type: ignore[operator]
    with pytest.raises(InputError, match=words):
        check_paired(a, b)
    with pytest.raises(InputError, match=words):
        compare(a, b)


def test_unknown_outcomes_are_refused_with_the_nearest_name() -> None:
    ds = small()
    with pytest.raises(InputError, match="Did you mean battle_deaths"):
        compare(ds, ds, [Outcome("battle_death")])
    with pytest.raises(InputError, match="no actor"):
        compare(ds, ds, [Outcome("fighters", "end", (("actor", ("BLA",)),))])
    with pytest.raises(InputError, match="no measure"):
        Outcome("fighters", "sum")
