"""Outcomes: one number a member: killed in all, fighters left at the end, places held."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from khamsin import series
from khamsin.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

Array = npt.NDArray[np.float64]

MEASURES = {
    "total": "in all",
    "end": "at the end",
    "peak": "at the highest",
    "mean": "on average",
    "places": "places held at the end",
}

# Of a stock by actor, the totals of so many actors are outcomes of their own.
ACTORS = 5


@dataclass(frozen=True)
class Outcome:
    """A number for each member.

    Attributes
    ----------
    variable : str
        A variable of the ensemble.
    measure : str
        'total' (sum over time: flows), 'end' (last value: stocks), 'peak', 'mean', or 'places' (of
        `holder`: how many places the actors in `where` hold at the end).
    where : tuple of (dim, ids)
        What it is restricted to: (("country", ("IT",)),); ids without their kind.
    label : str
        For people; made from the rest when empty.
    """

    variable: str
    measure: str = "total"
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    label: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.measure not in MEASURES:
            raise InputError(f"{self.measure} is no measure: {', '.join(MEASURES)}")

    @property
    def name(self) -> str:
        """A name that says all: battle_deaths.total, fighters.end[actor:ISL]."""
        ids = " ".join(f"{dim}:{one}" for dim, several in self.where for one in several)
        return f"{self.variable}.{self.measure}" + (f"[{ids}]" if ids else "")

    @property
    def selection(self) -> dict[str, list[str]]:
        """`where` as a mapping."""
        return {dim: list(ids) for dim, ids in self.where}

    def measured(self, ds: xr.Dataset) -> Array:
        """The number of each member (member).

        Raises
        ------
        InputError
            If the variable, a dim or an id is not in the ensemble.
        """
        if self.measure == "places":
            actors = self.selection.get("actor", [])
            holder = series.select(ds, self.variable).isel(time=-1).transpose("member", "place")
            held = np.isin(holder.values, series.actor_numbers(ds, actors))
            return np.asarray(held.sum(axis=1), dtype=np.float64)
        if self.measure == "end":
            ds = ds.isel(time=[-1])
        values = series.total(ds, self.variable, self.selection)
        if self.measure == "total":
            return np.asarray(values.sum(axis=1))
        if self.measure == "end":
            return np.asarray(values[:, -1])
        return np.asarray(values.max(axis=1) if self.measure == "peak" else values.mean(axis=1))

    def known_to(self, ds: xr.Dataset) -> bool:
        """Whether an ensemble has the variable and the ids."""
        if self.variable not in ds.data_vars:
            return False
        known = {
            dim: set(series.words(ds[dim]).tolist()) for dim, _ in self.where if dim in ds.coords
        }
        return all(set(ids) <= known.get(dim, set()) for dim, ids in self.where)

    def title(self, ds: xr.Dataset) -> str:
        """For people: 'Fighters at the end: Islamic State in Libya'."""
        if self.label:
            return self.label
        names = ", ".join(
            series.name_of(ds, dim, one) for dim, several in self.where for one in several
        )
        if self.measure == "places":
            return f"Places held at the end: {names}"
        plain = f"{series.title(ds, self.variable)} {MEASURES[self.measure]}"
        return f"{plain}: {names}" if names else plain

    def unit(self, ds: xr.Dataset) -> str:
        """Unit of the number; '' for a pure number."""
        return "places" if self.measure == "places" else series.unit(ds, self.variable)


def main_outcomes(ds: xr.Dataset, actors: int = ACTORS) -> list[Outcome]:
    """What an ensemble is about: totals of flows, stocks at the end, stocks of the main actors."""
    found = []
    ranked = main_actors(ds)[:actors]
    for name in series.counted(ds):
        measure = "total" if series.is_flow(ds, name) else "end"
        found.append(Outcome(name, measure))
    stocks = [n for n in series.counted(ds) if "pair" in ds[n].dims and not series.is_flow(ds, n)]
    for actor in ranked:
        where = (("actor", (actor,)),)
        found += [Outcome(name, "end", where) for name in stocks[:1]]
        if "holder" in ds.data_vars:
            found.append(Outcome("holder", "places", where))
    return found


def main_actors(ds: xr.Dataset) -> list[str]:
    """Actors that matter most, first: by places held and by people lost, in the main country.

    The main country is the one with most places that anybody holds; without countries, all places
    count. An ensemble that says neither who holds nor who is lost ranks by its largest stock.
    """
    odds = series.odds(ds)
    places = _main_places(ds, odds)
    score = _share(ds, [n for n in _by_pair(ds) if "death" in n], places)
    if odds is not None:
        held = odds[:, places].sum(axis=1).mean(axis=0)
        score = score + held / max(float(held.sum()), 1e-9)
    if not score.any():
        stocks = [n for n in _by_pair(ds) if not series.is_flow(ds, n)]
        score = _share(ds, stocks[:1] or _by_pair(ds)[:1], places)
    ids = [str(a) for a in ds["actor"].values] if "actor" in ds.dims else []
    ranked = sorted(range(len(ids)), key=lambda n: (-score[n], ids[n]))
    return [ids[n] for n in ranked if score[n] > 0]


def _by_pair(ds: xr.Dataset) -> list[str]:
    return [n for n in series.counted(ds) if "pair" in ds[n].dims]


def _main_places(ds: xr.Dataset, odds: Array | None) -> npt.NDArray[np.bool_]:
    """Places of the country in which most places are held or fought over (place)."""
    everywhere = np.ones(ds.sizes.get("place", 0), dtype=bool)
    if "country" not in ds.coords:
        return everywhere
    countries = series.words(ds["country"])
    if odds is not None:
        held = odds.sum(axis=2).max(axis=0) > 0.02
    elif "pair_place" in ds.coords:
        held = np.isin(series.words(ds["place"]), series.words(ds["pair_place"]))
    else:
        held = everywhere
    names, counts = np.unique(countries[held], return_counts=True)
    return np.asarray(countries == names[counts.argmax()]) if len(names) else everywhere


def _share(ds: xr.Dataset, names: list[str], places: npt.NDArray[np.bool_]) -> Array:
    """Each actor's share of the expected sum of some variables, in the main places (actor)."""
    found = np.zeros(ds.sizes.get("actor", 0))
    if not names or not found.size:
        return found
    share = series.weights(ds).astype(np.float32)  # float64 would copy every value
    here = places[series.place_numbers(ds, ds["pair_place"].values)]
    actor = series.actor_numbers(ds, ds["pair_actor"].values)
    for name in names:
        values = ds[name].transpose("member", "time", "pair").values
        mean = np.nan_to_num(np.tensordot(share, values, axes=1).sum(axis=0))
        np.add.at(found, actor[here], mean[here])
    return found / max(float(found.sum()), 1e-9)
