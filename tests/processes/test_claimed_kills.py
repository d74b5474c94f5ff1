"""Claimed kills: the mean is the bias times the dead of all places."""

import numpy as np
import pytest

from khamsin import draws
from khamsin.processes.claimed_kills import claimed_kills


def test_the_mean_and_the_limits() -> None:
    dead = np.array([[30.0, 0.0], [10.0, 0.0]])
    found = np.zeros((1000, 2))
    for k in range(1000):
        claimed_kills(
            claimed_deaths=found[k],
            strike_deaths=dead,
            bias=1.5,
            rng=draws.new_stream(["A", "B"], ["X", "Y"], k),
        )
    assert found[:, 0].mean() == pytest.approx(60.0, abs=4 * 60**0.5 / 1000**0.5)
    assert not found[:, 1].any()
