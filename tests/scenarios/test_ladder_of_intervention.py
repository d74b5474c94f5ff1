"""The scenarios of the ladder against `none`: the sign of what each rung does to a recorded series.

Series of `model.yaml`: `is_fighters_libya` (strength of ISL), `strikes_sirte`, `is_fighters_sirte`,
`sirte_with_misrata` (who holds Sirte: here by what IS still controls).
"""

import pytest
from effects import Effect, paired_effect

UNTIL = "2016-12-31"
AIR = {"air": ("attrition", "capture", "backlash")}
LAWS = {"combat_law": ("square", "mixed", "log", "deitchman")}


def test_air_power_strikes_and_wears_is_down_whatever_else_strikes_do() -> None:
    weaker = paired_effect("none", "airpower", "strength", ["actor:ISL"], AIR, until=UNTIL)
    flown = paired_effect("none", "airpower", "strikes", ["place:SIRT"], AIR, until=UNTIL)
    for answer in AIR["air"]:
        assert flown[answer].above(), (answer, flown[answer])
        assert weaker[answer].below(), (answer, weaker[answer])


def test_air_power_takes_ground_only_where_strikes_do_so() -> None:
    held = paired_effect(
        "none", "airpower", "control", ["place:SIRT", "actor:ISL"], AIR, until=UNTIL, measure="mean"
    )
    assert held["capture"].below(), held
    assert held["capture"].mean < held["backlash"].mean, held


def test_ground_forces_throw_is_out_under_each_law_of_combat() -> None:
    held = paired_effect(
        "none",
        "ground-forces",
        "control",
        ["place:SIRT", "actor:ISL"],
        LAWS,
        until=UNTIL,
        measure="mean",
        members=20,
    )
    for answer, effect in held.items():
        assert effect.below(), (answer, effect)


def test_special_forces_wear_is_down_a_little_and_spare_those_they_advise() -> None:
    """With advice worth what it may be worth at most: `is_fighters_sirte`, and who is killed."""
    worth = {"effort.advisers": 0.3}

    def effect(variable: str, where: list[str]) -> Effect:
        found = paired_effect(
            "none",
            "special-forces",
            variable,
            where,
            until=UNTIL,
            measure="mean",
            set_a=worth,
            set_b=worth,
        )
        return found[""]

    left = effect("fighters", ["place:SIRT", "actor:ISL"])
    assert left.below(), left
    assert left.mean > -200.0  # a hundred advisers are no army
    assert effect("battle_deaths", ["actor:MIS"]).below()


def test_arms_reach_those_who_serve_the_unity_government() -> None:
    (arms,) = paired_effect(
        "none", "arms-for-the-unity-government", "arms", ["actor:MIS"], until=UNTIL
    ).values()
    assert arms.above(), arms
    (others,) = paired_effect(
        "none", "arms-for-the-unity-government", "arms", ["actor:ZNT"], until=UNTIL
    ).values()
    assert abs(others.mean) < 0.05 * arms.mean


def test_a_government_with_power_governs_more_and_helps_at_sirte() -> None:
    answers = {"coalition": ("minimum_winning", "homophily", "patronage")}
    scenario = "unity-government-gains-power"
    where = ["place:SIRT", "actor:ISL"]
    held = paired_effect("none", scenario, "control", where, answers, until=UNTIL, measure="mean")
    for answer, effect in held.items():
        assert effect.below(), (answer, effect)
    (reach,) = paired_effect(
        "none", scenario, "government_control", ["organisation:GNA"], until=UNTIL
    ).values()
    assert reach.above(), reach


def test_the_replay_does_not_double_the_strikes() -> None:
    """Clamped (decision 19): without its rungs the record's strikes are the same to the last."""
    (effect,) = paired_effect(
        "as-it-happened",
        "as-it-happened",
        "strikes",
        ["place:SIRT"],
        until=UNTIL,
        members=8,
        set_b={"ladder.up": 0.0, "threat.w_adversary": 0.0},
    ).values()
    assert (effect.mean, effect.error) == (0.0, 0.0)


@pytest.mark.parametrize(("name", "sign"), [("ladder.enough", -1), ("threat.w_stability", 1)])
def test_the_goal_decides_how_long_powers_stay(name: str, sign: int) -> None:
    """Who came for IS goes when it is beaten; who came to stabilise stays."""
    value = 3000.0 if name == "ladder.enough" else 0.5
    (effect,) = paired_effect(
        None,
        None,
        "rung",
        ["power:US"],
        held={"goal": "migration"},
        until="2017-12-31",
        set_a={name: 0.0},
        set_b={name: value},
        measure="mean",
    ).values()
    assert effect.below() if sign < 0 else effect.above(), effect
