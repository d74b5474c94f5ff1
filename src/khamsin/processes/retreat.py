"""Retreat: a force that is hopelessly outnumbered falls back to the next place of its own side.

    gone ~ Binomial(F, 1 - exp(-hazard dt))   when enemies > hopeless * F

along a route to a place where the side has fighters and no enemies; where there is none, it stays
(dispersal may take it). Five to one by decision 23 of the design. Left out: rearguards, losses on
the way.
"""

from math import exp
from typing import Annotated

import numpy as np

from khamsin.allocation import outgoing
from khamsin.draws import binomial, pin_number
from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Param, Stream, process


@process(each="model")
def retreat(
    fighters: Annotated[Array, InOut("place actor", "person")],
    marching: Annotated[Array, InOut("link actor", "person")],
    enemies: Annotated[Array, In("place actor", "person")],
    link_from: Annotated[Array, In("link", "1")],
    link_to: Annotated[Array, In("link", "1")],
    link_open: Annotated[Array, In("link", "1")],
    hopeless: Annotated[float, Param("1", Fixed(5.0), "judgement")],
    hazard: Annotated[Array, Param("1/day", LogNormal(0.2 / 7, 0.5), "judgement", "actor")],
    dt: Days,
    rng: Stream,
) -> None:
    """Let outnumbered forces fall back.

    Parameters
    ----------
    fighters : dims (place, actor), person
    marching : dims (link, actor), person
    enemies : dims (place, actor), person
    link_from, link_to, link_open : dims (link,)
    hopeless : enemies for each own fighter from which on a force falls back
    hazard : dims (actor,), 1/day
    """
    places, actors = fighters.shape
    first = np.empty(places + 1, np.int64)
    order = np.empty(link_from.size, np.int64)
    outgoing(link_from, first, order)
    # Place by place: where a force goes to it has no enemies, so it does not go from there itself.
    for i in range(places):
        some = np.int64(0)  # without a branch: at most places nobody is outnumbered
        for a in range(actors):
            worse = enemies[i, a] > hopeless * fighters[i, a]
            some |= np.int64(worse) & np.int64(fighters[i, a] >= 1.0)
        for a in range(actors if some else 0):
            if enemies[i, a] <= hopeless * fighters[i, a] or fighters[i, a] < 1.0:
                continue
            for k in range(first[i], first[i + 1]):
                link = order[k]
                j = int(link_to[link])
                if link_open[link] < 0.5 or fighters[j, a] < 1.0 or enemies[j, a] > 0.0:
                    continue
                pin_number(rng, link * 1024 + a)
                gone = binomial(rng, fighters[i, a], 1.0 - exp(-hazard[a] * dt))
                fighters[i, a] -= gone
                marching[link, a] += gone
