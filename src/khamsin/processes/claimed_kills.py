"""Claimed kills: what those who bomb say they killed, which is a record and not a truth.

    claimed ~ Poisson(bias * killed by strikes)

for each actor (claims come by enemy, not by town). The bias is known only from claims that outgrew
the stock they were to have come from: 45,000 and 60,000 killed of a force of 15,000 to 30,000. Left
out: deaths on the ground that are claimed for the air, double counting by several allies.
"""

from typing import Annotated

import numpy as np

from khamsin.draws import pin_number, poisson
from khamsin.priors import LogNormal
from khamsin.process import Array, In, Out, Param, Stream, process


@process(each="model")
def claimed_kills(
    claimed_deaths: Annotated[Array, Out("actor", "person")],
    strike_deaths: Annotated[Array, In("place actor", "person")],
    bias: Annotated[float, Param("1", LogNormal(1.5, 0.35), "judgement")],
    rng: Stream,
) -> None:
    """Let those who strike claim their kills.

    Parameters
    ----------
    claimed_deaths : dims (actor,), person
        Fighters of each actor who are claimed killed from the air in this step.
    strike_deaths : dims (place, actor), person
    bias : claimed for each one killed
    """
    places, actors = strike_deaths.shape
    killed = np.zeros(actors)
    for p in range(places):
        for a in range(actors):
            if strike_deaths[p, a] > 0.0:
                killed[a] += strike_deaths[p, a]
    for a in range(actors):
        if killed[a] > 0.0:
            pin_number(rng, a)
            claimed_deaths[a] = poisson(rng, bias * killed[a])
