"""Coalitions: militias join coalitions and leave them, one at a time, for what they gain by it.

    U(a, S) = b_win s(decisive log(w_S / w_rest)) w_a / w_S      power, and one's share of it
              - c_ideo (mean |x_a - x_b| - unlike)               company of the like-minded
              + c_pat mean same_patron(a, b)
              - c_past mean hostility(a, b)

over the other members b of S; alone only the first term is left. Some weeks an actor reconsiders
(hazard `reconsider`, about once a quarter), looks for the coalition, or none, that it gains most
by, and moves with probability s(dU / temperature): a greedy merge-split under bounded rationality.
To join takes two: the smaller of its own gain and the mean gain of the members counts. Members of a
coalition come to be tied by `bond`, those apart by no more than `loose`. Weights: hypothesis
`coalition` (Riker 1962; Christia 2012; Gade et al. 2019). Left out: splits within an actor,
treaties, and hostility, which stays as it is.
"""

from math import exp
from typing import Annotated

import numpy as np

from khamsin.draws import bernoulli, pin
from khamsin.presence import add_rows
from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Param, Stream, process


@process(each="model", references=("riker_1962", "christia_2012", "gade_2019"))
def coalitions(
    coalition: Annotated[Array, InOut("actor", "1")],
    alliance: Annotated[Array, InOut("actor other", "1")],
    affinity: Annotated[Array, In("actor other", "1")],
    joins: Annotated[Array, In("actor", "1")],
    position: Annotated[Array, In("actor", "1")],
    client: Annotated[Array, In("power actor", "1")],
    hostility: Annotated[Array, In("actor other", "1")],
    fighters: Annotated[Array, In("place actor", "person")],
    unplaced: Annotated[Array, In("actor", "person")],
    b_win: Annotated[float, Param("1", Fixed(0.0), "judgement")],
    c_ideo: Annotated[float, Param("1", Fixed(0.0), "judgement")],
    c_pat: Annotated[float, Param("1", Fixed(0.0), "judgement")],
    c_past: Annotated[float, Param("1", LogNormal(1.0, 0.4), "judgement")],
    decisive: Annotated[float, Param("1", Fixed(2.0), "judgement")],
    unlike: Annotated[float, Param("1", Fixed(0.3), "judgement")],
    temperature: Annotated[float, Param("1", Fixed(0.15), "judgement")],
    reconsider: Annotated[float, Param("1/day", LogNormal(1.0 / 91.0, 0.4), "judgement")],
    bond: Annotated[float, Param("1", Fixed(0.7), "judgement")],
    loose: Annotated[float, Param("1", Fixed(0.3), "judgement")],
    growing: Annotated[float, Param("day", LogNormal(60.0, 0.4), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Let militias change coalitions, and ties follow.

    Parameters
    ----------
    coalition : dims (actor,)
        Number of its coalition; numbered in the first step from ties of one half and more.
    alliance : dims (actor, other)
        The ties that count in a contest; symmetric.
    affinity : dims (actor, other)
    joins, position : dims (actor,)
    client : dims (power, actor)
        Two clients of one power have the same patron.
    hostility : dims (actor, other)
        Stands for past blood.
    fighters : dims (place, actor), person
    unplaced : dims (actor,), person
    b_win, c_ideo, c_pat, c_past : weights
    decisive : how sharply superior strength wins
    unlike : distance at which company neither pleases nor repels
    temperature : 0 for perfect rationality
    reconsider : 1/day
    bond : tie of members of one coalition
    loose : most that ties those apart
    growing : day
        How fast ties follow.
    """
    actors = unplaced.size
    numbered = False
    for a in range(actors):
        numbered = numbered or (joins[a] > 0.5 and coalition[a] >= 0.0)
    if not numbered:
        for a in range(actors):
            coalition[a] = a
        for _ in range(actors):
            for a in range(actors):
                for b in range(actors):
                    if joins[a] > 0.5 and joins[b] > 0.5 and affinity[a, b] >= 0.5:
                        coalition[a] = min(coalition[a], coalition[b])
    total = 0.0
    force = np.zeros(actors)  # of those who are there and may join; others are looked past
    for a in range(actors):
        force[a] = unplaced[a]
    add_rows(fighters, force)
    for a in range(actors):
        if joins[a] <= 0.5 or force[a] < 30.0:
            force[a] = 0.0
        total += force[a]
    there = np.empty(actors, np.int64)
    mates = np.empty(actors, np.int64)  # the other members of a coalition
    many = 0
    for a in range(actors):
        if force[a] > 0.0:
            there[many] = a
            many += 1
    chance = 1.0 - exp(-reconsider * dt)
    liking = np.empty((actors, actors))
    patron = np.empty(actors)
    known = False
    for turning in range(many):
        a = there[turning]
        pin(rng, a)
        if not bernoulli(rng, chance):
            continue
        for m in range(0 if known else many):  # needed in few steps
            b = there[m]
            patron[:] = 0.0
            for k in range(client.shape[0]):
                if client[k, b] > 0.0:
                    for c in range(actors):
                        patron[c] = max(patron[c], min(client[k, b], client[k, c]))
            for n in range(m):
                c = there[n]
                like = c_pat * patron[c] - c_past * max(hostility[b, c], hostility[c, b])
                like -= c_ideo * (abs(position[b] - position[c]) - unlike)
                liking[b, c] = like
                liking[c, b] = like
        known = True
        best, best_gain, here = -1, -1e9, 0.0
        for turn in range(actors + 2):
            # First the present coalition, then none, then each other, found by its first member.
            option = turn - 2
            label = coalition[a]
            if option >= 0:
                label = coalition[option]
                if force[option] <= 0.0 or label == coalition[a]:
                    continue
            size, company, count = force[a], 0.0, 0
            for m in range(many if turn != 1 else 0):
                b = there[m]
                if coalition[b] == label and b != a:
                    size += force[b]
                    company += liking[a, b]
                    mates[count] = b
                    count += 1
            if option >= 0 and mates[0] != option:
                continue
            members = float(count)
            winning = 1.0 / (1.0 + ((total - size) / size) ** decisive)
            worth = company / max(members, 1.0) + b_win * winning * force[a] / size
            if turn == 0:
                here = worth
                continue
            if turn == 1 and here == worth:
                continue  # alone already
            gain = worth - here
            welcome = 0.0
            before = size - force[a]
            if members > 0.0:
                power = 1.0 / (1.0 + ((total - before) / before) ** decisive)
                for m in range(count):
                    b = mates[m]
                    own = 0.0
                    for n in range(count):
                        if n != m:
                            own += liking[b, mates[n]]
                    change = (own + liking[b, a]) / members - own / max(members - 1.0, 1.0)
                    change += b_win * force[b] * (winning / size - power / before)
                    welcome += change / members
                gain = min(gain, welcome)
            if gain > best_gain:
                best, best_gain = option, gain
        if best_gain < -1e8:
            continue
        move = 1.0 / (1.0 + exp(min(50.0, -best_gain / temperature)))
        if bernoulli(rng, move):
            if best >= 0:
                coalition[a] = coalition[best]
            else:
                free = 0.0
                taken = True
                while taken:
                    taken = False
                    for b in range(actors):
                        taken = taken or (coalition[b] == free and b != a)
                    if taken:
                        free += 1.0
                coalition[a] = free
    step = 1.0 - exp(-dt / growing)
    for a in range(actors):
        if joins[a] <= 0.5:
            continue
        own = coalition[a]
        for b in range(actors):
            aim = max(affinity[a, b], bond) if coalition[b] == own else min(affinity[a, b], loose)
            if joins[b] > 0.5 and a != b:
                alliance[a, b] += (aim - alliance[a, b]) * step
