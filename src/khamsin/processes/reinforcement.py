"""Reinforcement: fighters move to where their side attacks or is attacked.

    wanted at j  = offensive * committed * (strength - tied)   where the side is out to take j
                 = match * enemies at j                        where it holds, and is attacked
    from unplaced ~ Poisson(rate * (wanted - there) dt), as far as there are any but the tied
    from next door ~ Binomial(free fighters, 1 - exp(-rate dt)) towards the largest want

The want of an offensive spreads along routes and fades with each stage, so that reserves several
stages away set out too; a place that defends itself calls on its neighbours only. Once a place
has been besieged for `encircled_after` days, only the part `through` of what its defenders want
gets in. Men who are `tied` face an enemy that is not on the map, and go nowhere. The form follows
decision 23 of the design: a tenth to three tenths of free fighters a week, unplaced first. Left
out: air lift, supply.
"""

from math import exp, floor
from typing import Annotated

import numpy as np

from khamsin.draws import binomial, pin_number, pin_pair, poisson
from khamsin.presence import add_rows
from khamsin.priors import Fixed, LogNormal, Uniform
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model")
def reinforcement(
    fighters: Annotated[Array, InOut("place actor", "person")],
    marching: Annotated[Array, InOut("link actor", "person")],
    unplaced: Annotated[Array, InOut("actor", "person")],
    want: Annotated[Array, Out("place actor", "person")],
    strength: Annotated[Array, Out("actor", "person")],
    calls: Annotated[Array, Out("actor", "1")],
    enemies: Annotated[Array, In("place actor", "person")],
    offensive: Annotated[Array, In("place actor", "1")],
    control: Annotated[Array, In("place actor", "1")],
    siege_days: Annotated[Array, In("place", "day")],
    link_from: Annotated[Array, In("link", "1")],
    link_to: Annotated[Array, In("link", "1")],
    link_open: Annotated[Array, In("link", "1")],
    rate: Annotated[float, Param("1/day", Uniform(0.1 / 7, 0.3 / 7), "judgement")],
    committed: Annotated[float, Param("1", LogNormal(0.35, 0.15), "judgement")],
    match: Annotated[float, Param("1", LogNormal(1.5, 0.3), "judgement")],
    held: Annotated[float, Param("1", Fixed(0.2), "judgement")],
    fade: Annotated[float, Param("1", Fixed(0.5), "judgement")],
    garrison: Annotated[float, Param("person", Fixed(100.0), "judgement")],
    encircled_after: Annotated[float, Param("day", Fixed(98.0), "judgement")],
    through: Annotated[Array, Param("1", Fixed(0.05), "judgement", "actor")],
    tied: Annotated[Array, Param("person", Fixed(0.0), "judgement", "actor")],
    dt: Days,
    rng: Stream,
) -> None:
    """Move fighters to the fronts.

    Parameters
    ----------
    fighters : dims (place, actor), person
    marching : dims (link, actor), person
    unplaced : dims (actor,), person
    want : dims (place, actor), person
        How many more fighters an actor wants at a place; spread along the routes.
    strength : dims (actor,), person
        All fighters of an actor, placed and unplaced.
    calls : dims (actor,)
        2 for an actor that wants fighters for an offensive, 1 for one that wants them to defend.
    enemies : dims (place, actor), person
        Fighters hostile to each actor at each place, by hostility.
    offensive : dims (place, actor)
    control : dims (place, actor)
    siege_days : dims (place,), day
    link_from, link_to, link_open : dims (link,)
    rate : 1/day
    committed : share of its strength that an actor commits to an offensive
    match : fighters wanted for each enemy where attacked
    held : share of control from which on a place is worth defending
    fade : what is left of a want one stage further away
    garrison : person
        Who stays behind when fighters leave a place.
    encircled_after : day
        Age of a siege from which on the place is cut off.
    through : dims (actor,)
        Part of the reinforcements that get into a place that is cut off, by sea, air or tunnel.
    tied : dims (actor,), person
        Unplaced fighters who face someone who is not on the map.
    """
    places, actors = fighters.shape
    for a in range(actors):
        strength[a] = unplaced[a]
    add_rows(fighters, strength)
    for p in range(places):
        wanting = np.int64(0)
        for a in range(actors):
            attacked = np.int64(control[p, a] >= held) & np.int64(enemies[p, a] > 0.0)
            wanting |= np.int64(offensive[p, a] > 0.0) | attacked
        for a in range(actors if wanting else 0):
            aim = 0.0
            if offensive[p, a] > 0.0:
                aim = offensive[p, a] * committed * (strength[a] - tied[a])
            elif control[p, a] >= held and enemies[p, a] > 0.0:
                aim = min(match * enemies[p, a], committed * (strength[a] - tied[a]))
            else:
                continue
            if aim <= fighters[p, a]:
                continue
            want[p, a] = aim - fighters[p, a]
            if offensive[p, a] <= 0.0 and siege_days[p] >= encircled_after:
                want[p, a] *= through[a]
            free = unplaced[a] - floor(tied[a])
            if free >= 1.0:
                pin_pair(rng, p, a)
                sent = min(free, poisson(rng, rate * want[p, a] * dt))
                unplaced[a] -= sent
                fighters[p, a] += sent
                want[p, a] = max(0.0, want[p, a] - sent)
            calls[a] = 2.0 if offensive[p, a] > 0.0 else max(calls[a], 1.0)
    links = 0
    link = np.empty(link_open.size, np.int64)  # the open ones
    start = np.empty(link_open.size, np.int64)
    end = np.empty(link_open.size, np.int64)
    for k in range(link_open.size):
        if link_open[k] > 0.5:
            link[links], start[links], end[links] = k, int(link_from[k]), int(link_to[k])
            links += 1
    wanted = np.empty(places)
    sending = 1.0 - exp(-rate * dt)
    for a in range(actors):
        if calls[a] <= 0.0:
            continue
        for p in range(places):
            wanted[p] = want[p, a]
        for _ in range(3 if calls[a] > 1.0 else 0):
            for k in range(links):
                if wanted[end[k]] > 1.0:
                    wanted[start[k]] = max(wanted[start[k]], fade * wanted[end[k]])
        for k in range(links):
            i, j = start[k], end[k]
            if wanted[j] < 1.0:
                continue
            free = fighters[i, a] - garrison
            if free < 1.0 or wanted[i] > wanted[j] or enemies[i, a] > 0.0 or offensive[i, a] > 0.0:
                continue
            pin_number(rng, link[k] * 1024 + a)
            sent = min(binomial(rng, free, sending), floor(wanted[j]))
            fighters[i, a] -= sent
            marching[link[k], a] += sent
            wanted[j] -= sent
        for p in range(places):
            want[p, a] = wanted[p]
