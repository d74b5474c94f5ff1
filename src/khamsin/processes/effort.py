"""Effort: what outside powers do on their rung of the ladder.

    raids      without leave, from rung 1: Bernoulli(1 - exp(-raid dt)), `raid_size` strikes, at a
               place drawn by adversaries there
    rung 1     special forces at the base of the strongest client
    rung 2     shipments of arms: share of the clients' needs for a quarter
    rung 3     a campaign: strikes on adversaries whom a client faces, campaign F / (F + scarce)
    rung 4     ground troops at the front with the most adversaries

    assistance_ia = advisers (1 - exp(-men / few)) + worth ground_i / F_ia     at fronts i

Soldiers are worth something to a client where it faces an adversary; they are not fighters of the
map, and their own losses are left out. Left out too: bases, flight times, weather, rotation.
"""

from math import exp, floor
from typing import Annotated

import numpy as np

from khamsin.draws import bernoulli, binomial, pin_number, uniform
from khamsin.presence import any_positive, present, turned
from khamsin.priors import Fixed, LogNormal, Uniform
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model", references=("africom_2016", "wapo_2016_05", "s_2017_466"))
def effort(
    strike_orders: Annotated[Array, InOut("place actor", "strike/day")],
    special_forces: Annotated[Array, InOut("power place", "person")],
    ground_forces: Annotated[Array, InOut("power place", "person")],
    assistance: Annotated[Array, InOut("place actor", "1")],
    shipments_wanted: Annotated[Array, Out("power actor", "kit")],
    rung: Annotated[Array, In("power", "1")],
    adversary: Annotated[Array, In("power actor", "1")],
    client: Annotated[Array, In("power actor", "1")],
    fighters: Annotated[Array, In("place actor", "person")],
    control: Annotated[Array, In("place actor", "1")],
    raid: Annotated[Array, Param("1/day", Fixed(0.0), "judgement", "power")],
    raid_size: Annotated[float, Param("strike", LogNormal(2.0, 0.4), "judgement")],
    campaign: Annotated[Array, Param("strike/day", Fixed(0.0), "judgement", "power")],
    scarce: Annotated[float, Param("person", Fixed(300.0), "judgement")],
    men: Annotated[Array, Param("person", LogNormal(30.0, 0.5), "judgement", "power")],
    advisers: Annotated[float, Param("1", Uniform(0.0, 0.3), "judgement")],
    few: Annotated[float, Param("person", Fixed(100.0), "judgement")],
    arrival: Annotated[float, Param("day", Fixed(14.0), "judgement")],
    arming: Annotated[Array, Param("1", Fixed(0.0), "judgement", "power")],
    troops: Annotated[float, Param("person", LogNormal(3000.0, 0.5), "judgement")],
    worth: Annotated[float, Param("1", LogNormal(2.0, 0.3), "judgement")],
    deployment: Annotated[float, Param("day", LogNormal(60.0, 0.4), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Turn rungs into strikes, soldiers and shipments.

    Parameters
    ----------
    strike_orders : dims (place, actor), strike/day
    special_forces, ground_forces : dims (power, place), person
    assistance : dims (place, actor)
    shipments_wanted : dims (power, actor), kit
        Sent off in this step.
    rung : dims (power,)
    adversary, client : dims (power, actor)
    fighters : dims (place, actor), person
    control : dims (place, actor)
        Adversaries with under 3 % of control have dispersed and are no target.
    raid : dims (power,), 1/day
        Hazard of a raid.
    raid_size : strike
    campaign : dims (power,), strike/day
        Strikes of a campaign (Sirte 2016: 25 a week).
    scarce : person
        Adversaries at the fronts at which half of a campaign finds targets.
    men : dims (power,), person
        Special forces that a power sends.
    advisers : most that special forces add to a client's worth
    few : person
        Special forces that give a client two thirds of that.
    arrival : day
        How fast special forces are there.
    arming : dims (power,)
        Share of its clients' fighters whom a power arms in a quarter.
    troops : person
        Ground troops of a power.
    worth : of a foreign soldier against an average fighter
    deployment : day
    """
    places, actors = fighters.shape
    first, found = present(fighters)
    first, found = turned(first, found, actors)  # the places of each actor
    strike_orders[:] = 0.0
    assistance[:] = 0.0
    advised = np.zeros(actors)
    fronts = np.zeros(found.size)
    sent = 1.0 - exp(-dt / deployment)
    for p in range(rung.size):
        men_now = 0.0
        troops_now = 0.0
        if any_positive(special_forces, p):
            for i in range(places):
                men_now += special_forces[p, i]
        if any_positive(ground_forces, p):
            for i in range(places):
                troops_now += ground_forces[p, i]
        if rung[p] < 1.0 and men_now + troops_now <= 0.0:
            continue
        targets = np.zeros(places)
        helped = np.zeros(places)
        for a in range(actors):
            if client[p, a] <= 0.0 and adversary[p, a] <= 0.0:
                continue
            for k in range(first[a], first[a + 1]):
                i = found[k]
                helped[i] += client[p, a] * fighters[i, a]
                if control[i, a] >= 0.03:
                    targets[i] += adversary[p, a] * fighters[i, a]
        base, front = -1, -1
        hostile, near = 0.0, 0.0
        for i in range(places):
            hostile += targets[i]
            if base < 0 or helped[i] > helped[base]:
                base = i
            if helped[i] >= 30.0 and targets[i] > 0.0:
                near += targets[i]
                if front < 0 or targets[i] > targets[front]:
                    front = i

        # Soldiers come and go.
        pin_number(rng, p * 4)
        for i in range(places if men_now + troops_now > 0.0 else 0):
            if special_forces[p, i] > 0.0 and rung[p] < 1.0:
                special_forces[p, i] -= binomial(rng, special_forces[p, i], sent)
            if ground_forces[p, i] > 0.0 and (rung[p] < 4.0 or i != front):
                ground_forces[p, i] -= binomial(rng, ground_forces[p, i], sent)
        pin_number(rng, p * 4 + 1)
        if rung[p] >= 1.0 and base >= 0 and men_now < men[p]:
            arriving = binomial(rng, floor(men[p] - men_now), 1.0 - exp(-dt / arrival))
            special_forces[p, base] += arriving
            men_now += arriving
        pin_number(rng, p * 4 + 2)
        if rung[p] >= 4.0 and front >= 0 and ground_forces[p, front] < troops:
            missing = floor(troops - ground_forces[p, front])
            ground_forces[p, front] += binomial(rng, missing, sent)

        # A campaign beside a client, or now and then a raid on whom no client faces.
        rate = campaign[p] / (near + scarce) if rung[p] >= 3.0 and near > 0.0 else 0.0
        pin_number(rng, p * 4 + 3)
        raided = -1
        may_raid = rung[p] >= 1.0 and rate <= 0.0 and raid[p] > 0.0 and hostile > 0.0
        if may_raid and bernoulli(rng, 1.0 - exp(-raid[p] * dt)):
            left = uniform(rng) * hostile
            for i in range(places):
                left -= targets[i]
                if targets[i] > 0.0 and left <= 0.0:
                    raided = i
                    break
        for a in range(actors):
            if client[p, a] > 0.0:
                advised[a] += client[p, a] * men_now
                force = 0.0
                for k in range(first[a], first[a + 1]):
                    i = found[k]
                    force += fighters[i, a]
                    if targets[i] > 0.0:
                        fronts[k] = 1.0
                        soldiers = worth * ground_forces[p, i] * client[p, a]
                        assistance[i, a] += soldiers / max(helped[i], 1.0)
                if rung[p] >= 2.0:
                    shipments_wanted[p, a] = arming[p] * client[p, a] * force * dt / 91.0
            if adversary[p, a] > 0.0 and (rate > 0.0 or raided >= 0):
                for k in range(first[a], first[a + 1]):
                    i = found[k]
                    if control[i, a] < 0.03:
                        continue
                    if helped[i] >= 30.0:
                        strike_orders[i, a] += rate * adversary[p, a] * fighters[i, a]
                    if i == raided and dt > 0.0:
                        part = adversary[p, a] * fighters[i, a] / targets[i]
                        strike_orders[i, a] += part * raid_size / dt
    for a in range(actors):
        if advised[a] > 0.0:
            for k in range(first[a], first[a + 1]):
                if fronts[k] > 0.0:
                    assistance[found[k], a] += advisers * (1.0 - exp(-advised[a] / few))
