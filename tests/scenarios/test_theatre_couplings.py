"""The couplings between theatres, one at a time: a coefficient at zero and at work, same luck."""

from effects import paired_effect

YEAR = "2017-05-17"
PAIR = ("as-it-happened", "as-it-happened")


def test_what_spills_over_from_libya_grows_in_the_sahel() -> None:
    found = paired_effect(
        *PAIR,
        "strength",
        ["actor:JNI"],
        until=YEAR,
        members=16,
        set_a={"sahel_growth.spill": 0.0},
        set_b={"sahel_growth.spill": 0.001 / 7},
    )[""]
    assert found.above(), found


def test_violence_of_the_state_feeds_the_sahel() -> None:
    found = paired_effect(
        *PAIR,
        "joined_sahel",
        ["actor:JNI"],
        until=YEAR,
        members=16,
        set_a={"sahel_growth.violence": 0.0},
        set_b={"sahel_growth.violence": 0.3},
    )[""]
    assert found.above(), found


def test_destruction_costs_those_who_attack_their_hold_and_brings_fewer_home() -> None:
    nothing = {"damage.resentment": 0.0, "return_home.b_damage": 0.0}
    ruins = paired_effect(
        *PAIR,
        "displaced",
        ["country:IQ"],
        members=16,
        set_a=nothing,
        set_b={"damage.resentment": 0.0, "return_home.b_damage": 5.0},
    )[""]
    assert ruins.above(), ruins
    grudge = paired_effect(
        *PAIR,
        "control",
        ["place:MOSU", "place:RAQQ", "place:SIRT", "actor:IRQ", "actor:SDF", "actor:MIS"],
        members=16,
        measure="mean",
        set_a=nothing,
        set_b={"damage.resentment": 30.0, "return_home.b_damage": 0.0},
    )[""]
    assert grudge.below(), grudge


def test_veterans_make_better_fighters() -> None:
    found = paired_effect(
        *PAIR,
        "experience",
        ["actor:NUS"],
        until="2016-12-31",
        members=16,
        set_a={"cadres.worth": 0.0},
        set_b={"cadres.worth": 0.02},
    )[""]
    assert found.above(), found
