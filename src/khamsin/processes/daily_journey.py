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

Classes of a place (`stay`) are [by vehicle, on foot] x 8 classes of r (or, without overshoot, of
the km travelled on the day of arrival); of a road (`leg`), the day of arrival x those classes, as a
ring that turns by one a day. A day's arrivals come in `batches`, because camps fill up in the
course of it. Left out: money, family ties, death on the road.
"""

from math import floor
from typing import Annotated

import numpy as np

from khamsin.allocation import allocate, outgoing, pin_place_number, spread
from khamsin.draws import binomial
from khamsin.priors import Fixed
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process

KM = 8  # classes of km travelled today, while a traveller may still go on


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
    batches: Annotated[float, Param("1", Fixed(4.0), "judgement")],
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
    batches : parts that the arrivals of a day come in
    """
    places, links = camp.size, link_from.size
    if not dt > 0.0 or links == 0:
        return
    stays = sheltering.shape[1]  # C: classes of a person
    half = stays // 2  # on foot from here on
    ring = on_road.shape[1] // stays
    today = int(case_day[0]) % ring
    # classes a day's distance is worth; of r up to 1.75 (two roads in a day), of km up to one day
    unit = (half - 1.0) / (1.75 if overshoot > 0.5 else 1.0)
    v = max(vehicle_speed, 1.0)
    order = np.zeros(links, np.int64)
    first = np.zeros(places + 1, np.int64)
    outgoing(link_from, first, order)
    inside, room = np.zeros(places), np.ones(places)
    weight, moved = np.zeros(links), np.zeros(links)
    stopped = np.zeros((places, half))  # who ends the day here, having travelled
    wave = np.zeros((places, half * KM))  # who has just arrived: by class of r, and of km today
    coming = np.zeros((places, half * KM))
    busy, next_busy = np.zeros(places), np.zeros(places)
    part = np.zeros((links, stays))
    for p in range(places):
        for c in range(stays):
            inside[p] += sheltering[p, c]
    # The day's decisions, then arrivals in batches; round 0 is the morning, on the spot.
    parts = max(int(batches), 1)
    for batch in range(parts + 1):
        rounds = 1 if batch == 0 else 40
        if batch > parts:
            break
        if batch == 1:
            travellers = 0.0
            for link in range(links):
                for c in range(stays):
                    part[link, c] = on_road[link, today * stays + c]
                    on_road[link, today * stays + c] = 0.0
                    travellers += part[link, c]
            filling = False  # whether a camp's room can change much in the course of the day
            for p in range(places):
                limit = (camp_room[p] - first_day_twice * registered[p, 0]) * capacity_scaling
                if limit >= 1.0 and camp[p] > 0.5 and travellers > 0.05 * limit:
                    filling = filling or 0.9 * limit - travellers < inside[p] < limit
            parts = parts if filling else 1
        if batch > 0:  # this part of those who arrive today
            for link in range(links):
                start, end = int(link_from[link]), int(link_to[link])
                for c in range(stays):
                    if part[link, c] < 1.0:
                        continue
                    n = part[link, c]
                    if batch < parts:
                        n = floor(n / (parts + 1 - batch) + 0.5)
                    part[link, c] -= n
                    on_foot = c >= half
                    speed = walking_speed if on_foot else v
                    covered = link_km[link] - floor(link_km[link] / speed) * speed
                    recent = c - half if on_foot else c
                    if overshoot < 0.5:  # the class says what is covered, and nothing of r
                        covered = covered if on_foot else recent / unit * v
                        recent = 0
                    if road_open[link // 2] < 0.5:
                        stopped[start, recent] += n
                        inside[start] += n
                        continue
                    spread(wave, end, recent * KM, KM, covered / v * KM, n)
                    busy[end] += n
                    inside[end] += n
                    if camp[end] > 0.5:
                        camp_arrivals[end] += n
        for turn in range(rounds):
            for p in range(places):
                room[p] = 1.0
                limit = (camp_room[p] - first_day_twice * registered[p, 0]) * capacity_scaling
                if limit >= 1.0 and camp[p] > 0.5:
                    room[p] = min(max((limit - inside[p]) / (0.1 * limit), 0.0), 1.0)
            anyone = False
            for p in range(places):
                low, high = first[p], first[p + 1]
                if batch > 0 and busy[p] < 1.0:
                    continue
                if batch == 0 and inside[p] < 1.0:
                    continue
                total = 0.0
                for j in range(low, high):
                    link = order[j]
                    weight[link] = pull[link] * room[int(link_to[link])]
                    total += weight[link]
                if not total > 0.0:  # every camp is full: any open road, and back they come
                    for j in range(low, high):
                        weight[order[j]] = 1.0 if pull[order[j]] > 0.0 else 0.0
                if conflict[p] > 0.0 or hub[p] > 0.5:
                    chance = 1.0
                else:
                    chance = camp_chance if camp[p] > 0.5 else town_chance
                cells = stays if batch == 0 else half * KM
                for cell in range(cells):
                    if batch == 0:
                        n, k, r = sheltering[p, cell], 0, cell % half
                        on_foot = cell >= half
                    else:
                        r, k = cell // KM, cell % KM
                        n, on_foot = wave[p, cell], False
                    if n < 1.0:
                        continue
                    km = k * v / KM  # travelled today
                    often = chance
                    if batch > 0:
                        wave[p, cell] = 0.0
                        lately = r / unit if overshoot > 0.5 else 0.0
                        is_town = camp[p] < 0.5 and conflict[p] <= 0.0 and hub[p] < 0.5
                        if is_town and lately + km / v < (1.0 if overshoot > 0.5 else 0.5):
                            often = 1.0
                    pin_place_number(rng, p, ((batch * 64 + turn) * 1024) + cell)
                    goers = binomial(rng, n, often)
                    stayers = n - goers
                    stayers += allocate(rng, goers, weight, order, low, high, moved)
                    for j in range(low, high):
                        link = order[j]
                        m = moved[link]
                        if m <= 0.0:
                            continue
                        moved[link] = 0.0
                        end = int(link_to[link])
                        if camp[end] > 0.5 and room[end] < 0.5:
                            stayers += m
                            continue
                        inside[p] -= m
                        if batch == 0:
                            sheltering[p, cell] -= m
                        d = link_km[link]
                        speed = walking_speed if on_foot else v
                        spent = 0.0  # km of today that are gone before the road begins
                        if overshoot < 0.5 and batch > 0:
                            spent = km
                        if batch > 0 and spent + d < speed:  # arrives in the same breath
                            far = km + d
                            if overshoot > 0.5 and far >= v:
                                spread(stopped, end, 0, half, (r + far / v * unit) / 2.0, m)
                            else:
                                spread(coming, end, r * KM, KM, far / v * KM, m)
                                next_busy[end] += m
                                anyone = True
                            inside[end] += m
                            if camp[end] > 0.5:
                                camp_arrivals[end] += m
                            continue
                        days = int((spent + d) / speed) + 1
                        days = min(days, ring)
                        if overshoot > 0.5:
                            recent = r / unit
                            for day in range(days - 1):
                                far = speed + (km if day == 0 else 0.0)
                                recent = (recent + far / v) / 2.0
                        else:
                            recent = (spent + d - (days - 1) * speed) / v
                        column = (today + days - 1) % ring * stays + (half if on_foot else 0)
                        spread(on_road, link, column, half, recent * unit, m)
                    if batch > 0:
                        lately = (r + km / v * unit) / 2.0 if overshoot > 0.5 else 0.0
                        spread(stopped, p, 0, half, lately, stayers)
            if batch == 0:
                break
            if not anyone:
                for p in range(places):
                    busy[p] = 0.0
                break
            for p in range(places):
                busy[p] = next_busy[p]
                next_busy[p] = 0.0
                if busy[p] > 0.0:
                    for cell in range(half * KM):
                        wave[p, cell] = coming[p, cell]
                        coming[p, cell] = 0.0
    for p in range(places):
        for cell in range(half * KM):  # whoever is still under way after 40 towns rests
            stopped[p, cell // KM] += wave[p, cell]
        for foot in range(2):
            for r in range(1, half):  # a day's rest: half of r is forgotten
                n = sheltering[p, foot * half + r]
                if n > 0.0:
                    sheltering[p, foot * half + r] = 0.0
                    spread(sheltering, p, foot * half, half, r / 2.0, n)
        for r in range(half):  # in a camp nobody asks how far people have come
            sheltering[p, 0 if camp[p] > 0.5 else r] += stopped[p, r]
