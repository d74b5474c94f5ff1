"""Camps: how many people are in them, and what happens to those whom a camp cannot take.

    moved on from p = max(0, people - capacity * crowding)     along redirecting roads, equally

A closed camp (`camp` 0, by an intervention) is a place like any other: people leave it by the rules
of the road. `follow_days` puts what is known of it into each camp at the end of each day before it,
and books the difference as `enrolled`: a census, by which a forecast begins from what was known on
its first day. Whoever is under way then has been counted in a camp already: those on the road will
come, and that many fewer flee afterwards (`debt`); those still at a place where nobody is counted,
who may be shut in there, are taken off. Left out: quality of camps, registration fraud, people who
leave for cities.
"""

from math import floor
from typing import Annotated

from khamsin.priors import Fixed
from khamsin.process import Array, Days, In, InOut, Out, Param, process


@process(each="model", references=("suleimenova_2017",))
def camps(
    sheltering: Annotated[Array, InOut("place stay", "person")],
    on_road: Annotated[Array, InOut("link leg", "person")],
    in_camps: Annotated[Array, InOut("place", "person")],
    enrolled: Annotated[Array, Out("place", "person")],
    camp_days: Annotated[Array, InOut("place", "day")],
    carried: Annotated[Array, In("place day", "person")],
    counted: Annotated[Array, In("place", "1")],
    camp: Annotated[Array, In("place", "1")],
    camp_room: Annotated[Array, In("place", "person")],
    link_from: Annotated[Array, In("link", "1")],
    redirection: Annotated[Array, In("route", "1")],
    road_open: Annotated[Array, In("route", "1")],
    case_day: Annotated[Array, In("", "day")],
    debt: Annotated[Array, InOut("", "person")],
    follow_days: Annotated[float, Param("day", Fixed(0.0), "judgement")],
    crowding: Annotated[float, Param("1", Fixed(1e6), "judgement")],
    dt: Days,
) -> None:
    """Count the people in the camps, and send on whom they cannot take.

    Parameters
    ----------
    sheltering : dims (place, stay), person
    on_road : dims (link, leg), person
    in_camps : dims (place,), person
        People in each camp at the end of the day.
    enrolled : dims (place,), person
        People put into a camp by a census; negative where there were fewer than thought, and where
        people are taken off on its last day because a camp has them already.
    camp_days : dims (place,), day
        Days since a camp was first open, and one of its roads too; 0 until then.
    carried : dims (place, day), person
        People in each camp by counts before the day of the forecast, carried on to that day.
    counted : dims (place,)
        1 where people are registered: nowhere else is anybody counted.
    camp : dims (place,)
    camp_room : dims (place,), person
        0 is without limit.
    link_from : dims (link,)
    redirection : dims (route,)
        1 sends people from its second place to its first, 2 from the first to the second.
    road_open : dims (route,)
    case_day : one number, day
    debt : one number, person
        After the last census: people on the road, who are among those counted in a camp.
    follow_days : day
        Before this day the camps are set to what is known of them.
    crowding : how far over its capacity a camp takes people before it sends them on
    """
    if not dt > 0.0:
        return
    places, stays = camp.size, sheltering.shape[1]
    half = stays // 2
    today = int(case_day[0]) - 1
    for p in range(places):
        reached = False
        for link in range(link_from.size):
            if int(link_from[link]) == p and road_open[link // 2] > 0.5:
                reached = True
        opened = today > 0 and camp_days[p] > 0.0  # cut off and reached again, it is not new
        reached = reached and camp[p] > 0.5
        camp_days[p] = camp_days[p] + 1.0 if opened or reached else 0.0
        people = 0.0
        for c in range(stays):
            people += sheltering[p, c]
        if camp[p] > 0.5 and camp_room[p] >= 1.0 and people > camp_room[p] * crowding:
            ways = 0
            for link in range(link_from.size):
                marked = redirection[link // 2] == (2.0 if link % 2 == 0 else 1.0)
                if marked and int(link_from[link]) == p and road_open[link // 2] > 0.5:
                    ways += 1
            too_many = floor(people - camp_room[p] * crowding)
            for link in range(link_from.size):
                marked = redirection[link // 2] == (2.0 if link % 2 == 0 else 1.0)
                if marked and int(link_from[link]) == p and road_open[link // 2] > 0.5:
                    share = floor(too_many / ways)
                    ways -= 1
                    too_many -= share
                    slot = (today + 2) % (on_road.shape[1] // stays)
                    for c in range(stays):
                        gone = min(share, sheltering[p, c])
                        sheltering[p, c] -= gone
                        on_road[link, slot * stays + c % half] += gone
                        share -= gone
                        people -= gone
        if counted[p] < 0.5:
            continue
        if 0 <= today < min(follow_days, carried.shape[1]):
            count = floor(carried[p, today])
            enrolled[p] = count - people
            for c in range(stays):
                sheltering[p, c] = 0.0
            sheltering[p, 0] = count
            people = count
        in_camps[p] = people
    if today == int(follow_days) - 1:
        debt[0] = on_road.sum()
        for p in range(places):
            if counted[p] < 0.5:
                for c in range(stays):
                    enrolled[p] -= sheltering[p, c]
                    sheltering[p, c] = 0.0
