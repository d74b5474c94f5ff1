"""Recruitment: local people join where an actor has control.

    joined ~ Poisson(intake dt * shock * pool / pool at the start * room), room = 1 - F / F_max

with pool = sum of N C over places, and the intake shared among places by their part of the pool.
The shock is a gamma of mean 1, one for each actor and step, so that the total is negative binomial.
An actor that loses territory loses its intake with it; one that gains wins it, up to `growth`
times. F_max is a share of the people it governs there. Left out: image, pay, grievance, coercion.
"""

from typing import Annotated

from khamsin.draws import gamma, pin_number, pin_pair, poisson
from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model", references=("caulkins_2008",))
def recruitment(
    fighters: Annotated[Array, InOut("place actor", "person")],
    reference_pool: Annotated[Array, InOut("actor", "person")],
    recruits: Annotated[Array, Out("actor", "person")],
    control: Annotated[Array, In("place actor", "1")],
    population: Annotated[Array, In("place", "person")],
    intake: Annotated[Array, Param("person/day", LogNormal(10.0 / 7, 0.7), "judgement", "actor")],
    mobilised: Annotated[float, Param("1", LogNormal(0.08, 0.4), "judgement")],
    growth: Annotated[float, Param("1", LogNormal(1.5, 0.2), "judgement")],
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
    recruits : dims (actor,), person
        Who joined in this step.
    control : dims (place, actor)
    population : dims (place,), person
    intake : dims (actor,), person/day
        Local intake with the territory of the start.
    mobilised : largest share of the people that an actor can have under arms at a place
    growth : most that conquests can multiply the intake of the start by
    dispersion : of the weekly intake
    """
    places, actors = fighters.shape
    for a in range(actors):
        if intake[a] <= 0.0:
            continue
        pool = 0.0
        for p in range(places):
            pool += population[p] * control[p, a]
        if reference_pool[a] <= 0.0:
            reference_pool[a] = pool
        if pool < 1.0:
            continue
        pin_number(rng, a)
        shock = gamma(rng, dispersion, 1.0 / dispersion)
        total = intake[a] * dt * shock * min(pool / reference_pool[a], growth) / pool
        for p in range(places):
            people = population[p] * control[p, a]
            room = 1.0 - fighters[p, a] / (mobilised * people + 1.0)
            if people < 1.0 or room <= 0.0:
                continue
            pin_pair(rng, p, a)
            joined = poisson(rng, total * people * room)
            fighters[p, a] += joined
            recruits[a] += joined
