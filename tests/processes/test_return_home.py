"""Return: calm, damage, hosts, and that people add up."""

from typing import Any

import numpy as np
import pytest

from khamsin import draws
from khamsin.processes.return_home import return_home


def _back(seed: int, **changed: Any) -> dict[str, Any]:
    """People of place 0 are hosted at 1 (near) and 2 (farther)."""
    state = {
        "population": np.array([1000.0, 5000.0, 5000.0]),
        "displaced": np.array([0.0, 5000.0, 5000.0]),
        "away": np.array([10000.0, 0.0, 0.0]),
        "came_home": np.zeros(3),
    }
    given = {
        "calm_days": np.full(3, 60.0),
        "buildings_damaged": np.zeros(3),
        "latitude": np.array([30.0, 31.0, 32.0]),
        "longitude": np.full(3, 15.0),
        "rate": 0.02 / 7,
        "b_damage": 2.0,
        "household": 5.5,
        "patience": 56.0,
        "reach": 150.0,
        "dt": 7.0,
        "rng": draws.new_stream(places=list("ABC"), seed=seed),
    }
    for name in list(changed):
        if name in state:
            state[name] = np.array(changed.pop(name), float)
    return_home(**state, **(given | changed))
    return state


def _mean(**changed: Any) -> float:
    return float(np.mean([_back(s, **dict(changed))["came_home"][0] for s in range(400)]))


def test_the_hazard_falls_with_damage() -> None:
    assert _mean() == pytest.approx(10000.0 * (1.0 - np.exp(-0.02)), rel=0.03)
    half = np.array([1000.0, 0.0, 0.0])  # of 11,000 / 5.5 buildings
    assert _mean(buildings_damaged=half) == pytest.approx(
        10000.0 * (1.0 - np.exp(-0.02 * np.exp(-1.0))), rel=0.05
    )
    ruined = np.array([1e9, 0.0, 0.0])
    assert _mean(buildings_damaged=ruined) == pytest.approx(
        10000.0 * (1.0 - np.exp(-0.02 * np.exp(-2.0))), rel=0.07
    )


def test_nobody_returns_before_it_is_calm() -> None:
    assert _back(1, calm_days=np.full(3, 50.0))["came_home"].sum() == 0.0


def test_near_hosts_lose_more() -> None:
    gone = 5000.0 - np.mean([_back(s)["displaced"][1:] for s in range(400)], axis=0)
    assert gone[0] / gone[1] == pytest.approx(np.exp(111.0 / 150.0), rel=0.07)


def test_people_add_up_even_when_hosts_run_out() -> None:
    for seed in range(20):
        state = _back(seed, dt=3650.0, displaced=[0, 10, 9990])
        assert (state["displaced"] >= 0).all()
        assert state["population"][0] == 1000.0 + state["came_home"][0]
        assert state["away"].sum() == state["displaced"].sum()
        assert state["population"].sum() + state["displaced"].sum() == 21000.0
