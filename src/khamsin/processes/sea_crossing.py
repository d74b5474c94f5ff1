"""Sea crossing: boats put to sea, and are lost, stopped, or arrive.

    sea   = boats_p season_p(day) weather_p open_p protection_p exp(pull (rescue_p - 1))
    leave ~ NegBin(sea dt Y / (Y + backlog_p boats_p), dispersion), at most Y, those who wait
    die   ~ Binomial(leave, risk_p G exp((safety - raft) (1 - rescue_p))), G a gamma of mean 1
    stopped ~ Binomial(leave - die, interception_p), who are detained and may try again

Protection is control weighted by how far each actor lets smugglers work, and `lawless` for the
ungoverned share: smuggling needs protection, not absence of power. Weather is a log-normal of mean
1, one for all coasts in a step, of which short crossings feel as much as of the season; G gathers
the dead in few wrecks. Hypothesis `rescue`: `pull` means that rescue draws people to sea, `raft`
that smugglers answer it with worse boats (Deiana, Maheshri, Mastrobuoni 2024; against it Rodriguez
Sanchez et al. 2023). Left out: more departures in bad weather under `raft`, prices at sea,
crossings that fail unseen.
"""

from math import exp
from typing import Annotated

from khamsin.allocation import pin_place_number
from khamsin.draws import binomial, gamma, negative_binomial, normal, pin_number
from khamsin.priors import Beta, Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model", references=("deiana_2024", "rodriguez_sanchez_2023"))
def sea_crossing(
    waiting_migrants: Annotated[Array, InOut("place", "person")],
    detained_migrants: Annotated[Array, InOut("place", "person")],
    day_of_year: Annotated[Array, InOut("", "day")],
    smuggling_income: Annotated[Array, InOut("actor", "MUSD")],
    departures: Annotated[Array, Out("place", "person")],
    sea_deaths: Annotated[Array, Out("place", "person")],
    intercepted: Annotated[Array, Out("place", "person")],
    arrivals: Annotated[Array, Out("place", "person")],
    migrant_moves: Annotated[Array, InOut("link", "person")],
    boats: Annotated[Array, In("place", "person/day")],
    landing: Annotated[Array, In("place", "1")],
    seasonal: Annotated[Array, In("place", "1")],
    crossing_risk: Annotated[Array, In("place", "1")],
    sea_open: Annotated[Array, In("place", "1")],
    interception: Annotated[Array, In("place", "1")],
    sea_season: Annotated[Array, In("month", "1")],
    rescue: Annotated[Array, In("place", "1")],
    control: Annotated[Array, In("place actor", "1")],
    holder: Annotated[Array, In("place", "1")],
    link_from: Annotated[Array, In("link", "1")],
    link_to: Annotated[Array, In("link", "1")],
    protection: Annotated[Array, Param("1", Fixed(0.7), "judgement", "actor")],
    lawless: Annotated[float, Param("1", Beta(7, 3), "judgement")],
    backlog: Annotated[Array, Param("day", LogNormal(30.0, 0.4), "judgement", "place")],
    dispersion: Annotated[Array, Param("1", Fixed(2.0), "judgement", "place")],
    weather: Annotated[float, Param("1", LogNormal(0.6, 0.25), "judgement")],
    wrecks: Annotated[float, Param("1", LogNormal(0.2, 0.4), "judgement")],
    safety: Annotated[float, Param("1", LogNormal(0.5, 0.5), "judgement")],
    pull: Annotated[float, Param("1", Fixed(0.0), "judgement")],
    raft: Annotated[float, Param("1", Fixed(0.0), "judgement")],
    fee: Annotated[float, Param("USD", LogNormal(1000.0, 0.5), "judgement")],
    cut: Annotated[float, Param("1", Beta(3, 7), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Put boats to sea.

    Parameters
    ----------
    waiting_migrants, detained_migrants : dims (place,), person
    day_of_year : one number, day
        Moved on by the step.
    smuggling_income : dims (actor,), MUSD
    departures, sea_deaths, intercepted : dims (place,), person
        By place of departure.
    arrivals : dims (place,), person
        By place of landing.
    migrant_moves : dims (link,), person
        Who put to sea, added to the link from coast to landing if there is one.
    boats : dims (place,), person/day
        Who can be put to sea in mean weather, fully protected.
    landing : dims (place,)
        Where boats land, -1 for nowhere.
    seasonal : dims (place,)
        How far season and weather govern departures: 1 from Libya, less on short crossings.
    crossing_risk : dims (place,)
        Mean chance to die at the rescue of the spring of 2016.
    sea_open, interception : dims (place,)
    sea_season : dims (month,)
        Against the mean of the year; in between it runs straight from mid-month to mid-month.
    rescue : dims (place,)
        Capacity off each coast against the spring of 2016.
    control : dims (place, actor)
    holder : dims (place,)
    link_from, link_to : dims (link,)
    protection : dims (actor,)
        How far smugglers can work where an actor controls, 0 to 1.
    lawless : the same for the ungoverned share
    backlog : dims (place,), day
        Work for all boats that lets half of them sail.
    dispersion : dims (place,)
        Of departures from a place in a week: the more beaches, the larger.
    weather : log-sd of the weather of a week, on the open sea
    wrecks : shape of G; the smaller, the fewer and larger the wrecks
    safety : log of deaths by crossing without rescue over those with it
    pull, raft : log-effects of rescue on attempts and on deaths by crossing
    fee : USD
        Price of the crossing.
    cut : share of it that the holder of the coast takes
    """
    months = sea_season.size
    middle = (day_of_year[0] + 0.5 * dt) / 365.25 * months - 0.5
    month = int(middle + months) - months  # the whole part, also of a negative number
    between = middle - month
    season = (1.0 - between) * sea_season[month % months] + between * sea_season[
        (month + 1) % months
    ]
    day_of_year[0] = (day_of_year[0] + dt) % 365.25
    pin_number(rng, 0)
    season -= 1.0
    calm = normal(rng)
    for p in range(boats.size):
        to = int(landing[p])
        if boats[p] <= 0.0 or to < 0 or waiting_migrants[p] < 1.0 or sea_open[p] <= 0.0:
            continue
        governed = 0.0
        shelter = 0.0
        for a in range(protection.size):
            governed += control[p, a]
            shelter += control[p, a] * protection[a]
        shelter += max(0.0, 1.0 - governed) * lawless
        waiting = waiting_migrants[p]
        felt = weather * seasonal[p]
        mean = boats[p] * (1.0 + seasonal[p] * season) * sea_open[p] * shelter * dt
        mean *= exp(felt * calm - 0.5 * felt * felt)
        if pull != 0.0:
            mean *= exp(pull * (rescue[p] - 1.0))
        mean *= waiting / (waiting + backlog[p] * boats[p])
        pin_place_number(rng, p, 0)
        left = min(negative_binomial(rng, mean, dispersion[p]), waiting)
        if left < 1.0:
            continue
        risk = crossing_risk[p] * gamma(rng, wrecks, 1.0 / wrecks)
        if rescue[p] != 1.0:
            risk *= exp((safety - raft) * (1.0 - rescue[p]))
        departures[p] = left
        sea_deaths[p] = binomial(rng, left, min(risk, 0.5))
        intercepted[p] = binomial(rng, left - sea_deaths[p], interception[p])
        waiting_migrants[p] -= left
        detained_migrants[p] += intercepted[p]
        arrivals[to] += left - sea_deaths[p] - intercepted[p]
        for link in range(link_from.size):
            if int(link_from[link]) == p and int(link_to[link]) == to:
                migrant_moves[link] += left
                break
        h = int(holder[p])
        if h >= 0:
            smuggling_income[h] += cut * fee * left / 1e6
