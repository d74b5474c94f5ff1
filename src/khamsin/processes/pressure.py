"""Pressure: how hard a movement is pressed, in losses and in lost ground, as a mean over weeks.

    now = losses / F / dt + max(0, -log(T / T before)) / dt
    pressure <- pressure + (1 - exp(-dt / memory)) (now - pressure)

with F all fighters of the actor before the losses, and T the people who live where it has control.
The form is section 3.11 of the design. Nothing is drawn. Left out: money, leaders killed, ground
without people.
"""

from math import exp, floor, log
from typing import Annotated

import numpy as np

from khamsin.presence import add_rows
from khamsin.priors import Fixed
from khamsin.process import Array, Days, In, InOut, Param, process


@process(each="model")
def pressure(
    pressure: Annotated[Array, InOut("actor", "1/day")],
    territory: Annotated[Array, InOut("actor", "person")],
    territory_at_start: Annotated[Array, InOut("actor", "person")],
    fighters: Annotated[Array, In("place actor", "person")],
    unplaced: Annotated[Array, In("actor", "person")],
    battle_deaths: Annotated[Array, In("place actor", "person")],
    strike_deaths: Annotated[Array, In("place actor", "person")],
    control: Annotated[Array, In("place actor", "1")],
    population: Annotated[Array, In("place", "person")],
    memory: Annotated[float, Param("day", Fixed(56.0), "judgement")],
    dt: Days,
) -> None:
    """Follow how hard each actor is pressed, and how many people it rules.

    Parameters
    ----------
    pressure : dims (actor,), 1/day
    territory : dims (actor,), person
        People who live where the actor has control, weighted by its share.
    territory_at_start : dims (actor,), person
        The same in the first step; set there.
    fighters : dims (place, actor), person
    unplaced : dims (actor,), person
    battle_deaths, strike_deaths : dims (place, actor), person
        The losses of this step.
    control : dims (place, actor)
    population : dims (place,), person
    memory : day
        Time over which losses count (8 weeks).
    """
    places, actors = fighters.shape
    if dt <= 0.0:
        return
    share = 1.0 - exp(-dt / memory)
    left = np.empty(actors)
    lost = np.zeros(actors)
    people = np.zeros(actors)
    for a in range(actors):
        left[a] = unplaced[a]
    add_rows(fighters, left)
    for p in range(places):
        for a in range(actors):
            lost[a] += battle_deaths[p, a] + strike_deaths[p, a]
        for a in range(actors):
            people[a] += control[p, a] * population[p]
    for a in range(actors):
        now = lost[a] / max(left[a] + lost[a], 1.0)
        if territory[a] >= 1.0 and floor(people[a]) < territory[a]:
            now += log(territory[a] / max(people[a], 1.0))
        pressure[a] += share * (now / dt - pressure[a])
        if territory[a] <= 0.0 and territory_at_start[a] <= 0.0:
            territory_at_start[a] = floor(people[a])
        territory[a] = floor(people[a])
