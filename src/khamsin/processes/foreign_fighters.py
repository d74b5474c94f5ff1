"""Foreign fighters: they set out, are some weeks under way, and join the unplaced stock.

    set out ~ NegBin(inflow * access * exp(sum_q image_response_q I_q) * (1 - G / pool) dt)
    arrive  ~ Binomial(under way, 1 - exp(-dt / lag))

I is the image of the actor: that of the region draws people abroad, that of the theatre itself
draws them there rather than elsewhere. G have set out since the start, of a pool that runs dry.
The exponent is held to -4 .. 4: the inflow of IS fell forty-fold in two years.
`access` is a forcing: a closed border is an intervention. Left out: countries of origin, choice
among theatres by distance, return home.
"""

from math import exp
from typing import Annotated

from khamsin.draws import binomial, negative_binomial, pin_number
from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model", references=("hegghammer_2010", "benmelech_klor_2020"))
def foreign_fighters(
    foreign_under_way: Annotated[Array, InOut("actor", "person")],
    foreign_gone: Annotated[Array, InOut("actor", "person")],
    unplaced: Annotated[Array, InOut("actor", "person")],
    foreign_departures: Annotated[Array, Out("actor", "person")],
    foreign_arrivals: Annotated[Array, Out("actor", "person")],
    access: Annotated[Array, In("actor", "1")],
    image: Annotated[Array, In("audience actor", "1")],
    inflow: Annotated[Array, Param("person/day", Fixed(0.0), "judgement", "actor")],
    image_response: Annotated[Array, Param("1", Fixed(0.0), "judgement", "audience")],
    pool: Annotated[Array, Param("person", Fixed(0.0), "judgement", "actor")],
    lag: Annotated[float, Param("day", LogNormal(28.0, 0.3), "judgement")],
    dispersion: Annotated[float, Param("1", Fixed(3.0), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Let foreign fighters set out and arrive.

    Parameters
    ----------
    foreign_under_way, unplaced : dims (actor,), person
    foreign_gone : dims (actor,), person
        Who have set out since the start.
    foreign_departures, foreign_arrivals : dims (actor,), person
        Who set out and who arrived in this step.
    access : dims (actor,)
        Share of those setting out who can get through, relative to the start.
    image : dims (audience, actor)
    inflow : dims (actor,), person/day
        With the image of the start.
    image_response : dims (audience,)
        Log response to one unit of image.
    pool : dims (actor,), person
        All who would ever set out; 0 is no limit.
    lag : day
        Mean time under way (2 to 6 weeks).
    dispersion : of the weekly inflow
    """
    for a in range(unplaced.size):
        if inflow[a] <= 0.0 and foreign_under_way[a] <= 0.0:
            continue
        pin_number(rng, a)
        arrived = binomial(rng, foreign_under_way[a], 1.0 - exp(-dt / lag))
        pull = 0.0
        for q in range(image.shape[0]):
            pull += image_response[q] * image[q, a]
        left = max(0.0, 1.0 - foreign_gone[a] / pool[a]) if pool[a] > 0.0 else 1.0
        mean = inflow[a] * access[a] * exp(min(4.0, max(-4.0, pull))) * left * dt
        setting_out = negative_binomial(rng, mean, dispersion)
        foreign_under_way[a] += setting_out - arrived
        unplaced[a] += arrived
        foreign_gone[a] += setting_out
        foreign_departures[a] = setting_out
        foreign_arrivals[a] = arrived
