"""The 89 claims of libya-2016: all there, all in our words, each tied to something that lives."""

from collections import Counter

import numpy as np
import pytest
from recording import recording

from khamsin.engine import compile_plan
from khamsin.model import Model
from khamsin.plan import Plan, plan

TYPES = {
    "causal claim": 29,
    "hypothesis": 20,
    "quantity": 15,
    "entity": 12,
    "forecast": 11,
    "normative": 2,
}


@pytest.fixture(scope="module")
def whole(libya: Model) -> Plan:
    return plan(libya)


def test_every_claim_of_the_article_is_there(libya: Model) -> None:
    claims = libya.claims.claims
    assert Counter(c.type for c in claims.values()) == TYPES
    assert {c.sentence for c in claims.values()} == set(range(1, 31))
    for claim in claims.values():
        assert len(claim.quote.split()) <= 12
        assert claim.quote.lower() not in claim.says.lower()
        assert not claim.not_modelled.startswith("Not yet")
    assert all(c.not_modelled for c in claims.values() if c.type == "normative")
    assert sum(bool(c.not_modelled) for c in claims.values()) <= 10


def test_every_measured_claim_is_linked_and_could_be_refuted(libya: Model) -> None:
    for claim in libya.claims.claims.values():
        if not claim.not_modelled:
            assert claim.linked and claim.refuted_by, claim.id


def _linked(libya: Model, kind: str) -> list[str]:
    links = [link for c in libya.claims.claims.values() for link in c.linked]
    return sorted({x.partition(":")[2] for x in links if x.startswith(f"{kind}:")})


def test_linked_parameters_are_drawn_or_set_by_a_claim(libya: Model, whole: Plan) -> None:
    names = {p.name for p in whole.parameters}
    assert set(_linked(libya, "parameter")) <= names


def test_linked_variables_are_read_and_vary(libya: Model, whole: Plan) -> None:
    linked = _linked(libya, "variable")
    assert len(linked) > 25
    read = {
        i.variable(a) for i in whole.instances for a in i.process.variables if a.intent != "out"
    }
    observed = {o.variable for o in libya.observations.values()}
    recorded = set(libya.outputs.variables)
    assert not [v for v in linked if v not in read | observed | recorded]
    engine = compile_plan(plan(recording(libya, *linked, every="month")))
    members = np.arange(16)
    state, parameters, values = engine.start(members)
    records = engine.advance(state, parameters, values, members, 0, whole.calendar.steps)
    dead = [v for v in linked if not (records[v].std(axis=0) > 0).any()]
    assert not dead


def test_the_parts_of_the_article(libya: Model) -> None:
    assert sorted(p.number for p in libya.parts.values()) == list(range(1, 19))


def test_every_loop_of_the_article_is_pushed(libya: Model) -> None:
    assert {f"L0{k}" for k in range(1, 9)} == {x.claim for x in libya.claims.loops.values()}
