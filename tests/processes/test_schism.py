"""Schism: nobody is lost, the share goes in the mean, and it happens once."""

import numpy as np
import pytest

from khamsin import draws
from khamsin.processes.schism import schism


def _split(draw: int, hazard: float = 1e6, heirs: float = 0.0) -> tuple[np.ndarray, float]:
    fighters = np.array([[600.0, heirs], [400.0, 0.0]])
    unplaced, control, schisms = (
        np.array([200.0, 0.0]),
        np.array([[0.6, 0.0], [0.1, 0.0]]),
        np.zeros(2),
    )
    schism(
        fighters=fighters,
        unplaced=unplaced,
        control=control,
        schisms=schisms,
        heir=np.array([[0.0, 1.0], [0.0, 0.0]]),
        hazard=np.array([hazard, 0.0]),
        share=0.4,
        dt=7.0,
        rng=draws.new_stream(["A", "B"], ["X", "Y"], draw),
    )
    assert fighters.sum() + unplaced.sum() == 1200.0 + heirs
    assert control.sum(axis=1) == pytest.approx([0.6, 0.1])
    if schisms[0]:
        assert control[:, 1] == pytest.approx([0.24, 0.04])
    return fighters.sum(axis=0) + unplaced, float(schisms[0])


def test_the_share_that_goes() -> None:
    found = np.array([_split(k)[0][1] for k in range(500)])
    assert found.mean() == pytest.approx(480.0, abs=4 * (1200 * 0.24 / 500) ** 0.5)


def test_how_often() -> None:
    found = np.array([_split(k, hazard=0.1 / 7)[1] for k in range(3000)])
    assert found.mean() == pytest.approx(1 - np.exp(-0.1), abs=0.022)


def test_it_happens_once() -> None:
    assert _split(1, heirs=5.0)[1] == 0.0
    assert _split(1, hazard=0.0)[1] == 0.0
