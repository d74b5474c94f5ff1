"""nigeria-aircraft-in-time: twelve aircraft after half a year, and what they do to Boko Haram."""

from effects import paired_effect

UNTIL = "2018-05-17"
PAIR = ("none", "nigeria-aircraft-in-time")


def test_boko_haram_loses_men_to_the_air() -> None:
    struck = paired_effect(*PAIR, "strike_deaths", ["country:NG"], until=UNTIL)[""]
    assert struck.above(), struck
    left = paired_effect(*PAIR, "strength", ["actor:BH", "actor:JAS"], until=UNTIL)[""]
    assert left.below(), left


def test_the_core_does_not_notice() -> None:
    core = paired_effect(*PAIR, "strike_deaths", ["actor:ISC"], until=UNTIL)[""]
    assert abs(core.mean) <= 2.0 * core.error
