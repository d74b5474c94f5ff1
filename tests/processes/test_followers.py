"""Followers: the formula by hand, growth and where it ends, the season, and what stops it."""

from typing import Any

import numpy as np
import pytest

from khamsin import draws
from khamsin.processes.followers import followers


def _step(**changed: Any) -> tuple[np.ndarray, np.ndarray]:
    """Two coasts of corridor 0, one of corridor 1; 100 and 30 land."""
    given: dict[str, Any] = {
        "network": np.array([1000.0, 500.0]),
        "called": np.zeros(2),
        "word": np.zeros(2),
        "departures": np.array([80.0, 40.0, 33.0]),
        "sea_deaths": np.array([4.0, 0.0, 1.0]),
        "intercepted": np.array([16.0, 0.0, 2.0]),
        "sea_corridor": np.array([0.0, 0.0, 1.0]),
        "ease": np.ones(2),
        "travel_season": np.ones((2, 12)),
        "day_of_year": np.array([100.0]),
        "follow": np.array([0.01, 0.0]),
        "ready": np.full(2, 1e6),
        "memory": 365.0,
        "spread": 0.0,
        "turn": 90.0,
        "dt": 7.0,
        "rng": draws.new_stream(seed=1),
    }
    given.update(changed)
    followers(**given)
    return given["network"], given["called"]


def test_one_step_by_hand() -> None:
    network, called = _step(ease=np.array([2.0, 1.0]))
    keep = np.exp(-7.0 / 365.0)
    assert network == pytest.approx([keep * 1000.0 + 100.0, keep * 500.0 + 30.0])
    assert called[0] == pytest.approx(0.01 * 2.0 * network[0] * (1.0 - network[0] / 1e6))
    assert called[1] == 0.0, "where nobody is said to follow, nobody does"


def test_it_grows_with_those_who_landed_until_nobody_is_left() -> None:
    """All who are called land in the next step: first exponential, then below `ready`."""
    network, called = np.array([100.0, 0.0]), np.zeros(2)
    flows = []
    for _ in range(200):
        landed = np.array([called[0] * 7.0, 0.0, 0.0])
        nobody = np.zeros(3)
        _step(network=network, called=called, departures=landed, sea_deaths=nobody,
              intercepted=nobody, memory=1e9, ready=np.full(2, 1e5))  # fmt: skip
        flows.append(float(called[0]))
    assert flows[10] / flows[9] == pytest.approx(1.07, rel=0.01)
    assert max(flows) > 20 * flows[0]
    assert flows[-1] < 0.05 * max(flows)
    assert network[0] <= 1e5


def test_season_and_closure() -> None:
    season = np.ones((2, 12))
    season[0, 3] = 3.0  # mid-April is day 106.5
    _, called = _step(travel_season=season, day_of_year=np.array([103.0]))
    _, usual = _step(day_of_year=np.array([103.0]))
    assert called[0] / usual[0] == pytest.approx(3.0, rel=0.01)
    _, shut = _step(ease=np.zeros(2))
    assert shut[0] == 0.0
    _, full = _step(network=np.array([2e6, 0.0]))
    assert full[0] == 0.0


def test_word_wanders_and_comes_back() -> None:
    """Its spread is the same after one step and after many; one step forgets exp(-dt / turn)."""
    first, last = np.zeros(3000), np.zeros(3000)
    for seed in range(3000):
        word = np.array([0.4 * np.sin(seed), 0.0])
        before = word[0]
        _step(word=word, spread=0.3, rng=draws.new_stream(seed=seed))
        first[seed] = word[0] - np.exp(-7.0 / 90.0) * before
        assert word[1] == 0.0
        rng = draws.new_stream(seed=10_000 + seed)
        _step(word=word, spread=0.3, dt=2000.0, rng=rng)
        last[seed] = word[0]
    assert first.std() == pytest.approx(0.3 * np.sqrt(1 - np.exp(-14.0 / 90.0)), rel=0.05)
    assert last.std() == pytest.approx(0.3, rel=0.05)
    assert abs(last.mean()) < 0.02
