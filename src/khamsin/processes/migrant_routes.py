"""Migrant routes: which corridor people take, and what those do who find it closed.

    P(r | o) = share_or fare_r ** -b / sum of the same     V = log share - b log fare
    through  ~ Binomial(n_r, open_r);  the rest is kept back at home and may decide again
    diverting += Binomial(kept back, divert_o)             hypothesis `divert`: 0 under `pools`
    re-enter ~ Binomial(diverting, 1 - exp(-dt / lag)),  by fallback_or open_r

A corridor is as open as its most open coast: a coast that closes alone moves departures along the
shore (process `sea_crossing`). Geography and visas are a share or fallback of zero, the minus
infinity of the utility (McFadden 1974). Left out: risk in the choice, networks that grow, a second
diversion of the diverted.
"""

from math import exp
from typing import Annotated

import numpy as np

from khamsin.allocation import allocate
from khamsin.draws import binomial, pin_number
from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model", references=("mcfadden_1974",))
def migrant_routes(
    origin_pool: Annotated[Array, InOut("origin", "person")],
    diverting: Annotated[Array, InOut("origin", "person")],
    waiting_migrants: Annotated[Array, InOut("place", "person")],
    kept_back: Annotated[Array, Out("origin", "person")],
    diverted: Annotated[Array, Out("corridor", "person")],
    setting_out: Annotated[Array, In("origin", "person")],
    corridor_share: Annotated[Array, In("origin corridor", "1")],
    fallback: Annotated[Array, In("origin corridor", "1")],
    entry: Annotated[Array, In("origin corridor", "1")],
    fare: Annotated[Array, In("corridor", "1")],
    sea_corridor: Annotated[Array, In("place", "1")],
    sea_open: Annotated[Array, In("place", "1")],
    b_fare: Annotated[float, Param("1", LogNormal(1.0, 0.5), "judgement")],
    divert: Annotated[Array, Param("1", Fixed(0.0), "judgement", "origin")],
    lag: Annotated[float, Param("day", LogNormal(56.0, 0.35), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Send those who decided to leave on their way.

    Parameters
    ----------
    origin_pool : dims (origin,), person
    diverting : dims (origin,), person
        Those who found their corridor closed and look for another.
    waiting_migrants : dims (place,), person
        They enter a corridor at its first place.
    kept_back : dims (origin,), person
        Who found the corridor closed in this step.
    diverted : dims (corridor,), person
        Who entered a corridor because another was closed.
    setting_out : dims (origin,), person
    corridor_share, fallback : dims (origin, corridor)
    entry : dims (origin, corridor)
    fare : dims (corridor,)
    sea_corridor : dims (place,)
        The corridor that leaves the land at a place, -1 for none.
    sea_open : dims (place,)
    b_fare : weight of the logarithm of the fare
    divert : dims (origin,)
        Share of those kept back who look for another corridor.
    lag : day
        Mean time until they are on it (4 to 12 weeks).
    """
    origins, corridors = corridor_share.shape
    is_open = np.zeros(corridors)
    for p in range(sea_corridor.size):
        r = int(sea_corridor[p])
        if r >= 0:
            is_open[r] = max(is_open[r], sea_open[p])
    order = np.arange(corridors)
    weight = np.empty(corridors)
    chosen = np.empty(corridors)
    for o in range(origins):
        pin_number(rng, o)
        leaving = min(setting_out[o], origin_pool[o])
        if leaving >= 1.0:
            for r in range(corridors):
                weight[r] = corridor_share[o, r] if entry[o, r] >= 0.0 else 0.0
                if weight[r] > 0.0 and fare[r] != 1.0:
                    weight[r] *= fare[r] ** -b_fare
                chosen[r] = 0.0
            allocate(rng, leaving, weight, order, 0, corridors, chosen)
            for r in range(corridors):
                through = binomial(rng, chosen[r], is_open[r])
                if through > 0.0:
                    origin_pool[o] -= through
                    waiting_migrants[int(entry[o, r])] += through
                kept_back[o] += chosen[r] - through
        if kept_back[o] > 0.0 and divert[o] > 0.0:
            pin_number(rng, 1024 + o)
            looking = binomial(rng, min(kept_back[o], origin_pool[o]), divert[o])
            origin_pool[o] -= looking
            diverting[o] += looking
        if diverting[o] > 0.0:
            pin_number(rng, 2048 + o)
            found = binomial(rng, diverting[o], 1.0 - exp(-dt / lag))
            for r in range(corridors):
                weight[r] = fallback[o, r] * is_open[r] if entry[o, r] >= 0.0 else 0.0
                chosen[r] = 0.0
            diverting[o] -= found - allocate(rng, found, weight, order, 0, corridors, chosen)
            for r in range(corridors):
                if chosen[r] > 0.0:
                    waiting_migrants[int(entry[o, r])] += chosen[r]
                    diverted[r] += chosen[r]
