"""What money and arms do to the war: each coupling seen on a series of its own."""

import numpy as np
import pytest
from effects import Effect, paired_effect

from khamsin.engine import compile_plan
from khamsin.model import Model
from khamsin.plan import plan

YEAR = "2017-05-17"


def without_pay(variable: str, *where: str, **others: float) -> Effect:
    """The state pays nobody, against the state that pays all it should."""
    held = {"territorial_control.noise": 0.0, **others}
    return paired_effect(
        "none",
        "none",
        variable,
        where,
        until=YEAR,
        members=24,
        measure="mean" if variable == "arrears" else None,
        set_a={"oil_income.armed_share": 0.3, **held},
        set_b={"oil_income.armed_share": 0.0, **held},
    )[""]


def test_a_state_that_does_not_pay_owes_and_loses_its_fighters() -> None:
    assert without_pay("arrears", "actor:MIS").mean > 60
    assert without_pay("deserters", "actor:MIS").above(4)
    assert not without_pay("deserters", "actor:BH").differences.any()


def test_unpaid_guards_shut_the_oil() -> None:
    often = {"blockade.begin": 0.01 / 7}
    assert without_pay("blockades", **often).above(3)
    assert without_pay("oil_produced", **often).below()


def test_the_unpaid_change_sides() -> None:
    assert without_pay("flips", "country:LY", **{"side_switching.rate": 0.02 / 7}).above()


def test_those_without_arms_die() -> None:
    """State forces are kept in arms; the others start with what they have."""
    found = paired_effect(
        "none",
        "none",
        "battle_deaths",
        ["actor:ISC"],
        until="2016-11-17",
        members=24,
        set_a={"supply.kits": 2.0},
        set_b={"supply.kits": 0.2},
    )[""]
    assert found.above(4)


def test_donated_arms_leak_in_proportion() -> None:
    found = paired_effect(
        "none",
        "none",
        "arms_leaked",
        ["actor:LNA"],
        answers={"leak": ("proportional",)},
        until="2016-11-17",
        members=24,
        set_b={"arms_market.leak": 0.0},
    )
    assert found["proportional"].below()


@pytest.fixture(scope="module")
def by_answer(libya: Model) -> dict[str, dict[str, np.ndarray]]:
    """A year of `none`, half of the members under each answer of `oil`; dims (member, ...)."""
    from recording import recording

    model = recording(libya, "oil_smuggled", "smuggled_oil_income", "attacks_on_facilities")
    engine = compile_plan(plan(model, "none"), 1)
    members = np.arange(40)
    state, parameters, values = engine.start(members)
    from khamsin.plan.hypotheses import answers_of

    held = answers_of(libya.hypotheses, engine.plan.live, 1, members)["oil"]
    written = engine.advance(state, parameters, values, members, 0, 52)
    isl = engine.plan.dims["actor"].index("ISL")
    omar = engine.plan.dims["facility"].index("F_OMAR")
    return {
        answer: {
            "income": written["smuggled_oil_income"][held == answer][:, :, isl].sum(axis=1),
            "smuggled": np.delete(written["oil_smuggled"], omar, 2)[held == answer].sum(
                axis=(1, 2)
            ),
            "raids": written["attacks_on_facilities"][held == answer].sum(axis=(1, 2)),
        }
        for answer in ("monetise", "deny")
    }


def test_is_sells_oil_or_raids_it(by_answer: dict[str, dict[str, np.ndarray]]) -> None:
    """None was seen to be sold in 2016: the telling difference."""
    assert not by_answer["deny"]["income"].any()
    assert not by_answer["deny"]["smuggled"].any()
    assert by_answer["deny"]["raids"].mean() > by_answer["monetise"]["raids"].mean()
    assert by_answer["monetise"]["income"].sum() > 0
