"""Allocation: people who are alike are shared out over the links of a network by weight.

    n_1, ..., n_k ~ Multinomial(n, w_1 / W, ..., w_k / W),   W = w_1 + ... + w_k

drawn as a chain of binomials, so that the cost hangs on the number of links and never on the number
of people. Shared by everything that moves people along links in counts; what the weights mean, and
how often people choose, is the business of the process that calls. Kernels for kernels: all are
compiled, and may be called from Python in a test.
"""

import math

import numpy as np

from khamsin.draws import GOLDEN, HEAD, binomial, draw, mix, pin_number, uniform


@draw
def outgoing(link_from, first, order):  # type: ignore[no-untyped-def]
    """Sort the links by the place they start from (counting sort, order of the table kept).

    Parameters
    ----------
    link_from : dims (link,)
        Position of the place where each link starts.
    first : dims (place + 1,), int64
        Written: the links out of place p are order[first[p]:first[p + 1]].
    order : dims (link,), int64
        Written: positions of links.
    """
    first[:] = 0
    for link in range(link_from.size):
        first[np.int64(link_from[link]) + 1] += 1
    for p in range(1, first.size):
        first[p] += first[p - 1]
    for link in range(link_from.size):
        start = np.int64(link_from[link])
        order[first[start]] = link
        first[start] += 1
    for p in range(first.size - 1, 0, -1):
        first[p] = first[p - 1]
    first[0] = 0


@draw
def pin_place_number(rng, place, number):  # type: ignore[no-untyped-def]
    """Give (place, number) draws of its own, in a process written for the whole map.

    The number stands for whatever is counted at a place: a class of people, a round of choices. The
    id of the place enters the key, so that a new place leaves everyone else's luck alone.
    """
    key = mix(rng[HEAD + np.int64(rng[5]) + np.int64(place)] + GOLDEN)
    pin_number(rng, key ^ np.uint64(number))


@draw
def allocate(rng, people, weight, order, low, high, moved):  # type: ignore[no-untyped-def]
    """Share people among the links order[low:high] in proportion to `weight`, by draws.

    Pin the stream first (`pin_place_number`, `pin_pair`). Counts are added to `moved`.

    Parameters
    ----------
    rng : Stream
    people : float
        Whole number; a fraction is cut off.
    weight, moved : dims (link,)
        Weights need not add up to one; zero and less is never chosen.
    order : dims (link,), int64
    low, high : int

    Returns
    -------
    float
        People without any link to choose: all of them where every weight is zero, else 0.
    """
    left = math.floor(people)
    total = 0.0
    for k in range(low, high):
        total += max(weight[order[k]], 0.0)
    for k in range(low, high):
        if left <= 0.0 or not total > 0.0:
            break
        link = order[k]
        if weight[link] > 0.0:
            n = left if weight[link] >= total else binomial(rng, left, weight[link] / total)
            moved[link] += n
            left -= n
            total -= weight[link]
            last = link
    if left > 0.0 and not total > 0.0 and left < math.floor(people):
        moved[last] += left  # rounding ate the last weight: the people still go
        left = 0.0
    return left


@draw
def allocate_mean(people, weight, order, low, high, moved):  # type: ignore[no-untyped-def]
    """Share people as `allocate` does on average: expected numbers, no draws; fractions stay."""
    total = 0.0
    for k in range(low, high):
        total += max(weight[order[k]], 0.0)
    if not total > 0.0:
        return people
    for k in range(low, high):
        link = order[k]
        if weight[link] > 0.0:
            moved[link] += people * weight[link] / total
    return 0.0


@draw
def allocate_from_each(rng, leaving, weight, first, order, number, moved):  # type: ignore[no-untyped-def]
    """Share those who leave each place among the links out of it.

    Each place draws from a stream of its own, pinned to (place, number).

    Parameters
    ----------
    rng : Stream
    leaving : dims (place,)
        Changed: what stays in it found no link to choose.
    weight, moved : dims (link,)
    first, order : dims (place + 1,), (link,), int64
        As written by `outgoing`.
    number : int
        What the draws are for: a class of people, a round.
    """
    for place in range(leaving.size):
        if leaving[place] >= 1.0:
            pin_place_number(rng, place, number)
            leaving[place] = allocate(
                rng, leaving[place], weight, order, first[place], first[place + 1], moved
            )


@draw
def apportion(rng, held, classes, taken, out):  # type: ignore[no-untyped-def]
    """Take people out of classes in proportion to what each holds: whole people, the right mean.

    For labels of people who choose alike: the number that goes is drawn once for all of them, by
    `binomial` or `allocate`, and this says whose labels go along. A fraction is rounded up with its
    own chance, so that a class gives `taken` held / total on average.

    Parameters
    ----------
    rng : Stream
    held : dims (class,), person
        Changed: less by what is taken.
    classes : int
        How many of them count, from the first on.
    taken : float
        Whole number, at most what is held.
    out : dims (class,), person
        Written: what is taken from each class.
    """
    left = 0.0
    for c in range(classes):
        left += held[c]
    for c in range(classes):
        own = held[c]
        x = own
        if 0.0 < own < left and taken < left:
            x = math.floor(taken * own / left + uniform(rng))
            x = max(min(x, own, taken), taken - (left - own), 0.0)
        elif taken < own:
            x = taken
        out[c] = x
        held[c] = own - x
        left -= own
        taken -= x


@draw
def spread(rng, table, row, first, classes, position, people):  # type: ignore[no-untyped-def]
    """Add people to a row of classes at a position between two of them, some to each.

    Whole people; the mean position is kept: a fraction of a person goes up with its own chance.

    Parameters
    ----------
    rng : Stream
    table : dims (row, class), person
        Changed.
    first, classes : int
        Which columns of the table are the classes.
    position : float
        From 0 to classes - 1; held to that.
    """
    position = min(max(position, 0.0), classes - 1.0)
    low = min(int(position), max(classes - 2, 0))
    share = position - low
    if share <= 0.0:
        table[row, first + low] += people
        return
    more = math.floor(people * share)
    if more < people * share and uniform(rng) < people * share - more:
        more += 1.0
    table[row, first + low] += people - more
    if more > 0.0:
        table[row, first + low + 1] += more
