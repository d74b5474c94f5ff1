"""Agreement, recognition, capacity, consent and exemption: limits by hand, means against the
formulas."""

from math import exp
from typing import Any

import numpy as np
import pytest

from khamsin.draws import new_stream
from khamsin.process import Process
from khamsin.processes import find

DAYS = 7.0
GOVERNMENTS = ["GNA", "HOR"]


def arrays(**changes: Any) -> dict[str, Any]:
    """Two governments, two places, two actors: each government has an actor of its own."""
    values: dict[str, Any] = {
        "agreement": np.array([1.0, 0.0]),
        "recognised": np.array([1.0, 0.0]),
        "capacity": np.array([0.2, 0.1]),
        "consent": np.array([1.0, 1.0]),
        "exempted": np.zeros(2),
        "exemption": np.zeros(2),
        "governing": np.ones(2),
        "government_control": np.zeros((2, 2)),
        "backing": np.zeros(2),
        "allegiance": np.array([[0.8, 0.0], [0.0, 1.0]]),
        "sponsor": np.array([[1.0, 0.0], [0.0, 1.0]]),
        "fighters": np.array([[1000.0, 0.0], [0.0, 1000.0]]),
        "unplaced": np.zeros(2),
        "enemies": np.zeros((2, 2)),
        "siege_days": np.zeros(2),
        "control": np.array([[0.5, 0.0], [0.0, 1.0]]),
        "population": np.array([100.0, 100.0]),
        "rent": np.array([3.0, 1.0]),
        "local": np.array([1.0, 0.0]),
    }
    return values | changes


def share(process: Process, hit: Any, draws: int = 1500, **changes: Any) -> float:
    """How often `hit` of the arguments is true after one step."""
    hits = 0
    defaults = {p.name: float(p.prior.quantile(np.array([0.5]))[0]) for p in process.parameters}
    for seed in range(draws):
        values = defaults | {k: np.copy(v) for k, v in arrays(**changes).items()} | {"dt": DAYS}
        values["rng"] = new_stream(["A", "B"], ["X", "Y"], seed)
        used = {a.name: values[a.name] for a in process.arguments}
        process(**used)
        hits += bool(hit(used))
    return hits / draws


def close(found: float, hazard: float, draws: int = 1500) -> bool:
    p = 1.0 - exp(-hazard * DAYS)
    return abs(found - p) < 4.0 * (p * (1 - p) / draws) ** 0.5 + 1e-12


def test_joining_the_agreement_is_blocked_by_outside_option_and_patrons() -> None:
    joined = share(
        find("agreement"),
        lambda v: v["agreement"][1] > 0.5,
        mediation=0.05,
        offered=0.4,
        b_outside=4.0,
        b_patrons=1.0,
    )
    outside = 1000.0 / 1800.0
    block = 1.0 / (1.0 + exp(-(4.0 * (outside - 0.4) + 1.0)))
    assert close(joined, 0.05 * (1.0 - block))
    never = share(find("agreement"), lambda v: v["agreement"][1] > 0.5, 200, mediation=0.0)
    assert never == 0.0


def test_recognition_follows_agreement_and_displaces_the_one_outside() -> None:
    rates = {"base": 0.001, "by_agreement": 0.05, "by_reach": 0.0}
    start = {"recognised": np.array([0.0, 1.0]), **rates}
    found = share(find("recognition"), lambda v: v["recognised"][0] > 0.5, **start)
    assert close(found, 0.051)
    together = share(
        find("recognition"),
        lambda v: v["recognised"][0] > 0.5 and v["recognised"][1] > 0.5,
        500,
        **start,
    )
    assert together == 0.0  # one at a time, unless they have agreed


def test_recognition_is_kept() -> None:
    kept = share(find("recognition"), lambda v: v["recognised"][0] > 0.5, 200, base=0.0)
    assert kept == 1.0


def run(process: Process, **changes: Any) -> dict[str, Any]:
    defaults = {p.name: float(p.prior.quantile(np.array([0.5]))[0]) for p in process.parameters}
    values = defaults | arrays(**changes)
    values = {"dt": DAYS, "rng": new_stream(["A", "B"], ["X", "Y"], 1)} | values
    used = {a.name: values[a.name] for a in process.arguments}
    process(**used)
    return used


def test_capacity_follows_its_equation() -> None:
    rates = {"by_rents": 0.002, "by_rivals": 0.01, "by_militias": 0.003, "unrecognised": 0.5}
    v = run(find("capacity"), dt=0.01, **rates)
    assert v["government_control"] == pytest.approx(np.array([[0.4, 0.0], [0.0, 1.0]]))
    rents = np.array([1.2, 1.0]) / 2.2
    gna = 0.002 * rents[0] * 0.8 - 0.01 * 0.1 * 0.2 - 0.003 * 1.0 * 0.2
    hor = 0.5 * 0.002 * rents[1] * 0.9 - 0.01 * 0.2 * 0.1
    assert (v["capacity"] - [0.2, 0.1]) / 0.01 == pytest.approx([gna, hor], rel=1e-3)
    assert v["backing"] == pytest.approx([0.8 * v["capacity"][0], v["capacity"][1]])


def test_capacity_without_rents_withers_and_alone_grows_to_one() -> None:
    assert (run(find("capacity"), by_rents=0.0, dt=1e5)["capacity"] < 1e-6).all()
    alone = run(
        find("capacity"), by_rivals=0.0, by_militias=0.0, dt=1e6, governing=np.array([1.0, 0.0])
    )
    assert alone["capacity"] == pytest.approx([1.0, 0.1])


def test_consent_to_air_power_rises_with_danger() -> None:
    enemies = np.array([[3000.0, 0.0], [0.0, 0.0]])
    rates = {"to_advisers": 0.0, "to_arms": 0.0, "to_air": 0.01, "to_ground": 0.0}
    weights = {"b_danger": 2.0, "b_dependence": 1.0, "b_veto": 0.5, **rates}

    def asked(v: dict[str, Any]) -> bool:
        return bool(v["consent"][0] == 3.0)

    found = share(find("consent"), asked, enemies=enemies, **weights)
    danger = 2400.0 / 5400.0
    eased = exp(2.0 * (danger - 0.5) + (0.1 - 0.2) - 0.5 * 0.1)
    assert close(found, 0.01 * eased)
    stuck = share(find("consent"), asked, enemies=enemies, siege_days=np.full(2, 60.0), **weights)
    assert stuck > found
    assert share(find("consent"), asked, 200, **weights) == 0.0  # no enemies, no request


def test_consent_is_taken_back_in_calm() -> None:
    found = share(
        find("consent"),
        lambda v: v["consent"][0] == 2.0,
        consent=np.array([3.0, 3.0]),
        withdrawal=0.02,
    )
    assert close(found, 0.02)


def test_an_exemption_needs_recognition_and_a_request() -> None:
    def granted(v: dict[str, Any]) -> bool:
        return bool(v["exempted"].any())

    asked = {"consent": np.array([2.0, 2.0]), "grant": 0.05}
    found = share(find("exemption"), granted, blocked=0.8, **asked)
    assert close(found, 0.05 * 0.2)
    assert share(find("exemption"), granted, 200, blocked=1.0, **asked) == 0.0
    assert share(find("exemption"), granted, 200, grant=10.0) == 0.0
    decreed = {"exemption": np.ones(2), "recognised": np.ones(2), "grant": 0.0}
    assert share(find("exemption"), granted, 200, **decreed) == 1.0
    unknown = {"recognised": np.zeros(2), "exempted": np.ones(2)}
    assert share(find("exemption"), granted, 200, **asked, **unknown) == 0.0
