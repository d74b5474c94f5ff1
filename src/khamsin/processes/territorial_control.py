"""Territorial control: shares of a place follow a contest between those who are there; the rest is
ungoverned.

    w_a  = (F_a + ally * allies) * (defence if a holds the place)
           * (1 + institutions * backing_a) * (1 + assistance_a)
           * exp(air * strikes / 25)        if others are struck
           * exp(backlash * strikes / 25)   if a is struck
           * exp(-disaffection_a)
    P_a  = w_a ** m / (sum_b w_b ** m + vacuum ** m)
    C_a <- C_a + (1 - exp(-adjustment dt)) (P_a - C_a) + noise

The ratio form is Tullock's (1980; axioms: Skaperdas 1996). Noise only where two or more are
present. A holder is replaced when a rival's share exceeds `threshold` + 0.1 (hysteresis), and loses
the place to nobody below `lost`. A defender with fewer than 30 fighters left among enemies is
finished: its share is cut to 0.02. Left out: control by day and by night, support of the people.
"""

from math import exp, sqrt
from typing import Annotated

import numpy as np

from khamsin.draws import normal, pin
from khamsin.priors import Beta, Fixed, HalfNormal, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="place", references=("tullock_1980", "skaperdas_1996", "kalyvas_2006"))
def territorial_control(
    control: Annotated[Array, InOut("actor", "1")],
    holder: Annotated[Array, InOut("", "1")],
    changes_of_holder: Annotated[Array, Out("", "event")],
    quiet_changes: Annotated[Array, Out("", "event")],
    fighters: Annotated[Array, In("actor", "person")],
    hostility: Annotated[Array, In("actor other", "1")],
    alliance: Annotated[Array, In("actor other", "1")],
    strikes: Annotated[float, In("", "strike")],
    strike_plan: Annotated[Array, In("actor", "strike/day")],
    strike_orders: Annotated[Array, In("actor", "strike/day")],
    backing: Annotated[Array, In("actor", "1")],
    assistance: Annotated[Array, In("actor", "1")],
    disaffection: Annotated[Array, In("actor", "1")],
    decisiveness: Annotated[float, Param("1", LogNormal(1.6, 0.25), "judgement")],
    adjustment: Annotated[float, Param("1/day", LogNormal(0.15 / 7, 0.4), "judgement")],
    defence: Annotated[float, Param("1", LogNormal(2.5, 0.3), "judgement")],
    ally: Annotated[float, Param("1", Beta(4, 4), "judgement")],
    vacuum: Annotated[float, Param("person", LogNormal(30.0, 0.5), "judgement")],
    noise: Annotated[float, Param("1", HalfNormal(0.02 / 7**0.5), "judgement")],
    air: Annotated[float, Param("1", HalfNormal(0.5), "judgement")],
    backlash: Annotated[float, Param("1", Fixed(0.0), "judgement")],
    institutions: Annotated[float, Param("1", LogNormal(1.0, 0.5), "judgement")],
    threshold: Annotated[float, Param("1", Fixed(0.55), "judgement")],
    lost: Annotated[float, Param("1", Fixed(0.25), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Move the shares of control of a place towards the outcome of the contest, and name its
    holder.

    Parameters
    ----------
    control : dims (actor,)
        Share of control of each actor; one minus their sum is ungoverned.
    holder : one number
        The actor that holds the place, -1 for nobody.
    changes_of_holder, quiet_changes : one number
        1 when the holder changed in this step; the second only if nobody hostile to the old holder
        was there.
    fighters : dims (actor,), person
    hostility, alliance : dims (actor, other)
    strikes : strikes flown at this place in this step
    strike_plan, strike_orders : dims (actor,), strike/day
        On whom they were flown.
    backing : dims (actor,)
        Capacity of the government that an actor serves.
    assistance : dims (actor,)
        Worth of outside soldiers to an actor here.
    disaffection : dims (actor,)
        Log of the weight that an actor has lost by what its assault destroyed.
    decisiveness : m of the contest
    adjustment : 1/day
    defence : weight of the holder's fighters relative to others
    ally : weight of an ally's fighters
    vacuum : person
        Force that nobody's rule is worth.
    noise : standard deviation of the noise of one day
    air : log of the gain in weight of those who are not struck, at 25 strikes
    backlash : log of the gain in weight of those who are struck, at 25 strikes (hypothesis `air`)
    institutions : gain in weight of an actor with a fully able government behind it
    threshold : share from which on an actor holds a place
    lost : share below which a holder has lost the place, be it to nobody
    """
    n = fighters.size
    present = 0  # those who are here or have a share
    for a in range(n):
        present += int(fighters[a] >= 1.0) | int(control[a] > 0.0)
    if present == 0:
        return
    h = int(holder[0])
    step = 1.0 - exp(-adjustment * dt)
    if present == 1 and h >= 0 and fighters[h] >= 30.0 and strikes <= 0.0:
        # The common case, a holder alone at its place: the general form below, without its cost.
        weight = defence * fighters[h] * (1.0 + institutions * backing[h]) * (1.0 + assistance[h])
        weight *= exp(-disaffection[h])
        worth = weight**decisiveness
        alone = worth / (worth + vacuum**decisiveness)
        share = control[h] + step * (alone - control[h])
        if share >= lost:
            control[h] = share
            return
    here = np.empty(n, np.int64)
    present = 0
    for a in range(n):  # without a branch, which would be guessed wrongly
        here[present] = a
        present += int(fighters[a] >= 1.0) | int(control[a] > 0.0)
    contest = np.zeros(n)
    unit = max(vacuum, 1.0)
    total = (vacuum / unit) ** decisiveness if vacuum < 1.0 else 1.0
    enemies_of_holder = 0.0
    for k in range(present):
        a = here[k]
        if fighters[a] < 1.0:
            continue
        weight = fighters[a]
        for m in range(present):
            b = here[m]
            if b != a and alliance[a, b] > 0.0:
                weight += ally * alliance[a, b] * fighters[b]
        if a == h:
            weight *= defence
        elif h >= 0:
            enemies_of_holder += max(hostility[a, h], hostility[h, a]) * fighters[a]
        weight *= (1.0 + institutions * backing[a]) * (1.0 + assistance[a])
        if strikes > 0.0:
            struck = strike_plan[a] + strike_orders[a] > 0.0
            weight *= exp((backlash if struck else air) * min(strikes, 25.0) / 25.0)
        if disaffection[a] > 0.0:
            weight *= exp(-disaffection[a])
        contest[a] = (weight / unit) ** decisiveness
        total += contest[a]
    whole = 0.0
    for k in range(present):
        a = here[k]
        contest[a] /= total
        control[a] += step * (contest[a] - control[a])
        if present > 1 and noise > 0.0 and fighters[a] >= 1.0:
            pin(rng, a)
            control[a] += noise * sqrt(dt) * normal(rng)
        control[a] = min(1.0, max(0.0, control[a]))
        if fighters[a] < 30.0 and a == h and enemies_of_holder > 0.0:
            control[a] = min(control[a], 0.02)
        whole += control[a]
    best = -1
    for k in range(present):
        a = here[k]
        if whole > 1.0:
            control[a] /= whole
        if control[a] < 0.01 and fighters[a] < 1.0:
            control[a] = 0.0
        if control[a] > 0.0 and (best < 0 or control[a] > control[best]):
            best = a
    new = h
    if h >= 0 and control[h] < lost:
        new = -1
    if best >= 0 and best != h and control[best] > (threshold if new < 0 else threshold + 0.1):
        new = best
    if new != h:
        holder[0] = new
        changes_of_holder[0] = 1.0
        if h < 0 or enemies_of_holder <= 0.0:
            quiet_changes[0] = 1.0
