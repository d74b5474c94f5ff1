"""Sea patrol: many arrivals make the countries of arrival pay for boats to be stopped (loop L07).

    m_r   <- running mean of arrivals by corridor, over half a year
    hazard = reaction * max(0, m_r / tolerated_r - 1)
    I_p   += (most - I_p) (1 - exp(-hazard dt))       for each coast p of the corridor

so that interception rises while more people land than is tolerated, and never falls by itself. How
fast was not known in May 2016: the prior is wide, and what the coast guards did in 2017-18 is an
observation. Left out: deals with those who hold the coast (scenarios), the cost, the ports.
"""

from math import exp
from typing import Annotated

import numpy as np

from khamsin.priors import Beta, LogNormal
from khamsin.process import Array, Days, In, InOut, Param, process


@process(each="model")
def sea_patrol(
    interception: Annotated[Array, InOut("place", "1")],
    mean_arrivals: Annotated[Array, InOut("corridor", "person/day")],
    departures: Annotated[Array, In("place", "person")],
    sea_deaths: Annotated[Array, In("place", "person")],
    intercepted: Annotated[Array, In("place", "person")],
    sea_corridor: Annotated[Array, In("place", "1")],
    reaction: Annotated[float, Param("1/day", LogNormal(0.1 / 365.25, 1.0), "judgement")],
    tolerated: Annotated[
        Array, Param("person/day", LogNormal(200.0, 0.5), "judgement", "corridor")
    ],
    most: Annotated[float, Param("1", Beta(6, 4), "judgement")],
    memory: Annotated[float, Param("day", LogNormal(182.0, 0.2), "judgement")],
    dt: Days,
) -> None:
    """Let interception answer to arrivals.

    Parameters
    ----------
    interception : dims (place,)
    mean_arrivals : dims (corridor,), person/day
    departures, sea_deaths, intercepted : dims (place,), person
        What they leave are the arrivals by corridor.
    sea_corridor : dims (place,)
    reaction : 1/day
        Growth of interception when twice as many land as is tolerated.
    tolerated : dims (corridor,), person/day
    most : interception that patrols can reach
    memory : day
    """
    if dt <= 0.0:
        return
    landed = np.zeros(mean_arrivals.size)
    for p in range(sea_corridor.size):
        r = int(sea_corridor[p])
        if r >= 0:
            landed[r] += departures[p] - sea_deaths[p] - intercepted[p]
    keep = exp(-dt / memory)
    for r in range(landed.size):
        mean_arrivals[r] = max(keep * mean_arrivals[r] + (1.0 - keep) * landed[r] / dt, 0.0)
    for p in range(sea_corridor.size):
        r = int(sea_corridor[p])
        if r < 0:
            continue
        excess = mean_arrivals[r] / tolerated[r] - 1.0
        if excess > 0.0 and interception[p] < most:
            interception[p] += (most - interception[p]) * (1.0 - exp(-reaction * excess * dt))
