"""Oil flow: what the fields produce and the chain field, pipe, terminal lets through.

    free_j  = capacity_j * intact_j * (1 - blocked_j)
    own_f   = free_f - smuggled_f                        a field: what nothing feeds
    passed_j = min(free_j, sum of passed_i over what feeds j)
    allowed_f = own_f * product of passed / arrived down its chain

a series system: what is shut or too narrow anywhere shuts all that is behind it, in proportion. A
field that is allowed less goes down at once, one that is allowed more comes up with the time
constant `restart`. The holder of a field may take a share `sells` of what it could produce and sell
it by truck, without the chain (switch `oil`). Left out: storage, refineries, gas, the grades of
crude, loading weather.
"""

from math import exp
from typing import Annotated

import numpy as np

from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, process


@process(each="model", references=("eaton_2018",))
def oil_flow(
    oil_output: Annotated[Array, InOut("facility", "kb/day")],
    oil_produced: Annotated[Array, Out("facility", "kb")],
    oil_loaded: Annotated[Array, Out("facility", "kb")],
    oil_smuggled: Annotated[Array, Out("facility", "kb")],
    oil_capacity: Annotated[Array, In("facility", "kb/day")],
    intact: Annotated[Array, In("facility", "1")],
    blocked: Annotated[Array, In("facility", "1")],
    feeds: Annotated[Array, In("facility", "1")],
    facility_place: Annotated[Array, In("facility", "1")],
    holder: Annotated[Array, In("place", "1")],
    restart: Annotated[float, Param("day", LogNormal(30.0, 0.5), "judgement")],
    sells: Annotated[Array, Param("1", Fixed(0.0), "judgement", "actor")],
    dt: Days,
) -> None:
    """Produce oil and pass it down the chain to the terminals.

    Parameters
    ----------
    oil_output : dims (facility,), kb/day
        What each facility produces or passes on.
    oil_produced, oil_loaded, oil_smuggled : dims (facility,), kb
        At fields, at terminals, and taken by holders of fields. The first two have the same sum.
    oil_capacity : dims (facility,), kb/day
    intact, blocked : dims (facility,)
    feeds : dims (facility,)
        The next facility of the chain, further down in the table; -1 is the end.
    facility_place : dims (facility,)
    holder : dims (place,)
    restart : day
        Time constant with which a field that was shut comes up again.
    sells : dims (actor,)
        Share of a field that its holder produces and sells by itself.
    """
    n = oil_capacity.size
    free = np.zeros(n)
    arrived = np.zeros(n)
    share = np.ones(n)  # of what arrives, what gets through
    fed = np.zeros(n)
    for j in range(n):
        k = int(feeds[j])
        if k > j:
            fed[k] = 1.0
    for j in range(n):
        free[j] = oil_capacity[j] * intact[j] * (1.0 - blocked[j])
        if fed[j] > 0.0:
            passed = min(arrived[j], free[j])
            if arrived[j] > 0.0:
                share[j] = passed / arrived[j]
        else:
            p = int(facility_place[j])
            h = int(holder[p]) if p >= 0 else -1
            if h >= 0 and sells[h] > 0.0:
                taken = sells[h] * oil_capacity[j] * intact[j]
                oil_smuggled[j] = taken * dt
                free[j] = max(0.0, free[j] - taken)
            passed = free[j]
        k = int(feeds[j])
        if k > j:
            arrived[k] += passed
    for j in range(n - 1, -1, -1):
        k = int(feeds[j])
        if k > j:
            share[j] *= share[k]
        arrived[j] = 0.0
    rise = 1.0 - exp(-dt / restart)
    for j in range(n):
        if fed[j] > 0.0:
            oil_output[j] = arrived[j]
        else:
            allowed = free[j] * share[j]
            if allowed > oil_output[j]:
                oil_output[j] += rise * (allowed - oil_output[j])
            else:
                oil_output[j] = allowed
            oil_produced[j] = oil_output[j] * dt
        k = int(feeds[j])
        if k > j:
            arrived[k] += oil_output[j]
        else:
            oil_loaded[j] = oil_output[j] * dt
