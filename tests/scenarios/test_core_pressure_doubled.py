"""core-pressure-doubled: twice the air war on IS in Iraq and Syria, and what Libya sees of it."""

from effects import paired_effect

ANSWERS = {"growth_LY": ("balloon", "independent", "brand")}
#: an answer under which the air war does not move the image: that of the core draws men to Libya
STILL = {"image": "reputation"}
YEAR = "2017-05-17"


def test_is_in_libya_gains_only_if_men_leave_the_core_for_it() -> None:
    found = paired_effect(
        "none", "core-pressure-doubled", "foreign", ["actor:ISL"], ANSWERS, until=YEAR, held=STILL
    )
    assert found["balloon"].above(), found
    for answer in ("independent", "brand"):
        assert not found[answer].above(), (answer, found)
        assert abs(found[answer].mean) < 0.2 * found["balloon"].mean


def test_the_core_is_pressed_under_every_answer() -> None:
    for variable, way in (("pressure", 1), ("strength", -1)):
        measure = "mean" if variable == "pressure" else None
        found = paired_effect(
            "none",
            "core-pressure-doubled",
            variable,
            ["actor:ISC"],
            ANSWERS,
            until=YEAR,
            measure=measure,
        )
        for answer, effect in found.items():
            assert effect.above() if way > 0 else effect.below(), (variable, answer, effect)
