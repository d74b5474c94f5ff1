"""Recovery: wounded fighters heal and return to their side, or are out for good.

    leave hospital ~ Binomial(wounded, 1 - exp(-dt / weeks)), of whom Binomial(., returning) go back
    to the unplaced stock

Left out: deaths of wounds (they are counted with the killed), treatment abroad.
"""

from math import exp
from typing import Annotated

from khamsin.draws import binomial, pin_number
from khamsin.priors import Beta, LogNormal
from khamsin.process import Array, Days, InOut, Out, Param, Stream, process


@process(each="model")
def recovery(
    wounded: Annotated[Array, InOut("actor", "person")],
    unplaced: Annotated[Array, InOut("actor", "person")],
    discharged: Annotated[Array, Out("actor", "person")],
    stay: Annotated[float, Param("day", LogNormal(56.0, 0.3), "judgement")],
    returning: Annotated[float, Param("1", Beta(14, 6), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Heal the wounded.

    Parameters
    ----------
    wounded, unplaced : dims (actor,), person
    discharged : dims (actor,), person
        Wounded who never fight again.
    stay : day
        Mean time until a wounded fighter is fit again or out.
    returning : share who fight again (60 to 80 % by the design's table)
    """
    for a in range(wounded.size):
        if wounded[a] < 1.0:
            continue
        pin_number(rng, a)
        leaving = binomial(rng, wounded[a], 1.0 - exp(-dt / stay))
        fit = binomial(rng, leaving, returning)
        wounded[a] -= leaving
        unplaced[a] += fit
        discharged[a] = leaving - fit
