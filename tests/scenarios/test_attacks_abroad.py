"""What makes IS attack abroad, under each answer of `abroad`: pressure on the core doubled."""

from effects import paired_effect

ANSWERS = {"abroad": ("lash_out", "capacity", "contagion")}
YEAR = "2017-05-17"
#: an answer under which strikes and territory do not move the image, so that pressure acts alone
STILL = {"image": "reputation"}
EUROPE = ["place:PARI", "place:NICE", "place:BRUX", "place:ISTA"]


def test_pressure_raises_attacks_only_for_lashing_out() -> None:
    """Against the same run in which pressure moves nothing."""
    found = paired_effect(
        "core-pressure-doubled",
        "core-pressure-doubled",
        "attacks",
        EUROPE,
        ANSWERS,
        until=YEAR,
        set_a={"attacks_abroad.pressure_response": 0},
        members=40,
        held=STILL,
    )
    assert found["lash_out"].above(), found
    assert found["capacity"].mean == 0, found
    assert found["contagion"].mean == 0, found


def test_a_smaller_base_means_fewer_attacks_only_for_capacity() -> None:
    found = paired_effect(
        "none",
        "core-pressure-doubled",
        "attacks",
        EUROPE,
        ANSWERS,
        until=YEAR,
        members=40,
        held=STILL,
    )
    assert found["capacity"].below(), found
    assert found["lash_out"].mean > found["capacity"].mean, found


def test_tunisia_is_attacked_from_sabratha() -> None:
    """Without the men at Sabratha and the crossings nobody is left to cross the border."""
    found = paired_effect(
        "none",
        "none",
        "attacks",
        ["country:TN"],
        until=YEAR,
        set_b={"tunisia_attacks.reach": 0, "tunisia_attacks.unplaced_reach": 0},
        members=40,
    )[""]
    assert found.below(), found
