"""The table of couplings: it names what the model has, and a mutation is seen."""

import pytest
from verification.couplings import COUPLINGS
from verification.mutations import survives

from khamsin.model import Model
from khamsin.plan import plan


def test_the_table_names_what_there_is(libya: Model) -> None:
    names = {p.name for p in plan(libya).parameters}
    assert len(COUPLINGS) > 30
    for one in COUPLINGS:
        assert one.coefficient in names
        assert one.variable in libya.variables
        assert one.scenario is None or one.scenario in libya.scenarios
        for question, answer in one.held.items():
            assert answer in libya.hypotheses[question].answers


@pytest.mark.parametrize("name", ["cadres.worth"])
def test_a_coefficient_at_zero_fails_its_sign_test(name: str) -> None:
    (one,) = [c for c in COUPLINGS if c.coefficient == name]
    assert one.holds(one.effect(8))
    assert not survives(name, one.zero)
