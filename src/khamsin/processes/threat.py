"""Threat: how far each outside power sees itself, or those whom it backs, in danger.

    X_p = sum_k w_pk x_pk / sum_k w_pk - w_cost cost_p + u_p,   u AR(1)

with
    adversary  log(1 + F / 1000) / log 6          1 at 5,000 fighters
    attacks    log(1 + attacks remembered) / log 4
    migration  log(1 + arrivals of 26 weeks / 1000) / log 76
    oil        share of the capacity that is shut
    ally       consent of the government it backs / 3: 1 when it asks for air power
    client     1 - exp(-3 share of the clients' fighters who face enemies)
    stability  1 - capacity of the government it backs

Each is of order 1 when things are as serious as in May 2016, so that weights compare. Attacks and
arrivals fade from memory in half a year. Left out: elections, budgets, losses of its own soldiers,
what one power's step does to another's mind.
"""

from math import exp, log, sqrt
from typing import Annotated

import numpy as np

from khamsin.draws import normal, pin_number
from khamsin.priors import Fixed, HalfNormal, LogNormal
from khamsin.process import Array, Days, In, InOut, Param, Stream, process


@process(each="model", references=("regan_2002", "gent_2008", "findley_teo_2006"))
def threat(
    threat: Annotated[Array, InOut("power", "1")],
    adversary_strength: Annotated[Array, InOut("power", "1")],
    attack_memory: Annotated[Array, InOut("power", "1")],
    arrival_memory: Annotated[Array, InOut("power", "person/day")],
    mood: Annotated[Array, InOut("power", "1")],
    cost: Annotated[Array, InOut("power", "1")],
    rung: Annotated[Array, In("power", "1")],
    adversary: Annotated[Array, In("power actor", "1")],
    client: Annotated[Array, In("power actor", "1")],
    concern: Annotated[Array, In("power place", "1")],
    sponsor: Annotated[Array, In("power organisation", "1")],
    consent: Annotated[Array, In("organisation", "1")],
    capacity: Annotated[Array, In("organisation", "1")],
    fighters: Annotated[Array, In("place actor", "person")],
    unplaced: Annotated[Array, In("actor", "person")],
    enemies: Annotated[Array, In("place actor", "person")],
    attacks: Annotated[Array, In("place", "event")],
    arrivals: Annotated[Array, In("place", "person")],
    oil_output: Annotated[Array, In("facility", "kb/day")],
    oil_capacity: Annotated[Array, In("facility", "kb/day")],
    w_adversary: Annotated[Array, Param("1", Fixed(1.0), "judgement", "power")],
    w_attacks: Annotated[Array, Param("1", Fixed(0.0), "judgement", "power")],
    w_migration: Annotated[Array, Param("1", Fixed(0.0), "judgement", "power")],
    w_oil: Annotated[Array, Param("1", Fixed(0.0), "judgement", "power")],
    w_ally: Annotated[Array, Param("1", Fixed(0.0), "judgement", "power")],
    w_client: Annotated[Array, Param("1", Fixed(0.0), "judgement", "power")],
    w_stability: Annotated[Array, Param("1", Fixed(0.0), "judgement", "power")],
    w_cost: Annotated[float, Param("1", HalfNormal(0.1), "judgement")],
    memory: Annotated[float, Param("day", Fixed(182.0), "judgement")],
    mood_memory: Annotated[float, Param("day", LogNormal(180.0, 0.3), "judgement")],
    mood_spread: Annotated[float, Param("1", HalfNormal(0.1), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Look at the week through the eyes of each power.

    Parameters
    ----------
    threat, adversary_strength : dims (power,)
    attack_memory, arrival_memory : dims (power,)
        What is remembered of attacks (events) and of arrivals (person/day).
    mood : dims (power,)
        The AR(1) term.
    cost : dims (power,)
        Years of campaign remembered; ground forces cost five times as much.
    rung : dims (power,)
    adversary, client : dims (power, actor)
    concern : dims (power, place)
    sponsor : dims (power, organisation)
    consent, capacity : dims (organisation,)
    fighters, enemies : dims (place, actor), person
    unplaced : dims (actor,), person
    attacks : dims (place,), event
    arrivals : dims (place,), person
    oil_output, oil_capacity : dims (facility,), kb/day
    w_adversary, w_attacks, w_migration, w_oil, w_ally, w_client, w_stability : dims (power,)
        Weights; only their ratios count. A power without weights sees nothing.
    w_cost : threat that a year of campaign takes away
    memory, mood_memory : day
    mood_spread : standard deviation of the mood
    """
    places, actors = fighters.shape
    force = np.zeros(actors)
    facing = np.zeros(actors)
    for a in range(actors):
        force[a] = unplaced[a]
    for p in range(places):
        for a in range(actors):
            here = fighters[p, a] if fighters[p, a] >= 1.0 else 0.0
            force[a] += here
            facing[a] += min(here, enemies[p, a])
    eventful = np.empty(places, np.int64)
    many = 0
    for i in range(places):
        if attacks[i] > 0.0 or arrivals[i] > 0.0:
            eventful[many] = i
            many += 1
    output = 0.0
    whole = 0.0
    for f in range(oil_capacity.size):
        output += oil_output[f]
        whole += oil_capacity[f]
    shut = max(0.0, 1.0 - output / whole) if whole > 0.0 else 0.0
    fade = exp(-dt / memory)
    stay = exp(-dt / mood_memory)
    for p in range(threat.size):
        weights = w_adversary[p] + w_attacks[p] + w_migration[p] + w_oil[p]
        weights += w_ally[p] + w_client[p] + w_stability[p]
        if weights <= 0.0:
            threat[p] = 0.0
            continue
        hostile = 0.0
        own = 0.0
        pressed = 0.0
        for a in range(actors):
            hostile += adversary[p, a] * force[a]
            own += client[p, a] * force[a]
            pressed += client[p, a] * facing[a]
        adversary_strength[p] = hostile
        struck = 0.0
        landed = 0.0
        for k in range(many):
            i = eventful[k]
            struck += concern[p, i] * attacks[i]
            landed += concern[p, i] * arrivals[i]
        attack_memory[p] = attack_memory[p] * fade + struck
        if dt > 0.0:
            arrival_memory[p] += (landed / dt - arrival_memory[p]) * (1.0 - fade)
        asked = 0.0
        weak = 0.0
        for g in range(consent.size):
            asked = max(asked, sponsor[p, g] * min(1.0, consent[g] / 3.0))
            weak = max(weak, sponsor[p, g] * (1.0 - capacity[g]))
        burden = 0.0
        if rung[p] >= 3.0:
            burden = 5.0 if rung[p] >= 4.0 else 1.0
        cost[p] += burden * dt / 365.0 - cost[p] * (1.0 - exp(-dt / 730.0))
        pin_number(rng, p)
        mood[p] = stay * mood[p] + mood_spread * sqrt(1.0 - stay * stay) * normal(rng)
        seen = w_adversary[p] * log(1.0 + hostile / 1000.0) / log(6.0)
        seen += w_attacks[p] * log(1.0 + attack_memory[p]) / log(4.0)
        seen += w_migration[p] * log(1.0 + 0.182 * arrival_memory[p]) / log(76.0)
        seen += w_oil[p] * shut + w_ally[p] * asked + w_stability[p] * weak
        seen += w_client[p] * (1.0 - exp(-3.0 * pressed / max(own, 1.0)))
        threat[p] = seen / weights - w_cost * cost[p] + mood[p]
