"""Foreign fighters: they set out, are some weeks under way, and join the unplaced stock.

    set out ~ NegBin(inflow * access dt, dispersion);   arrive ~ Binomial(under way, 1 - exp(-dt /
    lag))

`access` is a forcing: a closed border is an intervention. Left out (issue of the whole system): the
pull of image, exhaustion of pools, return home.
"""

from math import exp
from typing import Annotated

from khamsin.draws import binomial, negative_binomial, pin_number
from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model", references=("hegghammer_2010", "benmelech_klor_2020"))
def foreign_fighters(
    foreign_under_way: Annotated[Array, InOut("actor", "person")],
    unplaced: Annotated[Array, InOut("actor", "person")],
    foreign_departures: Annotated[Array, Out("actor", "person")],
    foreign_arrivals: Annotated[Array, Out("actor", "person")],
    access: Annotated[Array, In("actor", "1")],
    inflow: Annotated[Array, Param("person/day", Fixed(0.0), "judgement", "actor")],
    lag: Annotated[float, Param("day", LogNormal(28.0, 0.3), "judgement")],
    dispersion: Annotated[float, Param("1", Fixed(3.0), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Let foreign fighters set out and arrive.

    Parameters
    ----------
    foreign_under_way, unplaced : dims (actor,), person
    foreign_departures, foreign_arrivals : dims (actor,), person
        Who set out and who arrived in this step.
    access : dims (actor,)
        Share of those setting out who can get through, relative to the start.
    inflow : dims (actor,), person/day
    lag : day
        Mean time under way (2 to 6 weeks).
    dispersion : of the weekly inflow
    """
    for a in range(unplaced.size):
        if inflow[a] <= 0.0 and foreign_under_way[a] <= 0.0:
            continue
        pin_number(rng, a)
        arrived = binomial(rng, foreign_under_way[a], 1.0 - exp(-dt / lag))
        setting_out = negative_binomial(rng, inflow[a] * access[a] * dt, dispersion)
        foreign_under_way[a] += setting_out - arrived
        unplaced[a] += arrived
        foreign_departures[a] = setting_out
        foreign_arrivals[a] = arrived
