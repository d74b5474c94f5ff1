"""Nationality: whole people, shares that hold in the mean, never more foreigners than fighters."""

from typing import Any

import numpy as np
import pytest

from khamsin import draws
from khamsin.processes.nationality import nationality


def _count(foreign: float, arrivals: float, lost: float, left: float, draw: int = 1) -> Any:
    count, losses = np.array([foreign]), np.zeros(1)
    nationality(
        foreign=count,
        foreign_losses=losses,
        fighters=np.array([[left]]),
        unplaced=np.zeros(1),
        wounded=np.zeros(1),
        marching=np.zeros((1, 1)),
        foreign_arrivals=np.array([arrivals]),
        battle_deaths=np.array([[lost]]),
        strike_deaths=np.zeros((1, 1)),
        deserters=np.zeros(1),
        discharged=np.zeros(1),
        relocated=np.zeros(1),
        cadres_sent=np.zeros(1),
        share=np.array([0.6]),
        rng=draws.new_stream(["A"], ["X"], draw),
    )
    return float(count[0]), float(losses[0])


def test_the_first_step_counts_by_the_share() -> None:
    found = np.array([_count(-1.0, 0.0, 0.0, 1000.0, k)[0] for k in range(500)])
    assert found.mean() == pytest.approx(600.0, abs=4 * (240 / 500) ** 0.5)


def test_losses_take_from_all_alike() -> None:
    found = [_count(580.0, 20.0, 100.0, 900.0, k) for k in range(1000)]
    losses = np.array([f[1] for f in found])
    assert losses.mean() == pytest.approx(60.0, abs=4 * losses.std() / 1000**0.5)
    for count, lost in found:
        assert count == 600.0 - lost
        assert count == np.floor(count) <= 900.0


def test_limits() -> None:
    assert _count(1000.0, 0.0, 100.0, 900.0) == (900.0, 100.0)  # all are foreign
    assert _count(5.0, 3.0, 0.0, 900.0) == (8.0, 0.0)  # nobody is lost
    assert _count(0.0, 0.0, 100.0, 900.0) == (0.0, 0.0)
    assert _count(40.0, 0.0, 100.0, 0.0) == (0.0, 40.0)  # everybody is lost
