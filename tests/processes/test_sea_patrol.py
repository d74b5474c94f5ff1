"""Patrols: they answer to arrivals above what is tolerated, and to nothing else."""

import numpy as np
import pytest

from khamsin.processes.sea_patrol import sea_patrol


def _patrol(landed: float, mean: float, interception: float = 0.05, dt: float = 7.0) -> np.ndarray:
    caught = np.array([interception, 0.3])
    means = np.array([mean])
    sea_patrol(
        interception=caught,
        mean_arrivals=means,
        departures=np.array([landed + 10.0, 1e5]),
        sea_deaths=np.array([4.0, 0.0]),
        intercepted=np.array([6.0, 0.0]),
        sea_corridor=np.array([0.0, -1.0]),
        reaction=0.001,
        tolerated=np.array([100.0]),
        most=0.6,
        memory=182.0,
        dt=dt,
    )
    assert caught[1] == 0.3  # no coast
    return np.array([caught[0], means[0]])


def test_interception_grows_with_the_excess() -> None:
    caught, mean = _patrol(2100.0, 300.0)
    assert mean == pytest.approx(300.0)
    assert caught == pytest.approx(0.05 + 0.55 * (1.0 - np.exp(-0.001 * 2.0 * 7.0)))


def test_few_arrivals_change_nothing() -> None:
    assert _patrol(100.0, 90.0)[0] == 0.05
    assert _patrol(1e6, 1e5, interception=0.7)[0] == 0.7  # beyond what patrols reach
    assert _patrol(1e6, 1e5, dt=0.0)[0] == 0.05
