"""Coalitions: who joins whom under each answer, and what ties come of it."""

from math import exp
from typing import Any

import numpy as np
import pytest

from khamsin.draws import new_stream
from khamsin.processes import find

ACTORS = ["A", "B", "C", "OUTSIDER"]


def run(seed: int = 1, **changes: Any) -> dict[str, Any]:
    """A and B alike, C far off; A is twice as strong; OUTSIDER never joins. Each stands alone."""
    process = find("coalitions")
    values: dict[str, Any] = {
        "coalition": np.arange(4.0),
        "alliance": np.zeros((4, 4)),
        "affinity": np.zeros((4, 4)),
        "joins": np.array([1.0, 1.0, 1.0, 0.0]),
        "position": np.array([0.1, 0.2, 0.9, 0.1]),
        "client": np.array([[1.0, 0.0, 1.0, 0.0]]),
        "hostility": np.zeros((4, 4)),
        "fighters": np.array([[1000.0, 500.0, 500.0, 900.0]]),
        "unplaced": np.zeros(4),
        "reconsider": 100.0,
        "c_past": 0.0,
        "dt": 7.0,
        "rng": new_stream(ACTORS, ["X"], seed),
    }
    half = np.array([0.5])
    defaults = {p.name: float(p.prior.quantile(half)[0]) for p in process.parameters}
    values = defaults | values | changes
    used = {a.name: np.copy(values[a.name]) for a in process.arguments if a.dims}
    used |= {a.name: values[a.name] for a in process.arguments if not a.dims}
    process(**{a.name: used[a.name] for a in process.arguments})
    return used


def together(v: dict[str, Any], a: int, b: int) -> bool:
    return bool(v["coalition"][a] == v["coalition"][b])


def often(a: int, b: int, **changes: Any) -> float:
    return float(np.mean([together(run(s, **changes), a, b) for s in range(200)]))


def test_the_like_minded_come_together_and_the_unlike_do_not() -> None:
    alike = often(0, 1, c_ideo=2.0, temperature=0.05)
    unlike = often(0, 2, c_ideo=2.0, temperature=0.05)
    assert alike > 0.95
    assert unlike < 0.05


def test_clients_of_one_patron_come_together() -> None:
    assert often(0, 2, c_pat=1.0, temperature=0.05) > 0.95


def test_past_blood_keeps_apart() -> None:
    hostile = np.zeros((4, 4))
    hostile[0, 2] = hostile[2, 0] = 1.0
    assert often(0, 2, c_pat=1.0, c_past=3.0, hostility=hostile, temperature=0.05) < 0.05


def test_a_winning_coalition_takes_in_nobody_it_does_not_need() -> None:
    """A with B win against C; A and C would too, and share less. All three never."""
    v = {"coalition": np.array([0.0, 0.0, 2.0, 3.0]), "decisive": 8.0, "temperature": 0.02}
    v["fighters"] = np.array([[1000.0, 1000.0, 300.0, 0.0]])
    sizes = [np.unique(run(s, b_win=2.0, **v)["coalition"][:3]).size for s in range(200)]
    assert np.mean(np.array(sizes) == 1) < 0.05
    assert np.mean(np.array(sizes) == 2) > 0.9


def test_a_move_follows_the_logistic_of_its_gain() -> None:
    """Only A reconsiders with effect: B and C are too few to act, and no gain is no reason."""
    changes = {"joins": np.array([1.0, 1.0, 0.0, 0.0]), "c_ideo": 1.0, "temperature": 0.3}
    gain = 0.3 - 0.1  # A's, and B's alike
    p = 1.0 / (1.0 + exp(-gain / 0.3))
    # The first joins with p; else the second may; who has joined may leave again.
    found = often(0, 1, **changes)
    leave = 1.0 / (1.0 + exp((0.3 - 0.1) / 0.3))
    expected = p * (1.0 - leave) + (1.0 - p) * p
    assert abs(found - expected) < 4.0 * (expected * (1.0 - expected) / 200) ** 0.5


def test_ties_grow_within_and_loosen_without() -> None:
    affinity = np.zeros((4, 4))
    affinity[0, 2] = affinity[2, 0] = 0.9
    v = run(
        reconsider=0.0,
        coalition=np.array([0.0, 0.0, 2.0, 3.0]),
        affinity=affinity,
        alliance=affinity,
        growing=60.0,
        bond=0.7,
        loose=0.3,
    )
    step = 1.0 - exp(-7.0 / 60.0)
    assert v["alliance"][0, 1] == pytest.approx(0.7 * step)
    assert v["alliance"][0, 2] == pytest.approx(0.9 + (0.3 - 0.9) * step)
    assert np.array_equal(v["alliance"], v["alliance"].T)
    assert not v["alliance"][3].any()


def test_the_first_step_numbers_coalitions_from_ties() -> None:
    affinity = np.zeros((4, 4))
    affinity[0, 1] = affinity[1, 0] = 0.6
    affinity[1, 2] = affinity[2, 1] = 0.3
    v = run(reconsider=0.0, coalition=np.full(4, -1.0), affinity=affinity)
    assert together(v, 0, 1) and not together(v, 0, 2) and not together(v, 0, 3)


def test_nobody_moves_without_reason_to_look() -> None:
    assert np.array_equal(run(reconsider=0.0, c_ideo=5.0)["coalition"], np.arange(4.0))
