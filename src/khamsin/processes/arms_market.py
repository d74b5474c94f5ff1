"""Arms market: a black market at each place, with a price, traders between places, and actors who
buy what they lack.

    price_n = level * usual_n * exp(scarcity_n) * exp(dearer * (E - U)), the last under the embargo
    scarcity_n = elasticity * log((size_n + what the actors there lack) / stock_n)
    trade_nm = stock_n * (1 - exp(-pace * max(0, scarcity_m - scarcity_n - cost * km) * dt))

Traders follow changes of price, since the usual differences are what it costs to bring arms there.
So flows are about nil at the start, as they were by 2016 (Marsh 2017), and can turn round; no more
than a tenth of a stock moves in a step. `dearer` is zero but under one answer of `embargo`. Donated
arms leak to the market at the rate `leak` (hypothesis `leak`). Price and barriers: Killicoat 2007.
Left out: makers, seizures on the road, kinds of arms.
"""

from math import exp, log
from typing import Annotated

import numpy as np

from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, process


@process(each="model", references=("killicoat_2007", "marsh_2017"))
def arms_market(
    arms: Annotated[Array, InOut("actor", "kit")],
    donated: Annotated[Array, InOut("actor", "kit")],
    treasury: Annotated[Array, InOut("actor", "MUSD")],
    market_arms: Annotated[Array, InOut("place", "kit")],
    arms_price: Annotated[Array, InOut("place", "USD/kit")],
    arms_in: Annotated[Array, Out("place", "kit")],
    arms_out: Annotated[Array, Out("place", "kit")],
    arms_bought: Annotated[Array, Out("actor", "kit")],
    arms_leaked: Annotated[Array, Out("actor", "kit")],
    arms_spending: Annotated[Array, Out("actor", "MUSD")],
    fighters: Annotated[Array, In("place actor", "person")],
    armed: Annotated[Array, In("actor", "person")],
    market_size: Annotated[Array, In("place", "kit")],
    usual_price: Annotated[Array, In("place", "USD/kit")],
    embargoed: Annotated[Array, In("place", "1")],
    embargo: Annotated[float, In("", "1")],
    link_from: Annotated[Array, In("link", "1")],
    link_to: Annotated[Array, In("link", "1")],
    link_km: Annotated[Array, In("link", "km")],
    arms_route: Annotated[Array, In("link", "1")],
    level: Annotated[float, Param("1", LogNormal(1.0, 0.5), "judgement")],
    elasticity: Annotated[float, Param("1", LogNormal(0.7, 0.4), "judgement")],
    dearer: Annotated[float, Param("1", Fixed(0.0), "judgement")],
    usual: Annotated[float, Param("1", Fixed(0.3), "judgement")],
    pace: Annotated[float, Param("1/day", LogNormal(0.05 / 7, 0.6), "judgement")],
    cost: Annotated[float, Param("1/km", LogNormal(0.0001, 0.5), "judgement")],
    buying: Annotated[float, Param("1/day", LogNormal(0.1 / 7, 0.5), "judgement")],
    purse: Annotated[float, Param("1/day", LogNormal(0.1 / 7, 0.5), "judgement")],
    leak: Annotated[float, Param("1/day", Fixed(0.0), "judgement")],
    dt: Days,
) -> None:
    """Sell leaked arms, buy what is lacking, set prices, and carry arms from market to market.

    Parameters
    ----------
    arms, donated : dims (actor,), kit
    treasury : dims (actor,), MUSD
    market_arms : dims (place,), kit
    arms_price : dims (place,), USD/kit
    arms_in, arms_out : dims (place,), kit
        Brought and taken by traders. Both have the same sum.
    arms_bought, arms_leaked : dims (actor,), kit
    arms_spending : dims (actor,), MUSD
    fighters : dims (place, actor), person
    armed : dims (actor,), person
    market_size : dims (place,), kit
        0 where there is no market.
    usual_price : dims (place,), USD/kit
    embargoed : dims (place,)
    embargo : how hard the embargo is enforced
    link_from, link_to, link_km, arms_route : dims (link,)
    level : of all prices, relative to the usual ones
    elasticity : of the price, to demand over stock
    dearer : log of what full enforcement of the embargo adds to the price
    usual : enforcement that the usual price contains
    pace : 1/day
        Share of a stock that moves for a difference of one in the log of the price.
    cost : 1/km
        Difference of the log of the price that a kilometre eats up.
    buying : 1/day
        How fast an actor fills what it lacks.
    purse : 1/day
        Share of its money that an actor may spend on arms.
    leak : 1/day
        Share of donated arms that is sold.
    """
    places, actors = fighters.shape
    lacking = np.zeros(places)
    scarcity = np.zeros(places)
    markets = np.empty(places, np.int64)  # those that an actor has fighters at
    for a in range(actors):
        gap = armed[a] - arms[a]
        if gap < 1.0 and (leak <= 0.0 or donated[a] <= 0.0):
            continue
        around, many = 0.0, 0
        for p in range(places):
            if fighters[p, a] > 0.0 and market_size[p] > 0.0:
                around += fighters[p, a]
                markets[many] = p
                many += 1
        if around < 1.0:
            continue
        sold = donated[a] * (1.0 - exp(-leak * dt))
        funds = treasury[a] * (1.0 - exp(-purse * dt))
        for k in range(many):
            p = markets[k]
            if fighters[p, a] < 1.0:
                continue
            part = fighters[p, a] / around
            market_arms[p] += sold * part
            if gap < 1.0:
                continue
            lacking[p] += gap * part
            bought = min(gap * part * (1.0 - exp(-buying * dt)), 0.2 * market_arms[p])
            if arms_price[p] > 0.0:
                bought = min(bought, 1e6 * funds * part / arms_price[p])
            market_arms[p] -= bought
            arms_bought[a] += bought
            arms_spending[a] += bought * arms_price[p] / 1e6
        arms[a] += arms_bought[a] - sold
        donated[a] -= sold
        arms_leaked[a] = sold
        treasury[a] = max(0.0, treasury[a] - arms_spending[a])
    for p in range(places):
        if market_size[p] > 0.0:
            demand = market_size[p] + lacking[p]
            scarcity[p] = elasticity * log(demand / max(market_arms[p], 1.0))
            barrier = dearer * (embargo - usual) * embargoed[p]
            arms_price[p] = level * usual_price[p] * exp(scarcity[p] + barrier)
    for k in range(link_from.size):
        i, j = int(link_from[k]), int(link_to[k])
        if arms_route[k] < 0.5 or market_size[i] <= 0.0 or market_size[j] <= 0.0:
            continue
        drive = scarcity[j] - scarcity[i] - cost * link_km[k]
        if drive > 0.0:
            carried = market_arms[i] * min(0.1, 1.0 - exp(-pace * drive * dt))
            market_arms[i] -= carried
            market_arms[j] += carried
            arms_out[i] += carried
            arms_in[j] += carried
