"""Attack: an actor sends part of a force along a route against a place that an enemy holds.

    hazard = initiative * hostility * (1 - alliance) * most
             * s(b0 + b_force log(own / enemy) + b_rent log(1 + rent) - b_km km/100
                 + b_orders orders)
    sent   ~ Binomial(F, u), u uniform in 0.2 to 0.7

with s the logistic function. The force marches (process `march`) and arrives days later. Left out:
feints, coordination between actors, surprise.
"""

from math import exp, log
from typing import Annotated

import numpy as np

from khamsin.draws import bernoulli, binomial, pin_number, uniform
from khamsin.presence import present
from khamsin.priors import Fixed, LogNormal, Normal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model", references=("zhukov_2012", "schutte_weidmann_2011"))
def attack(
    fighters: Annotated[Array, InOut("place actor", "person")],
    marching: Annotated[Array, InOut("link actor", "person")],
    offensive: Annotated[Array, InOut("place actor", "1")],
    assaults: Annotated[Array, Out("place", "person")],
    enemies: Annotated[Array, In("place actor", "person")],
    hostility: Annotated[Array, In("actor other", "1")],
    alliance: Annotated[Array, In("actor other", "1")],
    orders: Annotated[Array, In("place actor", "1")],
    holder: Annotated[Array, In("place", "1")],
    rent: Annotated[Array, In("place", "1")],
    link_from: Annotated[Array, In("link", "1")],
    link_to: Annotated[Array, In("link", "1")],
    link_km: Annotated[Array, In("link", "km")],
    link_open: Annotated[Array, In("link", "1")],
    most: Annotated[float, Param("1/day", LogNormal(0.15 / 7, 0.5), "judgement")],
    b0: Annotated[float, Param("1", Normal(-3.0, 0.5), "judgement")],
    b_force: Annotated[float, Param("1", LogNormal(1.0, 0.3), "judgement")],
    b_rent: Annotated[float, Param("1", LogNormal(0.3, 0.5), "judgement")],
    b_km: Annotated[float, Param("1", LogNormal(0.5, 0.3), "judgement")],
    b_orders: Annotated[float, Param("1", LogNormal(3.0, 0.3), "judgement")],
    least_force: Annotated[float, Param("person", Fixed(50.0), "judgement")],
    initiative: Annotated[Array, Param("1", Fixed(1.0), "judgement", "actor")],
    persistence: Annotated[float, Param("day", LogNormal(60.0, 0.3), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Choose attacks along the routes and send the forces off.

    Parameters
    ----------
    fighters : dims (place, actor), person
    marching : dims (link, actor), person
        Fighters under way along each directed route.
    assaults : dims (place,), person
        Fighters sent in this step to attack each place.
    offensive : dims (place, actor)
        How hard an actor tries to take a place, 0 to 1: its orders, or an attack that fades.
    enemies : dims (place, actor), person
        A force that has enemies at its own place does not set out from there.
    hostility, alliance : dims (actor, other)
        Allies are attacked the less, the closer the tie.
    orders : dims (place, actor)
    holder : dims (place,)
    rent : dims (place,)
        What holding the place is worth, from 0 to 10.
    link_from, link_to : dims (link,)
    link_km : dims (link,), km
    link_open : dims (link,)
        1 where fighters may pass.
    most : 1/day
        Rate of attacks on a front where everything speaks for it.
    b0, b_force, b_rent, b_km, b_orders : weights in the choice
    least_force : person
    initiative : dims (actor,)
        0 for actors that never attack.
    persistence : day
        How long an attack that was begun is kept up.
    """
    places, actors = fighters.shape
    first, found = present(fighters)
    kept, low = 0, 0  # of those present, those who may set out at all
    for p in range(places):
        high = first[p + 1]
        for k in range(low, high):
            a = found[k]
            free = (initiative[a] > 0.0) & (enemies[p, a] <= 0.1 * fighters[p, a])
            found[kept] = a
            kept += int(free & (fighters[p, a] >= least_force))
        first[p + 1], low = kept, high
    fading = exp(-dt / persistence)
    for p in range(places):
        pressing = np.int64(0)
        for a in range(actors):
            pressing |= np.int64(orders[p, a] > 0.0) | np.int64(offensive[p, a] > 0.0)
        for a in range(actors if pressing else 0):
            if orders[p, a] > 0.0:
                offensive[p, a] = max(orders[p, a], offensive[p, a] * fading)
            elif offensive[p, a] > 0.0:
                offensive[p, a] *= fading
                if offensive[p, a] < 0.2:
                    offensive[p, a] = 0.0
    for link in range(link_from.size):
        i = int(link_from[link])
        if first[i] == first[i + 1] or link_open[link] < 0.5:
            continue
        j = int(link_to[link])
        h = int(holder[j])
        if h < 0:
            continue
        for k in range(first[i], first[i + 1]):
            a = found[k]
            if a == h or hostility[a, h] <= 0.0:
                continue
            if fighters[i, a] < least_force or enemies[i, a] > 0.1 * fighters[i, a]:
                continue  # no longer, since others have set out
            force = log(fighters[i, a] / max(fighters[j, h], 30.0))
            x = (
                b0
                + b_force * force
                + b_rent * log(1.0 + rent[j])
                - b_km * link_km[link] / 100.0
                + b_orders * orders[j, a]
            )
            readiness = initiative[a] * hostility[a, h] * (1.0 - alliance[a, h])
            hazard = most * readiness / (1.0 + exp(-x))
            pin_number(rng, link * 1024 + a)
            if bernoulli(rng, 1.0 - exp(-hazard * dt)):
                sent = binomial(rng, fighters[i, a], 0.2 + 0.5 * uniform(rng))
                fighters[i, a] -= sent
                marching[link, a] += sent
                assaults[j] += sent
                offensive[j, a] = 1.0
