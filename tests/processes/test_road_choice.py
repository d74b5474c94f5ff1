"""Road choice: the shares of camps by hand, and nobody is led in a circle."""

from typing import Any

import numpy as np
import pytest

from khamsin.processes.road_choice import road_choice

# A - B - C in a line, camps D behind C and E behind A; A, B and C also form a triangle of short
# roads, in which a sum over all ways would never end.
ROADS = [(0, 1, 10.0), (1, 2, 10.0), (0, 2, 15.0), (2, 3, 40.0), (0, 4, 60.0)]


def _pull(**changed: Any) -> np.ndarray:
    ends = np.array([[a, b] for a, b, _ in ROADS], float)
    pull = np.zeros(2 * len(ROADS))
    given: dict[str, Any] = {
        "link_from": ends.ravel(),
        "link_to": ends[:, ::-1].ravel(),
        "link_km": np.repeat([km for _, _, km in ROADS], 2),
        "road_open": np.ones(len(ROADS)),
        "redirection": np.zeros(len(ROADS)),
        "camp": np.array([0.0, 0.0, 0.0, 1.0, 1.0]),
        "conflict": np.zeros(5),
        "conflict_days": np.full(5, -1.0),
        "camp_days": np.full(5, 1e4),
        "foresight": 1.0,
        "double_links": 1.0,
        "softening": 10.0,
        "camp_weight": 2.0,
        "conflict_weight": 0.5,
        "attraction": np.array([1.0, 1.0, 1.0, 2.0, 3.0]),
        "reach": 50.0,
        "danger": 0.7,
        "fear": 1e-3,
        "newness": 10.0,
        "new_for": 45.0,
    }
    road_choice(pull=pull, **(given | changed))
    return pull


def test_camps_draw_by_attraction_and_by_the_shortest_way() -> None:
    pull = _pull()
    # from A: to D by B (10 + 10 + 40) or C (15 + 40), both nearer to D than A is; to E at once
    assert pull[0] == pytest.approx(2 * np.exp(-60 / 50))
    assert pull[4] == pytest.approx(2 * np.exp(-55 / 50))
    assert pull[8] == pytest.approx(3 * np.exp(-60 / 50))
    # from C only the road to D leads nearer to D; both others lead nearer to E (B is 70 from it)
    assert pull[6] == pytest.approx(2 * np.exp(-40 / 50))
    assert pull[3] == pytest.approx(3 * np.exp(-80 / 50))
    assert pull[5] == pytest.approx(3 * np.exp(-75 / 50))


def test_who_is_led_to_one_camp_never_turns_back() -> None:
    pull = _pull(attraction=np.array([1.0, 1.0, 1.0, 1.0, 0.0]))
    assert pull[[1, 3, 5, 7]].max() == 0.0  # towards D: A to B, A to C, B to C, C to D only
    assert pull[[0, 2, 4, 6]].min() > 0.0


def test_a_camp_that_opens_draws_more_and_a_closed_road_nobody() -> None:
    new = _pull(camp_days=np.array([0.0, 0.0, 0.0, 0.0, 1e4]))
    assert new[6] == pytest.approx(11 * _pull()[6])
    assert new[8] == pytest.approx(_pull()[8])
    shut = _pull(road_open=np.array([1.0, 1.0, 1.0, 0.0, 1.0]))
    assert shut[0] == shut[4] == shut[6] == 0.0  # D cannot be reached


def test_fighting_on_the_way_is_shunned() -> None:
    calm, fought = _pull(), _pull(conflict=np.array([0.0, 0.0, 1.0, 0.0, 0.0]))
    assert fought[4] == pytest.approx(0.3 * calm[4])


def test_flee_looks_at_the_next_place_only() -> None:
    pull = _pull(foresight=0.0, redirection=np.array([1.0, 0.0, 2.0, 0.0, 0.0]))
    assert pull[0] == pytest.approx(2 * 1.0 / 20.0)  # marked 1: linked twice
    assert pull[4] == pytest.approx(1.0 / 25.0)
    assert pull[8] == pytest.approx(2.0 / 70.0)
