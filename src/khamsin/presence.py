"""Presence: who is where, as short lists.

Of all pairs of place and actor a few in a hundred hold anyone, so a kernel that asks all of them
spends its time on empty cells. It asks once, and then goes through the list. Lists stay as they
were when made: a kernel that adds people to cells must not rely on one made before. They are
written without a branch, which would be guessed wrongly at each cell that holds someone.

The same form as links by their place of start (`khamsin.allocation.outgoing`): of place p the list
holds found[first[p]:first[p + 1]]. Kernels for kernels: all are compiled, and may be called from
Python in a test.
"""

import numpy as np
from numba import njit


@njit(cache=True, error_model="numpy", forceinline=False)
def present(people):  # type: ignore[no-untyped-def]
    """List the columns of each row that hold at least one person.

    Parameters
    ----------
    people : dims (place, actor), person

    Returns
    -------
    first : dims (place + 1,), int64
    found : dims (pair,), int64
        The actors at place p are found[first[p]:first[p + 1]], in their order.

    Examples
    --------
    >>> first, found = present(np.array([[0.0, 3.0, 0.0], [0.0, 0.0, 0.0], [1.0, 0.5, 9.0]]))
    >>> first.tolist(), found.tolist()
    ([0, 1, 1, 3], [1, 0, 2])
    """
    rows, columns = people.shape
    first = np.empty(rows + 1, np.int64)
    found = np.empty(rows * columns, np.int64)
    n = np.uint64(0)
    for p in range(rows):
        first[p] = n
        for a in range(columns):
            found[n] = a
            n += np.uint64(people[p, a] >= 1.0)
    first[rows] = n
    return first, found[:n]


@njit(cache=True, error_model="numpy", forceinline=False)
def positive(table):  # type: ignore[no-untyped-def]
    """List the columns of each row that are above zero, like `present`."""
    rows, columns = table.shape
    first = np.empty(rows + 1, np.int64)
    found = np.empty(rows * columns, np.int64)
    n = np.uint64(0)
    for p in range(rows):
        first[p] = n
        for a in range(columns):
            found[n] = a
            n += np.uint64(table[p, a] > 0.0)
    first[rows] = n
    return first, found[:n]


@njit(cache=True, error_model="numpy", forceinline=False)
def any_positive(table, row):  # type: ignore[no-untyped-def]
    """Say whether anything in a row is above zero: several cells at a time, without a branch.

    Examples
    --------
    >>> table = np.array([[0.0, 0.0], [0.0, 2.0]])
    >>> any_positive(table, 0), any_positive(table, 1)
    (False, True)
    """
    some = np.int64(0)
    for a in range(table.shape[1]):
        some |= np.int64(table[row, a] > 0.0)
    return some > 0


@njit(cache=True, error_model="numpy", forceinline=False)
def any_of(row):  # type: ignore[no-untyped-def]
    """Say whether anything in a row is above zero, like `any_positive`, to a kernel of one place.

    Examples
    --------
    >>> any_of(np.array([0.0, 0.0])), any_of(np.array([0.0, 2.0]))
    (False, True)
    """
    some = np.int64(0)
    for a in range(row.size):
        some |= np.int64(row[a] > 0.0)
    return some > 0


@njit(cache=True, error_model="numpy", forceinline=False)
def rare(table):  # type: ignore[no-untyped-def]
    """List what `positive` lists, of a table most of whose rows are empty: the faster the emptier.

    Examples
    --------
    >>> first, found = rare(np.array([[0.0, 0.0], [0.0, 0.0], [0.0, 4.0]]))
    >>> first.tolist(), found.tolist()
    ([0, 0, 0, 1], [1])
    """
    rows, columns = table.shape
    first = np.empty(rows + 1, np.int64)
    found = np.empty(rows * columns, np.int64)
    n = np.uint64(0)
    for p in range(rows):
        first[p] = n
        if any_positive(table, p):
            for a in range(columns):
                found[n] = a
                n += np.uint64(table[p, a] > 0.0)
    first[rows] = n
    return first, found[:n]


@njit(cache=True, error_model="numpy", forceinline=False)
def add_rows(table, total):  # type: ignore[no-untyped-def]
    """Add all rows of a table to a total of each column, from the first row on.

    Examples
    --------
    >>> total = np.array([100.0, 0.0])
    >>> add_rows(np.array([[1.0, 2.0], [3.0, 4.0]]), total)
    >>> total.tolist()
    [104.0, 6.0]
    """
    for p in range(table.shape[0]):
        for a in range(table.shape[1]):
            total[a] += table[p, a]


@njit(cache=True, error_model="numpy", forceinline=False)
def turned(first, found, columns):  # type: ignore[no-untyped-def]
    """Turn lists of the columns of each row into lists of the rows of each column.

    Examples
    --------
    >>> first, found = turned(np.array([0, 1, 1, 3]), np.array([1, 0, 2]), 3)
    >>> first.tolist(), found.tolist()
    ([0, 1, 2, 3], [2, 0, 2])
    """
    start = np.zeros(columns + 1, np.int64)
    rows = np.empty(found.size, np.int64)
    for k in range(found.size):
        start[found[k] + 1] += 1
    for a in range(1, columns + 1):
        start[a] += start[a - 1]
    for p in range(first.size - 1):
        for k in range(first[p], first[p + 1]):
            rows[start[found[k]]] = p
            start[found[k]] += 1
    for a in range(columns, 0, -1):
        start[a] = start[a - 1]
    start[0] = 0
    return start, rows
