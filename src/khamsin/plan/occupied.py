"""Which (place, actor) pairs can ever be occupied: the rest is zero in every future and is not
recorded (decision 15)."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from khamsin.model import FromTable, Model

Ints = npt.NDArray[np.int64]


def occupied_pairs(model: Model, dims: Mapping[str, list[str]]) -> Ints:
    """Return the pairs that an actor can reach along routes from where it starts or is put by a
    scenario.

    Returns
    -------
    ndarray, dims (pair, [place, actor])
        Sorted by place, then actor. In a model without starting tables of pairs: all pairs.
    """
    place = {p: k for k, p in enumerate(dims["place"])}
    actor = {a: k for k, a in enumerate(dims["actor"])}
    held = np.zeros((len(place), len(actor)), bool)
    tables = 0
    starts = [each for state in (model.state, *model.earlier.values()) for each in state.items()]
    for name, start in starts:
        if model.variables[name].dims != ("place", "actor"):
            continue
        if not isinstance(start, FromTable):
            if getattr(start, "value", 1.0) != 0.0:
                held[:] = True
            continue
        tables += 1
        for row in start.rows:
            if not row.total:
                held[place[row.index[0]], actor[row.index[1]]] = True
    for scenario in (*model.scenarios.values(), *([model.history] if model.history else [])):
        for i in scenario.interventions:
            if i.change in model.variables and model.variables[i.change].dims == ("place", "actor"):
                places = i.where.get("place", list(place))
                for p in places:
                    for a in i.where.get("actor", list(actor)):
                        held[place[p], actor[a]] = True
    if not tables:
        held[:] = True
    group = _components(model, place)
    reached = np.zeros_like(held)
    for g in np.unique(group):
        inside = group == g
        reached[np.ix_(inside, held[inside].any(axis=0))] = True
    return np.argwhere(reached)


def _components(model: Model, place: Mapping[str, int]) -> Ints:
    """Number the parts of the map that fighters' routes connect."""
    routes = model.tables.get("route")
    group = np.arange(len(place))
    if routes is None:
        return group
    uses = routes.columns.get("uses", [""] * len(routes.ids))
    changed = True
    while changed:
        changed = False
        for a, b, use in zip(routes.columns["a"], routes.columns["b"], uses, strict=True):
            if not open_to_fighters(use):
                continue
            low = min(group[place[a]], group[place[b]])
            for end in (a, b):
                if group[place[end]] != low:
                    group[place[end]] = low
                    changed = True
    return group


def open_to_fighters(uses: str) -> bool:
    """Say whether fighters may use a route: the column `uses` is absent, or says `all` or
    `fighters`."""
    kinds = {u.strip() for u in uses.split(";")}
    return not uses or bool(kinds & {"all", "fighters"})
