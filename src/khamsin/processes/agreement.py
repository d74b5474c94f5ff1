"""Agreement: rival governments join a political agreement, unless a veto player blocks it.

    hazard_g = mediation * (1 - block_g)
    block_g  = s(b_outside (outside_g - offered) + b_patrons * patrons_g)

with s the logistic function. The outside option is what fighting on promises: the share of a
government's fighters among those of all governments. Each government is the veto player of its own
joining (Tsebelis 2002; Cunningham 2006). Nobody leaves. Left out: factions within a government,
spoilers without one, the text of the agreement.
"""

from math import exp
from typing import Annotated

import numpy as np

from khamsin.draws import bernoulli, pin_number
from khamsin.presence import add_rows
from khamsin.priors import Beta, LogNormal
from khamsin.process import Array, Days, In, InOut, Param, Stream, process


@process(each="model", references=("tsebelis_2002", "cunningham_2006"))
def agreement(
    agreement: Annotated[Array, InOut("organisation", "1")],
    governing: Annotated[Array, In("organisation", "1")],
    allegiance: Annotated[Array, In("organisation actor", "1")],
    sponsor: Annotated[Array, In("power organisation", "1")],
    fighters: Annotated[Array, In("place actor", "person")],
    unplaced: Annotated[Array, In("actor", "person")],
    mediation: Annotated[float, Param("1/day", LogNormal(0.02 / 7, 0.5), "judgement")],
    offered: Annotated[float, Param("1", Beta(8, 12), "judgement")],
    b_outside: Annotated[float, Param("1", LogNormal(4.0, 0.3), "judgement")],
    b_patrons: Annotated[float, Param("1", LogNormal(1.0, 0.4), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Let governments that stand apart join the agreement.

    Parameters
    ----------
    agreement : dims (organisation,)
        1 for a party to the agreement.
    governing : dims (organisation,)
    allegiance : dims (organisation, actor)
    sponsor : dims (power, organisation)
        How far an outside power backs a government.
    fighters : dims (place, actor), person
    unplaced : dims (actor,), person
    mediation : 1/day
        Hazard of agreeing where nobody blocks (the agreement of December 2015 took some 65 weeks).
    offered : share of power that the agreement offers a newcomer
    b_outside, b_patrons : how the outside option and the support of patrons make a veto
    """
    waiting = False
    for g in range(agreement.size):
        waiting = waiting or (governing[g] > 0.5 and agreement[g] < 0.5)
    if not waiting:
        return
    actors = unplaced.size
    force = np.empty(actors)
    for a in range(actors):
        force[a] = unplaced[a]
    add_rows(fighters, force)
    whole = 0.0
    for a in range(actors):
        serving = 0.0
        for g in range(agreement.size):
            serving += governing[g] * allegiance[g, a]
        if serving > 0.0:
            whole += serving * force[a]
    for g in range(agreement.size):
        if governing[g] < 0.5 or agreement[g] > 0.5:
            continue
        own = 0.0
        for a in range(actors):
            if allegiance[g, a] > 0.0:
                own += allegiance[g, a] * force[a]
        patrons = 0.0
        for p in range(sponsor.shape[0]):
            patrons += sponsor[p, g]
        x = b_outside * (own / max(whole, 1.0) - offered) + b_patrons * patrons
        pin_number(rng, g)
        if bernoulli(rng, 1.0 - exp(-mediation / (1.0 + exp(min(x, 50.0))) * dt)):
            agreement[g] = 1.0
