"""Relocation: men of a pressed movement leave for a theatre where friends fight (the "balloon").

    left ~ Binomial(F_a, 1 - exp(-rate_a refuge[a, b] push dt))
    push = log(1 + exp(sharpness (pressure_a / reference - 1))) / log 2

so that the push is 1 at the reference pressure and rises with it about in proportion. They are
under way as foreign fighters are, and arrive by the same process. The form is section 3.11 of the
design, with pressure taken relative to a reference: in absolute terms its softplus would hardly
move. Left out: what draws them (image, vacuum), one number for each pair in `refuge`.
"""

from math import exp, log
from typing import Annotated

from khamsin.draws import binomial, pin_number, pin_pair
from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model", references=("buhaug_gleditsch_2008",))
def relocation(
    fighters: Annotated[Array, InOut("place actor", "person")],
    unplaced: Annotated[Array, InOut("actor", "person")],
    foreign_under_way: Annotated[Array, InOut("actor", "person")],
    relocated: Annotated[Array, Out("actor", "person")],
    pressure: Annotated[Array, In("actor", "1/day")],
    refuge: Annotated[Array, In("actor other", "1")],
    rate: Annotated[Array, Param("1/day", Fixed(0.0), "judgement", "actor")],
    reference: Annotated[float, Param("1/day", LogNormal(0.02 / 7, 0.3), "judgement")],
    sharpness: Annotated[float, Param("1", Fixed(2.0), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Let men move to another theatre.

    Parameters
    ----------
    fighters : dims (place, actor), person
    unplaced : dims (actor,), person
    foreign_under_way : dims (actor,), person
        Those on their way to an actor, who arrive as foreign fighters do.
    relocated : dims (actor,), person
        Who left an actor for another theatre in this step.
    pressure : dims (actor,), 1/day
    refuge : dims (actor, other)
        How open the way is from the first to the second, 0 to 1.
    rate : dims (actor,), 1/day
        Hazard of leaving at the reference pressure (hypothesis `growth_LY`).
    reference : 1/day
        Pressure at which men leave at that rate: a loss of 2 % a week.
    sharpness : how steeply leaving rises with pressure
    """
    places, actors = fighters.shape
    for a in range(actors):
        if rate[a] <= 0.0:
            continue
        excess = min(sharpness * (pressure[a] / reference - 1.0), 500.0)
        push = log(1.0 + exp(excess)) / log(2.0)
        for b in range(actors):
            if b == a or refuge[a, b] <= 0.0:
                continue
            p = 1.0 - exp(-rate[a] * refuge[a, b] * push * dt)
            pin_number(rng, a * 1024 + b)
            gone = binomial(rng, unplaced[a], p)
            unplaced[a] -= gone
            for i in range(places):
                if fighters[i, a] >= 1.0:
                    pin_pair(rng, i, a)
                    left = binomial(rng, fighters[i, a], p)
                    fighters[i, a] -= left
                    gone += left
            foreign_under_way[b] += gone
            relocated[a] += gone
