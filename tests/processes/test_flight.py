"""Flight: hazards, destinations, and that people add up."""

from typing import Any

import numpy as np
import pytest

from khamsin import draws
from khamsin.processes.flight import flight


def _flee(seed: int, **changed: Any) -> dict[str, Any]:
    """Place 0 among three others: near and small, near and large, abroad."""
    state = {
        "population": np.array([10000.0, 2500.0, 10000.0, 10000.0]),
        "displaced": np.zeros(4),
        "away": np.zeros(4),
        "calm_days": np.full(4, 100.0),
        "fled": np.zeros(4),
    }
    given = {
        "battle_deaths": np.zeros((4, 2)),
        "civilian_deaths": np.zeros(4),
        "offensive": np.zeros((4, 2)),
        "control": np.zeros((4, 2)),
        "holder": np.full(4, -1.0),
        "latitude": np.array([30.0, 31.0, 31.0, 31.0]),
        "longitude": np.full(4, 15.0),
        "country": np.array([0.0, 0.0, 0.0, 1.0]),
        "fighting_hazard": 0.006 / 7,
        "siege_hazard": 0.01 / 7,
        "terror_hazard": 0.002 / 7,
        "rule": np.array([1.0, 0.0]),
        "alarm": 0.004 / 7,
        "reach": 150.0,
        "abroad": 0.5,
        "unsafe": 0.1,
        "dt": 7.0,
        "rng": draws.new_stream(places=list("ABCD"), seed=seed),
    }
    for name in list(changed):
        if name in state:
            state[name] = np.array(changed.pop(name), float)
    flight(**state, **(given | changed))
    return state


def _one(**at_place_0: float) -> dict[str, np.ndarray]:
    return {
        name: np.concatenate([[value], np.zeros(3)])
        if name == "civilian_deaths"
        else np.concatenate([[[value, 0.0]], np.zeros((3, 2))])
        for name, value in at_place_0.items()
    }


@pytest.mark.parametrize(
    ("reason", "hazard"),
    [
        (_one(battle_deaths=9.0), 0.006 * 3.0),
        (_one(civilian_deaths=9.0), 0.006 * 3.0),
        (_one(offensive=0.5), 0.005),
        (_one(control=0.5), 0.001),
    ],
    ids=["fighting", "civilians", "siege", "terror"],
)
def test_each_reason_has_its_hazard(reason: dict[str, np.ndarray], hazard: float) -> None:
    fled = np.mean([_flee(s, **reason)["fled"][0] for s in range(500)])
    assert fled == pytest.approx(10000.0 * (1.0 - np.exp(-hazard)), rel=0.04)


def test_nobody_flees_without_reason_and_a_holder_does_not_besiege_itself() -> None:
    assert _flee(1)["fled"].sum() == 0.0
    held = _flee(1, **_one(offensive=1.0), holder=np.zeros(4))
    assert held["fled"].sum() == 0.0
    assert (held["calm_days"] == 107.0).all()


def test_destinations_follow_size_distance_and_kin() -> None:
    went = np.mean([_flee(s, **_one(battle_deaths=100.0))["displaced"] for s in range(500)], axis=0)
    assert went[0] == 0.0
    assert went[2] / went[1] == pytest.approx(2.0, rel=0.05)  # the square root of four
    assert went[3] / went[2] == pytest.approx(0.5, rel=0.05)  # abroad
    far = np.array([30.0, 32.0, 31.0, 31.0])
    went = np.mean(
        [_flee(s, **_one(battle_deaths=100.0), latitude=far)["displaced"] for s in range(500)],
        axis=0,
    )
    assert went[2] / went[1] == pytest.approx(2.0 * np.exp(111.0 / 150.0), rel=0.07)


def test_people_add_up_and_a_place_alone_keeps_its_people() -> None:
    for seed in range(20):
        state = _flee(seed, **_one(battle_deaths=400.0))
        assert state["population"].sum() + state["displaced"].sum() == 32500.0
        assert state["away"].sum() == state["displaced"].sum() == state["fled"].sum() > 0.0
        assert state["calm_days"][0] == 0.0
    alone = _flee(1, **_one(battle_deaths=400.0), population=[10000, 0, 0, 0])
    assert alone["fled"][0] == 0.0
    assert alone["population"][0] == 10000.0
