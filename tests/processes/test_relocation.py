"""Relocation: means against the formula, and nobody goes where no way is open."""

import math

import numpy as np
import pytest

from khamsin import draws
from khamsin.processes.relocation import relocation

REFERENCE = 0.02 / 7


def _gone(pressed: float, refuge: float, rate: float, draw: int) -> tuple[float, float]:
    rng = draws.new_stream(["A", "B"], ["X"], draw)
    fighters, unplaced, way = np.array([[9000.0, 50.0]]), np.array([1000.0, 0.0]), np.zeros(2)
    relocated = np.zeros(2)
    relocation(
        fighters=fighters,
        unplaced=unplaced,
        foreign_under_way=way,
        relocated=relocated,
        pressure=np.array([pressed, 0.0]),
        refuge=np.array([[0.0, refuge], [0.0, 0.0]]),
        rate=np.array([rate, 0.0]),
        reference=REFERENCE,
        sharpness=2.0,
        dt=7.0,
        rng=rng,
    )
    assert fighters.sum() + unplaced.sum() + way.sum() == 10_050.0
    assert way[0] == 0.0
    return float(way[1]), float(relocated[0])


@pytest.mark.parametrize(("pressed", "push"), [(1.0, 1.0), (2.0, 3.069), (0.0, 0.1831)])
def test_the_mean_follows_pressure(pressed: float, push: float) -> None:
    rate = 0.002 / 7
    found = np.array([_gone(pressed * REFERENCE, 0.5, rate, k)[0] for k in range(1500)])
    expected = 10_000 * (1 - math.exp(-rate * 7 * 0.5 * push))
    assert found.mean() == pytest.approx(expected, abs=4 * found.std() / 1500**0.5)


def test_none_leave_without_a_way_or_a_wish() -> None:
    assert _gone(1.0, 0.0, 0.002, 1) == (0.0, 0.0)
    assert _gone(1.0, 1.0, 0.0, 1) == (0.0, 0.0)
    way, left = _gone(1e6, 1.0, 10.0, 1)
    assert way == left == 10_000.0
