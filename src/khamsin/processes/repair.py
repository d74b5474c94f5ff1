"""Repair: damaged buildings are made good, faster where somebody governs in peace.

    repaired ~ Binomial(damaged, 1 - exp(-rate (2 if governed else 1) dt))     where nobody fights

A place is governed when its holder has at least the share `governed` of it. The rate is 0.001 to
0.004 a week (section 3.12 of the design). Left out: money, rubble and mines that have to go first,
who owns what.
"""

from math import exp
from typing import Annotated

from khamsin.draws import binomial
from khamsin.presence import any_of
from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="place")
def repair(
    buildings_damaged: Annotated[Array, InOut("", "building")],
    repaired: Annotated[Array, Out("", "building")],
    battle_deaths: Annotated[Array, In("actor", "person")],
    strikes: Annotated[float, In("", "strike")],
    holder: Annotated[float, In("", "1")],
    control: Annotated[Array, In("actor", "1")],
    rate: Annotated[float, Param("1/day", LogNormal(0.002 / 7, 0.6), "judgement")],
    governed: Annotated[float, Param("1", Fixed(0.8), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Make damaged buildings good where there is peace.

    Parameters
    ----------
    buildings_damaged : one number, building
    repaired : one number, building
        Made good in this step.
    battle_deaths : dims (actor,), person
    strikes : strikes flown here in this step
    holder : number of the actor that holds the place, -1 for nobody
    control : dims (actor,)
    rate : 1/day
    governed : share of the holder from which on a town council works, and repair goes twice as fast
    """
    if buildings_damaged[0] < 1.0 or strikes > 0.0 or any_of(battle_deaths):
        return
    h = int(holder)
    faster = 2.0 if h >= 0 and control[h] >= governed else 1.0
    repaired[0] = binomial(rng, buildings_damaged[0], 1.0 - exp(-rate * faster * dt))
    buildings_damaged[0] -= repaired[0]
