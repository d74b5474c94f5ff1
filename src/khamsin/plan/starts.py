"""Starting values: from tables with low, best and high, national totals, and an explicit remainder
(decisions 7 and 8).

A total row (place "*LIBYA") is drawn first. The rows of places are shares of it: a Dirichlet draw
around the best figures, whose concentration comes from the width of their ranges. What the places
do not hold is the remainder, never a silent rescaling.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from khamsin.draws import uniforms
from khamsin.model import Constant, Drawn, FromTable, Model, StartRow
from khamsin.plan.layout import Slot
from khamsin.plan.occupied import open_to_fighters
from khamsin.priors import Fixed, Gamma, Prior, SplitLogNormal

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def starting_state(
    model: Model,
    slots: Mapping[str, Slot],
    dims: Mapping[str, list[str]],
    size: int,
    seed: int,
    members: Ints,
    first: date,
) -> Floats:
    """Draw the starting state on the day `first` of each member, dims (member, cell of the
    buffer)."""
    state = np.zeros((members.size, size))
    for name, slot in slots.items():
        start = model.state.get(name)
        if start is None:
            if slot.variable.default:
                _cells(state, slot)[:] = slot.variable.default
        elif isinstance(start, Constant):
            _cells(state, slot)[:] = start.value
        elif isinstance(start, Drawn):
            u = uniforms(seed, f"start {name}", members, slot.size)
            _cells(state, slot)[:] = start.prior.quantile(u)
    _set_links(model, slots, dims, state)
    _set_places(model, slots, state)
    if "day_of_year" in slots:
        _cells(state, slots["day_of_year"])[:] = (first - date(first.year, 1, 1)).days
    tables = {n: s for n, s in model.state.items() if isinstance(s, FromTable)}
    for name, table in tables.items():
        if name in slots and table.garrison is None:
            _from_table(name, table, slots, dims, state, seed, members)
    for name, table in tables.items():  # garrisons need to know who holds the place
        if name in slots and table.garrison is not None:
            _from_table(name, table, slots, dims, state, seed, members)
    if "holder" in slots and "control" in slots:
        _cells(state, slots["holder"])[:] = largest_share(_grid(state, slots["control"]))
    for slot in slots.values():
        if slot.variable.whole:
            cells = _cells(state, slot)
            np.floor(cells, out=cells)
        if slot.base is not None:
            state[:, slot.base : slot.base + slot.size] = _cells(state, slot)
    return state


def largest_share(control: Floats) -> Floats:
    """Return who holds each place: the actor with the largest share, or -1 where the ungoverned
    share is larger.

    Parameters
    ----------
    control : ndarray, dims (member, place, actor)
    """
    top = control.max(axis=2)
    held = (top > 0) & (top >= 1.0 - control.sum(axis=2) - 1e-9)
    return np.where(held, control.argmax(axis=2), -1.0)


def _cells(state: Floats, slot: Slot) -> Floats:
    return state[:, slot.offset : slot.offset + slot.size]


def _grid(state: Floats, slot: Slot) -> Floats:
    return _cells(state, slot).reshape(state.shape[0], *slot.shape)


def _set_links(
    model: Model, slots: Mapping[str, Slot], dims: Mapping[str, list[str]], state: Floats
) -> None:
    if "route" not in model.tables:
        return
    routes = model.tables["route"]
    uses = routes.columns.get("uses", [""] * len(routes.ids))
    place = {p: i for i, p in enumerate(dims["place"])}
    ends = np.array(
        [
            [place[a], place[b]]
            for a, b in zip(routes.columns["a"], routes.columns["b"], strict=True)
        ]
    )
    for name, values in (
        ("link_from", ends.ravel()),
        ("link_to", ends[:, ::-1].ravel()),
        ("link_km", np.repeat(routes.numbers("km"), 2)),
        ("link_open", np.repeat([float(open_to_fighters(use)) for use in uses], 2)),
    ):
        if name in slots:
            _cells(state, slots[name])[:] = values


def _set_places(model: Model, slots: Mapping[str, Slot], state: Floats) -> None:
    places = model.tables["place"]
    countries = places.columns.get("country", [""] * len(places.ids))
    known = sorted(set(countries))
    for name, values in (
        ("latitude", places.numbers("lat")),
        ("longitude", places.numbers("lon")),
        ("country", [float(known.index(country)) for country in countries]),
    ):
        if name in slots:
            _cells(state, slots[name])[:] = values


def _from_table(
    name: str,
    table: FromTable,
    slots: Mapping[str, Slot],
    dims: Mapping[str, list[str]],
    state: Floats,
    seed: int,
    members: Ints,
) -> None:
    slot = slots[name]
    grid = _grid(state, slot)
    position = [{x: i for i, x in enumerate(dims[d])} for d in slot.variable.dims]
    totals = {row.index[0]: row for row in table.rows if row.total}
    shared: dict[str, list[StartRow]] = {}
    for row in table.rows:
        if row.total:
            continue
        if row.index[-1] in totals:
            shared.setdefault(row.index[-1], []).append(row)
            continue
        at = _where(position, row)
        values = _draw(row.prior, seed, f"start {name} {' '.join(row.index)}", members)
        grid[_everyone(at)] = values
        if table.symmetric:
            grid[_everyone(at[::-1])] = values
    for actor, total in totals.items():
        whole = _draw(total.prior, seed, f"start {name} {actor} total", members)
        rows = shared.get(actor, [])
        shares = _shares(name, actor, total, rows, seed, members)
        for row, share in zip(rows, shares, strict=True):
            at = _where(position, row)
            grid[_everyone(at)] = np.floor(whole * share)
        if table.remainder:
            a = dims["actor"].index(actor)
            left = np.floor(whole) - sum(np.floor(whole * share) for share in shares)
            _cells(state, slots[table.remainder])[:, a] = left
    if table.garrison is not None and "control" in slots:
        _add_garrisons(name, table, slots, dims, state, seed, members, set(totals))


def _add_garrisons(
    name: str,
    table: FromTable,
    slots: Mapping[str, Slot],
    dims: Mapping[str, list[str]],
    state: Floats,
    seed: int,
    members: Ints,
    totals: set[str],
) -> None:
    """Give each holder without fighters at its place a small garrison, out of its remainder where
    it has one."""
    assert table.garrison is not None
    grid = _grid(state, slots[name])
    holder = largest_share(_grid(state, slots["control"]))
    placed = {row.index for row in table.rows if not row.total}
    for p, place in enumerate(dims["place"]):
        u = uniforms(seed, f"garrison {place}", members)[:, 0]
        size = np.floor(table.garrison.quantile(u))
        for a in np.unique(holder[:, p]).astype(int):
            actor = dims["actor"][a]
            if a < 0 or (place, actor) in placed:
                continue
            garrison = np.where(holder[:, p] == a, size, 0.0)
            if actor in totals and table.remainder:
                left = _cells(state, slots[table.remainder])[:, a]
                garrison = np.minimum(garrison, left)
                left -= garrison
            grid[:, p, a] += garrison


def _draw(prior: Prior, seed: int, name: str, members: Ints) -> Floats:
    if isinstance(prior, Fixed):
        return np.full(members.size, prior.value)
    return np.asarray(prior.quantile(uniforms(seed, name, members)[:, 0]), dtype=np.float64)


def _where(position: list[dict[str, int]], row: StartRow) -> tuple[int, ...]:
    return tuple(position[d][x] for d, x in enumerate(row.index))


def _everyone(at: tuple[int, ...]) -> tuple[Any, ...]:
    return (slice(None), *at)


def _best(row: StartRow) -> float:
    return float(row.prior.quantile(np.array([0.5]))[0])


def _shares(
    name: str, actor: str, total: StartRow, rows: list[StartRow], seed: int, members: Ints
) -> list[Floats]:
    """Draw the share of the total at each place: gammas with mean `best`, over their sum and the
    remainder's."""
    best = [_best(row) for row in rows]
    rest = max(_best(total) - sum(best), 0.0)
    parts = []
    for row, mean in zip(rows, best, strict=True):
        if mean <= 0.0:
            parts.append(np.zeros(members.size))
            continue
        u = uniforms(seed, f"start {name} {' '.join(row.index)}", members)[:, 0]
        parts.append(
            np.asarray(
                Gamma(_concentration(row.prior), mean / _concentration(row.prior)).quantile(u)
            )
        )
    left = np.zeros(members.size)
    if rest > 0.0:
        u = uniforms(seed, f"start {name} {actor} remainder", members)[:, 0]
        left = np.asarray(Gamma(2.0, rest / 2.0).quantile(u))
    whole = np.maximum(sum(parts, np.zeros(members.size)) + left, 1e-12)
    return [part / whole for part in parts]


def _concentration(prior: Prior) -> float:
    """Return the gamma shape whose spread is that of the range: 1 / (log-sd squared), held to 0.5
    to 50."""
    if isinstance(prior, SplitLogNormal) and prior.low > 0:
        sigma = np.log(prior.high / prior.low) / (2 * 1.6448536269514722)
        return float(np.clip(1.0 / max(sigma, 1e-6) ** 2, 0.5, 50.0))
    return 0.5 if not isinstance(prior, Fixed) else 50.0
