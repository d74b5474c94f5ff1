"""Arms: deliveries under the three rules of the embargo, supply, capture, black markets."""

import numpy as np
import pytest

from khamsin import draws, processes

SUPPLY = processes.find("supply")
DELIVERY = processes.find("arms_delivery")
CAPTURE = processes.find("arms_capture")
MARKET = processes.find("arms_market")


def supplied(arms: float, **changed: object) -> dict[str, np.ndarray]:
    arguments = {
        "arms": np.array([arms]),
        "donated": np.zeros(1),
        "armed": np.zeros(1),
        "supply": np.zeros(1),
        "arms_brought": np.zeros(1),
        "arms_worn": np.zeros(1),
        "fighters": np.array([[600.0], [200.0]]),
        "unplaced": np.array([100.0]),
        "wounded": np.array([60.0]),
        "marching": np.array([[40.0]]),
        "kits": np.array([1.5]),
        "equipped": np.zeros(1),
        "wear": 0.0,
        "better": 0.2,
        "dt": 7.0,
    }
    arguments.update(changed)
    SUPPLY(**arguments)
    return {k: np.asarray(v) for k, v in arguments.items()}


def test_supply_is_the_root_of_kits_for_each_fighter_and_at_most_one() -> None:
    assert supplied(250.0)["supply"][0] == pytest.approx(0.5)
    assert supplied(2000.0)["supply"][0] == 1.0
    assert supplied(250.0)["armed"][0] == 1000.0
    donated = supplied(2000.0, donated=np.array([500.0]))
    assert donated["supply"][0] == pytest.approx(1.1)
    assert supplied(2000.0, donated=np.array([9999.0]))["supply"][0] == pytest.approx(1.2)


def test_a_new_actor_brings_its_arms_and_a_dissolved_one_leaves_them() -> None:
    new = supplied(0.0)
    assert new["arms_brought"][0] == new["arms"][0] == 1500.0
    none = {n: np.zeros_like(supplied(1.0)[n]) for n in ("fighters", "marching")}
    gone = supplied(300.0, unplaced=np.zeros(1), wounded=np.zeros(1), **none)
    assert gone["arms_worn"][0] == 300.0
    assert gone["arms"][0] == 0.0
    assert gone["supply"][0] == 1.0
    assert supplied(300.0, equipped=np.ones(1))["arms_brought"][0] == 700.0
    worn = supplied(1000.0, wear=0.01)
    assert worn["arms"][0] == pytest.approx(1000 * np.exp(-0.07))


def delivered(
    rule: float, seed: int = 1, weeks: int = 1, **changed: object
) -> dict[str, np.ndarray]:
    """One patron, one client, 700 kits wanted a week."""
    arguments = {
        "arms": np.zeros(1),
        "donated": np.zeros(1),
        "arms_delivered": np.zeros(1),
        "arms_seized": np.zeros(1),
        "shipments": np.zeros(1),
        "shipments_wanted": np.zeros((1, 1)),
        "patronage": np.full((1, 1), 100.0),
        "stake": np.full((1, 1), 0.5),
        "seaborne": np.ones(1),
        "embargo": 0.3,
        "exempted": np.zeros(1),
        "allegiance": np.full((1, 1), 0.8),
        "rule": rule,
        "seized": 0.4,
        "usual": 0.3,
        "parcel": 100.0,
        "lump": 1400.0,
        "softness": 0.1,
        "dearer": 1.0,
        "dt": 7.0,
    }
    arguments.update(changed)
    for week in range(weeks):
        DELIVERY(**arguments, rng=draws.new_stream(["A"], ["P"], seed * 100_000 + week))
    return {k: np.asarray(v) for k, v in arguments.items()}


WEEKS = 3000


@pytest.mark.parametrize(
    ("rule", "embargo", "mean"),
    [
        (0, 0.3, 700 * 0.6),
        (0, 0.0, 700),
        (0, 1.0, 0),  # 0.4 / 0.3 is more than all
        (1, 0.5, 350),
        (1, 0.0, 700 / (1 + np.exp(-5))),
        (1, 1.0, 700 / (1 + np.exp(5))),
        (2, 0.3, 700),
        (2, 0.0, 700 * np.exp(0.3)),
        (2, 1.0, 700 * np.exp(-0.7)),
    ],
)
def test_what_arrives_follows_the_rule(rule: float, embargo: float, mean: float) -> None:
    found = delivered(rule, weeks=WEEKS, embargo=embargo)
    size = 1400 if rule == 1 else 100
    error = np.sqrt(mean * size / WEEKS)
    assert found["arms_delivered"][0] / WEEKS == pytest.approx(mean, abs=4 * error + 1e-9)
    assert found["shipments"][0] * size == pytest.approx(found["arms_delivered"][0])
    assert found["arms"][0] == found["donated"][0] == found["arms_delivered"][0]
    if rule == 0 and embargo == 0.3:
        assert found["arms_seized"][0] / WEEKS == pytest.approx(
            280, abs=4 * np.sqrt(280 * 100 / WEEKS)
        )
    elif rule != 0:
        assert not found["arms_seized"].any()


def test_land_routes_escape_inspection_and_the_exempted_need_not_hide() -> None:
    shut = delivered(
        1, weeks=300, embargo=1.0, stake=np.full((1, 1), 0.9), seaborne=np.full(1, 0.1)
    )
    assert shut["arms_delivered"][0] / 300 == pytest.approx(700, rel=0.3)
    lawful = delivered(0, weeks=WEEKS, embargo=1.0, exempted=np.ones(1))
    assert lawful["arms_delivered"][0] / WEEKS == pytest.approx(
        560, abs=4 * np.sqrt(560 * 100 / WEEKS)
    )
    assert not delivered(1, patronage=np.zeros((1, 1)))["shipments"].any()


def captured(**changed: object) -> dict[str, np.ndarray]:
    """Actor 0 holds the place against 1 and 2, who are at peace with each other."""
    arguments = {
        "arms": np.array([2000.0, 500.0, 0.0]),
        "donated": np.array([1000.0, 0.0, 0.0]),
        "arms_spent": np.zeros(3),
        "arms_lost": np.zeros(3),
        "arms_ceded": np.zeros(3),
        "arms_captured": np.zeros(3),
        "armed": np.array([1000.0, 1000.0, 100.0]),
        "fighters": np.array([[900.0, 300.0, 100.0]]),
        "battle_deaths": np.array([[100.0, 0.0, 0.0]]),
        "strike_deaths": np.zeros((1, 3)),
        "defectors": np.zeros((1, 3)),
        "holder": np.zeros(1),
        "hostility": np.array([[0.0, 1, 1], [1, 0, 0], [1, 0, 0]]),
        "use": 0.0,
        "share": 0.4,
        "dt": 7.0,
    }
    arguments.update(changed)
    CAPTURE(**arguments)
    return {k: np.asarray(v) for k, v in arguments.items()}


def test_enemies_share_the_kits_of_the_killed() -> None:
    found = captured()
    assert found["arms_ceded"] == pytest.approx([40, 0, 0])
    assert found["arms_captured"] == pytest.approx([0, 30, 10])
    assert found["arms_lost"] == pytest.approx([60, 0, 0])
    assert found["arms"] == pytest.approx([1900, 530, 10])
    assert found["donated"][0] == pytest.approx(950)
    assert not captured(share=0.0)["arms_captured"].any()


def test_strikes_destroy_defectors_carry_and_battle_uses_up() -> None:
    struck = captured(battle_deaths=np.zeros((1, 3)), strike_deaths=np.array([[0.0, 100, 0]]))
    assert struck["arms_lost"] == pytest.approx([0, 50, 0])  # half a kit for each of actor 1
    gone = captured(battle_deaths=np.zeros((1, 3)), defectors=np.array([[0.0, 200, 0]]), share=0.0)
    assert gone["arms"] == pytest.approx([2100, 400, 0])
    assert gone["arms_ceded"][1] == gone["arms_captured"][0] == pytest.approx(100)
    shot = captured(use=0.01, share=0.0)
    assert shot["arms_spent"] == pytest.approx([63, 10.5, 0])


def market(**changed: object) -> dict[str, np.ndarray]:
    """Two towns with a road between them; actor 0 lacks 100 kits in the first."""
    arguments = {
        "arms": np.array([100.0]),
        "donated": np.zeros(1),
        "treasury": np.array([10.0]),
        "market_arms": np.array([1000.0, 1000.0]),
        "arms_price": np.array([700.0, 700.0]),
        "arms_in": np.zeros(2),
        "arms_out": np.zeros(2),
        "arms_bought": np.zeros(1),
        "arms_leaked": np.zeros(1),
        "arms_spending": np.zeros(1),
        "fighters": np.array([[200.0], [0.0]]),
        "armed": np.array([200.0]),
        "market_size": np.array([1000.0, 1000.0]),
        "usual_price": np.array([700.0, 700.0]),
        "embargoed": np.array([1.0, 0.0]),
        "embargo": 0.3,
        "link_from": np.array([0.0, 1.0]),
        "link_to": np.array([1.0, 0.0]),
        "link_km": np.array([100.0, 100.0]),
        "arms_route": np.ones(2),
        "level": 1.0,
        "elasticity": 1.0,
        "dearer": 0.0,
        "usual": 0.3,
        "pace": 0.01,
        "cost": 0.0,
        "buying": np.log(2) / 7,
        "purse": 1.0,
        "leak": 0.0,
        "dt": 7.0,
    }
    arguments.update(changed)
    MARKET(**arguments)
    return {k: np.asarray(v) for k, v in arguments.items()}


def test_an_actor_buys_half_of_what_it_lacks_and_the_price_rises() -> None:
    found = market(arms_route=np.zeros(2))
    assert found["arms_bought"][0] == pytest.approx(50)
    assert found["arms_spending"][0] == pytest.approx(50 * 700 / 1e6)
    assert found["treasury"][0] == pytest.approx(10 - 0.035)
    assert found["arms_price"] == pytest.approx([700 * 1100 / 950, 700])
    broke = market(arms_route=np.zeros(2), treasury=np.array([0.007]), purse=1e9)
    assert broke["arms_bought"][0] == pytest.approx(10)
    assert broke["treasury"][0] == pytest.approx(0, abs=1e-12)


def test_traders_follow_the_price_both_ways_and_distance_stops_them() -> None:
    found = market()
    drive = np.log(1100 / 950)
    carried = 1000 * (1 - np.exp(-0.07 * drive))
    assert found["arms_out"] == pytest.approx([0, carried])
    assert found["arms_in"] == pytest.approx([carried, 0])
    back = market(armed=np.zeros(1), market_arms=np.array([2000.0, 1000.0]))
    assert back["arms_out"][0] > 0
    assert back["arms_out"][1] == 0
    assert not market(cost=0.01)["arms_out"].any()
    assert not market(armed=np.zeros(1))["arms_out"].any()


def test_the_embargo_makes_arms_dearer_where_it_holds() -> None:
    quiet = {"armed": np.zeros(1), "dearer": 1.0}
    assert market(**quiet)["arms_price"] == pytest.approx([700, 700])
    assert market(**quiet, embargo=0.0)["arms_price"] == pytest.approx([700 * np.exp(-0.3), 700])
    assert market(**quiet, embargo=1.0)["arms_price"] == pytest.approx([700 * np.exp(0.7), 700])


def test_donated_arms_leak_to_the_market() -> None:
    found = market(
        arms=np.array([300.0]), donated=np.array([100.0]), leak=0.01, arms_route=np.zeros(2)
    )
    leaked = 100 * (1 - np.exp(-0.07))
    assert found["arms_leaked"][0] == pytest.approx(leaked)
    assert found["market_arms"][0] == pytest.approx(1000 + leaked)
    assert found["donated"][0] == pytest.approx(100 - leaked)
    assert found["arms_price"][0] < 700
