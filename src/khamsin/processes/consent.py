"""Consent: a government asks for foreign help, and takes that back when danger passes.

    hazard_l = rate_l exp(b_danger (danger - 1/2) + b_dependence (1/10 - capacity) - b_veto veto)
    danger   = E / (E + E_half),  E = enemies that face those who serve it, twice as many when stuck

for each level above the present one: 1 advisers, 2 arms, 3 air power, 4 ground forces. Levels may
be skipped. The veto is the capacity of governments outside the agreement: they speak against it.
Consent falls by a level with hazard `withdrawal` while there is hardly any danger. Left out: what
is said in public and what in private, parliaments.
"""

from math import exp
from typing import Annotated

import numpy as np

from khamsin.draws import bernoulli, pin_number
from khamsin.priors import Fixed, HalfNormal, LogNormal
from khamsin.process import Array, Days, In, InOut, Param, Stream, process


@process(each="model", references=("tsebelis_2002",))
def consent(
    consent: Annotated[Array, InOut("organisation", "1")],
    governing: Annotated[Array, In("organisation", "1")],
    allegiance: Annotated[Array, In("organisation actor", "1")],
    agreement: Annotated[Array, In("organisation", "1")],
    capacity: Annotated[Array, In("organisation", "1")],
    fighters: Annotated[Array, In("place actor", "person")],
    enemies: Annotated[Array, In("place actor", "person")],
    siege_days: Annotated[Array, In("place", "day")],
    to_advisers: Annotated[float, Param("1/day", LogNormal(0.1 / 7, 0.5), "judgement")],
    to_arms: Annotated[float, Param("1/day", LogNormal(0.1 / 7, 0.5), "judgement")],
    to_air: Annotated[float, Param("1/day", LogNormal(0.07 / 7, 0.7), "judgement")],
    to_ground: Annotated[float, Param("1/day", LogNormal(0.001 / 7, 1.0), "judgement")],
    withdrawal: Annotated[float, Param("1/day", LogNormal(0.05 / 7, 0.5), "judgement")],
    b_danger: Annotated[float, Param("1", LogNormal(2.0, 0.4), "judgement")],
    b_dependence: Annotated[float, Param("1", HalfNormal(1.0), "judgement")],
    b_veto: Annotated[float, Param("1", HalfNormal(1.0), "judgement")],
    half_danger: Annotated[float, Param("person", Fixed(3000.0), "judgement")],
    stuck: Annotated[float, Param("day", Fixed(42.0), "judgement")],
    calm: Annotated[float, Param("1", Fixed(0.15), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Let governments consent to foreign help, or take consent back.

    Parameters
    ----------
    consent : dims (organisation,)
        Highest level consented to, 0 to 4.
    governing, agreement, capacity : dims (organisation,)
    allegiance : dims (organisation, actor)
    fighters, enemies : dims (place, actor), person
    siege_days : dims (place,), day
    to_advisers, to_arms, to_air, to_ground : 1/day
        Hazard of consenting to each level in middling danger.
    withdrawal : 1/day
    b_danger, b_dependence, b_veto : weights
    half_danger : person
        Enemies at which the danger is one half.
    stuck : day
        Age of a siege from which on its enemies count twice.
    calm : danger below which consent is taken back
    """
    places, actors = fighters.shape
    loyal = np.empty(actors, np.int64)
    faced = np.empty(places, np.int64)  # places where a force faces enemies
    found = np.int64(0)
    for p in range(places):
        some = np.int64(0)  # without a branch
        for a in range(actors):
            some |= np.int64(fighters[p, a] >= 30.0) & np.int64(enemies[p, a] > 0.0)
        faced[found] = p
        found += some
    for g in range(consent.size):
        if governing[g] < 0.5:
            continue
        many = 0
        for a in range(loyal.size):
            if allegiance[g, a] > 0.0:
                loyal[many] = a
                many += 1
        facing = 0.0
        for n in range(found):
            p = faced[n]
            most = 0.0
            for k in range(many):
                a = loyal[k]
                if fighters[p, a] >= 30.0 and enemies[p, a] > 0.0:
                    most = max(most, allegiance[g, a] * enemies[p, a])
            facing += most * (2.0 if siege_days[p] > stuck else 1.0)
        danger = facing / (facing + half_danger)
        veto = 0.0
        for other in range(consent.size):
            if other != g and (agreement[other] < 0.5 or agreement[g] < 0.5):
                veto += governing[other] * capacity[other]
        eased = exp(b_danger * (danger - 0.5) + b_dependence * (0.1 - capacity[g]) - b_veto * veto)
        now = consent[g]
        pin_number(rng, g)
        if danger < calm:
            if now > 0.5 and bernoulli(rng, 1.0 - exp(-withdrawal * dt)):
                consent[g] = max(0.0, now - 1.0)
            continue
        if now < 0.5 and bernoulli(rng, 1.0 - exp(-to_advisers * eased * dt)):
            consent[g] = max(consent[g], 1.0)
        if now < 1.5 and bernoulli(rng, 1.0 - exp(-to_arms * eased * dt)):
            consent[g] = max(consent[g], 2.0)
        if now < 2.5 and bernoulli(rng, 1.0 - exp(-to_air * eased * dt)):
            consent[g] = max(consent[g], 3.0)
        if now < 3.5 and bernoulli(rng, 1.0 - exp(-to_ground * eased * dt)):
            consent[g] = max(consent[g], 4.0)
