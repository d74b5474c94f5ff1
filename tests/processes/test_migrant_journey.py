"""Journey: hazards against their formulas, the fee, and that nobody is lost."""

from typing import Any

import numpy as np
import pytest

from khamsin import draws
from khamsin.processes.migrant_journey import migrant_journey


def _move(seed: int, **changed: Any) -> dict[str, Any]:
    """Links 0 -> 1 (desert), 0 -> 2 and 1 -> 2; people at place 0, which actor 1 holds."""
    state = {
        "waiting_migrants": np.array([1000.0, 0.0, 0.0]),
        "travelling_migrants": np.zeros(3),
        "detained_migrants": np.zeros(3),
        "migrant_moves": np.zeros(3),
        "desert_deaths": np.zeros(3),
        "migrant_returns": np.zeros(3),
        "smuggling_income": np.zeros(2),
    }
    given = {
        "holding_days": np.array([14.0, 14.0, 0.0]),
        "detains": np.array([1.0, 0.0, 0.0]),
        "holder": np.array([1.0, -1.0, -1.0]),
        "way": np.array([3.0, 1.0, 1.0]),
        "desert": np.array([1.0, 0.0, 0.0]),
        "way_fee": np.array([200.0, 200.0, 200.0]),
        "route_open": np.ones(3),
        "link_from": np.array([0.0, 0.0, 1.0]),
        "link_to": np.array([1.0, 2.0, 2.0]),
        "link_km": np.array([1000.0, 500.0, 100.0]),
        "speed": 100.0,
        "desert_risk": 0.01,
        "giving_up": 0.01,
        "arrest": 0.005,
        "detention": 100.0,
        "retry": 0.4,
        "cut": 0.25,
        "dt": 7.0,
        "rng": draws.new_stream(places=["A", "B", "C"], seed=seed),
    }
    for name in list(changed):
        if name in state:
            state[name] = np.array(changed.pop(name), float)
    migrant_journey(**state, **(given | changed))
    return state


def _people(state: dict[str, Any]) -> float:
    stocks = ("waiting_migrants", "travelling_migrants", "detained_migrants")
    return float(sum(state[n].sum() for n in (*stocks, "desert_deaths", "migrant_returns")))


def test_exits_from_a_place_compete() -> None:
    states = [_move(s) for s in range(400)]
    total = 1 / 14 + 0.015
    out = 1000.0 * (1.0 - np.exp(-total * 7.0))
    for name, hazard in (
        ("migrant_moves", 1 / 14),
        ("migrant_returns", 0.01),
        ("detained_migrants", 0.005),
    ):
        mean = np.mean([s[name].sum() for s in states])
        assert mean == pytest.approx(out * hazard / total, rel=0.03), name
    taken = np.mean([s["migrant_moves"] for s in states], axis=0)
    assert taken[0] / taken[1] == pytest.approx(3.0, rel=0.05)
    assert taken[2] == 0.0
    for s in states:
        assert _people(s) == 1000.0
        assert s["smuggling_income"][1] == pytest.approx(0.25 * 200e-6 * s["migrant_moves"].sum())
        assert s["smuggling_income"][0] == 0.0


def test_the_desert_kills_by_its_length() -> None:
    states = [
        _move(s, waiting_migrants=[0, 0, 0], travelling_migrants=[1e5, 0, 0]) for s in range(50)
    ]
    dead = np.mean([s["desert_deaths"][0] for s in states])
    gone = np.mean([1e5 - s["travelling_migrants"][0] for s in states])
    assert dead / gone == pytest.approx(0.01 / 1.01, rel=0.03)
    assert gone == pytest.approx(1e5 * (1.0 - np.exp(-7.0 * (0.1 + 0.001))), rel=0.01)
    assert all(_people(s) == 1e5 for s in states)


def test_closed_routes_hold_people_where_they_are() -> None:
    state = _move(2, route_open=np.zeros(3))
    assert state["migrant_moves"].sum() == 0.0
    assert _people(state) == 1000.0
    half = np.mean(
        [_move(s, route_open=np.full(3, 0.5))["migrant_moves"].sum() for s in range(300)]
    )
    whole = np.mean([_move(s)["migrant_moves"].sum() for s in range(300)])
    assert half == pytest.approx(0.54 * whole, rel=0.05)  # half the hazard of moving on


def test_some_of_those_let_go_try_again() -> None:
    states = [
        _move(s, waiting_migrants=[0, 0, 0], detained_migrants=[0, 0, 1e4]) for s in range(100)
    ]
    again = np.mean([s["waiting_migrants"][2] for s in states])
    home = np.mean([s["migrant_returns"][2] for s in states])
    assert again / (again + home) == pytest.approx(0.4, rel=0.03)
    assert again + home == pytest.approx(1e4 * (1.0 - np.exp(-0.07)), rel=0.03)


def test_an_empty_map_costs_no_draw() -> None:
    state = _move(1, waiting_migrants=[0, 0, 0])
    assert _people(state) == 0.0
