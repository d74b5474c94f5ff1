"""Repair: in peace, twice as fast where somebody governs."""

import math

import numpy as np
import pytest

from khamsin import draws
from khamsin.processes.repair import repair


def _week(draw: int, share: float = 0.5, killed: float = 0.0, strikes: float = 0.0) -> float:
    damaged, repaired = np.array([5000.0]), np.zeros(1)
    repair(
        buildings_damaged=damaged,
        repaired=repaired,
        battle_deaths=np.array([killed]),
        strikes=strikes,
        holder=0.0,
        control=np.array([share]),
        rate=0.01 / 7,
        governed=0.8,
        dt=7.0,
        rng=draws.new_stream(["A"], ["X"], draw),
    )
    assert damaged[0] + repaired[0] == 5000.0
    return float(repaired[0])


@pytest.mark.parametrize(("share", "faster"), [(0.5, 1.0), (0.9, 2.0)])
def test_the_mean(share: float, faster: float) -> None:
    found = np.array([_week(k, share) for k in range(1000)])
    assert found.mean() == pytest.approx(5000 * (1 - math.exp(-0.01 * faster)), rel=0.02)


def test_nothing_is_repaired_in_a_war() -> None:
    assert _week(1, killed=1.0) == 0.0
    assert _week(1, strikes=1.0) == 0.0
