"""Return home: displaced people go back when it has been calm for some weeks.

    hazard_i = rate exp(-b_damage damaged_i)        where it has been calm for `patience` days
    came_home_i ~ Binomial(away_i, 1 - exp(-hazard_i dt))
    from host j with weight displaced_j exp(-km_ij / reach), up to 5 reach

with damaged_i the share of the buildings of the place that are damaged. Displaced people are
counted by host and by home apart, not by both: those who return are taken from the hosts near the
home (decision: one row a place instead of a square table). Left out: who is not let back, rent and
jobs where they are, return under orders.
"""

from math import cos, exp, radians, sqrt
from typing import Annotated

import numpy as np

from khamsin.allocation import allocate, pin_place_number
from khamsin.draws import binomial
from khamsin.priors import LogNormal, Normal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model", references=("iom_dtm_2016",))
def return_home(
    population: Annotated[Array, InOut("place", "person")],
    displaced: Annotated[Array, InOut("place", "person")],
    away: Annotated[Array, InOut("place", "person")],
    came_home: Annotated[Array, Out("place", "person")],
    calm_days: Annotated[Array, In("place", "day")],
    buildings_damaged: Annotated[Array, In("place", "building")],
    latitude: Annotated[Array, In("place", "1")],
    longitude: Annotated[Array, In("place", "1")],
    rate: Annotated[float, Param("1/day", LogNormal(0.02 / 7, 0.5), "judgement")],
    b_damage: Annotated[float, Param("1", Normal(2.0, 1.0), "judgement")],
    household: Annotated[float, Param("person", LogNormal(5.5, 0.15), "judgement")],
    patience: Annotated[float, Param("day", LogNormal(56.0, 0.3), "judgement")],
    reach: Annotated[float, Param("km", LogNormal(150.0, 0.3), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Let displaced people return.

    Parameters
    ----------
    population, displaced, away : dims (place,), person
        Residents at home, people hosted, and residents who are elsewhere.
    came_home : dims (place,), person
        By home.
    calm_days : dims (place,), day
    buildings_damaged : dims (place,), building
    latitude, longitude : dims (place,)
    rate : 1/day
        Where nothing is damaged.
    b_damage : how far damage keeps people away
    household : people a building, of those who live or lived there
    patience : day
        How long it must have been calm (8 weeks).
    reach : km
    """
    places = away.size
    order = np.empty(places + 1, np.int64)
    weight = np.empty(places)
    moved = np.zeros(places)
    nearby = 5.0 * reach / 111.0  # degrees
    host = np.empty(places, np.int64)
    hosts = 0
    for p in range(places):
        if displaced[p] >= 1.0:
            host[hosts] = p
            hosts += 1
    for p in range(places):
        if away[p] < 1.0 or calm_days[p] < patience:
            continue
        people = population[p] + away[p]
        damaged = min(1.0, buildings_damaged[p] * household / people)
        pin_place_number(rng, p, 0)
        back = binomial(rng, away[p], 1.0 - exp(-rate * exp(-b_damage * damaged) * dt))
        if back < 1.0:
            continue
        east = cos(radians(latitude[p]))
        found = 0
        for k in range(hosts):  # without a branch: which hosts are near cannot be guessed
            j = host[k]
            near = abs(latitude[j] - latitude[p]) <= nearby
            near = near & (abs((longitude[j] - longitude[p]) * east) <= nearby)
            order[found] = j
            found += near & (displaced[j] >= 1.0)
        for k in range(found):
            j = order[k]
            y = latitude[j] - latitude[p]
            x = (longitude[j] - longitude[p]) * east
            weight[j] = displaced[j] * exp(-111.0 * sqrt(x * x + y * y) / reach)
            moved[j] = 0.0
        # Shares can ask for more than a host has: the rest stays for another week.
        lost = allocate(rng, back, weight, order, 0, found, moved)
        for k in range(found):
            gone = min(moved[order[k]], displaced[order[k]])
            lost += moved[order[k]] - gone
            displaced[order[k]] -= gone
        came_home[p] = back - lost
        away[p] -= came_home[p]
        population[p] += came_home[p]
