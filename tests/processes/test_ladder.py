"""Threat, ladder and effort: limits by hand, means against the formulas, and the record of the
United States before the origin, which must be typical of the ladder as it is calibrated."""

from functools import cache
from math import exp, log
from typing import Any

import numpy as np
import pytest

from khamsin.draws import new_stream
from khamsin.process import Process
from khamsin.processes import find

DAYS = 7.0
#: fighters of IS in Libya, 2015-01 to 2016-05, month by month (low hundreds to the 5,000 of 2016)
IS_IN_LIBYA = [1000, 1100, 1200, 1400, 1600, 1900, 2200, 2500, 2700, 2900, 3000, 3200]
IS_IN_LIBYA += [3600, 4200, 4600, 5000, 5000]
#: attacks abroad that concerned the United States, by week of 2015 (Paris, Bardo, Sousse...)
ATTACKS = {0: 1.0, 10: 0.5, 24: 0.5, 44: 1.0, 63: 1.0}


def arrays(**changes: Any) -> dict[str, Any]:
    """One power, the government it backs, two places; actor 0 is its enemy, actor 1 its client."""
    values: dict[str, Any] = {
        "threat": np.zeros(1),
        "adversary_strength": np.zeros(1),
        "attack_memory": np.zeros(1),
        "arrival_memory": np.zeros(1),
        "mood": np.zeros(1),
        "cost": np.zeros(1),
        "rung": np.zeros(1),
        "alarm_days": np.zeros(1),
        "rung_floor": np.zeros(1),
        "rung_ceiling": np.full(1, 4.0),
        "covert": np.zeros(1),
        "adversary": np.array([[1.0, 0.0]]),
        "client": np.array([[0.0, 1.0]]),
        "concern": np.array([[0.0, 1.0]]),
        "sponsor": np.ones((1, 1)),
        "recognised": np.ones(1),
        "consent": np.zeros(1),
        "capacity": np.zeros(1),
        "exempted": np.zeros(1),
        "fighters": np.array([[2000.0, 1000.0], [0.0, 3000.0]]),
        "unplaced": np.array([500.0, 0.0]),
        "enemies": np.array([[1000.0, 2000.0], [0.0, 0.0]]),
        "control": np.array([[0.9, 0.1], [0.0, 1.0]]),
        "attacks": np.zeros(2),
        "arrivals": np.zeros(2),
        "oil_output": np.array([250.0]),
        "oil_capacity": np.array([1000.0]),
        "strike_orders": np.zeros((2, 2)),
        "special_forces": np.zeros((1, 2)),
        "ground_forces": np.zeros((1, 2)),
        "assistance": np.zeros((2, 2)),
        "shipments_wanted": np.zeros((1, 2)),
    }
    return values | changes


@cache
def _compiled(name: str) -> Any:
    from numba import njit

    return njit(find(name).function)


@cache
def _medians(name: str) -> dict[str, float]:
    half = np.array([0.5])
    return {p.name: float(p.prior.quantile(half)[0]) for p in find(name).parameters}


def run(name: str, seed: int = 1, compiled: bool = False, **changes: Any) -> dict[str, Any]:
    process: Process = find(name)
    values: dict[str, Any] = {"dt": DAYS, "rng": new_stream(["A", "B"], ["X", "Y"], seed)}
    for p in process.parameters:
        median = _medians(name)[p.name]
        values[p.name] = np.full(1, median) if p.dims else median
    values |= arrays(**changes)
    used = {a.name: values[a.name] for a in process.arguments}
    if compiled:
        _compiled(name)(*used.values())
    else:
        process(**used)
    return used


def share(name: str, hit: Any, draws: int = 500, **changes: Any) -> float:
    def copied() -> dict[str, Any]:
        return {k: np.copy(v) if isinstance(v, np.ndarray) else v for k, v in changes.items()}

    return float(np.mean([hit(run(name, seed, **copied())) for seed in range(draws)]))


def close(found: float, p: float, draws: int = 500) -> bool:
    return abs(found - p) < 4.0 * (p * (1 - p) / draws) ** 0.5 + 1e-12


STILL = {"mood_spread": 0.0, "w_cost": 0.0}


def test_each_term_of_the_threat() -> None:
    def seen(weight: str, **changes: Any) -> float:
        weights = {"w_adversary": np.zeros(1), weight: np.ones(1)}
        return float(run("threat", **STILL, **weights, **changes)["threat"][0])

    assert seen("w_adversary") == pytest.approx(log(3.5) / log(6.0))
    assert seen("w_attacks", attacks=np.array([9.0, 3.0])) == pytest.approx(1.0)
    arrivals = np.array([0.0, 75_000.0 / 182.0 * 1e6])
    year = seen("w_migration", arrivals=arrivals, dt=1e6)  # long enough to forget what was before
    assert year == pytest.approx(log(1.0 + 0.182 * 75_000.0 / 182.0) / log(76.0), rel=1e-6)
    assert seen("w_oil") == pytest.approx(0.75)
    assert seen("w_ally", consent=np.ones(1)) == pytest.approx(1.0 / 3.0)
    assert seen("w_client") == pytest.approx(1.0 - exp(-3.0 * 1000.0 / 4000.0))
    assert seen("w_stability", capacity=np.full(1, 0.3)) == pytest.approx(0.7)


def test_only_the_ratios_of_weights_count_and_a_power_without_sees_nothing() -> None:
    one = run("threat", **STILL, w_adversary=np.ones(1), w_oil=np.ones(1))["threat"][0]
    two = run("threat", **STILL, w_adversary=np.full(1, 2.0), w_oil=np.full(1, 2.0))["threat"][0]
    assert one == pytest.approx(two)
    assert run("threat", w_adversary=np.zeros(1))["threat"][0] == 0.0


def test_a_campaign_costs() -> None:
    v = run("threat", mood_spread=0.0, w_cost=0.5, rung=np.full(1, 3.0), w_adversary=np.ones(1))
    free = run("threat", **STILL, rung=np.full(1, 3.0), w_adversary=np.ones(1))
    assert v["cost"][0] == pytest.approx(DAYS / 365.0)
    assert free["threat"][0] - v["threat"][0] == pytest.approx(0.5 * DAYS / 365.0)


CALM = {"threshold_1": 0.5, "threshold_2": 0.6, "threshold_3": 0.7, "threshold_4": 1.0}
UP = 1.0 - exp(-0.15)


def at(rung: float) -> Any:
    return lambda v: v["rung"][0] == rung


def test_special_forces_need_no_leave() -> None:
    climbing = {**CALM, "threat": np.full(1, 0.55), "up": 0.15 / 7}
    assert close(share("ladder", at(1.0), **climbing), UP)
    assert share("ladder", at(0.0), 100, **CALM, threat=np.full(1, 0.45)) == 1.0


def test_arms_need_recognition_consent_and_exemption() -> None:
    wanting = {**CALM, "threat": np.full(1, 0.65), "rung": np.ones(1), "up": 100.0}
    leave = {"consent": np.full(1, 2.0), "exempted": np.ones(1)}
    assert share("ladder", at(2.0), 50, **wanting, **leave) == 1.0
    for missing in ("consent", "exempted", "recognised"):
        gates = {"recognised": np.ones(1), **leave, missing: np.zeros(1)}
        assert share("ladder", at(2.0), 50, **wanting, **gates) == 0.0
    patron = {"covert": np.ones(1), "consent": np.full(1, 2.0), "recognised": np.zeros(1)}
    assert share("ladder", at(2.0), 50, **wanting, **patron) == 1.0


def test_the_arms_rung_is_skipped_when_its_gate_is_shut() -> None:
    wanting = {**CALM, "threat": np.full(1, 0.8), "rung": np.ones(1), "up": 0.15 / 7, "skip": 0.3}
    found = share("ladder", at(3.0), **wanting, consent=np.full(1, 3.0))
    assert close(found, UP * 0.3)


def test_ground_forces_need_a_threat_that_lasts() -> None:
    wanting = {**CALM, "threat": np.full(1, 2.0), "rung": np.full(1, 3.0), "up": 100.0}
    wanting["consent"] = np.full(1, 4.0)
    assert share("ladder", at(4.0), 50, **wanting) == 0.0
    assert share("ladder", at(4.0), 50, **wanting, alarm_days=np.full(1, 50.0)) == 1.0


def test_stepping_down_with_hysteresis_and_when_the_enemy_is_gone() -> None:
    high = {**CALM, "rung": np.full(1, 3.0), "down": 0.05 / 7}
    strength = {"adversary_strength": np.full(1, 2000.0)}
    assert share("ladder", at(3.0), 50, **high, **strength, threat=np.full(1, 0.61)) == 1.0
    fallen = share("ladder", at(2.0), **high, **strength, threat=np.full(1, 0.59))
    assert close(fallen, 1.0 - exp(-0.05))
    done = share("ladder", at(2.0), **high, threat=np.full(1, 0.9), enough=500.0)
    assert close(done, 1.0 - exp(-0.05))


def test_a_scenario_decrees_floor_and_ceiling() -> None:
    assert run("ladder", rung_floor=np.full(1, 4.0))["rung"][0] == 4.0
    clamped = run("ladder", rung=np.full(1, 3.0), rung_ceiling=np.ones(1), rung_floor=np.ones(1))
    assert clamped["rung"][0] == 1.0


def test_no_rung_no_effort() -> None:
    v = run("effort", raid=np.ones(1), campaign=np.ones(1), arming=np.ones(1))
    for name in ("strike_orders", "special_forces", "ground_forces", "shipments_wanted"):
        assert not v[name].any(), name


def test_a_campaign_flies_where_a_client_faces_the_enemy() -> None:
    v = run("effort", rung=np.full(1, 3.0), campaign=np.full(1, 3.5), scarce=500.0)
    assert v["strike_orders"] == pytest.approx(np.array([[3.5 * 0.8, 0.0], [0.0, 0.0]]))
    alone = np.array([[2000.0, 0.0], [0.0, 3000.0]])
    v = run("effort", rung=np.full(1, 3.0), campaign=np.full(1, 3.5), fighters=alone)
    assert not v["strike_orders"].any()


def test_raids_come_at_their_rate() -> None:
    raiding = {"rung": np.ones(1), "raid": np.full(1, 0.3 / 7), "raid_size": 2.0}
    hit = share("effort", lambda v: v["strike_orders"].sum() > 0, **raiding)
    assert close(hit, 1.0 - exp(-0.3))
    sizes = [run("effort", s, **raiding)["strike_orders"].sum() * DAYS for s in range(50)]
    assert set(np.round(sizes, 9)) == {0.0, 2.0}


def test_soldiers_arrive_help_and_leave() -> None:
    there = np.array([[0.0, 25.0]])
    men = np.full(1, 25.0)
    v = run("effort", rung=np.ones(1), special_forces=there, men=men, advisers=0.2, few=25.0)
    assert v["assistance"][0, 1] == pytest.approx(0.2 * (1.0 - exp(-1.0)))
    assert v["assistance"][1].sum() == 0.0  # no enemy there
    forces = [
        run("effort", s, rung=np.full(1, 4.0), troops=3000.0, deployment=60.0) for s in range(30)
    ]
    mean = np.mean([f["ground_forces"][0, 0] for f in forces])
    assert mean == pytest.approx(3000.0 * (1.0 - exp(-DAYS / 60.0)), rel=0.05)
    leaving = run("effort", special_forces=there, ground_forces=there, dt=1e5)
    assert leaving["special_forces"].sum() + leaving["ground_forces"].sum() == 0.0


def test_shipments_follow_the_clients_force() -> None:
    v = run("effort", rung=np.full(1, 2.0), arming=np.full(1, 0.1))
    assert v["shipments_wanted"][0] == pytest.approx([0.0, 0.1 * 4000.0 * DAYS / 91.0])


def _before_the_origin(seed: int) -> tuple[np.ndarray[Any, Any], float]:
    """The rung of the United States week by week from January 2015, and the number of raids."""
    rng = np.random.default_rng(seed)
    weights = {"w_adversary": 0.55, "w_attacks": 0.2, "w_migration": 0.05, "w_oil": 0.05}
    weights["w_ally"] = 0.15
    drawn: dict[str, Any] = {
        k: np.full(1, w * exp(rng.normal(0.0, 0.3))) for k, w in weights.items()
    }
    for name in ("threat", "ladder", "effort"):
        for p in find(name).parameters:
            if not p.dims:
                drawn[p.name] = float(p.prior.quantile(rng.uniform(0, 1, 1))[0])
    drawn["raid"] = np.full(1, 0.05 / 7 * exp(rng.normal(0.0, 0.5)))
    state = arrays(arrival_memory=np.full(1, 80.0), enemies=np.zeros((2, 2)))
    rungs, raids = [], 0.0
    for week in range(71):
        state["fighters"][0] = [IS_IN_LIBYA[week * 12 // 52], 0.0]
        state["unplaced"][:] = 0.0
        state["recognised"][:] = week >= 51
        state["consent"][:] = week >= 51  # advisers, from the unity government on
        state["attacks"][:] = [0.0, 0.3 * ATTACKS.get(week, 0.0)]
        state["arrivals"][:] = [0.0, 80.0 * DAYS]
        for name in ("threat", "ladder", "effort"):
            run(name, 1000 * seed + week, compiled=True, **{**state, **drawn})
        rungs.append(state["rung"][0])
        raids += state["strike_orders"].any()
    return np.array(rungs), raids


def test_the_record_before_the_origin_is_typical() -> None:
    """Special forces since late 2015, raids in June and November 2015 and February 2016, and no
    campaign: each within the middle nine tenths, and the rung the likeliest."""
    found = [_before_the_origin(seed) for seed in range(100)]
    rungs = np.array([r for r, _ in found])
    raids = np.array([n for _, n in found])
    assert 0.5 < (rungs[:, 51] >= 1).mean() < 0.97  # at the end of 2015
    assert (rungs[:, 12] >= 1).mean() < 0.5  # early in 2015
    assert (rungs[:, -1] == 1).mean() > 0.6
    assert (rungs >= 3).any(axis=1).mean() < 0.2
    low, high = np.quantile(raids, [0.05, 0.95])
    assert low <= 3 <= high
