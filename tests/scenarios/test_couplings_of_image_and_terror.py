"""The finer coefficients of image and terror each move something: one at zero, same futures.

All but one look at the same futures: disengagement, under which most of them are live, and twice
the air war on the core. Coarser ones are in verification/couplings.py.
"""

import pytest
from effects import paired_effect

END = "2016-12-31"
ISC = ["actor:ISC"]
REGION = ["audience:region", "actor:ISC"]

#: coefficient, what it moves, whether it raises (+1) or lowers it (-1); 0 is either, by future
COUPLINGS = [
    ("image.harm", "image", REGION, 0),
    ("image.government", "image", REGION, -1),
    ("image.neutral", "image", REGION, -1),
    ("image.attacks", "image", REGION, 0),
    ("image.own_killing", "image", REGION, 0),
    ("libya_growth.image_response", "joined", ["actor:ISL"], 0),
    ("recruitment.unrest_response", "recruits", ISC, 0),
    ("recruitment.harm_response", "recruits", ISC, +1),
    ("desertion.in_retreat", "deserters", ISC, +1),
    ("baghdad_bombs.shake", "instability", ["actor:IRQ"], +1),
    ("recruitment.coerced", "recruits", ISC, +1),
]


@pytest.mark.parametrize(
    ("coefficient", "variable", "where", "sign"), COUPLINGS, ids=[c[0] for c in COUPLINGS]
)
def test_a_coefficient_moves_its_series(
    coefficient: str, variable: str, where: list[str], sign: int
) -> None:
    held = {"image": "disengagement", "support": "balancing", "growth_LY": "brand"}
    if coefficient == "recruitment.coerced":
        held["local_intake"] = "coercion"
    effect = paired_effect(
        "core-pressure-doubled",
        "core-pressure-doubled",
        variable,
        where,
        until=END,
        held=held,
        set_a={coefficient: 0},
        members=16,
    )[""]
    if sign == 0:
        assert abs(effect.differences).max() > 0, effect
    else:
        assert effect.above() if sign > 0 else effect.below(), effect
