"""The five processes of the yardstick, plain versions of shipped ones.

yardstick.c and agents.py say the same.
"""

from math import exp, sqrt
from typing import Annotated

from khamsin.draws import binomial, pin, pin_number, poisson
from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="place")
def combat(
    fighters: Annotated[Array, InOut("actor", "person")],
    battle_deaths: Annotated[Array, Out("actor", "person")],
    civilian_deaths: Annotated[Array, Out("", "person")],
    hostility: Annotated[Array, In("actor other", "1")],
    rate: Annotated[float, Param("1/day", LogNormal(5e-4, 0.5), "judgement")],
    skill: Annotated[Array, Param("1", LogNormal(1.0, 0.2), "judgement", "actor")],
    bystanders: Annotated[float, Param("1", Fixed(0.4), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Kill fighters by the mixed law where enemies meet, and bystanders with them."""
    n = fighters.size
    for a in range(n):
        if fighters[a] < 1.0:
            continue
        enemy = 0.0
        for b in range(n):
            enemy += hostility[a, b] * skill[b] * fighters[b]
        if enemy <= 0.0:
            continue
        hazard = rate * sqrt(min(enemy / fighters[a], 50.0)) / skill[a]
        pin(rng, a)
        battle_deaths[a] = binomial(rng, fighters[a], 1.0 - exp(-hazard * dt))
        civilian_deaths[0] += poisson(rng, bystanders * battle_deaths[a])
    for a in range(n):
        fighters[a] -= battle_deaths[a]


@process(each="model")
def movement(
    fighters: Annotated[Array, InOut("place actor", "person")],
    reach: Annotated[Array, In("place actor", "1")],
    link_from: Annotated[Array, In("link", "1")],
    link_to: Annotated[Array, In("link", "1")],
    rate: Annotated[float, Param("1/day", LogNormal(1e-3, 0.5), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Even out forces along the routes, within the reach of each actor."""
    for link in range(link_from.size):
        i = int(link_from[link])
        j = int(link_to[link])
        for a in range(fighters.shape[1]):
            if reach[j, a] <= 0.0 or 2.0 * fighters[i, a] <= fighters[j, a]:
                continue
            pull = fighters[i, a] / (fighters[i, a] + fighters[j, a])
            pin_number(rng, link * 1024 + a)
            moved = binomial(rng, fighters[i, a], 1.0 - exp(-rate * pull * dt))
            fighters[i, a] -= moved
            fighters[j, a] += moved


@process(each="place")
def recruitment(
    fighters: Annotated[Array, InOut("actor", "person")],
    newcomers: Annotated[Array, Out("actor", "person")],
    reach: Annotated[Array, In("actor", "1")],
    residents: Annotated[float, In("", "person")],
    intake: Annotated[Array, Param("1/day", LogNormal(2e-6, 0.7), "judgement", "actor")],
    mobilised: Annotated[float, Param("1", Fixed(0.05), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Let people join whoever has reach, until too many are under arms."""
    for a in range(fighters.size):
        room = 1.0 - fighters[a] / (mobilised * residents + 1.0)
        if reach[a] <= 0.0 or room <= 0.0:
            continue
        pin(rng, a)
        newcomers[a] = poisson(rng, intake[a] * residents * room * dt)
        fighters[a] += newcomers[a]


@process(each="place")
def attacks(
    fighters: Annotated[Array, In("actor", "person")],
    kindled: Annotated[Array, InOut("actor", "1/day")],
    attack_count: Annotated[Array, Out("actor", "event")],
    killed_in_attacks: Annotated[Array, Out("actor", "person")],
    base: Annotated[float, Param("1/day", LogNormal(4e-5, 0.6), "judgement")],
    branching: Annotated[float, Param("1", Fixed(0.45), "judgement")],
    memory: Annotated[float, Param("day", Fixed(20.0), "judgement")],
    deadliness: Annotated[float, Param("1", LogNormal(1.8, 0.4), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Attacks that kindle further attacks (a discrete Hawkes process), each with its dead."""
    left = exp(-dt / memory)
    for a in range(fighters.size):
        if fighters[a] < 1.0:
            continue
        pin(rng, a)
        attack_count[a] = poisson(rng, (base * fighters[a] + kindled[a]) * dt)
        killed_in_attacks[a] = poisson(rng, deadliness * attack_count[a])
        kindled[a] = left * kindled[a] + branching * (1.0 - left) * attack_count[a] / dt


@process(each="model")
def migrants(
    residents: Annotated[Array, InOut("place", "person")],
    drowned: Annotated[Array, Out("place", "person")],
    battle_deaths: Annotated[Array, In("place actor", "person")],
    killed_in_attacks: Annotated[Array, In("place actor", "person")],
    link_from: Annotated[Array, In("link", "1")],
    link_to: Annotated[Array, In("link", "1")],
    rate: Annotated[float, Param("1/day", LogNormal(1e-5, 0.5), "judgement")],
    fear: Annotated[float, Param("1", LogNormal(0.05, 0.5), "judgement")],
    risk: Annotated[float, Param("1", Fixed(0.01), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """People leave along the routes, the more of them the more were killed; some die on the way."""
    for link in range(link_from.size):
        i = int(link_from[link])
        j = int(link_to[link])
        deaths = 0.0
        for a in range(battle_deaths.shape[1]):
            deaths += battle_deaths[i, a] + killed_in_attacks[i, a]
        pin_number(rng, link)
        left = min(residents[i], poisson(rng, rate * residents[i] * (1.0 + fear * deaths) * dt))
        died = min(left, poisson(rng, risk * left))
        residents[i] -= left
        residents[j] += left - died
        drowned[i] += died
