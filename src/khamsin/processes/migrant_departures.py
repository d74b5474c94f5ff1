"""Migrant departures: how many people of each origin decide to leave.

    own_o   = pool * rate * push * cost ** elasticity
    decide ~ NegBin((own_o + sum over r of called_r own_o share_or / those of all) dt, dispersion)

with cost the mean fare over the corridors that they take, against that of the spring of 2016, and
`called` those who follow others by a corridor (`followers`): they come from its origins as those do
who go by themselves. Only the product of pool and rate can be known from counts. Left out: growth
of the pools, wages at home and abroad, who can pay.
"""

from typing import Annotated

import numpy as np

from khamsin.draws import negative_binomial, pin_number
from khamsin.priors import Fixed, LogNormal, Normal
from khamsin.process import Array, Days, In, Out, Param, Stream, process


@process(each="model", references=("beine_2016", "friebel_2024"))
def migrant_departures(
    setting_out: Annotated[Array, Out("origin", "person")],
    origin_pool: Annotated[Array, In("origin", "person")],
    push: Annotated[Array, In("origin", "1")],
    fare: Annotated[Array, In("corridor", "1")],
    corridor_share: Annotated[Array, In("origin corridor", "1")],
    called: Annotated[Array, In("corridor", "person/day")],
    rate: Annotated[Array, Param("1/day", LogNormal(4e-4 / 7, 0.5), "judgement", "origin")],
    elasticity: Annotated[float, Param("1", Normal(-1.5, 0.7), "friebel_2024")],
    dispersion: Annotated[float, Param("1", Fixed(5.0), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Draw who decides to leave.

    Parameters
    ----------
    setting_out : dims (origin,), person
        Who decides to leave in this step; `migrant_routes` says who can.
    origin_pool : dims (origin,), person
    push : dims (origin,)
    fare : dims (corridor,)
        Against the spring of 2016.
    corridor_share : dims (origin, corridor)
    called : dims (corridor,), person/day
    rate : dims (origin,), 1/day
        Chance to leave at the push and the fares of the spring of 2016.
    elasticity : of departures with respect to the fare
    dispersion : of the weekly number
    """
    own = np.zeros(setting_out.size)
    by = np.zeros(fare.size)  # of all origins, by corridor
    for o in range(setting_out.size):
        share = 0.0
        cost = 0.0
        for r in range(fare.size):
            share += corridor_share[o, r]
            cost += corridor_share[o, r] * fare[r]
        if origin_pool[o] < 1.0 or share <= 0.0 or push[o] <= 0.0:
            continue
        own[o] = origin_pool[o] * rate[o] * push[o]
        if cost != share:
            own[o] *= (cost / share) ** elasticity
        for r in range(fare.size):
            by[r] += own[o] * corridor_share[o, r]
    for o in range(setting_out.size):
        if own[o] <= 0.0:
            continue
        mean = own[o]
        for r in range(fare.size):
            if called[r] > 0.0 and by[r] > 0.0:
                mean += called[r] * own[o] * corridor_share[o, r] / by[r]
        pin_number(rng, o)
        setting_out[o] = min(negative_binomial(rng, mean * dt, dispersion), origin_pool[o])
