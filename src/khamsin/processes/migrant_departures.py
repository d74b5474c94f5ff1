"""Migrant departures: how many people of each origin decide to leave.

    decide ~ NegBin(pool * rate * push * cost ** elasticity dt, dispersion)

with cost the mean fare over the corridors that they take, against that of the spring of 2016. Only
the product of pool and rate can be known from counts. Left out: growth of the pools, networks,
wages at home and abroad, who can pay.
"""

from typing import Annotated

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
    rate : dims (origin,), 1/day
        Chance to leave at the push and the fares of the spring of 2016.
    elasticity : of departures with respect to the fare
    dispersion : of the weekly number
    """
    for o in range(setting_out.size):
        share = 0.0
        cost = 0.0
        for r in range(fare.size):
            share += corridor_share[o, r]
            cost += corridor_share[o, r] * fare[r]
        if origin_pool[o] < 1.0 or share <= 0.0 or push[o] <= 0.0:
            continue
        mean = origin_pool[o] * rate[o] * push[o] * dt
        if cost != share:
            mean *= (cost / share) ** elasticity
        pin_number(rng, o)
        setting_out[o] = min(negative_binomial(rng, mean, dispersion), origin_pool[o])
