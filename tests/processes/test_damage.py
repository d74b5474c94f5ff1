"""Damage: means against the formula, whole buildings, and no more than there are."""

import math
from typing import Any

import numpy as np
import pytest

from khamsin import draws
from khamsin.processes.damage import damage


def _week(draw: int = 1, **changed: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "buildings_damaged": np.array([1000.0]),
        "prepared": np.array([365.0]),
        "disaffection": np.zeros(2),
        "newly_damaged": np.zeros(1),
        "buildings": 20_000.0,
        "strikes": 0.0,
        "battle_deaths": np.array([0.0, 0.0]),
        "dispersed": np.array([0.0, 0.0]),
        "offensive": np.array([0.0, 1.0]),
        "holder": 0.0,
        "munitions": 4.0,
        "air": 0.5,
        "ground": 1.5,
        "scorched": 0.3,
        "trapped": 0.0,
        "mining": np.array([1.0, 0.0]),
        "resentment": 0.0,
        "forgetting": 365.0,
        "dt": 7.0,
        "rng": draws.new_stream(["A", "B"], ["X"], draw),
    } | changed
    damage(**values)
    return values


@pytest.mark.parametrize(
    ("changed", "hazard"),
    [
        ({"strikes": 25.0}, 50.0 / 20_000),
        ({"battle_deaths": np.array([30.0, 10.0])}, 60.0 / 20_000),
        ({"dispersed": np.array([100.0, 500.0])}, 30.0 / 20_000),
        ({"battle_deaths": np.array([1.0, 0.0]), "trapped": 0.001, "ground": 0.0}, 0.007),
        ({}, 0.0),
    ],
)
def test_the_mean_of_each_cause(changed: dict[str, Any], hazard: float) -> None:
    found = np.array([_week(k, **changed)["newly_damaged"][0] for k in range(1000)])
    expected = 19_000 * (1 - math.exp(-hazard))
    assert found.mean() == pytest.approx(expected, abs=4 * found.std() / 1000**0.5)


def test_limits() -> None:
    razed = _week(strikes=1e7)
    assert razed["buildings_damaged"][0] == 20_000.0
    assert razed["newly_damaged"][0] == 19_000.0
    assert _week(buildings=0.0, buildings_damaged=np.zeros(1), strikes=9.0)["newly_damaged"] == 0.0
    assert _week()["prepared"][0] == 372.0  # held by those who mine
    assert _week(holder=1.0)["prepared"][0] == 358.0  # cleared by those who do not


def test_only_those_who_attack_are_blamed() -> None:
    blamed = _week(strikes=1e7, resentment=2.0)["disaffection"]
    assert blamed[0] == 0.0
    assert blamed[1] == pytest.approx(2.0 * 19_000 / 20_000)
    assert not _week(strikes=1e7)["disaffection"].any()
    faded = _week(resentment=2.0, disaffection=np.array([0.0, 1.0]))["disaffection"][1]
    assert faded == pytest.approx(math.exp(-7 / 365))
