"""Arms capture: what is shot off, destroyed with its bearers, captured, and taken along by those
who change sides.

    spent    = use * F * dt * k            by fighters at places where there was a battle
    of the killed on the ground: share * k each to the enemies there, by their numbers; else lost
    of the killed from the air: k each lost
    with each fighter who changes sides: k to the new side

with k = min(arms / armed, 1) kits a fighter. Capture is how arms leak where nobody sells them
(hypothesis `leak`; Strazzari and Tholens 2014). Left out: depots, vehicles, arms of those who flee.
"""

from typing import Annotated

import numpy as np

from khamsin.presence import any_positive
from khamsin.priors import LogNormal, Uniform
from khamsin.process import Array, Days, In, InOut, Out, Param, process


@process(each="model", references=("strazzari_tholens_2014",))
def arms_capture(
    arms: Annotated[Array, InOut("actor", "kit")],
    donated: Annotated[Array, InOut("actor", "kit")],
    arms_spent: Annotated[Array, Out("actor", "kit")],
    arms_lost: Annotated[Array, Out("actor", "kit")],
    arms_ceded: Annotated[Array, Out("actor", "kit")],
    arms_captured: Annotated[Array, Out("actor", "kit")],
    armed: Annotated[Array, In("actor", "person")],
    fighters: Annotated[Array, In("place actor", "person")],
    battle_deaths: Annotated[Array, In("place actor", "person")],
    strike_deaths: Annotated[Array, In("place actor", "person")],
    defectors: Annotated[Array, In("place actor", "person")],
    holder: Annotated[Array, In("place", "1")],
    hostility: Annotated[Array, In("actor other", "1")],
    use: Annotated[float, Param("1/day", LogNormal(0.25 / 91.0, 0.6), "judgement")],
    share: Annotated[float, Param("1", Uniform(0.3, 0.6), "judgement")],
    dt: Days,
) -> None:
    """Use up, lose and capture arms.

    Parameters
    ----------
    arms, donated : dims (actor,), kit
    arms_spent, arms_lost, arms_ceded, arms_captured : dims (actor,), kit
        Shot off; destroyed; lost to others; gained from others. The last two have the same sum.
    armed : dims (actor,), person
        When the step began.
    fighters, battle_deaths, strike_deaths, defectors : dims (place, actor), person
    holder : dims (place,)
        The new side of those who changed sides.
    hostility : dims (actor, other)
    use : 1/day
        Share of a kit that a fighter in battle uses up: a quarter of it in a quarter of a year.
    share : of the kits of the killed that their enemies get
    """
    places, actors = fighters.shape
    there = np.empty(actors, np.int64)
    for p in range(places):
        some = np.int64(0)  # without a branch: most places see nothing of the kind
        for a in range(actors):
            some |= np.int64(battle_deaths[p, a] + strike_deaths[p, a] + defectors[p, a] > 0.0)
        if some == 0:
            continue
        battle = any_positive(battle_deaths, p)
        many = np.int64(0)
        for a in range(actors):
            there[many] = a
            many += np.int64(fighters[p, a] > 0.0)
        for a in range(actors):
            if armed[a] < 1.0 or arms[a] <= 0.0:
                continue
            fought = battle and fighters[p, a] >= 1.0
            fell = battle_deaths[p, a] + strike_deaths[p, a]
            if not fought and fell <= 0.0 and defectors[p, a] <= 0.0:
                continue
            each = min(arms[a] / armed[a], 1.0)
            gone = 0.0
            if fought:
                shot = min(arms[a], use * dt * fighters[p, a] * each)
                arms_spent[a] += shot
                gone += shot
            dropped = each * battle_deaths[p, a]
            enemies = 0.0
            if dropped > 0.0 and share > 0.0:
                for k in range(many):
                    b = there[k]
                    enemies += max(hostility[a, b], hostility[b, a]) * fighters[p, b]
            taken = share * dropped if enemies > 0.0 else 0.0
            lost = dropped - taken + each * strike_deaths[p, a]
            lost = min(lost, arms[a] - gone)
            arms_lost[a] += lost
            gone += lost
            taken = min(taken, arms[a] - gone)
            if taken > 0.0:
                for k in range(many):
                    b = there[k]
                    level = max(hostility[a, b], hostility[b, a])
                    part = taken * level * fighters[p, b] / enemies
                    arms[b] += part
                    arms_captured[b] += part
                arms_ceded[a] += taken
                gone += taken
            h = int(holder[p])
            carried = min(each * defectors[p, a], arms[a] - gone)
            if carried > 0.0 and h >= 0 and h != a:
                arms[h] += carried
                arms_captured[h] += carried
                arms_ceded[a] += carried
                gone += carried
            if gone > 0.0:
                donated[a] *= max(0.0, 1.0 - gone / arms[a])
                arms[a] = max(0.0, arms[a] - gone)
