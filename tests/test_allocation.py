"""Allocation: people shared out over links by weight, exactly, conserved, pinned to their place."""

import numpy as np
import pytest
from scipy import stats

from khamsin import allocation, draws

LINK_FROM = np.array([0.0, 2.0, 0.0, 1.0, 2.0, 0.0])


def _sorted_links() -> tuple[np.ndarray, np.ndarray]:
    first, order = np.zeros(4, np.int64), np.zeros(6, np.int64)
    allocation.outgoing(LINK_FROM, first, order)
    return first, order


def test_links_are_sorted_by_the_place_they_start_from() -> None:
    first, order = _sorted_links()
    assert first.tolist() == [0, 3, 4, 6]
    assert order.tolist() == [0, 2, 5, 3, 1, 4]


def test_a_place_without_links_has_none() -> None:
    first, order = np.zeros(4, np.int64), np.zeros(2, np.int64)
    allocation.outgoing(np.array([2.0, 0.0]), first, order)
    assert first.tolist() == [0, 1, 1, 2]
    assert order.tolist() == [1, 0]


@pytest.mark.parametrize("people", [3.0, 4000.0])
def test_counts_are_multinomial(people: float) -> None:
    weight = np.array([1.0, 0.0, 3.0, 0.0, 0.0, 4.0])
    _, order = _sorted_links()
    rng, n = draws.new_stream((), "ABC"), 4000
    counts = np.zeros((n, 6))
    for k in range(n):
        allocation.pin_place_number(rng, 0, k)
        assert allocation.allocate(rng, people, weight, order, 0, 3, counts[k]) == 0.0
    assert (counts.sum(axis=1) == people).all()
    p = weight / weight.sum()
    error = (counts.mean(axis=0) - people * p) / np.sqrt(people * p * (1 - p) / n + 1e-12)
    assert np.abs(error).max() < 4.5
    covariance = np.cov(counts[:, [0, 2, 5]].T)
    expected = people * (np.diag(p[[0, 2, 5]]) - np.outer(p[[0, 2, 5]], p[[0, 2, 5]]))
    assert covariance == pytest.approx(expected, rel=0.15)
    if people == 3.0:
        seen = np.bincount(counts[:, 5].astype(int), minlength=4)
        assert stats.chisquare(seen, n * stats.binom.pmf(np.arange(4), 3, 0.5)).pvalue > 1e-4


def test_nobody_is_lost_where_weights_differ_by_orders_of_magnitude() -> None:
    rng = draws.new_stream((), "ABC")
    order = np.arange(5)
    weight = np.array([1e-300, 0.3, 1e17, 0.1, 1e-9])
    for k in range(200):
        allocation.pin_place_number(rng, 1, k)
        moved = np.zeros(5)
        left = allocation.allocate(rng, 1234.0, weight, order, 0, 5, moved)
        assert moved.sum() + left == 1234.0 and left == 0.0


def test_without_a_way_out_people_stay() -> None:
    rng = draws.new_stream((), "ABC")
    first, order = _sorted_links()
    leaving, moved = np.array([10.0, 20.0, 0.0]), np.zeros(6)
    weight = np.array([0.0, 1.0, 0.0, 2.0, 1.0, -1.0])
    allocation.allocate_from_each(rng, leaving, weight, first, order, 0, moved)
    assert leaving.tolist() == [10.0, 0.0, 0.0]
    assert moved.tolist() == [0.0, 0.0, 0.0, 20.0, 0.0, 0.0]


def test_the_mean_is_the_mean_of_the_draws() -> None:
    first, order = _sorted_links()
    weight, moved = np.array([1.0, 0, 3.0, 0, 0, 4.0]), np.zeros(6)
    assert allocation.allocate_mean(10.0, weight, order, first[0], first[1], moved) == 0.0
    assert moved == pytest.approx([1.25, 0, 3.75, 0, 0, 5.0])
    assert allocation.allocate_mean(10.0, weight, order, first[1], first[2], moved) == 10.0


def test_a_place_keeps_its_luck_when_others_change() -> None:
    first, order = _sorted_links()
    weight = np.ones(6)

    def run(others: float, number: int, places: str = "ABC") -> list[float]:
        rng, moved = draws.new_stream(("X", "Y"), places), np.zeros(6)
        leaving = np.array([1000.0, others, others])
        allocation.allocate_from_each(rng, leaving, weight, first, order, number, moved)
        return list(moved[[0, 2, 5]])

    assert run(0.0, 3) == run(500.0, 3)
    assert run(0.0, 3) != run(0.0, 4)
    assert run(0.0, 3) == run(0.0, 3, "AZC")
    assert run(0.0, 3) != run(0.0, 3, "QBC")


def test_labels_go_along_in_proportion() -> None:
    rng = draws.new_stream((), "ABC")
    held = np.array([1.0, 0.0, 7.0, 2.0])
    mean, n = np.zeros(4), 3000
    for k in range(n):
        allocation.pin_place_number(rng, 0, k)
        own, out = held.copy(), np.zeros(4)
        allocation.apportion(rng, own, 4, 3.0, out)
        assert out.sum() == 3.0 and (own + out == held).all() and (own >= 0).all()
        mean += out / n
    assert mean == pytest.approx(0.3 * held, abs=0.04)
    own, out = held.copy(), np.zeros(4)
    allocation.apportion(rng, own, 4, 10.0, out)
    assert (out == held).all() and own.sum() == 0.0


@pytest.mark.parametrize(("people", "position"), [(1.0, 0.3), (7.0, 1.9), (5.0, 9.0)])
def test_people_between_two_classes_keep_their_mean(people: float, position: float) -> None:
    rng = draws.new_stream((), "ABC")
    n, table = 3000, np.zeros((3000, 5))
    for k in range(n):
        allocation.pin_place_number(rng, 1, k)
        allocation.spread(rng, table, k, 1, 3, position, people)
    assert (table.sum(axis=1) == people).all() and (table[:, [0, 4]] == 0).all()
    found = (table[:, 1:4] * np.arange(3)).sum(axis=1).mean() / people
    assert found == pytest.approx(min(position, 2.0), abs=0.03)
