"""Flight: residents flee from fighting, from a siege, and from rule by terror.

    hazard_i = fighting sqrt(deaths_i per 10,000 residents a week) + siege if besieged_i
               + terror sum_a rule_a C_ia
    fled_i   ~ Binomial(N_i, 1 - exp(-hazard_i dt))
    P(j | i) = N_j ** 0.5 exp(-km_ij / reach) safe_j kin_ij / sum of the same, up to 3 reach

Deaths are of fighters on the ground and of civilians. A place is besieged while an actor that does
not hold it is out to take it. Where the hazard exceeds `alarm` it is neither safe nor calm; places
abroad are less kin. `displaced` are hosted, `away` counts the same people by the home that they may
return to.
Left out: those who are not let go, ties of tribe, camps, second flights, flight out of the map.
"""

from math import cos, exp, radians, sqrt
from typing import Annotated

import numpy as np

from khamsin.allocation import allocate, pin_place_number
from khamsin.draws import binomial
from khamsin.presence import any_positive
from khamsin.priors import Beta, Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model", references=("moore_shellman_2004", "flee_2017"))
def flight(
    population: Annotated[Array, InOut("place", "person")],
    displaced: Annotated[Array, InOut("place", "person")],
    away: Annotated[Array, InOut("place", "person")],
    calm_days: Annotated[Array, InOut("place", "day")],
    fled: Annotated[Array, Out("place", "person")],
    battle_deaths: Annotated[Array, In("place actor", "person")],
    civilian_deaths: Annotated[Array, In("place", "person")],
    offensive: Annotated[Array, In("place actor", "1")],
    control: Annotated[Array, In("place actor", "1")],
    holder: Annotated[Array, In("place", "1")],
    latitude: Annotated[Array, In("place", "1")],
    longitude: Annotated[Array, In("place", "1")],
    country: Annotated[Array, In("place", "1")],
    fighting_hazard: Annotated[float, Param("1/day", LogNormal(0.006 / 7, 0.6), "judgement")],
    siege_hazard: Annotated[float, Param("1/day", LogNormal(0.01 / 7, 0.7), "judgement")],
    terror_hazard: Annotated[float, Param("1/day", LogNormal(0.002 / 7, 0.7), "judgement")],
    alarm: Annotated[float, Param("1/day", LogNormal(0.004 / 7, 0.4), "judgement")],
    rule: Annotated[Array, Param("1", Fixed(0.0), "judgement", "actor")],
    reach: Annotated[float, Param("km", LogNormal(150.0, 0.3), "judgement")],
    abroad: Annotated[float, Param("1", Beta(2, 18), "judgement")],
    unsafe: Annotated[float, Param("1", Beta(2, 18), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Let residents flee to where it is safe and near.

    Parameters
    ----------
    population : dims (place,), person
        Residents who are at home.
    displaced : dims (place,), person
        Displaced people whom a place hosts.
    away : dims (place,), person
        The same people by the place that they are from.
    calm_days : dims (place,), day
        Days since there was last a strong reason to flee.
    fled : dims (place,), person
    battle_deaths : dims (place, actor), person
    civilian_deaths : dims (place,), person
    offensive, control : dims (place, actor)
    holder : dims (place,)
    latitude, longitude, country : dims (place,)
    fighting_hazard : 1/day
        At one death a week among 10,000 residents; it grows with the square root.
    siege_hazard, terror_hazard : 1/day
    alarm : 1/day
        Hazard above which a place is not calm: those who left do not return yet.
    rule : dims (actor,)
        1 for an actor whose rule people flee from.
    reach : km
        Distance over which the pull of a place falls by e.
    abroad, unsafe : weight of a place in another country, and of one that has reasons to flee
    """
    places, actors = control.shape
    hazard = np.zeros(places)
    ruler = np.empty(actors, np.int64)  # those whose rule people flee from
    rulers = 0
    for a in range(actors):
        if rule[a] > 0.0:
            ruler[rulers] = a
            rulers += 1
    any_leaves = False
    for p in range(places):
        calm_days[p] += dt
        killed = civilian_deaths[p]
        besieged = 0.0
        terror = 0.0
        h = int(holder[p])
        if any_positive(battle_deaths, p):
            for a in range(actors):
                killed += battle_deaths[p, a]
        if any_positive(offensive, p):
            for a in range(actors):
                if a != h:
                    besieged = max(besieged, offensive[p, a])
        for k in range(rulers):
            terror += rule[ruler[k]] * control[p, ruler[k]]
        if population[p] < 1.0 or dt <= 0.0:
            continue
        if killed > 0.0:
            weekly = killed * 7.0 / dt
            hazard[p] = fighting_hazard * sqrt(weekly * 1e4 / max(population[p], 100.0))
        hazard[p] += siege_hazard * besieged + terror_hazard * terror
        if hazard[p] > 0.0:
            if hazard[p] > alarm:
                calm_days[p] = 0.0
            any_leaves = True
    if not any_leaves:
        return
    order = np.empty(places + 1, np.int64)
    weight = np.empty(places)
    moved = np.zeros(places)
    pull = np.empty(places)
    for p in range(places):
        pull[p] = sqrt(population[p])
    nearby = 3.0 * reach / 111.0  # degrees; beyond it the weight is below 5 %: nobody goes there
    for p in range(places):
        if hazard[p] <= 0.0:
            continue
        pin_place_number(rng, p, 0)
        left = binomial(rng, population[p], 1.0 - exp(-hazard[p] * dt))
        if left < 1.0:
            continue
        east = cos(radians(latitude[p]))
        found = 0
        for j in range(places):  # without a branch: which places are near cannot be guessed
            near = abs(latitude[j] - latitude[p]) <= nearby
            near = near & (abs((longitude[j] - longitude[p]) * east) <= nearby)
            order[found] = j
            found += near & (population[j] >= 1.0) & (j != p)
        for k in range(found):
            j = order[k]
            y = latitude[j] - latitude[p]
            x = (longitude[j] - longitude[p]) * east
            weight[j] = pull[j] * exp(-111.0 * sqrt(x * x + y * y) / reach)
            if hazard[j] > alarm:
                weight[j] *= unsafe
            if country[j] != country[p]:
                weight[j] *= abroad
        staying = allocate(rng, left, weight, order, 0, found, moved)
        fled[p] = left - staying
    for p in range(places):
        population[p] -= fled[p]
        away[p] += fled[p]
        displaced[p] += moved[p]
