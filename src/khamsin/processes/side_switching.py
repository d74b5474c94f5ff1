"""Side switching: a local group changes sides without a fight (a "flip").

    hazard = rate * exp(b_force * min(0, log(F_suitor / F_own)) - b_enmity * hostility
             + b_pay * max(0, arrears_own - arrears_suitor) / 12 weeks)

towards each suitor with fighters at the place or next door (drawn by thinning: the largest hazard
that there could be decides first whether anyone needs to be looked at). Its fighters there become
the suitor's, but for a share who go home, and so does its share of control (Christia 2012;
Staniland 2012). Left out: bribes, patrons, the history between groups.
"""

from math import exp, log
from typing import Annotated

import numpy as np

from khamsin.draws import binomial, pin_pair, uniform
from khamsin.priors import Beta, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model", references=("christia_2012", "staniland_2012"))
def side_switching(
    fighters: Annotated[Array, InOut("place actor", "person")],
    control: Annotated[Array, InOut("place actor", "1")],
    holder: Annotated[Array, InOut("place", "1")],
    flips: Annotated[Array, Out("place", "event")],
    gone_home: Annotated[Array, Out("place actor", "person")],
    defectors: Annotated[Array, Out("place actor", "person")],
    local: Annotated[Array, In("actor", "1")],
    arrears: Annotated[Array, In("actor", "day")],
    hostility: Annotated[Array, In("actor other", "1")],
    link_from: Annotated[Array, In("link", "1")],
    link_to: Annotated[Array, In("link", "1")],
    link_open: Annotated[Array, In("link", "1")],
    rate: Annotated[float, Param("1/day", LogNormal(0.004 / 7, 0.8), "judgement")],
    b_force: Annotated[float, Param("1", LogNormal(1.0, 0.4), "judgement")],
    b_enmity: Annotated[float, Param("1", LogNormal(3.0, 0.3), "judgement")],
    b_pay: Annotated[float, Param("1", LogNormal(0.7, 0.5), "judgement")],
    joining: Annotated[float, Param("1", Beta(7, 3), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Let local holders change sides.

    Parameters
    ----------
    fighters, control : dims (place, actor)
    holder : dims (place,)
    flips : dims (place,)
        1 where the holder changed sides in this step.
    gone_home : dims (place, actor), person
        Fighters who would not change sides and left for good.
    defectors : dims (place, actor), person
        Fighters who changed sides, under the actor they left.
    local : dims (actor,)
        1 for a local group that may change sides.
    arrears : dims (actor,), day
        Pay that an actor owes; at most twelve weeks count.
    hostility : dims (actor, other)
    link_from, link_to, link_open : dims (link,)
    rate : 1/day
        Hazard towards a suitor at least as strong.
    b_force, b_enmity : how weakness of the suitor and enmity lower it
    b_pay : how twelve weeks more of arrears than the suitor's raise it
    joining : share of fighters who follow
    """
    places, actors = fighters.shape
    nearby = np.zeros(actors)
    others = 0.0  # who may be a suitor
    for a in range(actors):
        others += 1.0 if local[a] <= 0.5 else 0.0
    for p in range(places):
        h = int(holder[p])
        if h < 0 or local[h] < 0.5:
            continue
        pin_pair(rng, p, h)
        u = uniform(rng)
        unpaid = min(arrears[h], 84.0) / 84.0
        if u >= 1.0 - exp(-rate * exp(b_pay * unpaid) * others * dt):
            continue  # not even if everyone were a suitor at full rate
        for a in range(actors):
            nearby[a] = fighters[p, a]
        for k in range(link_from.size):
            if int(link_to[k]) == p and link_open[k] > 0.5:
                for a in range(actors):
                    nearby[a] += fighters[int(link_from[k]), a]
        passed = 0.0
        for a in range(actors):
            suitors = nearby[a]
            if a == h or local[a] > 0.5 or suitors < 50.0:
                continue
            advantage = log(suitors / max(fighters[p, h], 1.0))
            enmity = max(hostility[a, h], hostility[h, a])
            pay = b_pay * max(0.0, unpaid - min(arrears[a], 84.0) / 84.0)
            passed += rate * exp(b_force * min(0.0, advantage) - b_enmity * enmity + pay)
            if u < 1.0 - exp(-passed * dt):
                joined = binomial(rng, fighters[p, h], joining)
                gone_home[p, h] = fighters[p, h] - joined
                fighters[p, h] = 0.0
                fighters[p, a] += joined
                defectors[p, h] = joined
                control[p, a] += control[p, h]
                control[p, h] = 0.0
                holder[p] = a
                flips[p] = 1.0
                break
