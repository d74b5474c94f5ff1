"""Supply: who is under arms, what wears out, and how well the arms serve.

    arms   <- arms * exp(-wear dt)
    supply  = min(1, arms / armed) ** 0.5 * (1 + better * min(1, donated / armed))

An actor without arms that has fighters enters the model with `kits` for each of them: Libya in 2016
was saturated. After that arms belong to the actor, and a recruit is armed out of its stock; the
forces of states outside the model are kept in arms by them (`equipped`). Arms given by outside
powers are better than what there was, up to a fifth (`better`). A force that has dissolved leaves
its arms to rust. Left out: heavy weapons as a stock of their own, arms by place.
"""

from math import exp, sqrt
from typing import Annotated

from khamsin.presence import add_rows
from khamsin.priors import Fixed, LogNormal, Uniform
from khamsin.process import Array, Days, In, InOut, Out, Param, process


@process(each="model", references=("small_arms_survey_2013",))
def supply(
    arms: Annotated[Array, InOut("actor", "kit")],
    donated: Annotated[Array, InOut("actor", "kit")],
    armed: Annotated[Array, Out("actor", "person")],
    supply: Annotated[Array, Out("actor", "1")],
    arms_brought: Annotated[Array, Out("actor", "kit")],
    arms_worn: Annotated[Array, Out("actor", "kit")],
    fighters: Annotated[Array, In("place actor", "person")],
    unplaced: Annotated[Array, In("actor", "person")],
    wounded: Annotated[Array, In("actor", "person")],
    marching: Annotated[Array, In("link actor", "person")],
    kits: Annotated[Array, Param("kit/person", Uniform(1.0, 2.0), "judgement", "actor")],
    equipped: Annotated[Array, Param("1", Fixed(0.0), "judgement", "actor")],
    wear: Annotated[float, Param("1/day", LogNormal(0.15 / 365.25, 0.3), "judgement")],
    better: Annotated[float, Param("1", Uniform(0.0, 0.2), "judgement")],
    dt: Days,
) -> None:
    """Count who is under arms, wear the arms, and say how well they serve.

    Parameters
    ----------
    arms : dims (actor,), kit
    donated : dims (actor,), kit
        The part of the arms that outside powers gave.
    armed : dims (actor,), person
        Fighters at places, unplaced, wounded and on the road.
    supply : dims (actor,)
        Factor on the worth of a fighter, 0 to 1.2.
    arms_brought, arms_worn : dims (actor,), kit
    fighters : dims (place, actor), person
    unplaced, wounded : dims (actor,), person
    marching : dims (link, actor), person
    kits : dims (actor,), kit/person
        What an actor has for each fighter when it enters the model.
    equipped : dims (actor,)
        1 where a state outside the model keeps an actor in arms.
    wear : 1/day
    better : how much better donated arms are
    """
    actors = arms.size
    for a in range(actors):
        armed[a] = unplaced[a] + wounded[a]
    add_rows(fighters, armed)
    add_rows(marching, armed)
    left = exp(-wear * dt)
    for a in range(actors):
        supply[a] = 1.0
        if armed[a] < 1.0:
            arms_worn[a] = arms[a]
            arms[a] = 0.0
            donated[a] = 0.0
            continue
        if arms[a] <= 0.0:
            arms_brought[a] = kits[a] * armed[a]
            arms[a] += arms_brought[a]
        arms_worn[a] = arms[a] * (1.0 - left)
        arms[a] -= arms_worn[a]
        donated[a] = min(arms[a], donated[a] * left)
        if equipped[a] > 0.5 and arms[a] < armed[a]:
            arms_brought[a] += armed[a] - arms[a]
            arms[a] = armed[a]
        supply[a] = sqrt(min(1.0, arms[a] / armed[a]))
        supply[a] *= 1.0 + better * min(1.0, donated[a] / armed[a])
