"""Damage: buildings damaged by air strikes, ground fighting, booby traps and scorched earth.

    hazard dt = (air munitions strikes + ground deaths + scorched dispersed) / B
                + trapped (prepared / 365 days) dt                        where there is fighting
    damaged ~ Binomial(B - damaged before, 1 - exp(-hazard dt))
    disaffection_a <- disaffection_a exp(-dt / forgetting) + resentment damaged / B

the last for those who are out to take the place (hypothesis `destruction_backlash`). With B the
buildings of the place (people / 5.5). Deaths and dispersed fighters are those of this step and of
all sides; only an actor that mines (`mining`) prepares a place while it holds it and burns what it
leaves. The design counts ground fighting by the fighters present; deaths follow how hard the
fighting is, and a big garrison that nobody attacks wrecks nothing. Left out: classes of damage (at
Ramadi 35 % destroyed, 25 % severe, 40 % moderate), damage that satellites do not see, artillery as
a side of its own.
"""

from math import exp
from typing import Annotated

import numpy as np

from khamsin.draws import binomial
from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="place")
def damage(
    buildings_damaged: Annotated[Array, InOut("", "building")],
    prepared: Annotated[Array, InOut("", "day")],
    disaffection: Annotated[Array, InOut("actor", "1")],
    newly_damaged: Annotated[Array, Out("", "building")],
    buildings: Annotated[float, In("", "building")],
    strikes: Annotated[float, In("", "strike")],
    battle_deaths: Annotated[Array, In("actor", "person")],
    dispersed: Annotated[Array, In("actor", "person")],
    offensive: Annotated[Array, In("actor", "1")],
    holder: Annotated[float, In("", "1")],
    munitions: Annotated[float, Param("1", LogNormal(3.7, 0.2), "judgement")],
    air: Annotated[float, Param("1", LogNormal(0.5, 0.5), "judgement")],
    ground: Annotated[float, Param("1", LogNormal(1.5, 0.7), "judgement")],
    scorched: Annotated[float, Param("1", LogNormal(0.3, 1.0), "judgement")],
    trapped: Annotated[float, Param("1/day", LogNormal(0.0005 / 7, 1.0), "judgement")],
    mining: Annotated[Array, Param("1", Fixed(0.0), "judgement", "actor")],
    resentment: Annotated[float, Param("1", Fixed(0.0), "judgement")],
    forgetting: Annotated[float, Param("day", LogNormal(365.0, 0.5), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Damage the buildings of a place where there is fighting or bombing.

    Parameters
    ----------
    buildings_damaged : one number, building
        Buildings that stand damaged or lie in ruins.
    prepared : one number, day
        How long a force that mines has held the place.
    disaffection : dims (actor,)
        What an actor has lost here by the destruction of its assault, as the log of its weight.
    newly_damaged : one number, building
        Damaged in this step.
    buildings : building
        All buildings of the place, whole or not.
    strikes : strikes flown here in this step
    battle_deaths, dispersed : dims (actor,), person
        Killed on the ground, and fighters who left a lost or besieged place, in this step.
    offensive : dims (actor,)
        Those who are out to take the place are blamed.
    holder : number of the actor that holds the place, -1 for nobody
    munitions : munitions of one strike (46,615 in about 12,600 strikes to May 2016)
    air : buildings damaged by one munition
    ground : buildings damaged for each fighter killed on the ground
    scorched : buildings burnt by each fighter of a mining force who leaves
    trapped : 1/day
        Hazard of a building where there is fighting, after a year of preparation.
    mining : dims (actor,)
        1 for a force that lays mines and burns what it leaves.
    resentment : disaffection when all buildings are damaged
    forgetting : day
    """
    h = int(holder)
    miner = h >= 0 and mining[h] > 0.5
    if buildings < 1.0:
        return
    if resentment > 0.0:
        faded = exp(-dt / forgetting)
        for a in range(disaffection.size):
            disaffection[a] *= faded
    killed = 0.0
    burnt = 0.0
    some = np.int64(0)  # without a branch: most places are quiet
    for a in range(battle_deaths.size):
        some |= np.int64(battle_deaths[a] + dispersed[a] > 0.0)
    for a in range(battle_deaths.size if some else 0):
        if battle_deaths[a] > 0.0:
            killed += battle_deaths[a]
        if dispersed[a] > 0.0 and mining[a] > 0.5:
            burnt += scorched * dispersed[a]
    if killed > 0.0 or strikes > 0.0 or burnt > 0.0:
        hazard = (air * munitions * strikes + ground * killed + burnt) / buildings
        if killed > 0.0:
            hazard += trapped * prepared[0] / 365.0 * dt
        hit = binomial(rng, buildings - buildings_damaged[0], 1.0 - exp(-hazard))
        buildings_damaged[0] += hit
        newly_damaged[0] = hit
        if resentment > 0.0 and hit > 0.0:
            for a in range(disaffection.size):
                if offensive[a] > 0.0:
                    disaffection[a] = min(10.0, disaffection[a] + resentment * hit / buildings)
    if miner:
        prepared[0] += dt
    elif prepared[0] > 0.0 and killed <= 0.0:
        prepared[0] = max(0.0, prepared[0] - dt)
