"""Schism: a movement splits, and part of it goes on as a movement of its own.

    splits with probability 1 - exp(-hazard_a dt);   at each place Binomial(F, share) go to the heir

and the same share of its control. After that the two are as their hostility says. Left out: what
drives them apart, reunion, foreigners apart from others.
"""

from math import exp
from typing import Annotated

from khamsin.draws import bernoulli, binomial, pin_number, pin_pair
from khamsin.priors import Beta, Fixed
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model", references=("staniland_2012",))
def schism(
    fighters: Annotated[Array, InOut("place actor", "person")],
    unplaced: Annotated[Array, InOut("actor", "person")],
    control: Annotated[Array, InOut("place actor", "1")],
    schisms: Annotated[Array, Out("actor", "event")],
    heir: Annotated[Array, In("actor other", "1")],
    hazard: Annotated[Array, Param("1/day", Fixed(0.0), "judgement", "actor")],
    share: Annotated[float, Param("1", Beta(5, 7), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Split movements.

    Parameters
    ----------
    fighters : dims (place, actor), person
    unplaced : dims (actor,), person
    control : dims (place, actor)
    schisms : dims (actor,)
        1 when the movement splits in this step.
    heir : dims (actor, other)
        1 where the second is what splits off from the first.
    hazard : dims (actor,), 1/day
    share : of the movement that goes
    """
    places, actors = fighters.shape
    for a in range(actors):
        if hazard[a] <= 0.0:
            continue
        for b in range(actors):
            if b == a or heir[a, b] < 0.5:
                continue
            split = unplaced[b] >= 1.0
            for p in range(places):
                split = split or fighters[p, b] >= 1.0
            pin_number(rng, a)
            if split or not bernoulli(rng, 1.0 - exp(-hazard[a] * dt)):
                continue
            gone = binomial(rng, unplaced[a], share)
            unplaced[a] -= gone
            unplaced[b] += gone
            for p in range(places):
                if fighters[p, a] >= 1.0 or control[p, a] > 0.0:
                    pin_pair(rng, p, a)
                    gone = binomial(rng, fighters[p, a], share)
                    fighters[p, a] -= gone
                    fighters[p, b] += gone
                    control[p, b] += share * control[p, a]
                    control[p, a] -= share * control[p, a]
            schisms[a] = 1.0
