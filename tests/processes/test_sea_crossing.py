"""The crossing: means against the formula, the season, closure, protection, and the switch."""

from typing import Any

import numpy as np
import pytest

from khamsin import draws
from khamsin.processes.sea_crossing import sea_crossing

SUMMER = np.concatenate([np.zeros(6), np.full(6, 2.0)])


def _cross(seed: int, **changed: Any) -> dict[str, Any]:
    """A coast (place 0, held by actor 0 with all control) and a landing (place 1)."""
    state = {
        "waiting_migrants": np.array([1e5, 0.0]),
        "detained_migrants": np.zeros(2),
        "day_of_year": np.array([100.0]),
        "smuggling_income": np.zeros(2),
        "departures": np.zeros(2),
        "sea_deaths": np.zeros(2),
        "intercepted": np.zeros(2),
        "arrivals": np.zeros(2),
        "migrant_moves": np.zeros(3),
    }
    given = {
        "boats": np.array([100.0, 0.0]),
        "landing": np.array([1.0, -1.0]),
        "seasonal": np.ones(2),
        "crossing_risk": np.array([0.02, 0.0]),
        "sea_open": np.ones(2),
        "interception": np.array([0.1, 0.0]),
        "sea_season": np.ones(12),
        "rescue": np.ones(2),
        "control": np.array([[1.0, 0.0], [0.0, 0.0]]),
        "holder": np.array([0.0, -1.0]),
        "link_from": np.array([0.0, 1.0, 0.0]),
        "link_to": np.array([1.0, 0.0, 1.0]),
        "protection": np.array([0.8, 0.1]),
        "lawless": 0.5,
        "backlog": np.zeros(2),
        "dispersion": np.full(2, 2.0),
        "weather": 0.3,
        "wrecks": 5.0,
        "safety": 0.5,
        "pull": 0.0,
        "raft": 0.0,
        "fee": 1000.0,
        "cut": 0.3,
        "dt": 7.0,
        "rng": draws.new_stream(places=["A", "B"], seed=seed),
    }
    for name in list(changed):
        if name in state:
            state[name] = np.array(changed.pop(name), float)
    sea_crossing(**state, **(given | changed))
    return state


def _mean(name: str, count: int = 3000, **changed: Any) -> float:
    return float(np.mean([_cross(s, **dict(changed))[name].sum() for s in range(count)]))


def test_means_are_those_of_the_formula() -> None:
    states = [_cross(s) for s in range(4000)]
    left = np.mean([s["departures"][0] for s in states])
    assert left == pytest.approx(100.0 * 7.0 * 0.8, rel=0.04)
    assert np.mean([s["sea_deaths"][0] for s in states]) == pytest.approx(0.02 * left, rel=0.06)
    stopped = np.mean([s["intercepted"][0] for s in states])
    assert stopped == pytest.approx(0.098 * left, rel=0.03)
    for s in states[:50]:
        out = s["sea_deaths"].sum() + s["intercepted"].sum() + s["arrivals"].sum()
        assert out == s["departures"].sum() == 1e5 - s["waiting_migrants"][0]
        assert s["detained_migrants"][0] == s["intercepted"][0]
        assert s["arrivals"][0] == 0.0
        assert s["migrant_moves"].tolist() == [s["departures"][0], 0.0, 0.0]
        assert s["smuggling_income"][0] == pytest.approx(0.3e-3 * s["departures"][0])


def test_half_sail_at_the_backlog() -> None:
    some = {"waiting_migrants": [3000.0, 0.0], "backlog": np.array([30.0, 0.0])}
    assert _mean("departures", **some) == pytest.approx(0.5 * 700.0 * 0.8, rel=0.05)


def test_protection_is_weighted_by_control() -> None:
    both = np.array([[0.5, 0.25], [0.0, 0.0]])
    expected = 700.0 * (0.5 * 0.8 + 0.25 * 0.1 + 0.25 * 0.5)
    assert _mean("departures", control=both) == pytest.approx(expected, rel=0.05)


def test_closed_coasts_and_winters_keep_boats_ashore() -> None:
    assert _mean("departures", 20, sea_open=np.zeros(2)) == 0.0
    winter, summer = ({"day_of_year": [d], "sea_season": SUMMER} for d in (46.0, 260.0))
    assert _mean("departures", 20, **winter) == 0.0
    assert _mean("departures", **summer) == pytest.approx(2 * 700.0 * 0.8, rel=0.05)
    assert _mean("departures", 300, seasonal=np.zeros(2), **winter) > 400.0


def test_the_year_turns() -> None:
    state = _cross(1, day_of_year=[362.0])
    assert state["day_of_year"][0] == pytest.approx(362.0 + 7.0 - 365.25)
    # from mid-December (2) straight to mid-January (0): around New Year half of both
    state = [_cross(s, day_of_year=[361.75], sea_season=SUMMER) for s in range(3000)]
    assert np.mean([s["departures"][0] for s in state]) == pytest.approx(560.0, rel=0.05)


@pytest.mark.parametrize(
    ("answer", "left", "died"),
    [
        ({}, 1.0, np.exp(0.5)),
        ({"pull": 0.3}, np.exp(-0.3), np.exp(0.5)),
        ({"raft": 0.4}, 1.0, np.exp(0.1)),
    ],
)
def test_without_rescue(answer: dict[str, float], left: float, died: float) -> None:
    """Against rescue: attempts fall under `pull` alone; rafts make rescue save fewer."""
    usual = [_cross(s) for s in range(3000)]
    alone = [_cross(s, rescue=np.zeros(2), **answer) for s in range(3000)]
    sail = [np.mean([s["departures"][0] for s in x]) for x in (usual, alone)]
    dead = [np.mean([s["sea_deaths"][0] for s in x]) for x in (usual, alone)]
    assert sail[1] / sail[0] == pytest.approx(left, rel=0.05)
    assert (dead[1] / sail[1]) / (dead[0] / sail[0]) == pytest.approx(died, rel=0.06)


def test_short_crossings_feel_less_of_the_weather() -> None:
    """Beyond the scatter of many boats, all is weather: its log-sd times how far it is felt."""
    calm = {"dispersion": np.full(2, 1e6), "weather": 0.5, "boats": np.array([1e3, 0.0])}
    far = [_cross(s, **dict(calm))["departures"][0] for s in range(2000)]
    near = [_cross(s, seasonal=np.full(2, 0.4), **dict(calm))["departures"][0] for s in range(2000)]
    assert np.log(far).std() == pytest.approx(0.5, rel=0.05)
    assert np.log(near).std() == pytest.approx(0.2, rel=0.05)
    assert np.mean(near) == pytest.approx(np.mean(far), rel=0.04)
