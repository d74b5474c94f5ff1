"""The paired effects of sign tests: right by hand, and blind to nothing that is asked of them."""

import numpy as np
import pytest
from effects import MUTATION, paired_effect

from khamsin.model import Model, read


@pytest.fixture(scope="module")
def small(small_folder: object) -> Model:
    return read(str(small_folder))


def test_an_air_campaign_kills(small: Model) -> None:
    (effect,) = paired_effect(
        "as-it-is", "air-campaign", "strike_deaths", ["actor:REB"], model=small, members=16
    ).values()
    assert effect.above() and not effect.below()
    assert effect.mean == pytest.approx(effect.differences.mean())
    assert effect.error == pytest.approx(effect.differences.std(ddof=1) / 4)


def test_the_same_scenario_changes_nothing(small: Model) -> None:
    (effect,) = paired_effect("as-it-is", "as-it-is", "fighters", model=small, members=4).values()
    assert (effect.mean, effect.error) == (0.0, 0.0)
    assert not effect.above() and not effect.below()


def test_parts_add_up(small: Model) -> None:
    def total(where: list[str]) -> np.ndarray:
        found = paired_effect("as-it-is", "air-campaign", "fighters", where, model=small, members=4)
        return found[""].differences

    parts = total(["actor:REB", "place:SOUTH"]) + total(["actor:REB", "place:NORTH"])
    parts = parts + total(["actor:REB", "place:MIDDLE"])
    np.testing.assert_allclose(parts, total(["actor:REB"]))
    np.testing.assert_allclose(parts, total(["actor:REB", "country:XX"]))


def test_a_parameter_is_set_and_a_mutation_is_everywhere(
    small: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    def effect() -> float:
        (found,) = paired_effect(
            None,
            None,
            "battle_deaths",
            model=small,
            members=8,
            until="2024-03-31",
            set_b={"combat.defender_rate": 0.0},
        ).values()
        return found.mean

    assert effect() < 0
    monkeypatch.setenv(MUTATION, "combat.defender_rate=0")
    assert effect() == 0
    with pytest.raises(ValueError, match="no parameter"):
        paired_effect(
            None, None, "fighters", model=small, members=2, set_b={"combat.defender_rat": 0.0}
        )
    with pytest.raises(ValueError, match="means nothing"):
        paired_effect(None, None, "strikes", ["actor:REB"], model=small, members=2)
