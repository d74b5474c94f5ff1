"""Followers: those who got through make others follow, by the same corridor (chain migration).

    network_r <- network_r exp(-dt / memory) + landed_r
    called_r   = follow_r ease_r exp(word_r) season_r network_r max(0, 1 - network_r / ready_r)
    word_r    <- word_r exp(-dt / turn) + spread sqrt(1 - exp(-2 dt / turn)) N(0, 1)

a day, with season the mean of the month over that of the year, straight from mid-month to
mid-month, and `word` what people hear: prices, rumours, police, of which nobody keeps a record; it
wanders and comes back (Uhlenbeck and Ornstein 1930). Growth
is that of a new good that people tell each other of (Bass 1969), here with a network that fades;
flows that grow with those who went before are chain migration (Massey 1990; Beine, Docquier and
Ozden 2011). `follow` is 0 by default: where flows were steady, those who follow are part of the
constant rate of `migrant_departures`. `ease` is what was opened or shut on the way beyond the sea.
Left out: money that is sent back, failures that deter, a pool that refills, and that many arrivals
make states shut the way beyond the sea (`sea_patrol` has what they do at sea).
"""

from math import exp, sqrt
from typing import Annotated

import numpy as np

from khamsin.draws import normal, pin_number
from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Param, Stream, process


@process(each="model", references=("massey_1990", "beine_2011", "bass_1969", "uhlenbeck_1930"))
def followers(
    network: Annotated[Array, InOut("corridor", "1")],
    called: Annotated[Array, InOut("corridor", "person/day")],
    word: Annotated[Array, InOut("corridor", "1")],
    departures: Annotated[Array, In("place", "person")],
    sea_deaths: Annotated[Array, In("place", "person")],
    intercepted: Annotated[Array, In("place", "person")],
    sea_corridor: Annotated[Array, In("place", "1")],
    ease: Annotated[Array, In("corridor", "1")],
    travel_season: Annotated[Array, In("corridor month", "1")],
    day_of_year: Annotated[Array, In("", "day")],
    follow: Annotated[Array, Param("person/day", Fixed(0.0), "judgement", "corridor")],
    ready: Annotated[Array, Param("1", LogNormal(3e6, 0.5), "judgement", "corridor")],
    memory: Annotated[float, Param("day", LogNormal(365.0, 0.3), "judgement")],
    spread: Annotated[float, Param("1", LogNormal(0.3, 0.3), "judgement")],
    turn: Annotated[float, Param("day", LogNormal(90.0, 0.3), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Let those who landed call others.

    Parameters
    ----------
    network : dims (corridor,)
        People who landed by a corridor, each counted as far as it still draws others.
    called : dims (corridor,), person/day
        Who decide to follow by it; `migrant_departures` lets them leave in the next step.
    word : dims (corridor,)
        Log of how far what people hear of a corridor draws them, against the usual.
    departures, sea_deaths, intercepted : dims (place,), person
        What they leave are the arrivals by corridor.
    sea_corridor : dims (place,)
        The corridor that leaves the land at a place, -1 for none.
    ease : dims (corridor,)
        How easy it is to get on beyond the sea, against the usual.
    travel_season : dims (corridor, month)
        When people travel, against the mean of the year.
    day_of_year : one number, day
    follow : dims (corridor,), person/day
        Followers of each who landed, at the usual ease and before many went.
    ready : dims (corridor,), person
        Size of the network at which nobody is left to follow.
    memory : day
        Mean time for which those who landed draw others.
    spread, turn : standard deviation of `word`, and the days in which it turns
    """
    months = travel_season.shape[1]
    middle = (day_of_year[0] + 0.5 * dt) / 365.25 * months - 0.5
    month = int(middle + months) - months  # the whole part, also of a negative number
    between = middle - month
    landed = np.zeros(network.size)
    for p in range(sea_corridor.size):
        r = int(sea_corridor[p])
        if r >= 0:
            landed[r] += departures[p] - sea_deaths[p] - intercepted[p]
    keep = exp(-dt / memory)
    heard = exp(-dt / turn)
    news = spread * sqrt(1.0 - heard * heard)
    for r in range(network.size):
        network[r] = max(keep * network[r] + landed[r], 0.0)
        if follow[r] <= 0.0:
            continue
        pin_number(rng, r)
        word[r] = heard * word[r] + news * normal(rng)
        season = (1.0 - between) * travel_season[r, month % months]
        season += between * travel_season[r, (month + 1) % months]
        left = max(0.0, 1.0 - network[r] / ready[r])
        called[r] = follow[r] * ease[r] * exp(word[r]) * season * network[r] * left
