"""Homecoming: only after the seat is lost, by the shares of `home`, and nobody vanishes."""

import math

import numpy as np
import pytest

from khamsin import draws
from khamsin.processes.homecoming import homecoming


def _home(territory: float, draw: int, home: tuple[float, ...] = (3.0, 1.0, 0.0)) -> np.ndarray:
    unplaced, foreign, returnees = np.array([2000.0]), np.array([1500.0]), np.zeros(3)
    repatriated, demobilised = np.zeros(1), np.zeros(3)
    homecoming(
        unplaced=unplaced,
        foreign=foreign,
        returnees=returnees,
        repatriated=repatriated,
        demobilised=demobilised,
        fighters=np.array([[0.0], [1000.0], [0.0]]),
        territory=np.array([territory]),
        territory_at_start=np.array([100_000.0]),
        home=np.array(home),
        rate=np.array([0.1 / 7]),
        from_there=0.5,
        seat=0.5,
        quitting=0.01 / 7,
        dt=7.0,
        rng=draws.new_stream(["A"], ["X", "Y", "Z"], draw),
    )
    assert returnees.sum() == repatriated[0] == 2000.0 - unplaced[0] == 1500.0 - foreign[0]
    return returnees


def test_nobody_goes_while_the_seat_is_held() -> None:
    assert _home(60_000.0, 1).sum() == 0.0
    assert _home(40_000.0, 1, home=(0.0, 0.0, 0.0)).sum() == 0.0


def test_the_mean_and_the_shares() -> None:
    found = np.array([_home(40_000.0, k) for k in range(500)])
    expected = 1500 * 2 / 3 * 0.5 * (1 - math.exp(-0.1))
    assert found.sum(axis=1).mean() == pytest.approx(expected, rel=0.03)
    assert found[:, 0].mean() == pytest.approx(0.75 * expected, rel=0.04)
    assert found[:, 2].sum() == 0.0
