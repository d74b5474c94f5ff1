"""Dispersal: fighters slip away from a besieged place before it is encircled, and when it is lost.

    gone ~ Binomial(F, 1 - exp(-leave dt))      while the siege is younger than `encircled_after`
    gone ~ Binomial(F, 1 - exp(-break_out dt))  once the defender has lost the place

They go to the actor's unplaced stock: alive, somewhere in the country. Left out: negotiated
evacuation, families.
"""

from math import exp
from typing import Annotated

from khamsin.draws import binomial, pin
from khamsin.presence import any_of
from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="place")
def dispersal(
    fighters: Annotated[Array, InOut("actor", "person")],
    unplaced: Annotated[Array, InOut("actor", "person")],
    siege_days: Annotated[Array, InOut("", "day")],
    dispersed: Annotated[Array, Out("actor", "person")],
    enemies: Annotated[Array, In("actor", "person")],
    hostility: Annotated[Array, In("actor other", "1")],
    control: Annotated[Array, In("actor", "1")],
    offensive: Annotated[Array, In("actor", "1")],
    leave: Annotated[float, Param("1/day", LogNormal(0.045 / 7, 0.5), "judgement")],
    break_out: Annotated[float, Param("1/day", LogNormal(0.3 / 7, 0.5), "judgement")],
    encircled_after: Annotated[float, Param("day", Fixed(98.0), "judgement")],
    siege_ratio: Annotated[float, Param("1", Fixed(0.5), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Let defenders slip away from a siege.

    Parameters
    ----------
    fighters : dims (actor,), person
    unplaced : dims (actor,), person
        Fighters of each actor at no place of the map.
    siege_days : one number, day
        How long the place has been under siege; the clock runs back while it is not.
    dispersed : dims (actor,), person
        Fighters who left in this step.
    enemies : dims (actor,), person
    hostility : dims (actor, other)
    control : dims (actor,)
    offensive : dims (actor,)
        Only a side that an enemy is out to throw out, and that is not itself on the offensive, is
        besieged.
    leave : 1/day
        Hazard of leaving before encirclement (Sirte: 0.03 a week is too slow, 0.06 too fast).
    break_out : 1/day
        Hazard of getting out when the place is lost.
    encircled_after : day
    siege_ratio : enemies for each defender from which on the place counts as besieged
    """
    besieged = False
    for a in range(fighters.size if any_of(offensive) else 0):
        if fighters[a] < 1.0 or enemies[a] <= 0.0 or offensive[a] > 0.0:
            continue
        pushed = False
        for b in range(fighters.size):
            if offensive[b] > 0.0 and fighters[b] >= 1.0:
                pushed = pushed or max(hostility[a, b], hostility[b, a]) > 0.0
        if not pushed:
            continue
        pressed = enemies[a] >= siege_ratio * fighters[a]
        besieged = besieged or pressed
        rate = 0.0
        if control[a] < 0.03:
            rate = break_out
        elif pressed and siege_days[0] < encircled_after:
            rate = leave
        if rate > 0.0:
            pin(rng, a)
            gone = binomial(rng, fighters[a], 1.0 - exp(-rate * dt))
            fighters[a] -= gone
            unplaced[a] += gone
            dispersed[a] = gone
    siege_days[0] = siege_days[0] + dt if besieged else max(0.0, siege_days[0] - dt)
