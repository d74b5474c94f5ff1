"""Recruitment: local people join where an actor has control.

    joined ~ NegBin(intake dt * pool_share * room, dispersion),   pool_share = N C / (sum of N C at
    the start),   room = 1 - F / F_max

so an actor that loses territory loses its intake with it, and one that gains wins it. F_max is a
share of the people it governs there. Left out (issue of the whole system): image, pay, grievance,
coercion.
"""

from typing import Annotated

from khamsin.draws import negative_binomial, pin_pair
from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model", references=("caulkins_2008",))
def recruitment(
    fighters: Annotated[Array, InOut("place actor", "person")],
    reference_pool: Annotated[Array, InOut("actor", "person")],
    recruits: Annotated[Array, Out("place actor", "person")],
    control: Annotated[Array, In("place actor", "1")],
    population: Annotated[Array, In("place", "person")],
    intake: Annotated[Array, Param("person/day", LogNormal(10.0 / 7, 0.7), "judgement", "actor")],
    mobilised: Annotated[float, Param("1", LogNormal(0.08, 0.4), "judgement")],
    dispersion: Annotated[float, Param("1", Fixed(5.0), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Let local people join.

    Parameters
    ----------
    fighters : dims (place, actor), person
    reference_pool : dims (actor,), person
        People under the actor's control at the start; set in the first step.
    recruits : dims (place, actor), person
        Who joined in this step.
    control : dims (place, actor)
    population : dims (place,), person
    intake : dims (actor,), person/day
        Local intake with the territory of the start.
    mobilised : largest share of the people that an actor can have under arms at a place
    dispersion : of the weekly intake
    """
    places, actors = fighters.shape
    for a in range(actors):
        if reference_pool[a] <= 0.0:
            for p in range(places):
                reference_pool[a] += population[p] * control[p, a]
        if reference_pool[a] <= 0.0 or intake[a] <= 0.0:
            continue
        for p in range(places):
            pool = population[p] * control[p, a]
            if pool < 1.0:
                continue
            room = 1.0 - fighters[p, a] / (mobilised * pool + 1.0)
            if room <= 0.0:
                continue
            pin_pair(rng, p, a)
            joined = negative_binomial(
                rng, intake[a] * dt * pool / reference_pool[a] * room, dispersion
            )
            fighters[p, a] += joined
            recruits[p, a] = joined
