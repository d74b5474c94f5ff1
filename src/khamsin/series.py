"""Series of an opened ensemble: totals over places and actors, bands over members, odds of control.

By dims and attributes only: nothing here knows a process, and of variables only `holder` and
`control`.  Every quantile goes through `khamsin.quantiles`, so that a number on a page is the
number in the ensemble.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from khamsin import blocks
from khamsin.errors import InputError, nearest
from khamsin.quantiles import weighted_quantile

if TYPE_CHECKING:
    import xarray as xr

Array = npt.NDArray[np.float64]

# Counts are named by what is counted, in the plural.
MANY = {
    one: f"{one}s"
    for one in ("place", "strike", "fighter", "attack", "event", "building", "vehicle", "kit")
} | {
    "person": "people",
    "MUSD": "million USD",
    "USD/kit": "USD a kit",
    "kb": "thousand barrels",
    "kb/day": "thousand barrels a day",
    "1/day": "a day",
    "day": "days",
}

BAND = (0.05, 0.25, 0.5, 0.75, 0.95)

# Units of variables that say who is where rather than how many: shown as odds, not as totals.
NOT_ADDED = ("1", "", "dimensionless")


def weights(ds: xr.Dataset) -> Array:
    """Weights (member); equal where the ensemble carries none."""
    if "weight" in ds.variables:
        return np.asarray(ds.variables["weight"].values, dtype=np.float64)
    return np.full(ds.sizes["member"], 1.0 / ds.sizes["member"])


def recorded(ds: xr.Dataset) -> list[str]:
    """Variables with a value for each member and time, in the order of the ensemble."""
    names = [str(n) for n in ds.data_vars]
    return [n for n in names if {"member", "time"} <= set(map(str, ds.variables[n].dims))]


def counted(ds: xr.Dataset) -> list[str]:
    """Recorded variables that can be added up over places and actors: people, events, money."""
    found = []
    for name in recorded(ds):
        spread = [d for d in ds.variables[name].dims if d not in ("member", "time")]
        if name != "holder" and not (
            spread and not adds_up(str(ds.variables[name].attrs.get("units", "")))
        ):
            found.append(name)
    return found


def not_added(ds: xr.Dataset) -> list[str]:
    """Recorded variables of which a sum means nothing: shares, ranks, prices, rates and times.

    Who holds and who controls a place is left out: the map shows it.
    """
    known = {*counted(ds), "holder", "control"}
    return [n for n in recorded(ds) if n not in known and "pair" not in ds.variables[n].dims]


def adds_up(unit: str) -> bool:
    """Whether values in a unit can be summed over places and actors: no prices, rates or times."""
    return unit not in NOT_ADDED and unit != "day" and "/" not in unit


def is_flow(ds: xr.Dataset, name: str) -> bool:
    """Whether a variable is a sum over each period; else it is a value at its end."""
    return str(ds.variables[name].attrs.get("kind", "stock")) == "flow"


def title(ds: xr.Dataset, name: str) -> str:
    """The name of a variable for people: a long name that begins with a capital, else the name."""
    long = str(ds.variables[name].attrs.get("long_name") or "").strip()
    if not long[:1].isupper():
        long = name.replace("_", " ")
    return long[:1].upper() + long[1:]


def meaning(ds: xr.Dataset, name: str) -> str:
    """What a variable means, in a sentence; '' if its title says it."""
    long = str(ds.variables[name].attrs.get("long_name") or "").strip()
    return "" if long[:1].isupper() else long


def unit(ds: xr.Dataset, name: str) -> str:
    """The unit of a variable for people: 'people' for person, nothing for '1'."""
    text = str(ds.variables[name].attrs.get("units", ""))
    return "" if text in NOT_ADDED else MANY.get(text, text)


def per_period(ds: xr.Dataset, unit: str, flow: bool) -> str:
    """The unit of a flow says over what it is summed: 'person a month'."""
    if not flow:
        return unit
    steps = np.diff(ds["time"].values)
    days = float(np.median(steps) / np.timedelta64(1, "D")) if len(steps) else 30.0
    period = {28: "a month", 29: "a month", 30: "a month", 31: "a month", 7: "a week", 1: "a day"}
    return f"{unit} {period.get(round(days), f'in {days:.0f} days')}".strip()


def months(ds: xr.Dataset) -> list[str]:
    """The periods as text: 'May 2016', or '3 May 2016' where steps are shorter than months."""
    import pandas as pd

    times = pd.DatetimeIndex(ds["time"].values)
    if len(times) < 2 or (times[1:] - times[:-1]).min().days >= 28:
        return [f"{t:%b %Y}" for t in times]
    return [f"{t.day} {t:%b %Y}" for t in times]


def select(ds: xr.Dataset, name: str, where: dict[str, list[str]] | None = None) -> xr.DataArray:
    """A variable, restricted to some places, countries or actors.

    Parameters
    ----------
    where : mapping
        Keys 'place', 'country', 'actor' or any other dim of the ensemble; values lists of ids.

    Raises
    ------
    InputError
        For a variable, a dim or an id that is not in the ensemble; names the nearest.
    """
    if name not in ds.data_vars:
        hint = nearest(name, map(str, ds.data_vars))
        raise InputError(
            f"{name} is no variable of this ensemble"
            + (f". Did you mean {hint}?" if hint else f": it has {', '.join(recorded(ds))}")
        )
    found = ds[name]
    for key, ids in (where or {}).items():
        found = _restricted(ds, found, key, [ids] if isinstance(ids, str) else list(ids))
    return found


def total(ds: xr.Dataset, name: str, where: dict[str, list[str]] | None = None) -> Array:
    """A variable summed over everything but members and time: (member, time)."""
    key = (name, tuple((dim, *ids) for dim, ids in (where or {}).items()))
    return blocks.remembered(ds, key, lambda: blocks.total(select(ds, name, where)))


def mean(ds: xr.Dataset, name: str) -> Array:
    """Weighted mean of a variable over members (time, ...)."""
    return blocks.remembered(ds, ("mean", name), lambda: blocks.mean(ds[name], weights(ds)))


def by_place(ds: xr.Dataset, name: str) -> Iterator[tuple[slice, npt.NDArray[np.float32]]]:
    """A variable with places or pairs, summed over actors: places and (member, time, place)."""
    variable = ds[name].transpose("member", "time", ...)
    if "pair" in variable.dims:
        column = place_numbers(ds, ds["pair_place"].values)
    else:
        shape = variable.shape[2:]
        column = np.indices(shape)[variable.dims.index("place") - 2].ravel()
    return blocks.gather(variable, column, ds.sizes["place"])


def place_numbers(ds: xr.Dataset, ids: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Positions of place ids along the dim place."""
    index = {str(p): i for i, p in enumerate(ds["place"].values)}
    return np.array([index[str(i)] for i in np.asarray(ids)], dtype=np.int64)


def actor_numbers(ds: xr.Dataset, ids: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Positions of actor ids along the dim actor."""
    index = {str(a): i for i, a in enumerate(ds["actor"].values)}
    return np.array([index[str(i)] for i in np.asarray(ids)], dtype=np.int64)


def band(ds: xr.Dataset, values: npt.ArrayLike, q: tuple[float, ...] = BAND) -> Array:
    """Weighted quantiles over members: (q, ...)."""
    return weighted_quantile(values, weights(ds), q)


def odds(ds: xr.Dataset) -> Array | None:
    """Weighted share of members in which each actor holds each place: (time, place, actor).

    From the variable `holder`; where an ensemble has none, the mean of `control`. None where it has
    neither.
    """
    weight = weights(ds)
    if "holder" in ds.data_vars and "actor" in ds.dims:
        return blocks.remembered(ds, "odds", lambda: _odds_of_holding(ds, weight / weight.sum()))
    if "control" in ds.data_vars and "pair" in ds["control"].dims:
        share = mean(ds, "control")
        found = np.zeros((share.shape[0], ds.sizes["place"], ds.sizes["actor"]))
        rows = place_numbers(ds, ds["pair_place"].values)
        columns = actor_numbers(ds, ds["pair_actor"].values)
        for pair, (row, column) in enumerate(zip(rows, columns, strict=True)):
            found[:, row, column] += share[:, pair]
        return found
    return None


def _odds_of_holding(ds: xr.Dataset, share: Array) -> Array:
    actors, shape = ds.sizes["actor"], (ds.sizes["time"], ds.sizes["place"])
    # one count for all: cell (place, time) and holder make a number; 0 stands for nobody
    cells = np.arange(shape[1] * shape[0]).reshape(shape[1], 1, shape[0]) * (actors + 1)
    count = np.zeros(cells.size * (actors + 1))
    for rows, holder in blocks.blocks(ds["holder"]):
        held = np.nan_to_num(holder, nan=-1.0).astype(np.int64) + 1
        each = np.broadcast_to(share[rows, None], held.shape)
        count += np.bincount((held + cells).ravel(), weights=each.ravel(), minlength=count.size)
    return count.reshape(shape[1], shape[0], actors + 1)[:, :, 1:].transpose(1, 0, 2)


def name_of(ds: xr.Dataset, dim: str, one: str) -> str:
    """The name of a place, an actor or another element for people; its id if it has none."""
    return names_of(ds, dim).get(one) or one


def names_of(ds: xr.Dataset, dim: str) -> dict[str, str]:
    """The names of all elements of a dim that has names, by id."""
    if dim not in ds.coords or f"{dim}_name" not in ds.coords:
        return {}
    return dict(zip(map(str, ds[dim].values), text(ds, f"{dim}_name"), strict=True))


def words(values: xr.DataArray) -> npt.NDArray[np.object_]:
    """Ids or names as Python strings, whatever kind of text the store holds."""
    return np.array([str(v) for v in values.values], dtype=object)


def text(ds: xr.Dataset, coord: str, otherwise: str | None = None) -> list[str]:
    """A text coordinate as a list; missing values as ''. Falls back to another coordinate."""
    name = coord if coord in ds.coords else otherwise
    if name is None or name not in ds.coords:
        return []
    return ["" if str(v) in ("nan", "None", "<NA>") else str(v) for v in ds[name].values]


def _restricted(ds: xr.Dataset, found: xr.DataArray, key: str, ids: list[str]) -> xr.DataArray:
    """Keep some ids of one dim."""
    if key == "country" and "country" in ds.coords:
        countries = words(ds["country"])
        _known(key, ids, countries)
        ids = [str(p) for p in ds["place"].values[np.isin(countries, ids)]]
        key = "place"
    elif key in ds.dims:
        _known(key, ids, words(ds[key]))
    else:
        raise InputError(f"{key} is no dim of this ensemble: {', '.join(map(str, ds.dims))}")
    if key in found.dims:
        return found.isel({key: np.flatnonzero(np.isin(words(found[key]), ids))})
    if "pair" in found.dims and f"pair_{key}" in found.coords:
        names = words(found[f"pair_{key}"])
        return found.isel(pair=np.flatnonzero(np.isin(names, ids)))
    raise InputError(f"{found.name} has no dim {key}: it has {', '.join(map(str, found.dims))}")


def _known(key: str, ids: list[str], valid: npt.NDArray[np.object_]) -> None:
    """Refuse ids that are not there."""
    for one in ids:
        if one not in set(valid.tolist()):
            hint = nearest(one, sorted(set(valid.tolist())))
            raise InputError(
                f"{one} is no {key} of this ensemble" + (f". Did you mean {hint}?" if hint else "")
            )
