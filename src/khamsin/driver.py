"""The driver: for each member, each step, each process in order; then the record. Compiled once for
all models.

It only moves data and calls adapters, so it is written in plain loops: slices and array expressions
would triple its compile time. What it clears and records it takes in runs of cells side by side.
"""

import numpy as np
from numba import njit, types

from khamsin.compiler import call
from khamsin.draws import pin_member
from khamsin.stamped import stamped
from khamsin.streams import SOURCES
from khamsin.views import view_1d

_f1, _f2, _f3 = types.float64[::1], types.float64[:, ::1], types.float64[:, :, ::1]
_i1, _i2 = types.int64[::1], types.int64[:, ::1]
_u1 = types.uint64[::1]

SET, SCALE, ADD = 0, 1, 2
IN_STATE, IN_PARAMETERS = 0, 1

# One line an argument of `drive`, in its order.
_ARGUMENTS = (
    _i1,  # adapters (process): their addresses; 0 is skipped
    _i2,  # at (process, number)
    _u1,  # keys (process)
    _u1,  # stream
    _f2,  # state (member, cell)
    _f2,  # parameters (member, element)
    _f2,  # values (member, value)
    _i1,  # members
    _f1,  # days (step)
    _i2,  # zeroed (run, [first cell, cells])
    _i2,  # changes (change, [where, offset, action, value, base])
    _f2,  # change_bounds (change, [least, greatest])
    _i1,  # change_start (step + 1)
    _i2,  # change_use (use, [change, 0])
    _f1,  # change_share (use)
    _i2,  # touched (touched, [where, offset, base])
    _i2,  # flows (run, [first cell of the state, first cell of the record, cells])
    _i2,  # stocks (run, the same)
    _i1,  # period_start (step + 1)
    _i1,  # period (use)
    _f1,  # period_share (use)
    _f3,  # records (member, period, cell)
    types.int64,  # first
    types.int64,  # last
)


@njit(nogil=True, cache=True, error_model="numpy")
def drive(  # type: ignore[no-untyped-def]
    adapters,
    at,
    keys,
    stream,
    state,
    parameters,
    values,
    members,
    days,
    zeroed,
    changes,
    change_bounds,
    change_start,
    change_use,
    change_share,
    touched,
    flows,
    stocks,
    period_start,
    period,
    period_share,
    records,
    first,
    last,
):
    """Advance each member from step `first` up to (not including) step `last`, in place.

    `touched` lists (where, offset, base offset) of everything that an intervention may change: it
    is put back before each step and changed again while the intervention lasts. `change_use` lists
    (change, 0) for each step between change_start[step] and change_start[step + 1], with the share
    of the step that the change covers; nothing is taken that is not there, and no share passes one:
    what is changed is held to its bounds. `period` and `period_share` say likewise into which
    periods of the record a step falls, and with what share; a negative period means that the step
    ends it: stocks are read off.
    """
    used = np.empty(parameters.shape[1])
    width = records.shape[2]
    for m in range(state.shape[0]):
        own = state[m]
        record = records[m]
        for j in range(used.size):
            used[j] = parameters[m, j]
        for step in range(first, last):
            for k in range(touched.shape[0]):
                if touched[k, 0] == IN_STATE:
                    own[touched[k, 1]] = own[touched[k, 2]]
                else:
                    used[touched[k, 1]] = parameters[m, touched[k, 1]]
            for c in range(change_start[step], change_start[step + 1]):
                change = change_use[c, 0]
                share = change_share[c]
                value = values[m, changes[change, 3]]
                offset = changes[change, 1]
                if changes[change, 0] == IN_STATE:
                    old, base = own[offset], own[changes[change, 4]]
                else:
                    old, base = used[offset], parameters[m, offset]
                if changes[change, 2] == SET:
                    new = old + share * (value - base)
                elif changes[change, 2] == SCALE:
                    new = old * (1.0 + share * (value - 1.0))
                else:
                    new = old + share * value
                new = min(max(new, change_bounds[change, 0]), change_bounds[change, 1])
                if changes[change, 0] == IN_STATE:
                    own[offset] = new
                else:
                    used[offset] = new
            for k in range(zeroed.shape[0]):
                cells = view_1d(own, zeroed[k, 0], zeroed[k, 1])
                for j in range(cells.size):
                    cells[j] = 0.0
            for k in range(keys.size):
                if adapters[k] != 0:
                    pin_member(stream, keys[k], members[m], step)
                    call(adapters[k], own, used, at[k], stream, days[step])  # type: ignore[call-arg]
            for c in range(period_start[step], period_start[step + 1]):
                share = period_share[c]
                if period[c] >= 0:
                    entry = view_1d(record, period[c] * width, width)
                    for k in range(flows.shape[0]):
                        here = view_1d(own, flows[k, 0], flows[k, 2])
                        there = view_1d(entry, flows[k, 1], flows[k, 2])
                        for j in range(here.size):
                            there[j] += share * here[j]
                else:
                    entry = view_1d(record, (-period[c] - 1) * width, width)
                    for k in range(stocks.shape[0]):
                        here = view_1d(own, stocks[k, 0], stocks[k, 2])
                        there = view_1d(entry, stocks[k, 1], stocks[k, 2])
                        for j in range(here.size):
                            there[j] = here[j]


stamped(drive, "compiler.py", "views.py", *SOURCES, signature=types.void(*_ARGUMENTS))
