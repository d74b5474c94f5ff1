"""route-closed: the central Mediterranean closed like the Aegean, under each answer."""

from effects import paired_effect

YEAR = "2017-05-17"
DIVERT = {"divert": ("pools", "share")}
RESCUE = {"rescue": ("none", "pull", "raft_shift")}


def test_fewer_land_in_italy_and_fewer_drown_under_every_answer() -> None:
    for answers in (DIVERT, RESCUE):
        for variable, where in (("arrivals", "country:IT"), ("sea_deaths", "country:LY")):
            found = paired_effect("none", "route-closed", variable, [where], answers, until=YEAR)
            for answer, effect in found.items():
                assert effect.below(), (variable, answer, effect)


def test_spain_and_greece_gain_only_if_the_closed_flow_diverts() -> None:
    for country in ("country:ES", "country:GR"):
        found = paired_effect("none", "route-closed", "arrivals", [country], DIVERT, until=YEAR)
        assert found["share"].above(), (country, found)
        assert abs(found["pools"].mean) < 0.1 * found["share"].mean, (country, found)
