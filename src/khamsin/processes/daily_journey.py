"""Daily journey: displaced people travel along roads by days and kilometres, in counts.

Everyone in a class is alike, so a day is a handful of draws for each place and road, however many
people there are:

    movers ~ Binomial(n, chance of the place)
    roads  ~ Multinomial(movers, pull_l room_l)     room: 1 below 0.9 of a camp's capacity, 0 from
                                                    1.0 on, a straight line between
    days on a road of d km = floor((d - x) / v) + 1, x km of today spent on it already

and who arrives with some of the day left decides again. People whose road ends at a camp that is
more than half closed (room below 0.5) stay where they are. The rules are Flee's (Suleimenova, Bell,
Groen 2017; its code as of 2026): first road on foot; who has travelled little lately does not rest
in a town (`r`, half of it forgotten each day). With `overshoot` 1 a traveller who arrives gets a
whole new day's distance on the next road, as in Flee; with 0 only what is left of it, and he rests
or not by what he has travelled today.

Classes of a place (`stay`) are [by vehicle, on foot] x a few classes of r (or, without overshoot,
of the km travelled on the day of arrival); of a road (`leg`), the day of arrival x those classes,
as a ring that turns by one a day. Nobody's choice of road hangs on r, so one draw moves all classes
of a place, and `apportion` says whose labels go along. Who is under way is taken by the km of
today, shortest first: a road only adds to them, so each place is visited about once for each class
of km. Where a camp may fill up in the course of a day, the day's arrivals come in parts: as many as
it fills by steps of 5 % of its capacity if all who arrive somewhere go on at once by the pull of
the roads (a guess at who comes), `batches` at most. Left out: money, family ties, death on the
road.
"""

from math import floor
from typing import Annotated

import numpy as np

from khamsin.allocation import allocate, apportion, outgoing, pin_place_number, spread
from khamsin.draws import binomial
from khamsin.priors import Fixed
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process

KM = 12  # classes of km travelled today, while a traveller may still go on
HOPS = 2  # roads more that are looked at for a guess at who comes to a camp today
STEP = 0.05  # of its capacity that may come to a camp in one part of a day (judgement)


@process(each="model", references=("suleimenova_2017",))
def daily_journey(
    sheltering: Annotated[Array, InOut("place stay", "person")],
    on_road: Annotated[Array, InOut("link leg", "person")],
    camp_arrivals: Annotated[Array, Out("place", "person")],
    pull: Annotated[Array, In("link", "1")],
    link_from: Annotated[Array, In("link", "1")],
    link_to: Annotated[Array, In("link", "1")],
    link_km: Annotated[Array, In("link", "km")],
    road_open: Annotated[Array, In("route", "1")],
    camp: Annotated[Array, In("place", "1")],
    conflict: Annotated[Array, In("place", "1")],
    hub: Annotated[Array, In("place", "1")],
    camp_room: Annotated[Array, In("place", "person")],
    registered: Annotated[Array, In("place day", "person")],
    case_day: Annotated[Array, In("", "day")],
    vehicle_speed: Annotated[float, Param("km/day", Fixed(200.0), "suleimenova_2017")],
    walking_speed: Annotated[float, Param("km/day", Fixed(35.0), "suleimenova_2017")],
    town_chance: Annotated[float, Param("1", Fixed(0.5), "suleimenova_2017")],
    camp_chance: Annotated[float, Param("1", Fixed(0.001), "suleimenova_2017")],
    capacity_scaling: Annotated[float, Param("1", Fixed(1.25), "suleimenova_2017")],
    overshoot: Annotated[float, Param("1", Fixed(1.0), "suleimenova_2017")],
    first_day_twice: Annotated[float, Param("1", Fixed(1.0), "suleimenova_2017")],
    batches: Annotated[float, Param("1", Fixed(8.0), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Move displaced people for one day.

    Parameters
    ----------
    sheltering : dims (place, stay), person
    on_road : dims (link, leg), person
    camp_arrivals : dims (place,), person
        People who reach a camp today.
    pull : dims (link,)
    link_from, link_to : dims (link,)
    link_km : dims (link,), km
    road_open : dims (route,)
        Who arrives at the end of a closed road is sent back to its start.
    camp, conflict, hub : dims (place,)
        Whether there is an open camp, fighting, a place that nobody stays at.
    camp_room : dims (place,), person
        Of a camp; 0 is without limit.
    registered : dims (place, day), person
    case_day : one number, day
    vehicle_speed, walking_speed : km/day
        The second on the first road.
    town_chance, camp_chance : chance to leave on a day
    capacity_scaling : factor on capacities
    overshoot : 1 for Flee's new day's distance on each road, 0 for what is left
    first_day_twice : 1 to take the people registered on day 0 off the capacity, although they are
        in the camp and counted there too, as Flee does
    batches : parts that the arrivals of a day come in at most
    """
    places, links = camp.size, link_from.size
    if not dt > 0.0 or links == 0:
        return
    stays = sheltering.shape[1]  # C: classes of a person
    half = stays // 2  # on foot from here on
    ring = on_road.shape[1] // stays
    today = int(case_day[0]) % ring
    unit = half - 1.0  # classes that a day's distance is worth; r above 1 counts as 1
    v = max(vehicle_speed, 1.0)
    order = np.zeros(links, np.int64)
    first = np.zeros(places + 1, np.int64)
    outgoing(link_from, first, order)
    inside, limit, room = np.zeros(places), np.zeros(places), np.ones(places)
    weight, moved = np.zeros(links), np.zeros(links)
    coming = np.zeros((HOPS + 1, places))  # people who come today, after so many roads more
    stopped = np.zeros((places, half))  # who ends the day here, having travelled
    wave = np.zeros((places, half * KM))  # who is here with some of the day left: class of r x km
    part = np.zeros((links, stays))
    held, gone, here = np.zeros(stays), np.zeros(stays), np.zeros(stays)
    forced = np.zeros(half)
    for p in range(places):
        for c in range(stays):
            inside[p] += sheltering[p, c]
        if camp[p] > 0.5:
            limit[p] = (camp_room[p] - first_day_twice * registered[p, 0]) * capacity_scaling
    # Batch 0 is the morning, on the spot and with no km yet; then the day's arrivals in parts.
    parts, batch = 1, 0
    while batch <= parts:
        if batch == 1:
            for link in range(links):
                for c in range(stays):
                    part[link, c] = on_road[link, today * stays + c]
                    on_road[link, today * stays + c] = 0.0
                    coming[0, int(link_to[link])] += part[link, c]
            most = 1.0  # parts that the camp needs which fills up by most
            for hop in range(HOPS):  # a guess at who comes: all go on at once, by the pull of roads
                for p in range(places):
                    n = coming[hop, p]
                    if camp[p] > 0.5:
                        coming[hop + 1, p] += n
                        continue
                    total = 0.0
                    for j in range(first[p], first[p + 1]):
                        total += pull[order[j]]
                    for j in range(first[p], first[p + 1]):
                        if n > 0.0 and total > 0.0:
                            coming[hop + 1, int(link_to[order[j]])] += n * pull[order[j]] / total
            for p in range(places):
                n = coming[HOPS, p]
                if limit[p] >= 1.0 and 0.9 * limit[p] - n < inside[p] < limit[p]:
                    most = max(most, n / (STEP * limit[p]))
            parts = int(min(most, max(batches, 1.0)) + 0.5)
        if batch > 0:
            for link in range(links):
                start, end, drawn = int(link_from[link]), int(link_to[link]), False
                for c in range(stays):
                    n = part[link, c]
                    if n < 1.0:
                        continue
                    if not drawn:
                        pin_place_number(rng, end, (batch << 56) + link)
                        drawn = True
                    if batch < parts:
                        n = floor(n / (parts + 1 - batch) + 0.5)
                    part[link, c] -= n
                    speed = walking_speed if c >= half else v
                    covered = link_km[link] - floor(link_km[link] / speed) * speed
                    recent = c - half if c >= half else c
                    if overshoot < 0.5:  # the class says what is covered, and nothing of r
                        covered = covered if c >= half else recent / unit * v
                        recent = 0
                    if road_open[link // 2] < 0.5:
                        stopped[start, recent] += n
                        inside[start] += n
                        continue
                    spread(rng, wave, end, recent * KM, KM, covered / v * KM, n)
                    inside[end] += n
                    if camp[end] > 0.5:
                        camp_arrivals[end] += n
        labels = half if batch > 0 else stays  # all go by vehicle but from where they started
        for k in range(KM if batch > 0 else 1):
            km = k * v / KM  # travelled today
            spent = km if overshoot < 0.5 else 0.0  # of today, before the next road begins
            for turn in range(40):  # short roads: again at the same km
                again = False
                for p in range(places):
                    if limit[p] >= 1.0:
                        open_share = (limit[p] - inside[p]) / (0.1 * limit[p])
                        room[p] = min(max(open_share, 0.0), 1.0)
                for p in range(places):
                    people = 0.0
                    if batch == 0:
                        if inside[p] < 1.0:
                            continue
                        for c in range(stays):
                            held[c] = sheltering[p, c]
                            people += held[c]
                    else:
                        for c in range(half):
                            held[c] = wave[p, c * KM + k]
                            people += held[c]
                    if people < 1.0:
                        continue
                    low, high = first[p], first[p + 1]
                    total = 0.0
                    for j in range(low, high):
                        link = order[j]
                        weight[link] = pull[link] * room[int(link_to[link])]
                        total += weight[link]
                    if not total > 0.0:  # every camp is full: any open road, and back they come
                        for j in range(low, high):
                            weight[order[j]] = 1.0 if pull[order[j]] > 0.0 else 0.0
                    is_town = False
                    if conflict[p] > 0.0 or hub[p] > 0.5:
                        chance = 1.0
                    elif camp[p] > 0.5:
                        chance = camp_chance
                    else:
                        chance = town_chance
                        is_town = True
                    pin_place_number(rng, p, ((batch * KM + k) * 64 + turn) << 24)
                    must = 0.0
                    if batch > 0:
                        for c in range(half):
                            wave[p, c * KM + k] = 0.0
                            lately = c / unit if overshoot > 0.5 else 0.0
                            least = 1.0 if overshoot > 0.5 else 0.5
                            forced[c] = 0.0
                            if is_town and lately + km / v < least:  # too little for a rest
                                forced[c] = held[c]
                                must += held[c]
                                held[c] = 0.0
                    goers = binomial(rng, people - must, chance)
                    apportion(rng, held, labels, goers, gone)
                    goers += must
                    if must > 0.0:
                        for c in range(half):
                            gone[c] += forced[c]
                    allocate(rng, goers, weight, order, low, high, moved)
                    for j in range(low, high):
                        link = order[j]
                        m = moved[link]
                        if m <= 0.0:
                            continue
                        moved[link] = 0.0
                        end = int(link_to[link])
                        if camp[end] > 0.5 and room[end] < 0.5:
                            continue  # whose road ends at a camp that is full stays
                        apportion(rng, gone, labels, m, here)
                        inside[p] -= m
                        d = link_km[link]
                        if batch > 0 and spent + d < v:  # arrives in the same breath
                            far = (km + d) / v
                            for r in range(half):
                                if here[r] <= 0.0:
                                    continue
                                if overshoot > 0.5 and far >= 1.0:
                                    lately = (r + far * unit) / 2.0
                                    spread(rng, stopped, end, 0, half, lately, here[r])
                                else:
                                    spread(rng, wave, end, r * KM, KM, far * KM, here[r])
                                    again = again or far * KM < k + 1.0
                            inside[end] += m
                            if camp[end] > 0.5:
                                camp_arrivals[end] += m
                            continue
                        for low_c in range(0, labels, half):
                            speed = v if low_c == 0 else walking_speed
                            days = min(int((spent + d) / speed) + 1, ring)
                            if overshoot > 0.5:  # r after these days of travel but the last
                                old = 0.5 ** (days - 1)
                                begin = unit * (km * old + speed * (1.0 - old)) / v
                            else:
                                old, begin = 0.0, unit * (spent + d - (days - 1) * speed) / v
                            column = (today + days - 1) % ring * stays + low_c
                            for r in range(half):
                                m = here[low_c + r]
                                if m > 0.0:
                                    spread(rng, on_road, link, column, half, begin + r * old, m)
                                    if batch == 0:
                                        sheltering[p, low_c + r] -= m
                    if batch > 0:
                        for r in range(half):
                            lately = (r + km / v * unit) / 2.0 if overshoot > 0.5 else 0.0
                            stay = held[r] + gone[r]
                            if stay > 0.0:
                                spread(rng, stopped, p, 0, half, lately, stay)
                if batch == 0 or not again:
                    break
        batch += 1
    for p in range(places):
        for cell in range(half * KM):  # whoever is still under way after 40 towns rests
            stopped[p, cell // KM] += wave[p, cell]
        pin_place_number(rng, p, 1 << 40)
        for foot in range(2):
            for r in range(1, half):  # a day's rest: half of r is forgotten
                n = sheltering[p, foot * half + r]
                if n > 0.0:
                    sheltering[p, foot * half + r] = 0.0
                    spread(rng, sheltering, p, foot * half, half, r / 2.0, n)
        for r in range(half):  # in a camp nobody asks how far people have come
            sheltering[p, 0 if camp[p] > 0.5 else r] += stopped[p, r]
