"""Attacks on facilities: raids to deny the oil to others, fire in battles around it, and repair.

    raid hazard = deny_a * min(1, F_near / reach) * hostility to the holder
    fire hazard = burn * crowd / (crowd + people) for each fighter killed at the place
    each: intact *= 1 - Beta(2, 6)
    repair: intact += (1 - intact) * (1 - exp(-repair dt)), where the companies work

with F_near the fighters of a at the place and next door; a battle in a large town is elsewhere than
the tanks. Denial rather than income is what IS in
Libya did with oil in 2015 and early 2016 (hypothesis `oil`). Left out: air strikes on oil, sabotage
of power lines, repair limited by money.
"""

from math import exp
from typing import Annotated

import numpy as np

from khamsin.allocation import outgoing
from khamsin.draws import bernoulli, beta, pin_number
from khamsin.presence import any_positive
from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model", references=("le_billon_2001",))
def facility_attacks(
    intact: Annotated[Array, InOut("facility", "1")],
    attacks_on_facilities: Annotated[Array, Out("facility", "event")],
    fighters: Annotated[Array, In("place actor", "person")],
    battle_deaths: Annotated[Array, In("place actor", "person")],
    holder: Annotated[Array, In("place", "1")],
    population: Annotated[Array, In("place", "person")],
    hostility: Annotated[Array, In("actor other", "1")],
    blocked: Annotated[Array, In("facility", "1")],
    facility_place: Annotated[Array, In("facility", "1")],
    link_from: Annotated[Array, In("link", "1")],
    link_to: Annotated[Array, In("link", "1")],
    link_open: Annotated[Array, In("link", "1")],
    deny: Annotated[Array, Param("1/day", Fixed(0.0), "judgement", "actor")],
    reach: Annotated[float, Param("person", Fixed(100.0), "judgement")],
    burn: Annotated[float, Param("1", LogNormal(0.01, 0.7), "judgement")],
    crowd: Annotated[float, Param("person", Fixed(20_000.0), "judgement")],
    repair: Annotated[float, Param("1/day", LogNormal(0.017 / 7, 0.4), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Damage facilities and repair them.

    Parameters
    ----------
    intact : dims (facility,)
        Share that is whole.
    attacks_on_facilities : dims (facility,)
        Raids and fires in this step.
    fighters, battle_deaths : dims (place, actor), person
    holder : dims (place,)
    population : dims (place,), person
    hostility : dims (actor, other)
    blocked : dims (facility,)
        What is shut wholly is not repaired.
    facility_place : dims (facility,)
    link_from, link_to, link_open : dims (link,)
    deny : dims (actor,), 1/day
        Rate of raids on each facility within reach.
    reach : person
        Fighters near a facility from which on the rate is full.
    burn : chance of a fire for each fighter killed at a facility (Es Sider, Dec 2014, Jan 2016: one
        for some fifty to a hundred)
    crowd : person
        People at a place from which on most of the fighting is away from the facility.
    repair : 1/day
    """
    mend = 1.0 - exp(-repair * dt)
    actors = fighters.shape[1]
    raiders = np.empty(actors, np.int64)
    many = 0
    for a in range(actors):
        if deny[a] > 0.0:
            raiders[many] = a
            many += 1
    first = np.zeros(holder.size + 1, np.int64)  # of the links into each place
    into = np.empty(link_to.size, np.int64)
    if many > 0:
        outgoing(link_to, first, into)
    for j in range(intact.size):
        p = int(facility_place[j])
        if p < 0:
            continue
        h = int(holder[p])
        if h >= 0 and blocked[j] < 1.0 and intact[j] < 1.0:
            intact[j] += (1.0 - intact[j]) * mend
        for r in range(many):
            a = raiders[r]
            if a == h:
                continue
            enmity = max(hostility[a, h], hostility[h, a]) if h >= 0 else 1.0
            if enmity <= 0.0:
                continue
            near = fighters[p, a]
            for n in range(first[p], first[p + 1]):
                k = into[n]
                if link_open[k] > 0.5:
                    near += fighters[int(link_from[k]), a]
            if near < 1.0:
                continue
            hazard = deny[a] * enmity * min(1.0, near / reach)
            pin_number(rng, j * 1024 + a)
            if bernoulli(rng, 1.0 - exp(-hazard * dt)):
                intact[j] *= 1.0 - beta(rng, 2.0, 6.0)
                attacks_on_facilities[j] += 1.0
        if any_positive(battle_deaths, p):
            killed = 0.0
            for a in range(actors):
                killed += battle_deaths[p, a]
            pin_number(rng, j * 1024 + 1023)
            if bernoulli(rng, 1.0 - exp(-burn * killed * crowd / (crowd + population[p]))):
                intact[j] *= 1.0 - beta(rng, 2.0, 6.0)
                attacks_on_facilities[j] += 1.0
