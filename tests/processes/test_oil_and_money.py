"""Oil, blockades, raids and treasuries: by hand, in the limits, and on average."""

import numpy as np
import pytest

from khamsin import draws, processes

OIL = processes.find("oil_flow")
BLOCKADE = processes.find("blockade")
ATTACKS = processes.find("facility_attacks")
INCOME = processes.find("oil_income")
TREASURY = processes.find("treasury")


def stream(seed: int, actors: int = 2, places: int = 2) -> draws.Stream:
    return draws.new_stream(
        [f"A{k}" for k in range(actors)], [f"P{k}" for k in range(places)], seed
    )


def flow(**changed: object) -> dict[str, np.ndarray]:
    """Two fields into one pipe into one terminal; a third field has a terminal of its own."""
    arguments = {
        "oil_output": np.zeros(6),
        "oil_produced": np.zeros(6),
        "oil_loaded": np.zeros(6),
        "oil_smuggled": np.zeros(6),
        "oil_capacity": np.array([300.0, 100.0, 50.0, 340.0, 200.0, 80.0]),
        "intact": np.ones(6),
        "blocked": np.zeros(6),
        "feeds": np.array([3.0, 3.0, 5.0, 4.0, -1.0, -1.0]),
        "facility_place": np.full(6, -1.0),
        "holder": np.array([-1.0, 0.0]),
        "restart": 1e-6,
        "sells": np.zeros(2),
        "dt": 7.0,
    }
    arguments.update(changed)
    OIL(**arguments)
    return {k: np.asarray(v) for k, v in arguments.items()}


def test_the_narrowest_facility_sets_the_flow() -> None:
    found = flow()
    # the terminal passes 200 of the 400 that the fields could give: each gives half
    assert found["oil_output"] == pytest.approx([150, 50, 50, 200, 200, 50])
    assert found["oil_loaded"] == pytest.approx([0, 0, 0, 0, 1400, 350])
    assert found["oil_produced"].sum() == pytest.approx(found["oil_loaded"].sum(), rel=1e-12)


def test_what_is_shut_anywhere_shuts_what_is_behind_it_and_nothing_else() -> None:
    for shut in (3, 4):
        blocked = np.zeros(6)
        blocked[shut] = 1.0
        assert flow(blocked=blocked)["oil_output"] == pytest.approx([0, 0, 50, 0, 0, 50])
    intact = np.ones(6)
    intact[4] = 0.5
    assert flow(intact=intact)["oil_output"][4] == pytest.approx(100)


def test_a_field_comes_up_slowly_and_goes_down_at_once() -> None:
    found = flow(restart=30.0)
    assert found["oil_output"][2] == pytest.approx(50 * (1 - np.exp(-7 / 30)))
    running = np.array([150.0, 50.0, 50.0, 0, 0, 0])
    down = flow(restart=30.0, oil_output=running, blocked=np.array([0, 0, 0.5, 0, 0, 0]))
    assert down["oil_output"][2] == pytest.approx(25)
    assert down["oil_output"][0] == pytest.approx(150)


def test_a_holder_sells_by_itself_what_the_chain_does_not_get() -> None:
    place = np.array([-1.0, -1, 1, -1, -1, -1])
    found = flow(facility_place=place, sells=np.array([0.6, 0.0]))
    assert found["oil_smuggled"] == pytest.approx([0, 0, 0.6 * 50 * 7, 0, 0, 0])
    assert found["oil_output"][2] == pytest.approx(20)
    assert not flow(facility_place=place, sells=np.array([0.0, 0.6]))["oil_smuggled"].any()


def guard(seed: int, n: int = 2000, **changed: object) -> dict[str, np.ndarray]:
    """`n` facilities at place 0, each for itself."""
    arguments = {
        "blocked": np.zeros(n),
        "blocker": np.full(n, -1.0),
        "blockades": np.zeros(n),
        "reopenings": np.zeros(n),
        "settlements": np.zeros(2),
        "oil_output": np.full(n, 100.0),
        "oil_deal": np.zeros(n),
        "shut": np.zeros(n),
        "facility_place": np.zeros(n),
        "holder": np.array([0.0, -1.0]),
        "arrears": np.array([42.0, 0.0]),
        "begin": 0.01 / 7,
        "b_arrears": 1.0,
        "b_value": 1.0,
        "works": np.ones(2),
        "settle": 0.02 / 7,
        "under_deal": 1.0 / 7,
        "hand_over": 0.2 / 7,
        "dt": 7.0,
        "rng": stream(seed),
    }
    arguments.update(changed)
    BLOCKADE(**arguments)
    return {k: np.asarray(v) for k, v in arguments.items()}


def share(hazard: float) -> float:
    return 1.0 - np.exp(-hazard)


def test_blockades_come_at_the_hazard_of_the_formula() -> None:
    runs = 10
    hazard = 0.01 * np.exp(0.5) * 2.0
    begun = np.mean([guard(k)["blockades"].mean() for k in range(runs)])
    error = np.sqrt(share(hazard) / (runs * 2000))
    assert begun == pytest.approx(share(hazard), abs=4 * error)
    assert not guard(1, oil_deal=np.ones(2000))["blockades"].any()
    assert not guard(1, holder=np.array([-1.0, 0.0]))["blockades"].any()
    assert not guard(1, facility_place=np.full(2000, -1.0))["blockades"].any()


@pytest.mark.parametrize(("deal", "hazard"), [(0, 0.2), (1, 1.2)])
def test_who_takes_a_place_opens_it_at_its_own_hazard(deal: int, hazard: float) -> None:
    n = 4000
    shut = {"blocked": np.ones(n), "blocker": np.ones(n), "oil_deal": np.full(n, deal * 1.0)}
    ended = guard(3, n, **shut)
    opened = ended["reopenings"]
    assert opened.mean() == pytest.approx(share(hazard), abs=4 * np.sqrt(share(hazard) / n))
    assert np.array_equal(ended["blocked"], 1 - opened)
    assert not ended["settlements"].any()


def test_who_settles_opens_all_that_it_has_shut() -> None:
    """Of two facilities shut by one and a third by another, the first two open together."""
    runs, n = 3000, 3
    found = [
        guard(
            seed,
            n,
            blocked=np.ones(n),
            blocker=np.array([0.0, 0.0, 1.0]),
            settle=0.1 / 7,
            hand_over=0.0,
        )
        for seed in range(runs)
    ]
    opened = np.array([f["reopenings"] for f in found])
    assert np.array_equal(opened[:, 0], opened[:, 1])
    assert not opened[:, 2].any()
    assert opened[:, 0].mean() == pytest.approx(share(0.1), abs=4 * np.sqrt(0.1 / runs))
    assert np.array_equal([f["settlements"][0] for f in found], opened[:, 0])


def test_a_deal_opens_each_by_itself() -> None:
    n = 4000
    ended = guard(3, n, blocked=np.ones(n), blocker=np.zeros(n), settle=0.0, oil_deal=np.ones(n))
    opened = ended["reopenings"].mean()
    assert opened == pytest.approx(share(1.0), abs=4 * np.sqrt(0.25 / n))
    assert not ended["settlements"].any()


def test_what_is_on_record_as_shut_stays_shut() -> None:
    n = 4000
    held = guard(1, n, shut=np.full(n, 0.6), settle=1.0)
    assert (held["blocked"] == 0.6).all()
    assert (held["blocker"] == 0).all()
    assert held["blockades"].all()
    again = guard(2, n, shut=np.full(n, 0.6), blocked=np.ones(n), blocker=np.zeros(n), settle=1.0)
    assert (again["blocked"] == 1.0).all()
    assert not again["blockades"].any()


def test_where_the_staff_flee_nothing_runs() -> None:
    found = guard(1, works=np.array([0.0, 1.0]))
    assert found["blocked"].min() == 1.0
    assert (found["blocker"] == 0).all()


def raid(seed: int, n: int = 3000, **changed: object) -> dict[str, np.ndarray]:
    arguments = {
        "intact": np.ones(n),
        "attacks_on_facilities": np.zeros(n),
        "fighters": np.array([[100.0, 0.0], [0.0, 25.0]]),
        "battle_deaths": np.zeros((2, 2)),
        "holder": np.array([0.0, -1.0]),
        "population": np.zeros(2),
        "hostility": np.array([[0.0, 1.0], [1.0, 0.0]]),
        "blocked": np.zeros(n),
        "facility_place": np.zeros(n),
        "link_from": np.array([1.0]),
        "link_to": np.array([0.0]),
        "link_open": np.ones(1),
        "deny": np.array([0.0, 0.2 / 7]),
        "reach": 50.0,
        "burn": 0.05,
        "crowd": 20_000.0,
        "repair": 0.0,
        "dt": 7.0,
        "rng": stream(seed),
    }
    arguments.update(changed)
    ATTACKS(**arguments)
    return {k: np.asarray(v) for k, v in arguments.items()}


def test_raids_come_from_next_door_and_take_a_quarter() -> None:
    found = raid(1)
    hit = found["attacks_on_facilities"]
    assert hit.mean() == pytest.approx(share(0.1), abs=4 * np.sqrt(share(0.1) / 3000))
    # Beta(2, 6) has the mean 1/4 and the standard deviation 0.144
    assert found["intact"][hit > 0].mean() == pytest.approx(0.75, abs=4 * 0.144 / hit.sum() ** 0.5)
    assert (found["intact"][hit == 0] == 1).all()
    for quiet in (
        {"hostility": np.zeros((2, 2))},
        {"link_open": np.zeros(1)},
        {"deny": np.zeros(2)},
        {"holder": np.array([1.0, -1.0])},
        {"facility_place": np.full(3000, -1.0)},
    ):
        assert not raid(1, **quiet)["attacks_on_facilities"].any(), quiet


def test_battles_burn_less_where_many_live_and_repair_needs_the_companies() -> None:
    dead = np.array([[20.0, 0.0], [0.0, 0.0]])
    desert = raid(1, battle_deaths=dead, deny=np.zeros(2))["attacks_on_facilities"].mean()
    town = raid(1, battle_deaths=dead, deny=np.zeros(2), population=np.array([60_000.0, 0.0]))[
        "attacks_on_facilities"
    ].mean()
    assert desert == pytest.approx(share(1.0), abs=0.04)
    assert town == pytest.approx(share(0.25), abs=0.04)
    half = {"intact": np.full(3000, 0.5), "deny": np.zeros(2), "repair": 0.01}
    mended = raid(1, **half)["intact"]
    assert mended == pytest.approx(1 - 0.5 * np.exp(-0.07))
    shut = raid(1, **{**half, "intact": np.full(3000, 0.5), "blocked": np.ones(3000)})
    assert (shut["intact"] == 0.5).all()


def sale(recognised: list[float], account: float = 0.0) -> dict[str, np.ndarray]:
    arguments = {
        "state_account": np.array([account, 0.0]),
        "oil_sold": np.zeros(2),
        "oil_unsold": np.zeros(1),
        "oil_income": np.zeros(2),
        "public_spending": np.zeros(2),
        "smuggled_oil_income": np.zeros(2),
        "oil_loaded": np.array([1400.0, 0.0]),
        "oil_smuggled": np.array([0.0, 70.0]),
        "facility_place": np.array([-1.0, 1.0]),
        "holder": np.array([-1.0, 1.0]),
        "oil_price": 50.0,
        "recognised": np.array(recognised),
        "armed_share": 0.1,
        "cushion": 20.0,
        "discount": 0.6,
    }
    INCOME(**arguments)
    return {k: np.asarray(v) for k, v in arguments.items()}


def test_only_the_recognised_sell() -> None:
    found = sale([1.0, 0.0])
    assert found["oil_income"] == pytest.approx([70, 0])  # 1.4 million barrels at 50 dollars
    assert found["state_account"] == pytest.approx([7, 0])
    assert found["public_spending"] == pytest.approx([63, 0])
    assert found["smuggled_oil_income"] == pytest.approx([0, 70 * 50 * 0.4 / 1000])
    nobody = sale([0.0, 0.0])
    assert nobody["oil_unsold"] == pytest.approx([1400])
    assert not nobody["oil_income"].any()
    assert sale([1.0, 0.0], account=18.0)["state_account"][0] == pytest.approx(20)


def accounts(**changed: object) -> dict[str, np.ndarray]:
    """A thousand fighters at 10 dollars a day: 0.07 million a week."""
    n = 2
    arguments = {
        "treasury": np.zeros(n),
        "arrears": np.zeros(n),
        "state_account": np.array([1.0]),
        "taxes": np.zeros(n),
        "patron_money": np.zeros(n),
        "state_pay": np.zeros(n),
        "pay": np.zeros(n),
        "other_spending": np.zeros(n),
        "armed": np.array([1000.0, 0.0]),
        "control": np.array([[0.5, 0.0]]),
        "population": np.array([10_000.0]),
        "recognised": np.ones(1),
        "smuggled_oil_income": np.zeros(n),
        "smuggling_income": np.zeros(n),
        "settlements": np.zeros(n),
        "wage": np.full(n, 10.0),
        "levy": np.zeros(n),
        "listed": np.zeros(n),
        "backed": np.zeros(n),
        "settlement": 5.0,
        "reserve": 60.0,
        "memory": 365.0,
        "dt": 7.0,
    }
    arguments.update(changed)
    TREASURY(**arguments)
    return {k: np.asarray(v) for k, v in arguments.items()}


def test_arrears_grow_by_the_days_that_are_not_paid() -> None:
    assert accounts()["arrears"][0] == pytest.approx(7)
    assert accounts(backed=np.array([0.25, 0]))["arrears"][0] == pytest.approx(5.25)
    assert accounts(listed=np.array([1.0, 0]))["arrears"][0] == pytest.approx(0)
    assert accounts(levy=np.array([1.0, 0]))["taxes"][0] == pytest.approx(0.035)
    assert accounts(levy=np.array([1.0, 0]))["arrears"][0] == pytest.approx(3.5)
    assert accounts(arrears=np.array([400.0, 0]))["arrears"][0] == 365


def test_money_pays_the_arrears_back_first_come_the_fighters() -> None:
    found = accounts(treasury=np.array([0.2, 0.0]), arrears=np.array([7.0, 0.0]))
    assert found["pay"][0] == pytest.approx(0.14)
    assert found["arrears"][0] == pytest.approx(0)
    assert found["treasury"][0] == pytest.approx(0.06)


def test_an_empty_account_pays_nobody_and_a_poor_one_all_alike() -> None:
    listed = np.array([1.0, 0.0])
    assert accounts(listed=listed, state_account=np.zeros(1))["arrears"][0] == pytest.approx(7)
    assert accounts(listed=listed, recognised=np.zeros(1))["state_account"][0] == 1.0
    both = accounts(
        listed=np.ones(2),
        armed=np.array([1000.0, 3000.0]),
        control=np.zeros((1, 2)),
        state_account=np.array([0.14]),
    )
    assert both["state_pay"] == pytest.approx([0.035, 0.105])
    assert both["arrears"] == pytest.approx([3.5, 3.5])
    assert both["state_account"][0] == pytest.approx(0)
    paid = accounts(settlements=np.array([0.1, 0.0]))
    assert paid["state_pay"][0] == pytest.approx(0.5)
    assert paid["state_account"][0] == pytest.approx(0.5)


def test_spare_money_goes_elsewhere() -> None:
    found = accounts(treasury=np.array([1.0, 0.0]))
    spare = 1.0 - 0.07 - 0.6
    assert found["other_spending"][0] == pytest.approx(spare * (1 - np.exp(-7 / 30)))
