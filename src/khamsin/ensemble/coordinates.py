"""The coordinates of a store: members, times, places, actors, links and pairs, with their names."""

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from khamsin.plan import Plan

PLACE_COORDS = ("name", "name_ar", "country", "kind", "lat", "lon", "population")
ACTOR_COORDS = ("name", "kind", "side")


def dims_on_disk(plan: "Plan", name: str) -> tuple[str, ...]:
    """Return the dims of a recorded variable after member and time: place and actor become pair."""
    dims = plan.slots[name].variable.dims
    return ("pair",) if dims == ("place", "actor") else dims


def coordinates(
    plan: "Plan", seed: int, members: int
) -> dict[str, tuple[str, npt.NDArray[Any], dict[str, Any]]]:
    """Return the coordinates of a store: name -> (dim, values, attributes)."""
    everyone = np.arange(members)
    days = [
        np.array([(d - date(1970, 1, 1)).days for d in dates], np.int64)
        for dates in (plan.calendar.period_start, plan.calendar.period_end)
    ]
    since = {"units": "days since 1970-01-01", "calendar": "proleptic_gregorian"}
    if plan.model.outputs.every == "month":
        label = np.array(
            [(d.replace(day=1) - date(1970, 1, 1)).days for d in plan.calendar.period_start],
            np.int64,
        )
    else:
        label = days[0]
    coords: dict[str, tuple[str, npt.NDArray[Any], dict[str, Any]]] = {
        "member": ("member", everyone.astype(np.int64), {}),
        "weight": (
            "member",
            plan.weights(seed, members),
            {"long_name": "weight by the answers held; adds up to one"},
        ),
        "time": ("time", label, since),
        "period_start": ("time", days[0], since),
        "period_end": ("time", days[1], since),
    }
    for question, answers in plan.answers(seed, everyone).items():
        coords[f"hypothesis_{question}"] = (
            "member",
            _text(answers),
            {"long_name": plan.model.hypotheses[question].question},
        )
    for dim in ("place", "actor"):
        if not plan.dims[dim]:
            continue
        table = plan.model.tables[dim]
        coords[dim] = (dim, _text(plan.dims[dim]), {})
        for column in PLACE_COORDS if dim == "place" else ACTOR_COORDS:
            if column not in table.columns:
                continue
            plain = column in ("country", "lat", "lon", "population")
            values = (
                _numbers(table.columns[column])
                if column in ("lat", "lon", "population")
                else _text(table.columns[column])
            )
            coords[column if plain else f"{dim}_{column}"] = (dim, values, {})
    for dim, ids in plan.dims.items():
        if dim not in ("place", "actor", "other", "route", "link") and ids:
            coords[dim] = (dim, _text(ids), {})
            named = plan.model.tables[dim].columns if dim in plan.model.tables else {}
            if len(named.get("name", ())) == len(ids):
                coords[f"{dim}_name"] = (dim, _text(named["name"]), {})
    if plan.dims["link"]:
        routes = plan.model.tables["route"].columns
        a, b = np.array(routes["a"], object), np.array(routes["b"], object)
        coords["link"] = ("link", np.arange(2 * a.size), {})
        coords["link_from"] = ("link", _text(np.column_stack([a, b]).ravel()), {})
        coords["link_to"] = ("link", _text(np.column_stack([b, a]).ravel()), {})
        coords["link_mode"] = (
            "link",
            _text(np.repeat(np.array(routes.get("mode", [""] * a.size), object), 2)),
            {},
        )
    place, actor = (np.array(plan.dims[d], object) for d in ("place", "actor"))
    coords["pair_place"] = ("pair", _text(place[plan.pairs[:, 0]] if place.size else []), {})
    coords["pair_actor"] = ("pair", _text(actor[plan.pairs[:, 1]] if actor.size else []), {})
    return coords


def _text(values: Any) -> npt.NDArray[Any]:
    return np.array([str(v) for v in values], dtype=np.dtypes.StringDType())


def _numbers(column: list[str]) -> npt.NDArray[Any]:
    return np.array([float(v) if v else np.nan for v in column])
