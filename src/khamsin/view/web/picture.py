"""A model before any run: its tables, and a map of who is where at the start."""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from khamsin.errors import InputError
from khamsin.model import FromTable, Model, Table, read
from khamsin.view import map as maps

MOST_ROWS = 1000


def picture(folder: Path, trust: bool = False) -> dict[str, Any]:
    """Return the tables of a model, and its map where one can be drawn."""
    model = read(folder, trust=trust)
    try:
        drawn = maps.draw(starting_ensemble(model))
    except InputError as error:
        shown: dict[str, Any] = {"svg": "", "why": str(error)}
    else:
        shown = {
            "svg": drawn.svg,
            "why": "",
            "geographic": drawn.geographic,
            "actors": [{"name": a.name, "code": a.code, "css": a.css} for a in drawn.actors],
            "beyond": drawn.beyond,
            "size": drawn.sizes[0][1] if drawn.sizes else "",
        }
    tables = [
        {
            "name": name,
            "file": Path(table.file).name,
            "columns": list(table.columns),
            "rows": list(zip(*table.columns.values(), strict=True))[:MOST_ROWS],
            "count": len(table.ids),
        }
        for name, table in model.tables.items()
    ]
    return {"map": shown, "tables": tables}


def starting_ensemble(model: Model) -> xr.Dataset:
    """Return the start of a model as an ensemble of one member and one month, for the report's map.

    Both `control` and `fighters` are the medians of the rows that name a place and an actor.
    """
    places, actors = model.places, model.actors
    coords: dict[str, Any] = {
        "member": [0],
        "weight": ("member", [1.0]),
        "time": [np.datetime64(model.time.origin, "ns")],
        "place": places.ids,
        "actor": actors.ids,
        "place_name": ("place", _column(places, "name")),
        "actor_name": ("actor", _column(actors, "name")),
    }
    for name in ("lat", "lon", "population"):
        if name in places.columns:
            values = [float(v) if v else np.nan for v in places.columns[name]]
            coords[name] = ("place", values)
    for name, column in (("country", "country"), ("place_name_ar", "name_ar")):
        if column in places.columns:
            coords[name] = ("place", places.columns[column])
    held = {name: _rows(model, name) for name in ("control", "fighters")}
    pairs = list(dict.fromkeys(pair for rows in held.values() for pair in rows))
    if not pairs:
        return xr.Dataset({}, coords, {"title": model.title, "scenario": "start"})
    variables = {
        name: (
            ("member", "time", "pair"),
            np.array([[[rows.get(pair, 0.0) for pair in pairs]]]),
            {"units": model.variables[name].unit, "long_name": name, "kind": "stock"},
        )
        for name, rows in held.items()
        if rows
    }
    coords["pair_place"] = ("pair", [place for place, _ in pairs])
    coords["pair_actor"] = ("pair", [actor for _, actor in pairs])
    found = xr.Dataset(variables, coords, {"title": model.title, "scenario": "start"})
    return found.set_index(pair=["pair_place", "pair_actor"])


def _column(table: Table, name: str) -> list[str]:
    given = table.columns.get(name, [""] * len(table.ids))
    return [v or id for v, id in zip(given, table.ids, strict=True)]


def _rows(model: Model, variable: str) -> dict[tuple[str, str], float]:
    """Median of the starting values of a variable by place and actor."""
    start = model.state.get(variable)
    if not isinstance(start, FromTable) or model.variables[variable].dims != ("place", "actor"):
        return {}
    return {
        (row.index[0], row.index[1]): float(np.ravel(row.prior.quantile(np.array([0.5])))[0])
        for row in start.rows
        if not row.total
    }
