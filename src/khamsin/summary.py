"""The main quantities of an ensemble as a small table: what `khamsin run` prints and `--json`
gives."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin import blocks, series
from khamsin.quantiles import share_error, weighted_quantile, worth
from khamsin.series import adds_up

if TYPE_CHECKING:
    import xarray as xr

LEVELS = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Line:
    """One quantity with its quantiles over members."""

    quantity: str
    unit: str
    low: float
    median: float
    high: float


@dataclass(frozen=True)
class Odds:
    """Who holds a place at the end, with what probability and its Monte-Carlo error."""

    place: str
    holder: str
    probability: float
    error: float


def main_quantities(ds: "xr.Dataset", most: int = 12) -> list[Line]:
    """Return quantiles of the recorded variables over members, weighted by the answers they hold.

    Flows are added up over the run and the map. Stocks are taken at the end; those by actor for the
    `most` actors that lose most fighters, so that the table shows who is at war.
    """
    lines = []
    weight = np.asarray(ds.weight)
    about = {str(n): ds.variables[n] for n in ds.data_vars}
    by_actor = [n for n, v in about.items() if v.attrs.get("kind") == "stock"]
    by_actor = [n for n in by_actor if {"actor", "pair"} & set(about[n].dims)]
    by_actor = [n for n in by_actor if adds_up(str(about[n].attrs["units"]))]
    for name, variable in about.items():
        if "link" in variable.dims:  # who takes three links would be counted three times
            continue
        kind, unit = variable.attrs.get("kind"), variable.attrs.get("units", "1")
        if kind == "flow":
            whole = series.total(ds, name).sum(axis=1)
            lines.append(_line(f"{name}, whole run", unit, whole, weight))
        elif "place" in variable.dims and adds_up(unit):
            end = series.total(ds, name)[:, -1]
            lines.append(_line(f"{name} at the end", unit, end, weight))
    for name in sorted(by_actor, key=lambda n: "actor" not in about[n].dims)[:1]:
        last = ds[name].isel(time=[-1])
        parts = blocks.gather(last, _actors(ds, name), ds.sizes["actor"])
        by_end = np.concatenate([values[:, 0] for _, values in parts], axis=1)
        for number in _most_lost(ds, weight @ by_end)[:most]:
            quantity = f"{name} of {ds['actor'].values[number]} at the end"
            lines.append(_line(quantity, about[name].attrs["units"], by_end[:, number], weight))
    return lines


def _actors(ds: "xr.Dataset", name: str) -> blocks.Ints | None:
    """The number of the actor of each pair; None where the variable has a dim of actors itself."""
    if "pair" in ds.variables[name].dims:
        return series.actor_numbers(ds, ds["pair_actor"].values)
    return None


def _most_lost(ds: "xr.Dataset", end: Any) -> list[int]:
    """Return the actors in the order of the fighters they lose, or else of their size."""
    ranked = end
    if "battle_deaths" in ds and "pair" in ds.variables["battle_deaths"].dims:
        actor = series.actor_numbers(ds, ds["pair_actor"].values)
        lost = series.mean(ds, "battle_deaths").sum(axis=0)
        ranked = np.bincount(actor, lost, ds.sizes["actor"])
    return [int(k) for k in np.argsort(-ranked, kind="stable") if ranked[k] > 0]


def _line(quantity: str, unit: str, values: Any, weight: Any) -> Line:
    low, median, high = (
        float(q)
        for q in weighted_quantile(np.asarray(values, float), weight, np.array(LEVELS), axis=0)
    )
    return Line(quantity, unit, low, median, high)


def odds_of_holding(ds: "xr.Dataset", place: str) -> list[Odds]:
    """Return the probability of each holder of a place at the end, likeliest first.

    The error is that of `khamsin.quantiles.share_error`.
    """
    weight = np.asarray(ds.weight)
    actors = [str(a) for a in np.asarray(ds.actor)]
    holder = np.asarray(ds.holder.isel(time=-1).sel(place=place)).astype(int)
    members = effective_members(ds)
    found = []
    for number in np.unique(holder):
        p = min(1.0, float(weight[holder == number].sum()))  # weights add up to 1 but for rounding
        name = actors[number] if number >= 0 else "nobody"
        found.append(Odds(place, name, p, share_error(p, members)))
    return sorted(found, key=lambda o: -o.probability)


def effective_members(ds: "xr.Dataset") -> float:
    """Return how many equally weighted members the weighted ones are worth."""
    return worth(np.asarray(ds.weight))


def as_json(ds: "xr.Dataset", places: list[str]) -> dict[str, Any]:
    """Return the table as plain data."""
    return {
        "scenario": ds.attrs["scenario"],
        "members": ds.sizes["member"],
        "effective_members": effective_members(ds),
        "quantities": [asdict(line) for line in main_quantities(ds)],
        "holders": {p: [asdict(o) for o in odds_of_holding(ds, p)] for p in places},
    }
