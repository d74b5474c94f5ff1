"""Air support: the aircraft of a local force strike its enemies where it fights or next door.

    strike orders at p on b = aircraft_a sorties F[p, b] / sum over reach of F

Who is struck is at open war with the owner (hostility above one half). What the strikes do is for
the process `air_strikes`. The orders on such an enemy are set anew in each step. Left out: weather,
bases and range, losses of aircraft.
"""

from typing import Annotated

import numpy as np

from khamsin.priors import LogNormal
from khamsin.process import Array, In, InOut, Param, process


@process(each="model")
def air_support(
    strike_orders: Annotated[Array, InOut("place actor", "strike/day")],
    aircraft: Annotated[Array, In("actor", "vehicle")],
    fighters: Annotated[Array, In("place actor", "person")],
    hostility: Annotated[Array, In("actor other", "1")],
    link_from: Annotated[Array, In("link", "1")],
    link_to: Annotated[Array, In("link", "1")],
    link_open: Annotated[Array, In("link", "1")],
    sorties: Annotated[float, Param("strike/day/vehicle", LogNormal(0.5 / 7, 0.5), "judgement")],
) -> None:
    """Order the strikes that an actor's own aircraft can fly.

    Parameters
    ----------
    strike_orders : dims (place, actor), strike/day
        Strikes ordered on an actor at a place, beside the plan.
    aircraft : dims (actor,), vehicle
    fighters : dims (place, actor), person
    hostility : dims (actor, other)
    link_from, link_to, link_open : dims (link,)
    sorties : strike/day/vehicle
        Strikes that one aircraft flies: one in two weeks.
    """
    places, actors = fighters.shape
    for a in range(actors):
        if aircraft[a] <= 0.0:
            continue
        reach = np.zeros(places)
        for p in range(places):
            if fighters[p, a] >= 1.0:
                reach[p] = 1.0
        for k in range(link_from.size):
            if link_open[k] > 0.5 and fighters[int(link_from[k]), a] >= 1.0:
                reach[int(link_to[k])] = 1.0
        whole = 0.0
        for b in range(actors):
            if max(hostility[a, b], hostility[b, a]) > 0.5:
                for p in range(places):
                    strike_orders[p, b] = 0.0
                    whole += reach[p] * fighters[p, b]
        if whole < 1.0:
            continue
        for b in range(actors):
            if max(hostility[a, b], hostility[b, a]) > 0.5:
                for p in range(places):
                    share = reach[p] * fighters[p, b] / whole
                    strike_orders[p, b] = aircraft[a] * sorties * share
