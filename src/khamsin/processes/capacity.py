"""Capacity: a government grows able to govern with its rents, and is held down by its rival and by
the militias that it depends on.

    control_gi = sum_a allegiance_ga C_ia                    what it controls through others
    dg/dt = by_rents * rents (1 - g) - by_rivals * rivals g - by_militias * dependence g

Rents are the share of the country's rents at places that it controls, and count for a recognised
government alone; rivals are the capacity of governments that stand outside an agreement with it;
dependence is the share of its control that rests on local groups which may change sides. The
backing of an actor is the capacity of the government that it serves. Left out: institutions one by
one, elections, corruption.
"""

from math import exp
from typing import Annotated

import numpy as np

from khamsin.priors import LogNormal
from khamsin.process import Array, Days, In, InOut, Param, process


@process(each="model", references=("lacher_2020", "s_2017_466"))
def capacity(
    capacity: Annotated[Array, InOut("organisation", "1")],
    government_control: Annotated[Array, InOut("organisation place", "1")],
    backing: Annotated[Array, InOut("actor", "1")],
    governing: Annotated[Array, In("organisation", "1")],
    allegiance: Annotated[Array, In("organisation actor", "1")],
    agreement: Annotated[Array, In("organisation", "1")],
    recognised: Annotated[Array, In("organisation", "1")],
    control: Annotated[Array, In("place actor", "1")],
    rent: Annotated[Array, In("place", "1")],
    local: Annotated[Array, In("actor", "1")],
    by_rents: Annotated[float, Param("1/day", LogNormal(0.006 / 7, 0.5), "judgement")],
    by_rivals: Annotated[float, Param("1/day", LogNormal(0.02 / 7, 0.5), "judgement")],
    by_militias: Annotated[float, Param("1/day", LogNormal(0.015 / 7, 0.5), "judgement")],
    unrecognised: Annotated[float, Param("1", LogNormal(0.3, 0.4), "judgement")],
    dt: Days,
) -> None:
    """Let the capacity of governments grow or wither.

    Parameters
    ----------
    capacity : dims (organisation,)
    government_control : dims (organisation, place)
        Set here: the share of a place that a government controls through those who serve it.
    backing : dims (actor,)
        Set here: the capacity behind an actor.
    governing, agreement, recognised : dims (organisation,)
    allegiance : dims (organisation, actor)
    control : dims (place, actor)
    rent : dims (place,)
    local : dims (actor,)
    by_rents, by_rivals, by_militias : 1/day
    unrecognised : rents of a government without recognition, relative to one with it
    """
    places, actors = control.shape
    organisations = capacity.size
    before = np.zeros(organisations)
    borrowed = np.zeros(organisations)
    held = np.zeros(organisations)
    rents = np.zeros(organisations)
    for g in range(organisations):
        before[g] = capacity[g]
        if governing[g] < 0.5:
            continue
        for p in range(places):
            government_control[g, p] = 0.0
        for a in range(actors):
            loyal = allegiance[g, a]
            if loyal <= 0.0:
                continue
            for p in range(places):
                if control[p, a] <= 0.0:
                    continue
                government_control[g, p] += loyal * control[p, a]
                held[g] += loyal * control[p, a]
                borrowed[g] += loyal * control[p, a] * local[a]
        for p in range(places):
            government_control[g, p] = min(1.0, government_control[g, p])
            rents[g] += rent[p] * government_control[g, p]
    whole = 0.0
    for g in range(organisations):
        whole += rents[g]
    for g in range(organisations):
        if governing[g] < 0.5:
            continue
        rivals = 0.0
        for other in range(organisations):
            if other != g and (agreement[other] < 0.5 or agreement[g] < 0.5):
                rivals += governing[other] * before[other]
        gain = by_rents * rents[g] / max(whole, 1e-9)
        if recognised[g] < 0.5:
            gain *= unrecognised
        loss = by_rivals * rivals + by_militias * borrowed[g] / max(held[g], 1e-9)
        # The exact solution over the step with gain and loss held: it stays between 0 and 1.
        rate = gain + loss
        if rate > 0.0:
            capacity[g] += (gain / rate - capacity[g]) * (1.0 - exp(-rate * dt))
    for a in range(actors):
        backing[a] = 0.0
        for g in range(capacity.size):
            if governing[g] > 0.5:
                backing[a] = max(backing[a], min(1.0, allegiance[g, a] * capacity[g]))
