"""Filtered states that reach the origin: let go of what history clamped, and take in the tables.

The tables as of the origin are observations of the state on that day, with their low and high as
error. A stock with a range is combined with the filtered one cell by cell on the logarithmic scale,
as an ensemble Kalman filter with perturbed observations does (Burgers, van Leeuwen and Evensen
1998), each cell alone. Particles that descend from a few ancestors lie too close together, so they
are first spread out to a log-sd of 0.35 at least (inflation: Anderson and Anderson 1999). Of
fighters the total of each actor is combined, and who stands where is the tables'. What a table
gives without a range was known, and replaces what was filtered; so do forcings, which nothing
filters.
"""

import numpy as np
import numpy.typing as npt

from khamsin.model import Drawn, FromTable, Model, StartingValue
from khamsin.plan import Plan
from khamsin.plan.layout import Slot
from khamsin.plan.starts import starting_state
from khamsin.priors import Fixed

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SPREAD = 0.35  # log-sd that filtered stocks have at least
OF_THE_MAP = ("marching", "offensive")  # who was on the way or attacking, on a map that is replaced


def released(plan: Plan, state: Floats, day: float) -> Floats:
    """Let forcings go that history clamped until some day, and keep what it set to stand.

    Parameters
    ----------
    state : ndarray, dims (member, cell)
    day : float
        Days since the first day of the plan.
    """
    found = state.copy()
    windows = plan.changes.standing
    there = windows[(windows[:, 1] < day) & (day <= windows[:, 2]), 0].astype(np.int64)
    for where, offset, base in plan.changes.touched:
        if where != 0:
            continue
        if offset in there:
            found[:, base] = found[:, offset]
        else:
            found[:, offset] = found[:, base]
    return found


def conditioned(plan: Plan, model: Model, state: Floats, seed: int, members: Ints) -> Floats:
    """Take the tables of the origin into states that stand on its eve.

    Parameters
    ----------
    plan : Plan
        Of the time before the origin.
    model : Model
        With the tables of the origin.
    state : ndarray, dims (member, cell)
        Equally weighted members.
    members : ndarray of int, dims (member,)
        What draws from the tables are pinned to.
    """
    found, slots = state.copy(), plan.slots
    table = starting_state(model, slots, plan.dims, plan.size, seed, members, model.time.origin)
    dated = {name for each in model.earlier.values() for name in each} & set(slots)
    for name in sorted(dated):
        start = model.state[name]
        if isinstance(start, FromTable) and start.remainder in slots:
            _combine_forces(found, table, slots[name], slots[start.remainder], slots)
        elif slots[name].variable.kind != "forcing" and _has_range(start):
            _put(found, slots[name], _combined(_of(found, slots[name]), _of(table, slots[name])))
        else:
            _put(found, slots[name], _of(table, slots[name]))
    if "control" in dated and "holder" in slots:
        _put(found, slots["holder"], _of(table, slots["holder"]))
    for name in OF_THE_MAP:
        if name in slots and "control" in dated:
            _put(found, slots[name], np.zeros_like(_of(found, slots[name])))
    return found


def _combine_forces(
    found: Floats, table: Floats, placed: Slot, rest: Slot, slots: dict[str, Slot]
) -> None:
    """Combine the total of each actor; its places are those of the tables."""
    now, then = (_grid(s, placed) for s in (found, table))
    total = now.sum(axis=1) + _of(found, rest)
    if "marching" in slots:
        total += _grid(found, slots["marching"]).sum(axis=1)
    drawn = then.sum(axis=1) + _of(table, rest)
    combined = np.floor(_combined(total, drawn))
    scale = combined / np.maximum(drawn, 1.0)
    places = np.floor(then * scale[:, None, :])
    _put(found, placed, places.reshape(len(found), -1))
    _put(found, rest, np.maximum(combined - places.sum(axis=1), 0.0))
    if "foreign" in slots:
        wounded = _of(found, slots["wounded"]) if "wounded" in slots else 0.0
        share = _of(found, slots["foreign"]) / np.maximum(total + wounded, 1.0)
        _put(found, slots["foreign"], np.minimum(share, 1.0) * (combined + wounded))


def _combined(filtered: Floats, observed: Floats) -> Floats:
    """Combine two samples of each cell on the logarithmic scale, dims (member, cell)."""
    x, y = np.log1p(filtered), np.log1p(observed)
    narrow = np.maximum(SPREAD / np.maximum(x.std(axis=0), 1e-6), 1.0)
    x = np.maximum(x.mean(axis=0) + narrow * (x - x.mean(axis=0)), 0.0)
    spread, error = x.var(axis=0), y.var(axis=0)
    gain = spread / np.maximum(spread + error, 1e-12)
    missing = (filtered > 0).mean(axis=0) < 0.5  # what the filtered hardly have, the table gives
    none = (observed > 0).mean(axis=0) < 0.5  # and takes what it says is not there
    return np.asarray(np.expm1(x + np.where(missing | none, 1.0, gain) * (y - x)))


def _has_range(start: StartingValue) -> bool:
    if isinstance(start, FromTable):
        return any(not isinstance(row.prior, Fixed) for row in start.rows)
    return isinstance(start, Drawn)


def _of(state: Floats, slot: Slot) -> Floats:
    return state[:, slot.offset : slot.offset + slot.size]


def _grid(state: Floats, slot: Slot) -> Floats:
    return _of(state, slot).reshape(len(state), *slot.shape)


def _put(state: Floats, slot: Slot, values: Floats) -> None:
    if slot.variable.whole:
        values = np.floor(values)
    state[:, slot.offset : slot.offset + slot.size] = values
    if slot.base is not None:
        state[:, slot.base : slot.base + slot.size] = values
