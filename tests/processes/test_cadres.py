"""Cadres: tens of men, whole men, and a gain in skill with a ceiling."""

import math

import numpy as np
import pytest

from khamsin import draws
from khamsin.processes.cadres import cadres


def _weeks(weeks: int, draw: int, men: float = 300.0, loss: float = 0.0) -> dict[str, np.ndarray]:
    state = {
        "cadres": np.zeros(2),
        "experience": np.ones(2),
        "fighters": np.array([[men, 1000.0], [0.0, 0.0]]),
        "unplaced": np.zeros(2),
        "foreign_under_way": np.zeros(2),
        "cadres_sent": np.zeros(2),
    }
    for week in range(weeks):
        rng = draws.new_stream(["A", "B"], ["X", "Y"], draw * 1000 + week)
        cadres(
            **state,
            refuge=np.array([[0.0, 1.0], [0.0, 0.0]]),
            rate=np.array([0.3 / 7, 0.0]),
            loss=loss / 7,
            worth=0.02,
            most=0.3,
            dt=7.0,
            rng=rng,
        )
        assert state["fighters"].sum() + state["foreign_under_way"].sum() == men + 1000.0
    return state


def test_the_mean_of_what_is_sent() -> None:
    sent = np.array([_weeks(20, k)["foreign_under_way"][1] for k in range(300)])
    assert sent.mean() == pytest.approx(6.0, abs=4 * 6.0**0.5 / 300**0.5)


def test_a_sender_without_men_sends_none() -> None:
    assert _weeks(60, 1, men=2.0)["foreign_under_way"][1] <= 2.0


def test_experience_rises_with_the_first_and_has_a_ceiling() -> None:
    state = _weeks(40, 3)
    n = state["cadres"][1]
    assert n > 3
    assert state["experience"][1] == pytest.approx(1 + 0.3 * (1 - math.exp(-0.02 * n / 0.3)))
    assert state["experience"][0] == 1.0
    assert _weeks(400, 3)["experience"][1] <= 1.3


def test_the_mark_is_lost_with_time() -> None:
    kept = np.array([_weeks(60, k, loss=0.1)["cadres"][1] for k in range(100)])
    expected = 0.3 / (1 - math.exp(-0.1))  # intake over loss, at rest
    assert kept.mean() == pytest.approx(expected, abs=0.8)
