"""route-open: the Aegean open again. How far Libya empties is what its closure had sent there."""

from effects import paired_effect

YEAR = "2017-05-17"
DIVERT = {"divert": ("pools", "share")}


def test_greece_fills_under_every_answer() -> None:
    for answers in (DIVERT, {"rescue": ("none", "pull", "raft_shift")}):
        found = paired_effect("none", "route-open", "arrivals", ["country:GR"], answers, until=YEAR)
        for answer, effect in found.items():
            assert effect.above(), (answer, effect)


def test_fewer_come_by_libya_only_if_the_closed_flow_had_diverted() -> None:
    found = paired_effect("none", "route-open", "arrivals", ["country:IT"], DIVERT, until=YEAR)
    assert found["share"].below(), found
    assert not found["pools"].below(3.0), found
    sent = paired_effect("none", "route-open", "diverted", ["corridor:LIBYA"], DIVERT, until=YEAR)
    assert sent["share"].below(), sent
    assert sent["pools"].mean == 0.0, sent
