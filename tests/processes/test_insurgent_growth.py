"""Insurgent growth: the logistic mean, the land's capacity, and what spills over."""

import numpy as np
import pytest

from khamsin import draws
from khamsin.processes.insurgent_growth import insurgent_growth


def _joined(draw: int, men: float = 1000.0, **changed: float) -> float:
    given = {
        "rate": 0.01,
        "capacity": 4000.0,
        "violence": 0.0,
        "spill": 0.0,
        "territory": 1e4,
        "image": 0.0,
    } | changed
    unplaced, joined = np.array([0.0, 0.0]), np.zeros(2)
    insurgent_growth(
        unplaced=unplaced,
        joined=joined,
        fighters=np.array([[men, 5000.0]]),
        battle_deaths=np.array([[10.0, 5.0]]),
        civilian_deaths=np.array([0.0]),
        experience=np.array([1.1, 1.0]),
        territory=np.array([given["territory"], 0.0]),
        territory_at_start=np.array([1e4, 0.0]),
        image=np.array([[given["image"], 0.0]]),
        image_response=np.array([0.5]),
        refuge=np.array([[0.0, 0.0], [0.5, 0.0]]),
        rate=np.array([given["rate"] / 7, 0.0]),
        capacity=np.array([given["capacity"], 1.0]),
        violence=np.array([given["violence"], 0.0]),
        spill=np.array([given["spill"] / 7, 0.0]),
        most_ground=1.5,
        dispersion=5.0,
        dt=7.0,
        rng=draws.new_stream(["A", "B"], ["X"], draw),
    )
    assert unplaced[0] == joined[0] and joined[1] == 0.0
    return float(joined[0])


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, 1000 * 0.01 * 0.75 * 1.1),
        ({"violence": 0.5}, 1000 * 0.01 * 0.75 * 1.1 * 4.0),
        ({"rate": 0.0, "spill": 0.004}, 0.5 * 0.004 * 5000),
        ({"capacity": 900.0}, 0.0),
        ({"rate": 0.0}, 0.0),
        ({"territory": 2e3}, 0.2 * 1000 * 0.01 * 0.75 * 1.1),
        ({"image": -1.0}, np.exp(-0.5) * 1000 * 0.01 * 0.75 * 1.1),
        ({"territory": 9e4}, 1.5 * 1000 * 0.01 * 0.75 * 1.1),
    ],
)
def test_the_mean(changed: dict[str, float], expected: float) -> None:
    found = np.array([_joined(k, **changed) for k in range(1500)])
    assert found.mean() == pytest.approx(expected, abs=4 * found.std() / 1500**0.5 + 1e-9)
