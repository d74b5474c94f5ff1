"""Aircraft delivery: on the day, not before, and not while the supplier holds it back."""

import numpy as np

from khamsin.processes.aircraft_delivery import aircraft_delivery


def _got(days: float, willing: float = 1.0, step: float = 7.0) -> float:
    aircraft, waited = np.zeros(2), np.zeros(2)
    for _ in range(int(days / step)):
        aircraft_delivery(
            aircraft=aircraft,
            waited=waited,
            relation=np.array([willing, 1.0]),
            ordered=np.array([12.0, 0.0]),
            lag=np.array([70.0, 0.0]),
            dt=step,
        )
    assert aircraft[1] == 0.0  # nothing ordered, nothing delivered
    return float(aircraft[0])


def test_the_order_arrives_when_it_has_waited_long_enough() -> None:
    assert _got(63.0) == 0.0
    assert _got(70.0) == 12.0
    assert _got(700.0) == 12.0
    assert _got(70.0, step=1.0) == 12.0


def test_a_hold_stops_the_clock() -> None:
    assert _got(700.0, willing=0.0) == 0.0
    assert _got(133.0, willing=0.5) == 0.0
    assert _got(140.0, willing=0.5) == 12.0
