"""Retreat: a force that is hopelessly outnumbered falls back to the next place of its own side.

    gone ~ Binomial(F, 1 - exp(-hazard dt))   when enemies > hopeless * F

along a route to a place where the side has fighters and no enemies; where there is none, it stays
(dispersal may take it). Five to one by decision 23 of the design. Left out: rearguards, losses on
the way.
"""

from math import exp
from typing import Annotated

from khamsin.draws import binomial, pin_number
from khamsin.presence import present
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
    first, found = present(fighters)
    for link in range(link_from.size):
        if link_open[link] < 0.5:
            continue
        i, j = int(link_from[link]), int(link_to[link])
        for k in range(first[i], first[i + 1]):
            a = found[k]
            if enemies[i, a] <= hopeless * fighters[i, a] or fighters[i, a] < 1.0:
                continue
            if fighters[j, a] < 1.0 or enemies[j, a] > 0.0:
                continue
            pin_number(rng, link * 1024 + a)
            gone = binomial(rng, fighters[i, a], 1.0 - exp(-hazard[a] * dt))
            fighters[i, a] -= gone
            marching[link, a] += gone
