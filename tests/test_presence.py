"""Lists of who is where."""

import numpy as np
import pytest

from khamsin.presence import any_of, positive, present, turned


@pytest.mark.parametrize("shape", [(1, 1), (7, 5), (98, 35), (0, 4), (4, 0)])
def test_lists_hold_what_a_search_finds(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(sum(shape))
    table = rng.choice([0.0, 0.5, 1.0, 3.0], size=shape, p=[0.7, 0.1, 0.1, 0.1])
    for lists, there in ((present, table >= 1.0), (positive, table > 0.0)):
        first, found = lists(table)
        rows, columns = np.nonzero(there)
        assert np.array_equal(np.repeat(np.arange(shape[0]), np.diff(first)), rows)
        assert np.array_equal(found, columns)


def test_a_full_table_is_listed_to_its_last_cell() -> None:
    first, found = present(np.ones((3, 4)))
    assert first.tolist() == [0, 4, 8, 12]
    assert found.tolist() == [0, 1, 2, 3] * 3


def test_turned_lists_are_those_of_the_turned_table() -> None:
    rng = np.random.default_rng(3)
    table = np.floor(rng.uniform(0.0, 1.4, size=(20, 9)))
    for mine, right in zip(turned(*present(table), 9), present(table.T.copy()), strict=True):
        assert np.array_equal(mine, right)


@pytest.mark.parametrize("size", [0, 1, 3, 8, 35, 70])
def test_a_row_is_searched_to_its_last_cell(size: int) -> None:
    row = np.full(size, -1.0)
    assert not any_of(row)
    for a in range(size):
        row[:] = 0.0
        row[a] = 1e-9
        assert any_of(row)
