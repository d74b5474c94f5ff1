"""Reinforcement: fighters move to where their side attacks or is attacked; the hopelessly
outnumbered retreat.

    wanted at j  = orders * committed * strength        under orders to take j
                 = match * enemies at j                 where it is attacked
    from unplaced ~ Poisson(rate * (wanted - there) dt), as far as there are any
    from next door ~ Binomial(free fighters, 1 - exp(-rate dt)) along the route that leads to the
    largest want retreat ~ Binomial(F, 1 - exp(-retreat dt)) when outnumbered `hopeless` to one, to
    where the side has fighters and no enemy is

Want spreads along routes and fades with each stage, so that reserves several stages away set out
too. The form follows decision 23 of the design (a tenth to three tenths of free fighters a week;
unplaced first; retreat at five to one). Left out: air lift, supply.
"""

from math import exp
from typing import Annotated

from khamsin.draws import binomial, pin_number, pin_pair, poisson
from khamsin.priors import Fixed, LogNormal, Uniform
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model")
def reinforcement(
    fighters: Annotated[Array, InOut("place actor", "person")],
    marching: Annotated[Array, InOut("link actor", "person")],
    unplaced: Annotated[Array, InOut("actor", "person")],
    want: Annotated[Array, Out("place actor", "person")],
    enemies: Annotated[Array, Out("place actor", "person")],
    hostility: Annotated[Array, In("actor other", "1")],
    orders: Annotated[Array, In("place actor", "1")],
    control: Annotated[Array, In("place actor", "1")],
    link_from: Annotated[Array, In("link", "1")],
    link_to: Annotated[Array, In("link", "1")],
    link_open: Annotated[Array, In("link", "1")],
    rate: Annotated[float, Param("1/day", Uniform(0.1 / 7, 0.3 / 7), "judgement")],
    committed: Annotated[float, Param("1", LogNormal(0.35, 0.15), "judgement")],
    match: Annotated[float, Param("1", LogNormal(1.5, 0.3), "judgement")],
    fade: Annotated[float, Param("1", Fixed(0.5), "judgement")],
    hopeless: Annotated[float, Param("1", Fixed(5.0), "judgement")],
    retreat: Annotated[Array, Param("1/day", LogNormal(0.2 / 7, 0.5), "judgement", "actor")],
    dt: Days,
    rng: Stream,
) -> None:
    """Move fighters to the fronts and away from hopeless ones.

    Parameters
    ----------
    fighters : dims (place, actor), person
    marching : dims (link, actor), person
    unplaced : dims (actor,), person
    want : dims (place, actor), person
        How many more fighters an actor wants at a place; spread along the routes.
    enemies : dims (place, actor), person
        Fighters hostile to each actor at each place, by hostility.
    hostility : dims (actor, other)
    orders : dims (place, actor)
    control : dims (place, actor)
    link_from, link_to, link_open : dims (link,)
    rate : 1/day
    committed : share of its strength that an actor commits to an offensive
    match : fighters wanted for each enemy where attacked
    fade : what is left of a want one stage further away
    hopeless : enemies for each own fighter from which on an actor retreats
    retreat : dims (actor,), 1/day
    """
    places, actors = fighters.shape
    links = link_from.size
    for p in range(places):
        for b in range(actors):
            if fighters[p, b] < 1.0:
                continue
            for a in range(actors):
                h = max(hostility[a, b], hostility[b, a])
                if h > 0.0:
                    enemies[p, a] += h * fighters[p, b]
    for a in range(actors):
        strength = unplaced[a]
        for p in range(places):
            strength += fighters[p, a]
        if strength < 1.0:
            continue
        wanted = False
        for p in range(places):
            there = fighters[p, a]
            if orders[p, a] > 0.0:
                want[p, a] = max(0.0, orders[p, a] * committed * strength - there)
            elif enemies[p, a] > 0.0 and (there >= 1.0 or control[p, a] > 0.2):
                want[p, a] = max(0.0, min(match * enemies[p, a], committed * strength) - there)
            wanted = wanted or want[p, a] > 0.0
            if want[p, a] > 0.0 and unplaced[a] >= 1.0:
                pin_pair(rng, p, a)
                sent = min(unplaced[a], poisson(rng, rate * want[p, a] * dt))
                unplaced[a] -= sent
                fighters[p, a] += sent
        if not wanted:
            continue
        for _ in range(3):
            for k in range(links):
                if link_open[k] > 0.5:
                    i, j = int(link_from[k]), int(link_to[k])
                    want[i, a] = max(want[i, a], fade * want[j, a])
        for k in range(links):
            i, j = int(link_from[k]), int(link_to[k])
            free = fighters[i, a] - 100.0
            if link_open[k] < 0.5 or free < 1.0 or enemies[i, a] > 0.0 or orders[i, a] > 0.0:
                continue
            if want[j, a] * fade < want[i, a] or want[j, a] < 1.0:
                continue
            pin_number(rng, k * 1024 + a)
            sent = min(binomial(rng, free, 1.0 - exp(-rate * dt)), want[j, a])
            sent = float(int(sent))
            fighters[i, a] -= sent
            marching[k, a] += sent
            want[j, a] -= sent
    for k in range(links):
        i, j = int(link_from[k]), int(link_to[k])
        if link_open[k] < 0.5:
            continue
        for a in range(actors):
            outnumbered = enemies[i, a] > hopeless * fighters[i, a]
            if (
                fighters[i, a] < 1.0
                or not outnumbered
                or fighters[j, a] < 1.0
                or enemies[j, a] > 0.0
            ):
                continue
            pin_number(rng, 500_000 + k * 1024 + a)
            gone = binomial(rng, fighters[i, a], 1.0 - exp(-retreat[a] * dt))
            fighters[i, a] -= gone
            marching[k, a] += gone
