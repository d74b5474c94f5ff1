"""The main quantities of an ensemble as a small table: what `khamsin run` prints and `--json`
gives."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin.quantiles import weighted_quantile

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
    actors with the largest medians.
    """
    lines = []
    weight = np.asarray(ds.weight)
    for name, variable in ds.data_vars.items():
        kind, unit = variable.attrs.get("kind"), variable.attrs.get("units", "1")
        if kind == "flow":
            total = variable.sum([d for d in variable.dims if d != "member"])
            lines.append(_line(f"{name}, whole run", unit, np.asarray(total), weight))
        elif kind == "stock" and unit not in ("1",):
            end = variable.isel(time=-1)
            if "pair" in end.dims:
                end = end.groupby("pair_actor").sum()
                lines += _by_actor(str(name), unit, end, "pair_actor", weight, most)
            elif "actor" in end.dims:
                lines += _by_actor(str(name), unit, end, "actor", weight, 4)
            elif "place" in end.dims:
                lines.append(
                    _line(f"{name} at the end", unit, np.asarray(end.sum("place")), weight)
                )
    return lines


def _by_actor(name: str, unit: str, end: Any, dim: str, weight: Any, most: int) -> list[Line]:
    values = np.asarray(end.transpose("member", dim))
    medians = weighted_quantile(values, weight, np.array([0.5]), axis=0)[0]
    order = [k for k in np.argsort(-medians, kind="stable") if medians[k] > 0][:most]
    ids = np.asarray(end[dim])
    return [_line(f"{name} of {ids[k]} at the end", unit, values[:, k], weight) for k in order]


def _line(quantity: str, unit: str, values: Any, weight: Any) -> Line:
    low, median, high = (
        float(q)
        for q in weighted_quantile(np.asarray(values, float), weight, np.array(LEVELS), axis=0)
    )
    return Line(quantity, unit, low, median, high)


def odds_of_holding(ds: "xr.Dataset", place: str) -> list[Odds]:
    """Return the probability of each holder of a place at the end, likeliest first.

    The error is the standard error of a weighted share: sqrt(p (1 - p) sum w^2).
    """
    weight = np.asarray(ds.weight)
    actors = [str(a) for a in np.asarray(ds.actor)]
    holder = np.asarray(ds.holder.isel(time=-1).sel(place=place)).astype(int)
    spread = float((weight**2).sum())
    found = []
    for number in np.unique(holder):
        p = float(weight[holder == number].sum())
        name = actors[number] if number >= 0 else "nobody"
        found.append(Odds(place, name, p, (p * (1 - p) * spread) ** 0.5))
    return sorted(found, key=lambda o: -o.probability)


def effective_members(ds: "xr.Dataset") -> float:
    """Return how many equally weighted members the weighted ones are worth."""
    weight = np.asarray(ds.weight)
    return float(1.0 / (weight**2).sum())


def as_json(ds: "xr.Dataset", places: list[str]) -> dict[str, Any]:
    """Return the table as plain data."""
    return {
        "scenario": ds.attrs["scenario"],
        "members": ds.sizes["member"],
        "effective_members": effective_members(ds),
        "quantities": [asdict(line) for line in main_quantities(ds)],
        "holders": {p: [asdict(o) for o in odds_of_holding(ds, p)] for p in places},
    }
