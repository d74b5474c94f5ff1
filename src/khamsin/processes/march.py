"""March: forces under way along a route arrive.

    arrive ~ Binomial(marching, 1 - exp(-speed / km * dt))

so that the mean time on the road is distance over speed. Left out: ambushes on the road, turning
back.
"""

from math import exp
from typing import Annotated

from khamsin.draws import binomial, pin_number
from khamsin.presence import rare
from khamsin.priors import LogNormal
from khamsin.process import Array, Days, In, InOut, Param, Stream, process


@process(each="model")
def march(
    fighters: Annotated[Array, InOut("place actor", "person")],
    marching: Annotated[Array, InOut("link actor", "person")],
    link_to: Annotated[Array, In("link", "1")],
    link_km: Annotated[Array, In("link", "km")],
    speed: Annotated[float, Param("km/day", LogNormal(60.0, 0.4), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Let marching fighters arrive.

    Parameters
    ----------
    fighters : dims (place, actor), person
    marching : dims (link, actor), person
    link_to : dims (link,)
    link_km : dims (link,), km
    speed : km/day
        Distance over mean time of an armed column, halts included.
    """
    first, found = rare(marching)
    for link in range(marching.shape[0]):
        if first[link] == first[link + 1]:
            continue
        arriving = 1.0 - exp(-speed / max(link_km[link], 1.0) * dt)
        for k in range(first[link], first[link + 1]):
            a = found[k]
            pin_number(rng, link * 1024 + a)
            arrived = binomial(rng, marching[link, a], arriving)
            marching[link, a] -= arrived
            fighters[int(link_to[link]), a] += arrived
