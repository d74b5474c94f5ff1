"""Series of an opened ensemble: totals over places and actors, bands over members, odds of control.

By dims and attributes only: nothing here knows a process, and of variables only `holder` and
`control`.  Every quantile goes through `khamsin.quantiles`, so that a number on a page is the
number in the ensemble.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

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


def loaded(ds: xr.Dataset) -> xr.Dataset:
    """The ensemble in memory, without the pairs of place and actor that are empty in every member.

    Most pairs could be occupied and never are: what is left of a large ensemble fits a laptop.
    Every total is unchanged. Shares of control are left out where `holder` says who holds what.
    """
    import xarray as xr

    if "holder" in ds.data_vars and "control" in ds.data_vars:
        ds = ds.drop_vars("control")
    names = [n for n in ds.data_vars if "pair" in ds[n].dims]
    rest = ds.drop_vars(names)
    if not names:
        return rest.load()
    blocks = {str(n): list(_blocks(ds[n])) for n in names}
    occupied = np.zeros(ds.sizes["pair"], dtype=bool)
    for several in blocks.values():
        for columns, _ in several:
            occupied[columns] = True
    kept = np.flatnonzero(occupied)
    place = np.zeros(ds.sizes["pair"], dtype=np.int64)
    place[kept] = np.arange(len(kept))
    found = rest.isel(pair=kept).load()
    for name in names:
        dims = ("member", "time", "pair")
        shape = (ds.sizes["member"], ds.sizes["time"], len(kept))
        values = np.zeros(shape, dtype=np.float32)
        first = 0
        for columns, part in blocks[str(name)]:
            values[first : first + len(part), :, place[columns]] = part
            first += len(part)
        found[name] = (dims, values, ds[name].attrs)
    # In the order of the ensemble, and with the coordinates that none of these has as a dim.
    found = xr.Dataset({n: found[n] for n in ds.data_vars}, found.coords, found.attrs)
    found.encoding = dict(ds.encoding)
    return found


def _blocks(variable: xr.DataArray) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[Any]]]:
    """Blocks of members as they lie on disk: the occupied pairs of each, and their values."""
    variable = variable.transpose("member", "time", "pair")
    size = (variable.encoding.get("chunks") or variable.shape)[0]
    for first in range(0, variable.shape[0], size):
        values = variable[first : first + size].values
        columns = np.flatnonzero(values.reshape(-1, values.shape[2]).any(axis=0))
        yield columns, np.take(values, columns, axis=2)


def weights(ds: xr.Dataset) -> Array:
    """Weights (member); equal where the ensemble carries none."""
    if "weight" in ds.coords or "weight" in ds:
        return np.asarray(ds["weight"].values, dtype=np.float64)
    return np.full(ds.sizes["member"], 1.0 / ds.sizes["member"])


def recorded(ds: xr.Dataset) -> list[str]:
    """Variables with a value for each member and time, in the order of the ensemble."""
    return [str(n) for n, v in ds.data_vars.items() if {"member", "time"} <= set(map(str, v.dims))]


def counted(ds: xr.Dataset) -> list[str]:
    """Recorded variables that can be added up over places and actors: people, events, money."""
    found = []
    for name in recorded(ds):
        spread = [d for d in ds[name].dims if d not in ("member", "time")]
        if name != "holder" and not (spread and not adds_up(str(ds[name].attrs.get("units", "")))):
            found.append(name)
    return found


def not_added(ds: xr.Dataset) -> list[str]:
    """Recorded variables of which a sum means nothing: shares, ranks, prices, rates and times.

    Who holds and who controls a place is left out: the map shows it.
    """
    known = {*counted(ds), "holder", "control"}
    return [n for n in recorded(ds) if n not in known and "pair" not in ds[n].dims]


def adds_up(unit: str) -> bool:
    """Whether values in a unit can be summed over places and actors: no prices, rates or times."""
    return unit not in NOT_ADDED and unit != "day" and "/" not in unit


def is_flow(ds: xr.Dataset, name: str) -> bool:
    """Whether a variable is a sum over each period; else it is a value at its end."""
    return str(ds[name].attrs.get("kind", "stock")) == "flow"


def title(ds: xr.Dataset, name: str) -> str:
    """The name of a variable for people: a long name that begins with a capital, else the name."""
    long = str(ds[name].attrs.get("long_name") or "").strip()
    if not long[:1].isupper():
        long = name.replace("_", " ")
    return long[:1].upper() + long[1:]


def meaning(ds: xr.Dataset, name: str) -> str:
    """What a variable means, in a sentence; '' if its title says it."""
    long = str(ds[name].attrs.get("long_name") or "").strip()
    return "" if long[:1].isupper() else long


def unit(ds: xr.Dataset, name: str) -> str:
    """The unit of a variable for people: 'people' for person, nothing for '1'."""
    text = str(ds[name].attrs.get("units", ""))
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
    found = select(ds, name, where).transpose("member", "time", ...)
    values = found.values
    return np.asarray(values.reshape(*values.shape[:2], -1).sum(axis=2, dtype=np.float64))


def by_place(ds: xr.Dataset, name: str) -> npt.NDArray[np.float32]:
    """A variable with places or pairs, summed over actors: (member, time, place)."""
    variable = ds[name]
    if "place" in variable.dims:
        rest = [d for d in variable.dims if d not in ("member", "time", "place")]
        return np.asarray(
            variable.sum(rest).transpose("member", "time", "place").values, dtype=np.float32
        )
    values = variable.transpose("member", "time", "pair").values
    out = np.zeros((*values.shape[:2], ds.sizes["place"]), dtype=np.float32)
    if not values.shape[2]:
        return out
    row = place_numbers(ds, ds["pair_place"].values)
    order = np.argsort(row, kind="stable")
    if (np.diff(row) < 0).any():  # on disk they lie by place already
        values = values[:, :, order]
    places, starts = np.unique(row[order], return_index=True)
    out[:, :, places] = np.add.reduceat(values, starts, axis=2)
    return out


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
        holder = ds["holder"].transpose("member", "time", "place").values
        members, actors = holder.shape[0], ds.sizes["actor"]
        # one count for all: cell (time, place) and holder make a number; 0 stands for nobody
        held = np.nan_to_num(holder, nan=-1.0).astype(np.int64).reshape(members, -1) + 1
        cells = np.arange(held.shape[1]) * (actors + 1)
        count = np.bincount(
            (held + cells).ravel(),
            weights=np.repeat(weight / weight.sum(), held.shape[1]),
            minlength=held.shape[1] * (actors + 1),
        )
        return np.asarray(count.reshape(*holder.shape[1:], actors + 1)[:, :, 1:], dtype=np.float64)
    if "control" in ds.data_vars and "pair" in ds["control"].dims:
        share = np.tensordot(
            weight / weight.sum(), ds["control"].transpose("member", "time", "pair").values, axes=1
        )
        found = np.zeros((share.shape[0], ds.sizes["place"], ds.sizes["actor"]))
        rows = place_numbers(ds, ds["pair_place"].values)
        columns = actor_numbers(ds, ds["pair_actor"].values)
        for pair, (row, column) in enumerate(zip(rows, columns, strict=True)):
            found[:, row, column] += share[:, pair]
        return found
    return None


def name_of(ds: xr.Dataset, dim: str, one: str) -> str:
    """The name of a place, an actor or another element for people; its id if it has none."""
    if dim in ds.indexes and f"{dim}_name" in ds.coords and one in ds.indexes[dim]:
        found = str(ds[f"{dim}_name"].sel({dim: one}).item())
        return found or one
    return one


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
