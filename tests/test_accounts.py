"""Oil, money and arms add up from what was written, in every step and for parameters far out in
their priors: each barrel, dollar and kit comes from a named source and goes to a named sink
(decision 16)."""

import numpy as np
import pytest
from recording import recording

from khamsin.engine import Engine, compile_plan
from khamsin.model import Model
from khamsin.plan import plan

OIL = ("oil_produced", "oil_loaded", "oil_sold", "oil_unsold")
MONEY_STOCKS = ("treasury", "state_account")
MONEY_IN = ("oil_income", "smuggled_oil_income", "taxes", "smuggling_income", "patron_money")
MONEY_OUT = ("public_spending", "pay", "arms_spending", "other_spending")
ARMS_STOCKS = ("arms", "market_arms")
ARMS_IN = ("arms_brought", "arms_delivered")
ARMS_OUT = ("arms_worn", "arms_spent", "arms_lost")
WITHIN = ("arms_ceded", "arms_captured", "arms_in", "arms_out", "arms_bought", "arms_leaked")
PER_ACTOR = (
    ("arms_brought", "arms_delivered", "arms_captured", "arms_bought"),
    (
        "arms_worn",
        "arms_spent",
        "arms_lost",
        "arms_ceded",
        "arms_leaked",
    ),
)


def _wild(engine: Engine, parameters: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Parameters far out in their priors, and rates tens of times faster."""
    found = parameters.copy()
    for p in engine.plan.parameters:
        for k, prior in enumerate(p.priors):
            values = np.asarray(prior.quantile(rng.uniform(0.001, 0.999, parameters.shape[0])))
            if p.unit.endswith("/day"):
                values = values * np.exp(rng.normal(0.5, 1.5, values.size))
            found[:, p.offset + k] = values
    return found


@pytest.fixture(scope="module", params=[False, True], ids=["usual", "wild"])
def accounts(request: pytest.FixtureRequest, libya: Model) -> dict[str, np.ndarray]:
    """What was written in every step, dims (member, step, ...); stocks with their start before."""
    names = {*OIL, *MONEY_STOCKS, *MONEY_IN, *MONEY_OUT, *ARMS_STOCKS, *ARMS_IN, *ARMS_OUT, *WITHIN}
    resolved = plan(libya)
    there = [n for n in sorted(names) if n in resolved.slots]
    engine = compile_plan(plan(recording(libya, *there), "as-it-happened"), 5)
    members = np.arange(6)
    state, parameters, values = engine.start(members)
    if request.param:
        parameters = _wild(engine, parameters, np.random.default_rng(5))
        rule = next(p for p in engine.plan.parameters if p.name == "arms_delivery.rule")
        parameters[:, rule.offset] = members % 3
    starts = {}
    for name in (*MONEY_STOCKS, *ARMS_STOCKS):
        slot = engine.plan.slots[name]
        starts[name] = state[:, slot.offset : slot.offset + slot.size].copy()
    written = engine.advance(state, parameters, values, members, 0, engine.plan.calendar.steps)
    found = {n: x.reshape(*x.shape[:2], -1) for n, x in written.items()}
    for name, start in starts.items():
        found[name] = np.concatenate([start[:, None], found[name]], axis=1)
    for name, x in found.items():
        assert np.isfinite(x).all(), name
        assert (x >= 0).all(), name
    return found


def _sum(accounts: dict[str, np.ndarray], names: tuple[str, ...]) -> np.ndarray:
    return sum((accounts[n].sum(axis=2) for n in names), np.zeros(1))


def _balanced(
    accounts: dict[str, np.ndarray],
    stocks: tuple[str, ...],
    gains: tuple[str, ...],
    losses: tuple[str, ...],
) -> None:
    held = _sum(accounts, stocks)
    missing = np.diff(held, axis=1) - _sum(accounts, gains) + _sum(accounts, losses)
    assert (np.abs(missing) <= 1e-9 * np.maximum(held[:, 1:], 1.0)).all(), np.abs(missing).max()
    for name in (*gains, *losses):
        assert accounts[name].any(), f"{name} never happened: nothing was tested"


def test_each_barrel_produced_is_loaded_and_sold(accounts: dict[str, np.ndarray]) -> None:
    produced, loaded = _sum(accounts, ("oil_produced",)), _sum(accounts, ("oil_loaded",))
    assert produced.min() > 0
    assert produced == pytest.approx(loaded, rel=1e-9)
    assert loaded == pytest.approx(_sum(accounts, ("oil_sold", "oil_unsold")), rel=1e-9)


def test_each_dollar_is_earned_and_spent(accounts: dict[str, np.ndarray]) -> None:
    _balanced(accounts, MONEY_STOCKS, MONEY_IN, MONEY_OUT)


def test_each_kit_comes_from_somewhere_and_goes_somewhere(accounts: dict[str, np.ndarray]) -> None:
    _balanced(accounts, ARMS_STOCKS, ARMS_IN, ARMS_OUT)
    for one, other in (("arms_ceded", "arms_captured"), ("arms_in", "arms_out")):
        assert _sum(accounts, (one,)) == pytest.approx(_sum(accounts, (other,)), rel=1e-9)


def test_each_actor_accounts_for_its_kits(accounts: dict[str, np.ndarray]) -> None:
    gains, losses = ([accounts[n] for n in names] for names in PER_ACTOR)
    missing = np.diff(accounts["arms"], axis=1) - sum(gains) + sum(losses)
    assert (np.abs(missing) <= 1e-9 * np.maximum(accounts["arms"][:, 1:], 1.0)).all()


def test_a_facility_feeds_one_further_down_the_table(libya: Model) -> None:
    """One pass down the table pushes the oil through the chain only if it is in that order."""
    table = libya.tables["facility"]
    for k, after in enumerate(table.columns["feeds"]):
        assert not after or table.index(after) > k, table.ids[k]
