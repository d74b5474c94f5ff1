"""Embargo lifted, embargo enforced: the recorded shipments and the price of arms, under each answer
of `embargo`."""

import pytest
from effects import Effect, paired_effect

RULES = ("proportional", "threshold", "price")


def changed(scenario: str, variable: str, *where: str) -> dict[str, Effect]:
    return paired_effect(
        "none",
        scenario,
        variable,
        where,
        answers={"embargo": RULES},
        until="2017-11-30",
        members=32,
        measure="total" if variable == "shipments" else "end",
    )


@pytest.mark.parametrize("rule", RULES)
def test_more_shipments_arrive_without_the_embargo_and_fewer_under_a_hard_one(rule: str) -> None:
    assert changed("embargo-lifted", "shipments")[rule].above()
    assert changed("embargo-enforced", "shipments")[rule].below()


def test_the_price_of_arms_in_libya_follows_the_embargo_if_it_works_by_price() -> None:
    lifted = changed("embargo-lifted", "arms_price", "place:TRIP")
    enforced = changed("embargo-enforced", "arms_price", "place:TRIP")
    assert lifted["price"].below()
    assert enforced["price"].above()
    for rule in ("proportional", "threshold"):  # nothing but what actors buy reaches the price
        for effect in (lifted[rule], enforced[rule]):
            assert abs(effect.mean) < 0.05 * 700
