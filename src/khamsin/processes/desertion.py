"""Desertion: fighters leave for good, the more the more of their comrades are killed, the longer
they go unpaid, and in retreat.

    hazard = base + after_losses * (killed / F dt) + in_retreat * max(0, -momentum)
             + unpaid * min(arrears, 12 weeks) / 12 weeks
    left ~ Binomial(F, 1 - exp(-hazard dt))

Momentum is the rate of change of log territory: of an actor that loses half its people,
1 - exp(-0.7 in_retreat) go home. Left out: amnesty.
"""

from math import exp
from typing import Annotated

import numpy as np

from khamsin.draws import binomial, pin_number, pin_pair
from khamsin.presence import present
from khamsin.priors import HalfNormal, LogNormal, Uniform
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model", references=("gutfraind_2009",))
def desertion(
    fighters: Annotated[Array, InOut("place actor", "person")],
    unplaced: Annotated[Array, InOut("actor", "person")],
    deserters: Annotated[Array, Out("actor", "person")],
    battle_deaths: Annotated[Array, In("place actor", "person")],
    strike_deaths: Annotated[Array, In("place actor", "person")],
    momentum: Annotated[Array, In("actor", "1/day")],
    arrears: Annotated[Array, In("actor", "day")],
    base: Annotated[float, Param("1/day", LogNormal(0.004 / 7, 0.5), "judgement")],
    after_losses: Annotated[float, Param("1", Uniform(0.0, 0.6), "judgement")],
    in_retreat: Annotated[float, Param("1", HalfNormal(0.25), "judgement")],
    unpaid: Annotated[float, Param("1/day", LogNormal(0.02 / 7, 0.6), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Let fighters desert.

    Parameters
    ----------
    fighters : dims (place, actor), person
    unplaced : dims (actor,), person
    deserters : dims (actor,), person
        Who left in this step.
    battle_deaths, strike_deaths : dims (place, actor), person
        The losses of this step.
    momentum : dims (actor,), 1/day
        Rate of change of the logarithm of people held.
    arrears : dims (actor,), day
        Pay that an actor owes.
    base : 1/day
        Hazard without losses (0.2 a year).
    after_losses : how much of the hazard of being killed is added to it
    in_retreat : how much of the rate at which territory is lost is added to it
    unpaid : 1/day
        Hazard added by twelve weeks of arrears.
    """
    places, actors = fighters.shape
    hazard = np.empty(actors)  # where nobody was killed
    leave = np.empty(actors)
    for a in range(actors):
        owed = unpaid * min(arrears[a], 84.0) / 84.0
        hazard[a] = (base + in_retreat * max(0.0, -momentum[a]) + owed) * dt
        leave[a] = 1.0 - exp(-hazard[a])
    first, found = present(fighters)
    for p in range(places):
        for k in range(first[p], first[p + 1]):
            a = found[k]
            chance = leave[a]
            killed = battle_deaths[p, a] + strike_deaths[p, a]
            if killed > 0.0:
                shock = after_losses * killed / (fighters[p, a] + killed)
                chance = 1.0 - exp(-(hazard[a] + shock))
            pin_pair(rng, p, a)
            left = binomial(rng, fighters[p, a], chance)
            fighters[p, a] -= left
            deserters[a] += left
    for a in range(actors):
        if unplaced[a] < 1.0:
            continue
        pin_number(rng, a)
        left = binomial(rng, unplaced[a], leave[a])
        unplaced[a] -= left
        deserters[a] += left
