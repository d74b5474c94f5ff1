"""Daily flight: how many people flee on a day, and from where.

    new(t)   = D(t) - D(t - 1) - debt             while the registered total D is known
             = trend(t) (1 + noise) - debt        from day T = known_days on
    trend(t) = growth (K(T-1) - K(T-1-window)) / window * 2 ** (-(t - T + 1) / half_life)
    from p   ~ N_p ** power * c_p * fade(days since c_p rose above 0)

The first form is how Flee (Suleimenova, Bell, Groen 2017) is told how many people to move: by the
very series that it is judged by. `known_days` takes that away: until then D is K, the total of
counts before that day (each camp carried on from its last), and from then on the total is a
forecast, a trend that halves every `half_life` days. When the total falls nobody is taken away; the
debt is held against later days. In Flee the pull of a fight fades in stages of 30 days; `half_fade`
fades it smoothly instead. Left out: people who flee before the fighting reaches them; families;
return.
"""

from math import floor
from typing import Annotated

import numpy as np

from khamsin.draws import multinomial, normal, pin_number
from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model", references=("suleimenova_2017",))
def daily_flight(
    sheltering: Annotated[Array, InOut("place stay", "person")],
    newly_displaced: Annotated[Array, Out("place", "person")],
    case_day: Annotated[Array, InOut("", "day")],
    debt: Annotated[Array, InOut("", "person")],
    conflict_days: Annotated[Array, InOut("place", "day")],
    conflict: Annotated[Array, In("place", "1")],
    population: Annotated[Array, In("place", "person")],
    registered_total: Annotated[Array, In("day", "person")],
    carried: Annotated[Array, In("place day", "person")],
    known_days: Annotated[float, Param("day", Fixed(1e6), "judgement")],
    window: Annotated[float, Param("day", Fixed(60.0), "judgement")],
    growth: Annotated[float, Param("1", LogNormal(1.0, 0.5), "judgement")],
    half_life: Annotated[float, Param("day", LogNormal(25.0, 0.8), "judgement")],
    noise: Annotated[float, Param("1", Fixed(0.3), "judgement")],
    power: Annotated[float, Param("1", Fixed(1.0), "suleimenova_2017")],
    half_fade: Annotated[float, Param("day", Fixed(0.0), "suleimenova_2017")],
    scale: Annotated[float, Param("1", Fixed(1.0), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Let people flee from the places where there is fighting.

    Parameters
    ----------
    sheltering : dims (place, stay), person
        Displaced people at a place, by class; the newly displaced are put into the class of those
        who have not travelled, which is the first of the second half.
    newly_displaced : dims (place,), person
    case_day : one number
        Days since the start; advanced here, by one a step.
    debt : one number, person
        How far the total has fallen without anybody being taken away; at the beginning of a
        forecast, people under way whom a count has in a camp already (`camps`).
    conflict_days : dims (place,), day
        Days since fighting began at a place, -1 for none; kept here.
    conflict : dims (place,)
        How hard the fighting is, 0 to 1.
    population : dims (place,), person
    registered_total : dims (day,), person
        People registered in all camps together on each day.
    carried : dims (place, day), person
        People in each camp by counts before `known_days`, carried on to that day.
    known_days : day
        From this day on no total is looked at, and until then only what is carried.
    window : day
        Length of the time before `known_days` from which the trend is taken.
    growth : trend at first, relative to that of the window
    half_life : day
        Time in which the trend halves.
    noise : standard deviation of a day's flight, relative to the trend
    power : exponent of the population of a place
    half_fade : day
        Time in which the part of a fight in the flight halves; 0 for the stages of Flee.
    scale : people for each registered person, to show that cost does not hang on it
    """
    if not dt > 0.0:
        return
    places, today = conflict.size, int(case_day[0])
    day = min(today, registered_total.size - 1)
    last = min(int(known_days), registered_total.size) - 1  # the last day that is known
    free = last < registered_total.size - 1
    for p in range(places):
        if conflict[p] > 0.0:
            conflict_days[p] = conflict_days[p] + 1.0 if conflict_days[p] >= 0.0 else 0.0
        else:
            conflict_days[p] = -1.0
    new = 0.0
    if today > 0 and today < known_days:
        now, before = registered_total[day], registered_total[day - 1]
        if free:
            now, before = carried[:, day].sum(), carried[:, day - 1].sum()
        new = floor(scale * now) - floor(scale * before) - debt[0]
        debt[0] = max(-new, 0.0)
    elif today > 0:
        begin = max(last - int(window), 0)
        trend = (carried[:, last].sum() - carried[:, begin].sum()) / max(last - begin, 1)
        pin_number(rng, 1)
        trend *= growth * 0.5 ** ((today - last) / half_life) * (1.0 + noise * normal(rng))
        new = floor(scale * max(trend, 0.0) + 0.5) - debt[0]
        debt[0] = max(-new, 0.0)
    case_day[0] = today + 1.0
    if new < 1.0:
        return
    weight, drawn = np.zeros(places), np.zeros(places)
    for p in range(places):
        if conflict[p] > 0.0 and population[p] > 0.0:
            if half_fade > 0.0:
                fade = 0.5 ** (conflict_days[p] / half_fade)
            elif conflict_days[p] < 90.0:
                fade = 1.0
            else:
                fade = 0.5 if conflict_days[p] < 120.0 else 0.1
            weight[p] = population[p] ** power * conflict[p] * fade
    pin_number(rng, 2)
    multinomial(rng, new, weight, drawn)
    fresh = sheltering.shape[1] // 2
    for p in range(places):
        newly_displaced[p] = drawn[p]
        sheltering[p, fresh] += drawn[p]
