"""Road choice: how strongly each road out of a place pulls those who are about to leave it.

Flee's rule (Suleimenova, Bell, Groen 2017) looks at the next place only:

    pull(i -> j) = n_ij s_j / (softening + km_ij)
    s_j          = camp_weight if j is a camp, conflict_weight ** fade if there is fighting, else 1

with n = 2 for a road that its table marks for redirection, which Flee links twice by mistake
(`double_links`), else 1. Ours looks at all camps at once. Each draws by its attraction and by the
least cost of a way to it, and the roads that lead nearer to it share those whom it draws (efficient
roads of Dial 1971):

    pull(i -> j) = sum_c A_c exp(-cost_ij - C_jc)  over camps c with C_jc < C_ic
    C_ic         = least cost of a way from i to c that enters no other camp
    cost_ij      = km_ij / reach - log safe_j
    safe_j       = 1 - danger max(c_j, max_k c_k exp(-km_jk / fear))
    A_c          = a_c (1 + newness 2 ** (-days since it opened / new_for))

so that people share themselves among camps by attraction, distance and safety without anyone having
to remember where he is going, and without going round in circles. A camp that has just opened draws
more: it is opened for those who come now, when others are full. Left out: money, checkpoints, news
from those who went before.
"""

from math import exp, log
from typing import Annotated

import numpy as np

from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, In, Out, Param, process


@process(each="model", references=("suleimenova_2017", "dial_1971"))
def road_choice(
    pull: Annotated[Array, Out("link", "1")],
    link_from: Annotated[Array, In("link", "1")],
    link_to: Annotated[Array, In("link", "1")],
    link_km: Annotated[Array, In("link", "km")],
    road_open: Annotated[Array, In("route", "1")],
    redirection: Annotated[Array, In("route", "1")],
    camp: Annotated[Array, In("place", "1")],
    conflict: Annotated[Array, In("place", "1")],
    conflict_days: Annotated[Array, In("place", "day")],
    camp_days: Annotated[Array, In("place", "day")],
    foresight: Annotated[float, Param("1", Fixed(0.0), "suleimenova_2017")],
    double_links: Annotated[float, Param("1", Fixed(1.0), "suleimenova_2017")],
    softening: Annotated[float, Param("km", Fixed(10.0), "suleimenova_2017")],
    camp_weight: Annotated[float, Param("1", Fixed(2.0), "suleimenova_2017")],
    conflict_weight: Annotated[float, Param("1", Fixed(0.1**0.5), "suleimenova_2017")],
    attraction: Annotated[Array, Param("1", LogNormal(1.0, 1.0), "judgement", "place")],
    reach: Annotated[float, Param("km", LogNormal(150.0, 0.5), "judgement")],
    danger: Annotated[float, Param("1", Fixed(0.7), "judgement")],
    fear: Annotated[float, Param("km", LogNormal(50.0, 0.5), "judgement")],
    newness: Annotated[float, Param("1", LogNormal(10.0, 0.7), "judgement")],
    new_for: Annotated[float, Param("day", LogNormal(45.0, 0.5), "judgement")],
) -> None:
    """Weigh the roads out of each place.

    Parameters
    ----------
    pull : dims (link,)
        Weight of each road in each direction; 0 for a closed one.
    link_from, link_to : dims (link,)
    link_km : dims (link,), km
    road_open : dims (route,)
        0 for a closed road.
    redirection : dims (route,)
        Forced redirection as the table of routes has it: 0, 1 or 2.
    camp : dims (place,)
        1 where there is a camp that is open.
    conflict : dims (place,)
    conflict_days : dims (place,), day
    camp_days : dims (place,), day
        Days since a camp can be reached.
    foresight : 0 for Flee's rule, 1 for ours
    double_links : 1 to count roads that are marked 1 twice, as Flee does
    softening : km
        Added to the length of a road in Flee's rule.
    camp_weight, conflict_weight : pull of a camp and of a place with fighting, relative to a town
    attraction : dims (place,)
        Pull of a camp in our rule.
    reach : km
        Length over which a way loses its pull.
    danger : share of its pull that a place loses to fighting
    fear : km
        Length over which fighting is shunned.
    newness : by how much a camp draws more on the day on which it opens
    new_for : day
        Time in which that halves.
    """
    links, places = link_from.size, camp.size
    worth = np.zeros(places)
    if foresight < 0.5:
        for p in range(places):
            worth[p] = camp_weight if camp[p] > 0.5 else 1.0
            if conflict[p] > 0.0:
                fade = 1.0
                if conflict_days[p] >= 90.0:
                    fade = 0.5 if conflict_days[p] < 120.0 else 0.1
                worth[p] *= conflict_weight ** (fade * conflict[p])
        for link in range(links):
            if road_open[link // 2] > 0.5:
                pull[link] = worth[int(link_to[link])] / (softening + link_km[link])
                if double_links > 0.5 and redirection[link // 2] == 1.0:
                    pull[link] *= 2.0
        return
    safe = np.ones(places)
    for p in range(places):
        safe[p] = 1.0 - danger * min(conflict[p], 1.0)
    for link in range(links):
        near = conflict[int(link_from[link])]
        if near > 0.0:
            end = int(link_to[link])
            safe[end] = min(safe[end], 1.0 - danger * near * exp(-link_km[link] / fear))
    cost = np.full(links, np.inf)
    for link in range(links):
        if road_open[link // 2] > 0.5:
            end = int(link_to[link])
            cost[link] = link_km[link] / reach - log(max(safe[end], 1e-6))
    least = np.zeros(places)
    for c in range(places):
        if camp[c] < 0.5:
            continue
        draw = attraction[c] * (1.0 + newness * 0.5 ** (camp_days[c] / new_for))
        for p in range(places):
            least[p] = np.inf
        least[c] = 0.0
        shorter = True
        while shorter:
            shorter = False
            for link in range(links):
                start, end = int(link_from[link]), int(link_to[link])
                through = camp[end] < 0.5 or end == c  # who has reached a camp stays
                if through and cost[link] + least[end] < least[start] - 1e-12:
                    least[start] = cost[link] + least[end]
                    shorter = True
        for link in range(links):
            start, end = int(link_from[link]), int(link_to[link])
            if (camp[end] < 0.5 or end == c) and least[end] < least[start] - 1e-12:
                pull[link] += draw * exp(-cost[link] - least[end])
