"""Pressure: the mean over weeks against the formula, and ground lost counts as men lost do."""

import math

import numpy as np
import pytest

from khamsin.processes.pressure import pressure


def _step(before: float, lost: float, share: float, territory: float) -> tuple[float, float]:
    pressed, people = np.array([before]), np.array([territory])
    pressure(
        pressure=pressed,
        territory=people,
        territory_at_start=np.zeros(1),
        fighters=np.array([[900.0 - lost]]),
        unplaced=np.array([100.0]),
        battle_deaths=np.array([[lost / 2]]),
        strike_deaths=np.array([[lost / 2]]),
        control=np.array([[share]]),
        population=np.array([10_000.0]),
        memory=56.0,
        dt=7.0,
    )
    return float(pressed[0]), float(people[0])


def test_steady_losses_are_the_pressure_in_the_end() -> None:
    pressed = 0.0
    for _ in range(300):
        pressed, people = _step(pressed, 20.0, 0.5, 5000.0)
    assert pressed == pytest.approx(20.0 / 1000.0 / 7.0)
    assert people == 5000.0


def test_half_of_it_is_forgotten_in_so_many_days() -> None:
    pressed, _ = _step(1.0, 0.0, 0.5, 5000.0)
    assert pressed == pytest.approx(math.exp(-7.0 / 56.0))


def test_lost_ground_presses_and_won_ground_does_not() -> None:
    lost, people = _step(0.0, 0.0, 0.25, 5000.0)
    assert people == 2500.0
    assert lost == pytest.approx((1 - math.exp(-7 / 56)) * math.log(2.0) / 7.0)
    assert _step(0.0, 0.0, 1.0, 5000.0)[0] == 0.0
    assert _step(0.0, 0.0, 0.5, 0.0)[0] == 0.0  # the first step: nothing to compare with
