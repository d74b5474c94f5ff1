"""Terror attacks: limits by hand, branching ratio, severity, and the rival mechanisms."""

from typing import Any

import numpy as np
import pytest

from khamsin.draws import new_stream, pin_member
from khamsin.processes import find

HAWKES = find("hawkes")
PLACES, ACTORS, AUDIENCES = 3, 2, 1


def _arguments(**changed: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "attacks": np.zeros(PLACES),
        "attack_deaths": np.zeros(PLACES),
        "recent_attacks": np.zeros(PLACES),
        "attacks_by": np.zeros(ACTORS),
        "killed_by": np.zeros(ACTORS),
        "instability": np.zeros(ACTORS),
        "fighters": np.full((PLACES, ACTORS), 100.0),
        "unplaced": np.zeros(ACTORS),
        "returnees": np.zeros(PLACES),
        "image": np.zeros((AUDIENCES, ACTORS)),
        "pressure": np.zeros(ACTORS),
        "recent_strikes": np.zeros(ACTORS),
        "perpetrator": np.array([1.0, 0.0]),
        "state": np.array([0.0, 1.0]),
        "base": np.array([0.2, 0.1, 0.0]) / 7,
        "reach": np.ones(PLACES),
        "unplaced_reach": 1.0,
        "returnee_reach": 0.0,
        "capacity_then": 300.0,
        "capacity": 1.0,
        "image_response": np.zeros(AUDIENCES),
        "pressure_response": 0.0,
        "unrest_response": 0.0,
        "provocation": 0.0,
        "strikes_then": 0.0,
        "branching": 0.0,
        "spread": 0.0,
        "memory": 20.0,
        "dispersion": 3.0,
        "harmless": 0.3,
        "exponent": 2.4,
        "smallest": 2.0,
        "largest": 400.0,
        "shake": 0.0,
        "dt": 7.0,
        "rng": new_stream(["A", "B"], ["X", "Y", "Z"]),
    }
    assert set(changed) <= set(values)
    return values | changed


@pytest.fixture(scope="module")
def campaign() -> Any:
    """Run many steps in compiled code; return attacks and deaths, dims (step, place)."""
    from numba import njit

    kernel = njit(HAWKES.function)
    names = [a.name for a in HAWKES.arguments]

    def go(steps: int, **changed: Any) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
        values = _arguments(**changed)
        count, dead = np.zeros((steps, PLACES)), np.zeros((steps, PLACES))
        for step in range(steps):
            for flow in ("attacks", "attack_deaths", "attacks_by", "killed_by"):
                values[flow][:] = 0.0
            pin_member(values["rng"], np.uint64(5), 0, step)
            kernel(*[values[n] for n in names])
            count[step], dead[step] = values["attacks"], values["attack_deaths"]
            assert values["attacks_by"][0] == values["attacks"].sum()
            assert values["killed_by"].tolist() == [values["attack_deaths"].sum(), 0.0]
        return count, dead, values

    return go


def test_nobody_attacks_where_there_is_no_base_and_nobody_to_do_it(campaign: Any) -> None:
    count, _, _ = campaign(200)
    assert count[:, :2].sum() > 20
    assert not count[:, 2].any()
    assert not campaign(200, fighters=np.zeros((PLACES, ACTORS)))[0].any()
    assert not campaign(200, perpetrator=np.zeros(ACTORS))[0].any()


def test_the_mean_without_children_is_the_base(campaign: Any) -> None:
    count, _, _ = campaign(20_000)
    assert count[:, 0].mean() == pytest.approx(0.2, rel=0.04)
    assert count[:, 1].mean() == pytest.approx(0.1, rel=0.06)
    # negative binomial: variance m + m^2 / dispersion
    assert count[:, 0].var() == pytest.approx(0.2 + 0.04 / 3, rel=0.06)


@pytest.mark.parametrize("spread", [0.0, 0.6])
@pytest.mark.parametrize("dt", [7.0, 1.0])
def test_branching_multiplies_the_mean(campaign: Any, spread: float, dt: float) -> None:
    """A campaign has mean mu / (1 - branching), for any spread and any step."""
    steps = 40_000
    count, _, _ = campaign(steps, branching=0.5, spread=spread, dt=dt)
    assert count.sum() / steps == pytest.approx(0.3 * dt / 7 / 0.5, rel=0.05)


def test_attacks_follow_attacks(campaign: Any) -> None:
    calm, _, _ = campaign(20_000)
    excited, _, _ = campaign(20_000, branching=0.6)
    assert abs(np.corrcoef(calm[1:, 0], calm[:-1, 0])[0, 1]) < 0.03
    assert np.corrcoef(excited[1:, 0], excited[:-1, 0])[0, 1] > 0.1


def test_contagion_carries_attacks_to_other_places(campaign: Any) -> None:
    own, _, _ = campaign(20_000, branching=0.6)
    across, _, _ = campaign(20_000, branching=0.6, spread=0.8)

    def linked(x: np.ndarray) -> float:
        return float(np.corrcoef(x[1:, 1], x[:-1, 0])[0, 1])

    assert linked(across) > linked(own) + 0.03


def test_severity_is_a_cut_power_law(campaign: Any) -> None:
    """P(D >= d) of the attacks that kill, and its mean, against the formula."""
    values = {"base": np.array([50.0, 0, 0]), "dispersion": 1e6, "harmless": 0.25}
    count, dead, _ = campaign(300, **values)
    tail, m, top = 1.4, 2.0, 401.0
    d = np.arange(1, 401)
    survival = np.where(
        d <= m,
        1.0,
        (d.astype(float) ** -tail - top**-tail) / (m**-tail - top**-tail),
    )
    mean = 0.75 * survival.sum()
    assert dead.sum() / count.sum() == pytest.approx(mean, rel=0.03)


def test_no_attack_kills_more_than_the_largest(campaign: Any) -> None:
    base = np.array([0.3, 0.0, 0.0])
    count, dead, _ = campaign(
        5000, base=base, exponent=1.2, largest=30.0, harmless=0.0, smallest=1.0
    )
    single = count[:, 0] == 1
    assert dead[single, 0].max() <= 30
    assert dead[single, 0].min() >= 1


@pytest.mark.parametrize(
    ("changed", "factor"),
    [
        ({"capacity_then": 150.0}, 2.0),
        ({"returnees": np.array([600.0, 900, 900]), "returnee_reach": 0.5}, 2.0),
        ({"capacity_then": 150.0, "capacity": 0.0}, 1.0),
        ({"pressure": np.array([0.01, 0.5]), "pressure_response": 100.0}, np.e),
        ({"image": np.ones((1, 2)), "image_response": np.array([0.5])}, np.exp(0.5)),
        ({"instability": np.array([9.0, 1.0]), "unrest_response": 0.5}, np.exp(0.5)),
        ({"recent_strikes": np.array([1.0, 0.0]), "provocation": 0.5}, 8.0**0.5),
        (
            {
                "recent_strikes": np.array([1.0, 0.0]),
                "provocation": 0.5,
                "strikes_then": 1.0,
            },
            1.0,
        ),
    ],
)
def test_what_drives_the_base(campaign: Any, changed: dict[str, Any], factor: float) -> None:
    many = {"base": np.array([20.0, 0, 0]), "dispersion": 1e6}
    count, _, _ = campaign(100, **many, **changed)
    assert count[:, 0].mean() == pytest.approx(140.0 * factor, rel=0.03)


def test_attacks_shake_the_state_that_they_hit(campaign: Any) -> None:
    _, _, after = campaign(50, shake=0.1)
    assert after["instability"][1] > 0.0
    assert after["instability"][0] == 0.0
