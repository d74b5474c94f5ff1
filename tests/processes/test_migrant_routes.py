"""Routes: shares of an open map, closure, and what diverts."""

from typing import Any

import numpy as np
import pytest

from khamsin import draws
from khamsin.processes.migrant_routes import migrant_routes


def _send(seed: int, opened: tuple[float, float], **changed: Any) -> dict[str, Any]:
    """One origin, two corridors that start at places 0 and 1, with one coast each (2 and 3)."""
    state = {
        "origin_pool": np.array([1e6]),
        "diverting": np.zeros(1),
        "waiting_migrants": np.zeros(4),
        "kept_back": np.zeros(1),
        "diverted": np.zeros(2),
    }
    given = {
        "setting_out": np.array([1000.0]),
        "corridor_share": np.array([[0.75, 0.25]]),
        "fallback": np.ones((1, 2)),
        "entry": np.array([[0.0, 1.0]]),
        "fare": np.ones(2),
        "sea_corridor": np.array([-1.0, -1.0, 0.0, 1.0]),
        "sea_open": np.array([1.0, 1.0, *opened]),
        "b_fare": 1.0,
        "divert": np.zeros(1),
        "lag": 56.0,
        "dt": 7.0,
        "rng": draws.new_stream(places=["A", "B", "C", "D"], seed=seed),
    }
    state |= {k: changed.pop(k) for k in list(changed) if k in state}
    migrant_routes(**state, **(given | changed))
    return state


def test_people_share_out_by_utility() -> None:
    mean = np.mean([_send(s, (1.0, 1.0))["waiting_migrants"][:2] for s in range(300)], axis=0)
    assert mean == pytest.approx([750.0, 250.0], rel=0.02)
    dear = [_send(s, (1.0, 1.0), fare=np.array([3.0, 1.0])) for s in range(300)]
    assert np.mean([d["waiting_migrants"][0] for d in dear]) == pytest.approx(500.0, rel=0.02)


def test_pools_do_not_divert() -> None:
    for seed in range(20):
        state = _send(seed, (0.0, 1.0))
        assert state["waiting_migrants"][0] == 0.0
        assert state["diverting"][0] == state["diverted"].sum() == 0.0
        assert state["origin_pool"][0] == 1e6 - state["waiting_migrants"].sum()
        assert state["kept_back"][0] + state["waiting_migrants"].sum() == 1000.0


def test_a_share_diverts_after_a_lag() -> None:
    states = [_send(s, (0.0, 1.0), divert=np.array([0.2])) for s in range(500)]
    looking = np.mean([s["diverting"][0] + s["diverted"].sum() for s in states])
    assert looking == pytest.approx(0.2 * 750.0, rel=0.02)
    found = np.mean([s["diverted"] for s in states], axis=0)
    assert found[0] == 0.0
    assert found[1] == pytest.approx(looking * (1.0 - np.exp(-7.0 / 56.0)), rel=0.05)


def test_those_who_look_wait_while_all_is_closed_or_excluded() -> None:
    closed = _send(1, (0.0, 0.0), diverting=np.array([500.0]))
    assert closed["diverting"][0] == 500.0
    excluded = _send(1, (0.0, 1.0), diverting=np.array([500.0]), fallback=np.array([[1.0, 0.0]]))
    assert excluded["diverting"][0] == 500.0


def test_a_corridor_is_as_open_as_its_most_open_coast() -> None:
    state = _send(3, (0.0, 1.0), sea_corridor=np.array([-1.0, -1.0, 0.0, 0.0]))
    assert state["waiting_migrants"][0] > 600.0
