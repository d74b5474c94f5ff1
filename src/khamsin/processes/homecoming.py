"""Homecoming: foreign fighters of a movement that has lost its seat go home, and form cells there.

    left ~ Binomial(unplaced foreigners from there, 1 - exp(-rate dt))   once T < seat * T_0
    returnees[p] by the shares of `home`;   quit ~ Binomial(returnees, 1 - exp(-quitting dt))

Unplaced foreigners from there: the unplaced stock times the share of foreigners times the share of
them who come from the countries of `home`. The rate is that of section 3.11 of the design, from
"scores repatriated" to Tunisia by July 2016. Left out: return before defeat, amnesty, prison as a
school.
"""

from math import exp
from typing import Annotated

import numpy as np

from khamsin.draws import binomial, multinomial, pin_number
from khamsin.priors import Beta, Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model", references=("braithwaite_chu_2018", "zelin_2018"))
def homecoming(
    unplaced: Annotated[Array, InOut("actor", "person")],
    foreign: Annotated[Array, InOut("actor", "person")],
    returnees: Annotated[Array, InOut("place", "person")],
    repatriated: Annotated[Array, Out("actor", "person")],
    demobilised: Annotated[Array, Out("place", "person")],
    fighters: Annotated[Array, In("place actor", "person")],
    territory: Annotated[Array, In("actor", "person")],
    territory_at_start: Annotated[Array, In("actor", "person")],
    home: Annotated[Array, In("place", "1")],
    rate: Annotated[Array, Param("1/day", Fixed(0.0), "judgement", "actor")],
    from_there: Annotated[float, Param("1", Beta(5, 5), "judgement")],
    seat: Annotated[float, Param("1", Fixed(0.5), "judgement")],
    quitting: Annotated[float, Param("1/day", LogNormal(0.01 / 7, 0.5), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Let foreign fighters of a beaten movement go home.

    Parameters
    ----------
    unplaced : dims (actor,), person
        Those who have scattered: only they go home.
    foreign : dims (actor,), person
        Foreigners among an actor's fighters; who goes home is taken off.
    returnees : dims (place,), person
        Men back from a war abroad who are at large at a place: what cells are made of.
    repatriated : dims (actor,), person
        Who went home in this step.
    demobilised : dims (place,), person
        Returnees who gave up or were caught in this step.
    fighters : dims (place, actor), person
    territory, territory_at_start : dims (actor,), person
        People whom the actor rules, now and at the start.
    home : dims (place,)
        Weight of each place as a home; zero everywhere else.
    rate : dims (actor,), 1/day
    from_there : share of the foreigners whose home is among these places
    seat : share of the territory of the start below which a movement has lost its seat
    quitting : 1/day
        Hazard that a returnee gives up or is caught.
    """
    places, actors = fighters.shape
    weight = 0.0
    for p in range(places):
        weight += home[p]
        if returnees[p] >= 1.0:
            pin_number(rng, 1024 + p)
            gone = binomial(rng, returnees[p], 1.0 - exp(-quitting * dt))
            returnees[p] -= gone
            demobilised[p] = gone
    if weight <= 0.0:
        return
    for a in range(actors):
        if rate[a] <= 0.0 or unplaced[a] < 1.0 or foreign[a] < 1.0:
            continue
        if territory[a] >= seat * territory_at_start[a]:
            continue
        whole = unplaced[a]
        for p in range(places):
            whole += fighters[p, a]
        pin_number(rng, a)
        candidates = min(unplaced[a] / whole, 1.0) * foreign[a] * from_there
        gone = binomial(rng, min(candidates, unplaced[a]), 1.0 - exp(-rate[a] * dt))
        if gone <= 0.0:
            continue
        there = np.zeros(places)
        multinomial(rng, gone, home, there)
        for p in range(places):
            returnees[p] += there[p]
        unplaced[a] -= gone
        foreign[a] -= gone
        repatriated[a] = gone
