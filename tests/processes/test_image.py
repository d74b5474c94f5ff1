"""Image and momentum: limits by hand, the six answers, and what they do to intake."""

from typing import Any

import numpy as np
import pytest

from khamsin.draws import new_stream, pin_member
from khamsin.processes import find

IMAGE, MOMENTUM, INSTABILITY = find("image"), find("momentum"), find("instability")
NEWS = ("strikes", "harm", "territory", "government", "attacks", "own_killing", "noise")


def _arguments(**changed: Any) -> dict[str, Any]:
    """Two actors, two audiences: the first sees its own theatre, the second all of it."""
    values: dict[str, Any] = {
        "image": np.zeros((2, 2)),
        "strikes_on": np.zeros(2),
        "civilian_deaths": np.zeros(1),
        "control": np.array([[0.5, 0.0]]),
        "momentum": np.zeros(2),
        "usual_territory": np.log([100_000.0, 300_000.0]),
        "territory_at_start": np.array([100_000.0, 300_000.0]),
        "attacks_by": np.zeros(2),
        "killed_by": np.zeros(2),
        "member": np.ones(2),
        "shared": np.array([0.0, 1.0]),
        "fade": 0.0,
        "neutral": 0.0,
        "threshold": 0.0,
        **dict.fromkeys(NEWS, 0.0),
        **{f"{n}_before": np.zeros(2) for n in ("strikes", "harm", "attacks", "killed")},
        "dt": 7.0,
        "rng": new_stream(["A", "B"]),
    }
    assert set(changed) <= set(values)
    return values | changed


def _after(**changed: Any) -> np.ndarray:
    values = _arguments(**changed)
    IMAGE(**values)
    return np.asarray(values["image"])


def test_without_news_and_weights_nothing_changes() -> None:
    assert not _after().any()
    assert not _after(strikes_on=np.full(2, 50.0), killed_by=np.full(2, 50.0)).any()


def test_strikes_raise_it_and_the_far_audience_sees_both_theatres() -> None:
    found = _after(strikes=0.1, strikes_on=np.array([20.0, 0.0]))
    assert found[0].tolist() == pytest.approx([0.1 * np.log(21), 0.0])
    assert found[1].tolist() == pytest.approx([0.1 * np.log(21)] * 2)


def test_what_went_on_before_moves_nothing() -> None:
    found = _after(
        strikes=0.1, strikes_on=np.array([20.0, 0.0]), strikes_before=np.array([20 / 7, 0])
    )
    assert found == pytest.approx(np.zeros((2, 2)))


def test_a_threshold_turns_the_sign() -> None:
    def of(strikes: float) -> float:
        return float(_after(strikes=0.1, threshold=10 / 7, strikes_on=np.array([strikes, 0]))[0, 0])

    assert of(3.0) > 0
    assert of(10.0) == pytest.approx(0.0)
    assert of(40.0) < 0


def test_territory_counts_by_its_change() -> None:
    """Half of one's people lost: territory * log(1/2); the far audience weighs by size."""
    lost = np.array([np.log(0.5) / 7, 0.0])
    found = _after(territory=2.0, momentum=lost)
    assert found[0].tolist() == pytest.approx([2 * np.log(0.5), 0.0])
    assert found[1].tolist() == pytest.approx([2 * np.log(0.5) / 4] * 2)


def test_harm_attacks_killing_and_government() -> None:
    assert _after(harm=0.1, civilian_deaths=np.array([40.0]))[0, 0] == pytest.approx(
        0.1 * np.log(21)
    )
    assert _after(attacks=-0.1, attacks_by=np.array([3.0, 0]))[0, 0] == pytest.approx(
        -0.1 * np.log(4)
    )
    assert _after(own_killing=-0.1, killed_by=np.array([3.0, 0]))[0, 0] == pytest.approx(
        -0.1 * np.log(4)
    )
    half = np.log([50_000.0, 300_000.0])
    assert _after(government=0.02, usual_territory=half)[0, 0] == pytest.approx(-0.01)


def test_it_fades_to_neutral_at_the_same_pace_for_any_step() -> None:
    week = _after(image=np.ones((2, 2)), fade=0.05, neutral=-0.5, dt=7.0)
    days = np.ones((2, 2))
    for _ in range(7):
        days = _after(image=days, fade=0.05, neutral=-0.5, dt=1.0)
    assert week == pytest.approx(days)
    assert week[0, 0] == pytest.approx(-0.5 + 1.5 * np.exp(-0.35))


def test_others_have_no_image() -> None:
    found = _after(strikes=0.1, strikes_on=np.full(2, 20.0), member=np.array([1.0, 0.0]))
    assert found[0, 0] > 0
    assert not found[:, 1].any()


def test_momentum_adds_up_to_the_change_of_log_territory() -> None:
    values: dict[str, Any] = {
        "usual_territory": np.zeros(1),
        "momentum": np.zeros(1),
        "recent_strikes": np.zeros(1),
        "control": np.array([[1.0]]),
        "population": np.array([200_000.0]),
        "strikes_on": np.zeros(1),
        "smallest": 20_000.0,
        "period": 28.0,
        "quarter": 91.0,
        "dt": 7.0,
    }
    MOMENTUM(**values)
    assert values["momentum"][0] == 0
    values["control"][:] = 0.25
    values["strikes_on"][:] = 14.0
    total = 0.0
    for _ in range(200):
        MOMENTUM(**values)
        total += values["momentum"][0] * 7
    assert total == pytest.approx(np.log(70 / 220), rel=1e-6)
    assert values["recent_strikes"][0] == pytest.approx(2.0, rel=1e-3)


def test_instability_returns_to_its_usual_level_and_spread() -> None:
    level = np.array([3.0, 3.0])
    rng = new_stream(["A", "B"])
    found = []
    for step in range(12_000):
        pin_member(rng, np.uint64(3), 0, step)
        INSTABILITY(level, np.array([0.5, 0.0]), np.array([-0.7, 0.0]), 60.0, 7.0, rng)
        found.append(level[0])
    assert level[1] == 3.0  # no index: nothing happens
    late = np.array(found[100:])
    assert late.mean() == pytest.approx(-0.7, abs=0.07)
    assert late.std() == pytest.approx(0.5, rel=0.08)
    assert np.corrcoef(late[1:], late[:-1])[0, 1] == pytest.approx(np.exp(-7 / 60), abs=0.03)


def _recruits(steps: int = 400, **changed: Any) -> float:
    process = find("recruitment")
    rng = new_stream(["A", "B"], ["X"])
    values: dict[str, Any] = {
        "fighters": np.zeros((1, 2)),
        "reference_pool": np.zeros(2),
        "recruits": np.zeros(2),
        "control": np.array([[0.8, 0.2]]),
        "population": np.array([1e7]),
        "hostility": np.array([[0.0, 1.0], [1.0, 0.0]]),
        "image": np.zeros((1, 2)),
        "instability": np.zeros(2),
        "arrears": np.zeros(2),
        "civilian_deaths": np.zeros(1),
        "intake": np.array([10.0, 0.0]),
        "mobilised": 0.9,
        "growth": 1.5,
        "image_response": np.zeros(1),
        "unrest_response": 0.0,
        "pay_response": 0.0,
        "harm_response": 0.0,
        "coerced": np.zeros(2),
        "dispersion": 1e6,
        "dt": 7.0,
        "rng": rng,
    }
    assert set(changed) <= set(values)
    values |= changed
    for step in range(steps):
        pin_member(rng, np.uint64(4), 0, step)
        process(**values)
    return float(values["recruits"][0]) / steps


@pytest.mark.parametrize(
    ("changed", "factor"),
    [
        ({}, 1.0),
        ({"image": np.ones((1, 2)), "image_response": np.array([0.5])}, np.exp(0.5)),
        ({"instability": np.array([7.0, 1.0]), "unrest_response": 0.5}, np.exp(0.5)),
        ({"arrears": np.full(2, 42.0), "pay_response": 1.0}, np.exp(-0.5)),
        ({"arrears": np.full(2, 999.0), "pay_response": 1.0}, np.exp(-1.0)),
        ({"civilian_deaths": np.full(1, 31.0), "harm_response": 0.2}, 2.0),
        ({"civilian_deaths": np.full(1, 31.0), "harm_response": -0.2}, 0.5),
        ({"coerced": np.full(2, 1e-5)}, 1.0 + 8.0),
    ],
)
def test_what_intake_answers_to(changed: dict[str, Any], factor: float) -> None:
    assert _recruits(**changed) == pytest.approx(70.0 * factor, rel=0.03)


@pytest.mark.parametrize(
    ("changed", "factor"),
    [
        ({}, 1.0),
        ({"image": np.ones((1, 1)), "image_response": np.array([1.0])}, np.e),
        ({"pool": np.array([1e9]), "foreign_gone": np.array([7.5e8])}, 0.25),
    ],
)
def test_what_foreign_fighters_answer_to(changed: dict[str, Any], factor: float) -> None:
    process = find("foreign_fighters")
    values: dict[str, Any] = {
        "foreign_under_way": np.zeros(1),
        "foreign_gone": np.zeros(1),
        "unplaced": np.zeros(1),
        "foreign_departures": np.zeros(1),
        "foreign_arrivals": np.zeros(1),
        "access": np.ones(1),
        "image": np.zeros((1, 1)),
        "inflow": np.array([5.0]),
        "image_response": np.zeros(1),
        "pool": np.zeros(1),
        "lag": 28.0,
        "dispersion": 1e6,
        "dt": 7.0,
        "rng": new_stream(["A"]),
    }
    assert set(changed) <= set(values)
    values |= changed
    total = 0.0
    for step in range(600):
        pin_member(values["rng"], np.uint64(6), 0, step)
        process(**values)
        total += values["foreign_departures"][0]
    assert total / 600 == pytest.approx(35.0 * factor, rel=0.03)


def test_a_beaten_actor_is_deserted() -> None:
    process = find("desertion")
    left = []
    for momentum in (0.0, np.log(0.5) / 7):
        values: dict[str, Any] = {
            "fighters": np.array([[1e6]]),
            "unplaced": np.array([1e6]),
            "deserters": np.zeros(1),
            "battle_deaths": np.zeros((1, 1)),
            "strike_deaths": np.zeros((1, 1)),
            "momentum": np.array([momentum]),
            "arrears": np.zeros(1),
            "unpaid": 0.0,
            "base": 0.0,
            "after_losses": 0.3,
            "in_retreat": 0.5,
            "dt": 7.0,
            "rng": new_stream(["A"], ["X"]),
        }
        process(**values)
        left.append(values["deserters"][0] / 2e6)
    assert left[0] == 0
    assert left[1] == pytest.approx(1 - 0.5**0.5, rel=0.01)
