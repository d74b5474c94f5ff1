"""What strikes on IS do to its image and its inflow, under each answer of `image`: the effect of
the US air campaign at Sirte (as-it-happened less no-airpower) and of twice the air war."""

import pytest
from effects import Effect, paired_effect

ANSWERS = {"image": ("backlash", "momentum", "mixed", "disengagement", "reputation", "threshold")}
YEAR = "2017-05-17"
END = "2016-12-31"  # the campaign ran from 1 August to 19 December 2016


def _of_the_campaign(variable: str, *where: str) -> dict[str, Effect]:
    return paired_effect(
        "no-airpower", "as-it-happened", variable, where, ANSWERS, until=END, members=32
    )


@pytest.mark.parametrize(
    ("variable", "where"),
    [
        ("image", ("audience:local", "actor:ISL")),
        ("foreign_arrivals", ("actor:ISL",)),
    ],
)
def test_the_sign_of_strikes_is_the_hypothesis(variable: str, where: tuple[str, ...]) -> None:
    """Up where being attacked pays, never up where it does not; reputation moves neither."""
    found = _of_the_campaign(variable, *where)
    assert found["backlash"].above(), found
    assert found["mixed"].above(), found  # the short run: the strikes are fresh
    assert found["threshold"].below(), found
    for answer in ("momentum", "disengagement"):  # strikes cost territory, and that costs image
        assert not found[answer].above(), found
    assert found["reputation"].mean == 0, found


def test_in_the_core_momentum_outweighs_the_air_war() -> None:
    """A year of twice the air war: the image falls with territory, rises with martyrdom."""
    found = paired_effect(
        "none",
        "core-pressure-doubled",
        "image",
        ["audience:region", "actor:ISC"],
        ANSWERS,
        until=YEAR,
        members=16,
    )
    assert found["backlash"].above(), found
    assert found["momentum"].below(), found
    assert found["disengagement"].below(), found
    assert found["threshold"].below(), found
    assert found["reputation"].mean == 0, found


def test_the_far_audience_hardly_sees_one_city() -> None:
    """What the region sees is the whole movement, in which Sirte is a small part."""
    near = _of_the_campaign("image", "audience:local", "actor:ISL")["backlash"]
    far = _of_the_campaign("image", "audience:region", "actor:ISL")["backlash"]
    assert abs(far.mean) < 0.3 * near.mean


def test_strikes_bring_bombs_to_baghdad_only_for_reputation() -> None:
    """Twice the air war on the core: provocation answers to it, the rest of the campaign does not
    gain."""
    found = paired_effect(
        "none", "core-pressure-doubled", "attacks", ["place:BAGH"], ANSWERS, until=YEAR, members=16
    )
    without = paired_effect(
        "none",
        "core-pressure-doubled",
        "attacks",
        ["place:BAGH"],
        {"image": ("reputation",)},
        until=YEAR,
        members=16,
        set_a={"baghdad_bombs.provocation": 0},
        set_b={"baghdad_bombs.provocation": 0},
    )["reputation"]
    assert found["reputation"].mean > without.mean
    assert (found["reputation"].differences - without.differences).sum() > 0
