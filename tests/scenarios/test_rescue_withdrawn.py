"""rescue-withdrawn: nobody looks for boats off Libya, under each answer of `rescue`."""

from effects import paired_effect

RESCUE = {"rescue": ("none", "pull", "raft_shift")}


def test_more_drown_and_rafts_make_it_fewer() -> None:
    found = paired_effect(
        "none", "rescue-withdrawn", "sea_deaths", ["country:LY"], RESCUE, until="2017-05-17"
    )
    assert found["none"].above(), found
    assert found["pull"].above(), found
    assert found["raft_shift"].mean < 0.7 * found["none"].mean, found


def test_fewer_put_to_sea_only_if_rescue_pulls() -> None:
    found = paired_effect(
        "none", "rescue-withdrawn", "departures", ["country:LY"], RESCUE, until="2017-05-17"
    )
    assert found["pull"].below(), found
    for answer in ("none", "raft_shift"):
        assert abs(found[answer].mean) < 0.1 * abs(found["pull"].mean), (answer, found)
