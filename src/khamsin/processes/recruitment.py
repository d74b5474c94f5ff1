"""Recruitment: local people join where an actor has control.

    joined ~ Poisson(intake dt * shock * pool / pool at the start * appeal * support * room
                     + coerced N C dt),   room = 1 - F / F_max
    appeal  = exp(sum_q image_q I_q + unrest sum_b h_ab x_b - pay min(1, arrears / 84 days))
    support = (1 + H)^(harm) where the actor holds most of the place, (1 + H)^(-harm) elsewhere

with pool = sum of N C over places, and the intake shared among places by their part of the pool.
The shock is a gamma of mean 1, one for each actor and step, so that the total is negative binomial.
An actor that loses territory loses its intake with it; one that gains wins it, up to `growth`
times. F_max is a share of the people it governs there. I is its image at each audience, x_b the
instability of a state that it fights, H the civilians killed at the place in this step: with harm
> 0 people turn to those who rule them (balancing), with harm < 0 to the others (bandwagoning). The
exponent of appeal is held to -2 .. 2. Left out: grievance apart from that, age and
sex, unemployment.
"""

from math import exp
from typing import Annotated

import numpy as np

from khamsin.draws import gamma, pin_number, pin_pair, poisson
from khamsin.presence import positive
from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model", references=("caulkins_2008",))
def recruitment(
    fighters: Annotated[Array, InOut("place actor", "person")],
    reference_pool: Annotated[Array, InOut("actor", "person")],
    recruits: Annotated[Array, Out("actor", "person")],
    control: Annotated[Array, In("place actor", "1")],
    population: Annotated[Array, In("place", "person")],
    hostility: Annotated[Array, In("actor other", "1")],
    image: Annotated[Array, In("audience actor", "1")],
    instability: Annotated[Array, In("actor", "1")],
    arrears: Annotated[Array, In("actor", "day")],
    civilian_deaths: Annotated[Array, In("place", "person")],
    intake: Annotated[Array, Param("person/day", LogNormal(10.0 / 7, 0.7), "judgement", "actor")],
    mobilised: Annotated[float, Param("1", LogNormal(0.08, 0.4), "judgement")],
    growth: Annotated[float, Param("1", LogNormal(1.5, 0.2), "judgement")],
    image_response: Annotated[Array, Param("1", Fixed(0.0), "judgement", "audience")],
    unrest_response: Annotated[float, Param("1", Fixed(0.0), "judgement")],
    pay_response: Annotated[float, Param("1", Fixed(0.0), "judgement")],
    harm_response: Annotated[float, Param("1", Fixed(0.0), "judgement")],
    coerced: Annotated[Array, Param("1/day", Fixed(0.0), "judgement", "actor")],
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
    hostility : dims (actor, other)
    image : dims (audience, actor)
    instability : dims (actor,)
        Of the state behind an actor.
    arrears : dims (actor,), day
        Days of pay owed.
    civilian_deaths : dims (place,), person
        Civilians killed in this step.
    intake : dims (actor,), person/day
        Local intake with the territory and the image of the start.
    mobilised : largest share of the people that an actor can have under arms at a place
    growth : most that conquests can multiply the intake of the start by
    image_response : dims (audience,)
        Log response to one unit of image.
    unrest_response : log response to one unit of instability of an enemy state
    pay_response : log response to pay that is twelve weeks late
    harm_response : log response to 1 + civilians killed
    coerced : dims (actor,), 1/day
        People pressed into service, of those under its control.
    dispersion : of the weekly intake
    """
    places, actors = fighters.shape
    first, found = positive(control)
    pool = np.zeros(actors)
    for p in range(places):
        for k in range(first[p], first[p + 1]):
            pool[found[k]] += population[p] * control[p, found[k]]
    rate = np.zeros(actors)  # of those who join in this step, for each person
    for a in range(actors):
        if intake[a] <= 0.0 and coerced[a] <= 0.0:
            continue
        if reference_pool[a] <= 0.0:
            reference_pool[a] = pool[a]
        if pool[a] < 1.0:
            continue
        appeal = -pay_response * min(1.0, arrears[a] / 84.0)
        for q in range(image.shape[0]):
            appeal += image_response[q] * image[q, a]
        if unrest_response != 0.0:
            for b in range(actors):
                appeal += unrest_response * hostility[a, b] * instability[b]
        pin_number(rng, a)
        shock = gamma(rng, dispersion, 1.0 / dispersion)
        rate[a] = intake[a] * dt * shock * min(pool[a] / reference_pool[a], growth) / pool[a]
        rate[a] *= exp(min(2.0, max(-2.0, appeal)))
    for p in range(places):
        for k in range(first[p], first[p + 1]):
            a = found[k]
            if rate[a] <= 0.0 and coerced[a] <= 0.0:
                continue
            people = population[p] * control[p, a]
            room = 1.0 - fighters[p, a] / (mobilised * people + 1.0)
            if people < 1.0 or room <= 0.0:
                continue
            pin_pair(rng, p, a)
            mean = rate[a] * people
            if civilian_deaths[p] > 0.0 and harm_response != 0.0:
                side = 1.0 if control[p, a] > 0.5 else -1.0
                mean *= (1.0 + civilian_deaths[p]) ** (side * harm_response)
            joined = poisson(rng, (mean + coerced[a] * people * dt) * room)
            fighters[p, a] += joined
            recruits[a] += joined
