"""Migrant journey: over land from place to place, by hazards.

    on a link:   arrive speed / km,  die risk * speed / 1000 km in the desert
    at a place:  move on open / holding,  give up,  be detained where that happens
    detained:    let go 1 / detention; a share `retry` goes on, the rest gives up

each draw Binomial(n, 1 - exp(-sum of hazards * dt)), split among the exits. Who moves on takes a
link in proportion to its weight and how far it is open, and pays: a share of the fee is taken by
whoever holds the place (loop R3: smuggling pays militias). Left out: nationality on the way, the
sale of captives, deaths in detention, births, those who come to Libya only to work.
"""

from math import exp
from typing import Annotated

import numpy as np

from khamsin.allocation import allocate_from_each, outgoing, pin_place_number
from khamsin.draws import binomial, pin_number
from khamsin.priors import Beta, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model", references=("iom_missing_migrants",))
def migrant_journey(
    waiting_migrants: Annotated[Array, InOut("place", "person")],
    travelling_migrants: Annotated[Array, InOut("link", "person")],
    detained_migrants: Annotated[Array, InOut("place", "person")],
    migrant_moves: Annotated[Array, Out("link", "person")],
    desert_deaths: Annotated[Array, Out("link", "person")],
    migrant_returns: Annotated[Array, Out("place", "person")],
    smuggling_income: Annotated[Array, InOut("actor", "MUSD")],
    holding_days: Annotated[Array, In("place", "day")],
    detains: Annotated[Array, In("place", "1")],
    holder: Annotated[Array, In("place", "1")],
    way: Annotated[Array, In("link", "1")],
    desert: Annotated[Array, In("link", "1")],
    way_fee: Annotated[Array, In("link", "USD")],
    route_open: Annotated[Array, In("link", "1")],
    link_from: Annotated[Array, In("link", "1")],
    link_to: Annotated[Array, In("link", "1")],
    link_km: Annotated[Array, In("link", "km")],
    speed: Annotated[float, Param("km/day", LogNormal(150.0, 0.4), "judgement")],
    desert_risk: Annotated[float, Param("1", LogNormal(0.005, 0.8), "judgement")],
    giving_up: Annotated[float, Param("1/day", LogNormal(0.03 / 7, 0.35), "judgement")],
    arrest: Annotated[float, Param("1/day", LogNormal(0.01 / 7, 0.6), "judgement")],
    detention: Annotated[float, Param("day", LogNormal(100.0, 0.35), "judgement")],
    retry: Annotated[float, Param("1", Beta(45, 55), "judgement")],
    cut: Annotated[float, Param("1", Beta(3, 12), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Move migrants along the routes.

    Parameters
    ----------
    waiting_migrants, detained_migrants : dims (place,), person
    travelling_migrants : dims (link,), person
    migrant_moves : dims (link,), person
        Who set out along each link in this step.
    desert_deaths : dims (link,), person
    migrant_returns : dims (place,), person
        Who gave up: they stay to work, or go home.
    smuggling_income : dims (actor,), MUSD
    holding_days : dims (place,), day
        Mean time at a place before moving on; 0 where nobody moves on by land.
    detains : dims (place,)
    holder : dims (place,)
    way, desert : dims (link,)
    way_fee : dims (link,), USD
    route_open : dims (link,)
    link_from, link_to : dims (link,)
    link_km : dims (link,), km
    speed : km/day
        Distance over mean time, breakdowns included.
    desert_risk : chance to die on 1,000 km of desert
    giving_up, arrest : 1/day
    detention : day
        Mean time in detention (8 to 26 weeks).
    retry : share of those let go who try again (30 to 60 %)
    cut : share of the fee that the holder of a place takes
    """
    places, links = waiting_migrants.size, way.size
    leaving = np.zeros(places)
    allowed = np.zeros(places)
    ways = np.zeros(places)
    weight = np.zeros(links)
    for link in range(links):
        if travelling_migrants[link] > 0.0:
            pin_number(rng, link)
            arriving = speed / max(link_km[link], 1.0)
            dying = desert_risk * desert[link] * speed / 1000.0
            out = binomial(rng, travelling_migrants[link], 1.0 - exp(-(arriving + dying) * dt))
            dead = binomial(rng, out, dying / (arriving + dying)) if dying > 0.0 else 0.0
            travelling_migrants[link] -= out
            desert_deaths[link] = dead
            waiting_migrants[int(link_to[link])] += out - dead
        if way[link] > 0.0:
            weight[link] = way[link] * route_open[link]
            ways[int(link_from[link])] += way[link]
            allowed[int(link_from[link])] += weight[link]
    going = 0.0
    for p in range(places):
        if waiting_migrants[p] > 0.0:
            onward = (
                allowed[p] / ways[p] / holding_days[p] if holding_days[p] * ways[p] > 0.0 else 0.0
            )
            total = onward + giving_up + arrest * detains[p]
            pin_place_number(rng, p, 0)
            out = binomial(rng, waiting_migrants[p], 1.0 - exp(-total * dt))
            leaving[p] = binomial(rng, out, onward / total) if onward > 0.0 else 0.0
            caught = binomial(rng, out - leaving[p], arrest * detains[p] / (total - onward))
            waiting_migrants[p] -= out
            migrant_returns[p] = out - leaving[p] - caught
            going += leaving[p]
        else:
            caught = 0.0
        if detained_migrants[p] > 0.0:
            pin_place_number(rng, p, 1)
            free = binomial(rng, detained_migrants[p], 1.0 - exp(-dt / detention))
            again = binomial(rng, free, retry)
            detained_migrants[p] -= free
            waiting_migrants[p] += again
            migrant_returns[p] += free - again
        detained_migrants[p] += caught
    if going < 1.0:
        return
    first = np.empty(places + 1, np.int64)
    order = np.empty(links, np.int64)
    outgoing(link_from, first, order)
    allocate_from_each(rng, leaving, weight, first, order, 2, migrant_moves)
    for link in range(links):
        if migrant_moves[link] > 0.0:
            travelling_migrants[link] += migrant_moves[link]
            h = int(holder[int(link_from[link])])
            if h >= 0:
                smuggling_income[h] += cut * way_fee[link] * migrant_moves[link] / 1e6
    for p in range(places):
        waiting_migrants[p] += leaving[p]  # who found no way after all
