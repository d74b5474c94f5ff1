"""core-pressure-doubled: twice the air war on IS in Iraq and Syria, and what Libya sees of it."""

from effects import paired_effect

ANSWERS = {"growth_LY": ("balloon", "independent", "brand")}
PAIR = ("none", "core-pressure-doubled")
YEAR = "2017-05-17"
# Strikes on the core reach Libya by its image too (hypothesis `image`): cut here, to see men alone.
CUT = {
    "foreign_fighters.image_response": 0.0,
    "recruitment.image_response": 0.0,
    "libya_growth.image_response": 0.0,
}


def test_is_in_libya_gains_only_if_men_leave_the_core_for_it() -> None:
    for variable in ("foreign_arrivals", "strength"):
        found = paired_effect(
            *PAIR, variable, ["actor:ISL"], ANSWERS, until=YEAR, members=80, set_a=CUT, set_b=CUT
        )
        assert found["balloon"].above(), (variable, found)
        for answer in ("independent", "brand"):
            assert found[answer].mean == 0.0, (variable, answer, found)


def test_the_core_is_pressed_and_shrinks() -> None:
    pressed = paired_effect(*PAIR, "pressure", ["actor:ISC"], until=YEAR, measure="mean")[""]
    assert pressed.above(), pressed
    left = paired_effect(*PAIR, "strength", ["actor:ISC"], until=YEAR)[""]
    assert left.below(), left
