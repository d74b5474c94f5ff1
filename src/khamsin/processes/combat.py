"""Combat: fighters killed and wounded where hostile actors share a place.

    r        = enemy / own, at most frontage             weighted by skill, supply and hostility
    hazard_a = rate * intensity * r ** exponent          for each own fighter
    killed_a ~ Binomial(F_a, 1 - exp(-hazard_a dt))

with `exponent` 1 for Lanchester's square law, 0.5 for the mixed, 0 for the logarithmic one. Under
Deitchman's law (`area` = 1) the side on the defensive is hidden and is hit by area fire, while its
own fire is aimed:

    hazard_defender = rate * intensity * F_enemy / F_ref * crowding
    hazard_attacker = rate * intensity * F_enemy / F_own

with crowding = F_a / (N + F_a) over its value at F_ref. A side is on the defensive when it holds
the place and is not out to take it, or when an enemy is and it is not. The intensity is the larger
of the two sides' offensives, and `skirmish` where there is none. Actors with little control and
no offensive are cells: they hide, and are not fought openly. Fighting comes and goes (a two-state
Markov chain). Left out: terrain beyond `exposure`, ammunition by place, vehicle bombs as marked
shocks.
"""

from math import exp, sqrt
from typing import Annotated

import numpy as np

from khamsin.draws import bernoulli, binomial, pin, pin_number
from khamsin.priors import Beta, Fixed, LogNormal, Normal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="place", references=("lanchester_1916", "deitchman_1962", "kress_mackay_2014"))
def combat(
    fighters: Annotated[Array, InOut("actor", "person")],
    wounded: Annotated[Array, InOut("actor", "person")],
    fighting: Annotated[Array, InOut("", "1")],
    battle_deaths: Annotated[Array, Out("actor", "person")],
    enemies: Annotated[Array, In("actor", "person")],
    hostility: Annotated[Array, In("actor other", "1")],
    control: Annotated[Array, In("actor", "1")],
    offensive: Annotated[Array, In("actor", "1")],
    holder: Annotated[float, In("", "1")],
    exposure: Annotated[float, In("", "1")],
    population: Annotated[float, In("", "person")],
    experience: Annotated[Array, In("actor", "1")],
    supply: Annotated[Array, In("actor", "1")],
    assistance: Annotated[Array, In("actor", "1")],
    defender_rate: Annotated[float, Param("1/day", LogNormal(0.028 / 7, 0.45), "judgement")],
    attacker_rate: Annotated[float, Param("1/day", LogNormal(0.010 / 7, 0.45), "judgement")],
    exponent: Annotated[float, Param("1", Fixed(0.5), "judgement")],
    area: Annotated[float, Param("1", Fixed(0.0), "deitchman_1962")],
    reference_force: Annotated[float, Param("person", Fixed(2500.0), "judgement")],
    skill: Annotated[Array, Param("1", Fixed(1.0), "judgement", "actor")],
    frontage: Annotated[float, Param("1", Fixed(50.0), "judgement")],
    skirmish: Annotated[float, Param("1", Beta(2, 18), "judgement")],
    wounded_per_killed: Annotated[float, Param("1", Normal(4.5, 0.7), "judgement")],
    lull_begins: Annotated[float, Param("1/day", Fixed(0.15 / 7), "judgement")],
    lull_ends: Annotated[float, Param("1/day", Fixed(0.35 / 7), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Kill and wound fighters in a place where hostile actors meet.

    Parameters
    ----------
    fighters : dims (actor,), person
        Fighters of each actor at this place.
    wounded : dims (actor,), person
        Wounded of each actor, wherever they are cared for.
    fighting : one number
        1 while there is fighting at this place, 0 in a lull.
    battle_deaths : dims (actor,), person
        Fighters killed on the ground in this step.
    enemies : dims (actor,), person
        Fighters hostile to each actor here.
    hostility : dims (actor, other)
        From 0 (at peace) to 1 (at war); the larger of the two directions counts.
    control : dims (actor,)
        Share of control.
    offensive : dims (actor,)
        How hard an actor tries to take this place, 0 to 1.
    holder : number of the actor that holds the place, -1 for nobody
    exposure : losses of a defender here, relative to a dense city
    population : person
    experience : dims (actor,)
        Factor on skill, 1 without veterans.
    supply : dims (actor,)
        How well each actor's arms serve it: a factor on its skill.
    assistance : dims (actor,)
        Worth of outside soldiers to an actor here, on top of its own skill.
    defender_rate, attacker_rate : 1/day
        Hazard of death at parity, for a side on the defensive and for one that attacks (Sirte 2016:
        0.028 and 0.010 a week).
    exponent, area : the law of combat (hypothesis `combat_law`)
    reference_force : person
        Size of force at which Deitchman's law equals `defender_rate`.
    skill : dims (actor,)
        Worth of one fighter of each actor against one of average skill.
    frontage : most enemies that can get at one fighter at a time
    skirmish : intensity of fighting where neither side is out to take the place
    wounded_per_killed : wounded taken out of action for each killed (Sirte 2016: 3,210 / 712)
    lull_begins, lull_ends : 1/day
    """
    n = fighters.size
    meeting = np.int64(0)
    for a in range(n):
        meeting |= np.int64(fighters[a] >= 1.0) & np.int64(enemies[a] > 0.0)
    if not meeting:
        return
    pin_number(rng, 0)
    if fighting[0] > 0.5:
        if bernoulli(rng, 1.0 - exp(-lull_begins * dt)):
            fighting[0] = 0.0
    elif bernoulli(rng, 1.0 - exp(-lull_ends * dt)):
        fighting[0] = 1.0
    if fighting[0] < 0.5:
        return
    h = int(holder)
    here = np.empty(n, np.int64)
    present = 0
    for a in range(n):  # without a branch, which would be guessed wrongly
        here[present] = a
        present += int(fighters[a] >= 1.0)
    for k in range(present):
        a = here[k]
        own = fighters[a]
        if enemies[a] <= 0.0:
            continue
        enemy = 0.0
        pushed = 0.0
        for m in range(present):
            b = here[m]
            level = max(hostility[a, b], hostility[b, a])
            if level <= 0.0:
                continue
            either = max(offensive[a], offensive[b])
            # A cell, or a defender who has lost the place, hides: nobody finds it to fight it.
            if control[a] < (0.03 if either > 0.0 else 0.1) and offensive[a] <= 0.0:
                continue
            if control[b] < (0.03 if either > 0.0 else 0.1) and offensive[b] <= 0.0:
                continue
            each = skill[b] * experience[b] * supply[b] * (1.0 + assistance[b])
            enemy += level * each * fighters[b]
            pushed = max(pushed, offensive[b])
        if enemy <= 0.0:
            continue
        defends = offensive[a] <= 0.0 and (pushed > 0.0 or h == a)
        intensity = max(pushed, offensive[a])
        if intensity <= 0.0:
            intensity = skirmish
        r = min(max(enemy / own, 1e-6), frontage)
        if area < 0.5:
            power = sqrt(r) if exponent == 0.5 else r**exponent
            hazard = (defender_rate * exposure if defends else attacker_rate) * power
        elif defends:
            crowding = own / (population + own) * (population + reference_force) / reference_force
            hazard = defender_rate * exposure * enemy / reference_force * crowding
        else:
            hazard = attacker_rate * r
        worth = max(skill[a] * experience[a] * supply[a] * (1.0 + assistance[a]), 0.01)
        pin(rng, a)
        hazard *= intensity / worth
        battle_deaths[a] = binomial(rng, own, 1.0 - exp(-hazard * dt))
    for k in range(present):
        a = here[k]
        if battle_deaths[a] <= 0.0:
            continue
        share = battle_deaths[a] / fighters[a]
        fighters[a] -= battle_deaths[a]
        pin_number(rng, 1000 + a)
        hurt = binomial(rng, fighters[a], min(0.5, wounded_per_killed * share))
        fighters[a] -= hurt
        wounded[a] += hurt
