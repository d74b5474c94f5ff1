"""Air support: all sorties go to enemies in reach, by where they are."""

import numpy as np
import pytest

from khamsin.processes.air_support import air_support


def _orders(aircraft: float = 12.0, hostility: float = 1.0, way: float = 1.0) -> np.ndarray:
    orders = np.zeros((3, 2))
    orders[2, 1] = 9.0  # what was ordered in the step before
    air_support(
        strike_orders=orders,
        aircraft=np.array([aircraft, 0.0]),
        fighters=np.array([[1000.0, 100.0], [0.0, 300.0], [0.0, 5000.0]]),
        hostility=np.array([[0.0, hostility], [hostility, 0.0]]),
        link_from=np.array([0.0, 1.0]),
        link_to=np.array([1.0, 2.0]),
        link_open=np.array([way, 1.0]),
        sorties=0.1,
    )
    return orders


def test_sorties_are_shared_over_those_in_reach() -> None:
    orders = _orders()
    assert orders.sum() == pytest.approx(1.2)
    assert orders[:, 1] == pytest.approx([0.3, 0.9, 0.0])


def test_limits() -> None:
    assert _orders(way=0.0)[:, 1] == pytest.approx([1.2, 0.0, 0.0])
    assert _orders(aircraft=0.0)[2, 1] == 9.0  # orders of others are left alone
    assert _orders(hostility=0.2)[2, 1] == 9.0
