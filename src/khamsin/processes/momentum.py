"""Momentum: how an actor has fared of late, in people held and in strikes suffered.

    T = sum of N C over places;   L <- L + (1 - exp(-dt / tau)) (log(T + T_0) - L)
    momentum = change of L in the step / dt
    recent strikes <- recent + (1 - exp(-dt / quarter)) (strikes / dt - recent)

The changes of L add up to those of log(T + T_0), whatever the step; T_0 is the smallest territory
that counts, so that an actor that loses its last village does not fall without end. Others read
it: image, desertion. Left out: land without people, what the territory yields, prestige of a city.
"""

from math import exp, log
from typing import Annotated

import numpy as np

from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Param, process


@process(each="model", references=("milton_2016",))
def momentum(
    usual_territory: Annotated[Array, InOut("actor", "1")],
    momentum: Annotated[Array, InOut("actor", "1/day")],
    recent_strikes: Annotated[Array, InOut("actor", "strike/day")],
    control: Annotated[Array, In("place actor", "1")],
    population: Annotated[Array, In("place", "person")],
    strikes_on: Annotated[Array, In("actor", "strike")],
    smallest: Annotated[float, Param("person", LogNormal(20_000.0, 0.5), "judgement")],
    period: Annotated[float, Param("day", Fixed(28.0), "judgement")],
    quarter: Annotated[float, Param("day", Fixed(91.0), "judgement")],
    dt: Days,
) -> None:
    """Follow what each actor gains and loses.

    Parameters
    ----------
    usual_territory : dims (actor,)
        Smoothed logarithm of people held, in units of one person; 0 until the first step.
    momentum : dims (actor,), 1/day
        Rate of change of `usual_territory`.
    recent_strikes : dims (actor,), strike/day
        Mean of the last quarter.
    control : dims (place, actor)
    population : dims (place,), person
    strikes_on : dims (actor,), strike
        Strikes flown on it in this step.
    smallest : person
        T_0, territory below which losses hardly count any more.
    period : day
        Over which territory is smoothed (four weeks by the design's table).
    quarter : day
        Over which strikes are remembered (Lyall: 90 days).
    """
    places, actors = control.shape
    if dt <= 0.0:
        return
    held = np.zeros(actors)
    for p in range(places):
        for a in range(actors):
            held[a] += population[p] * control[p, a]
    share = 1.0 - exp(-dt / period)
    recent = 1.0 - exp(-dt / quarter)
    for a in range(actors):
        level = log(held[a] + smallest)
        rate = strikes_on[a] / dt
        if usual_territory[a] == 0.0:
            usual_territory[a] = level
            recent_strikes[a] = rate
        step = share * (level - usual_territory[a])
        usual_territory[a] += step
        momentum[a] = step / dt
        recent_strikes[a] += recent * (rate - recent_strikes[a])
