"""Departures: mean and variance against the formula; what stops them."""

import numpy as np
import pytest

from khamsin import draws
from khamsin.processes.migrant_departures import migrant_departures


def _leave(seed: int, **changed: object) -> float:
    setting_out = np.zeros(1)
    given: dict[str, object] = {
        "origin_pool": np.array([1e6]),
        "push": np.ones(1),
        "fare": np.ones(2),
        "corridor_share": np.array([[0.5, 0.5]]),
        "called": np.zeros(2),
        "rate": np.array([1e-3 / 7]),
        "elasticity": -1.5,
        "dispersion": 5.0,
        "dt": 7.0,
        "rng": draws.new_stream(seed=seed),
    }
    migrant_departures(setting_out=setting_out, **(given | changed))
    return float(setting_out[0])


def test_mean_and_variance_are_those_of_the_negative_binomial() -> None:
    counts = np.array([_leave(seed) for seed in range(4000)])
    assert counts.mean() == pytest.approx(1000.0, rel=0.03)
    assert counts.var() == pytest.approx(1000.0 + 1000.0**2 / 5.0, rel=0.1)


def test_a_dearer_journey_keeps_people_at_home() -> None:
    dear = np.mean([_leave(seed, fare=np.array([2.0, 2.0])) for seed in range(4000)])
    assert dear == pytest.approx(1000.0 * 2.0**-1.5, rel=0.03)


def test_nobody_leaves_without_push_or_corridor() -> None:
    assert _leave(1, push=np.zeros(1)) == 0.0
    assert _leave(1, corridor_share=np.zeros((1, 2))) == 0.0
    assert _leave(1, origin_pool=np.array([3.0]), rate=np.array([1e6])) <= 3.0


def test_followers_come_from_the_origins_of_their_corridor() -> None:
    """Two origins; those who follow by corridor 1 come from it as those do who go by themselves."""
    given: dict[str, object] = {
        "origin_pool": np.array([1e6, 1e6]),
        "push": np.ones(2),
        "fare": np.ones(2),
        "corridor_share": np.array([[1.0, 0.0], [0.5, 0.5]]),
        "called": np.array([0.0, 100.0]),
        "rate": np.array([1e-4, 1e-4]),
        "elasticity": -1.5,
        "dispersion": 5.0,
        "dt": 7.0,
    }
    found = []
    for seed in range(3000):
        setting_out = np.zeros(2)
        migrant_departures(setting_out=setting_out, rng=draws.new_stream(seed=seed), **given)
        found.append(setting_out)
    assert np.mean(found, axis=0) == pytest.approx([700.0, 1400.0], rel=0.04)
