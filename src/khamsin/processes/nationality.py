"""Nationality: how many of an actor's fighters are foreign.

    foreign_0   ~ Binomial(F, share)                                   in the first step
    foreign_out ~ Hypergeometric(F + losses, foreign + arrivals, losses)
    foreign     <- foreign + arrivals - foreign_out

Everybody who arrives from abroad is foreign, everybody recruited on the spot is not, and whoever is
lost (killed, deserted, invalided, gone to another theatre) is taken from all alike. So the count is
whole and never above the number of fighters. Left out: that foreigners fight harder and desert less
(no figure), and those who change sides with a local group, which has no foreigners.
"""

from typing import Annotated

import numpy as np

from khamsin.draws import binomial, hypergeometric, pin_number
from khamsin.priors import Fixed
from khamsin.process import Array, In, InOut, Out, Param, Stream, process


@process(each="model", references=("hegghammer_2010", "zelin_2018"))
def nationality(
    foreign: Annotated[Array, InOut("actor", "person")],
    foreign_losses: Annotated[Array, Out("actor", "person")],
    fighters: Annotated[Array, In("place actor", "person")],
    unplaced: Annotated[Array, In("actor", "person")],
    wounded: Annotated[Array, In("actor", "person")],
    marching: Annotated[Array, In("link actor", "person")],
    foreign_arrivals: Annotated[Array, In("actor", "person")],
    battle_deaths: Annotated[Array, In("place actor", "person")],
    strike_deaths: Annotated[Array, In("place actor", "person")],
    deserters: Annotated[Array, In("actor", "person")],
    discharged: Annotated[Array, In("actor", "person")],
    relocated: Annotated[Array, In("actor", "person")],
    cadres_sent: Annotated[Array, In("actor", "person")],
    share: Annotated[Array, Param("1", Fixed(0.0), "judgement", "actor")],
    rng: Stream,
) -> None:
    """Count the foreigners among the fighters of each actor.

    Parameters
    ----------
    foreign : dims (actor,), person
        Foreigners among an actor's fighters, the wounded and those on the road included; -1 until
        the first step has counted them.
    foreign_losses : dims (actor,), person
        Foreigners lost in this step.
    fighters : dims (place, actor), person
    unplaced, wounded : dims (actor,), person
    marching : dims (link, actor), person
    foreign_arrivals : dims (actor,), person
    battle_deaths, strike_deaths : dims (place, actor), person
    deserters, discharged, relocated, cadres_sent : dims (actor,), person
        The other losses of this step.
    share : dims (actor,)
        Share of foreigners at the start.
    """
    places, actors = fighters.shape
    whole = np.empty(actors)
    lost = np.empty(actors)
    for a in range(actors):
        whole[a] = unplaced[a] + wounded[a]
        lost[a] = deserters[a] + discharged[a] + relocated[a] + cadres_sent[a]
    for p in range(places):
        for a in range(actors):
            if fighters[p, a] > 0.0:
                whole[a] += fighters[p, a]
            killed = battle_deaths[p, a] + strike_deaths[p, a]
            if killed > 0.0:
                lost[a] += killed
    for a in range(actors):
        first = foreign[a] < 0.0
        if first and share[a] <= 0.0:
            foreign[a] = 0.0
            first = False
        if not first and foreign[a] + foreign_arrivals[a] <= 0.0:
            continue
        for k in range(marching.shape[0]):
            if marching[k, a] > 0.0:
                whole[a] += marching[k, a]
        pin_number(rng, a)
        if first:
            foreign[a] = binomial(rng, whole[a], share[a])
            continue
        if lost[a] <= 0.0:
            foreign[a] += foreign_arrivals[a]
            continue
        marked = min(foreign[a] + foreign_arrivals[a], whole[a] + lost[a])
        gone = hypergeometric(rng, marked, whole[a] + lost[a] - marked, lost[a])
        foreign_losses[a] = foreign[a] + foreign_arrivals[a] - (marked - gone)
        foreign[a] = marked - gone
