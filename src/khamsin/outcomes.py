"""Outcomes: one number a member: killed in all, fighters left at the end, places held.

`khamsin.measures` is the language in which they are written; here they are computed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from khamsin import blocks, series
from khamsin.errors import InputError
from khamsin.measures import MEASURES, Event, Expression, Measured, Number, Parameter

if TYPE_CHECKING:
    import xarray as xr

Array = npt.NDArray[np.float64]

# Of a stock by actor, the totals of so many actors are outcomes of their own.
ACTORS = 5
# A page with more series than this drawn large is not read.
LARGE = 18


@dataclass(frozen=True)
class Outcome:
    """A number for each member.

    Attributes
    ----------
    variable : str
        A variable of the ensemble.
    measure : str
        'total' (sum over time: flows), 'end' and 'first' (last and first value: stocks), 'peak',
        'mean'; of `holder`: 'places' (how many the actors in `where` hold at the end) and 'held'
        (their number added up over periods: for how many months they hold a place).
    where : tuple of (dim, ids)
        What it is restricted to: (("country", ("IT",)),); ids without their kind.
    label : str
        For people; made from the rest when empty.
    since, until : date, optional
        First and last day: the periods that lie wholly between them.
    """

    variable: str
    measure: str = "total"
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    label: str = field(default="", compare=False)
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if self.measure not in MEASURES:
            raise InputError(f"{self.measure} is no measure: {', '.join(MEASURES)}")

    @property
    def name(self) -> str:
        """A name that says all: battle_deaths.total, fighters.end[actor:ISL]."""
        words = [f"{dim}:{one}" for dim, several in self.where for one in several]
        words += [f"from:{self.since}"] if self.since else []
        words += [f"to:{self.until}"] if self.until else []
        return f"{self.variable}.{self.measure}" + (f"[{' '.join(words)}]" if words else "")

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
        periods = periods_between(ds, self.since, self.until)
        if self.measure in ("places", "held"):
            held = self._places_held(ds)[:, periods]
            return held[:, -1] if self.measure == "places" else held.sum(axis=1)
        values = series.total(ds, self.variable, self.selection)[:, periods]
        if self.measure in ("end", "first"):
            return values[:, -1 if self.measure == "end" else 0]
        if self.measure == "total":
            return np.asarray(values.sum(axis=1))
        return np.asarray(values.max(axis=1) if self.measure == "peak" else values.mean(axis=1))

    def _places_held(self, ds: xr.Dataset) -> Array:
        """How many places the actors in `where` hold (member, time)."""
        return blocks.remembered(ds, ("held", self.where), lambda: self._counted(ds))

    def _counted(self, ds: xr.Dataset) -> Array:
        where = self.selection
        ours = np.zeros(ds.sizes["actor"] + 1, dtype=bool)  # the last stands for nobody, -1
        ours[series.actor_numbers(ds, where.pop("actor", []))] = True
        found = np.zeros((ds.sizes["member"], ds.sizes["time"]))
        for rows, holder in blocks.blocks(series.select(ds, self.variable, where)):
            found[rows] = ours[np.nan_to_num(holder, nan=-1.0).astype(np.int64)].sum(axis=0)
        return found

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
        if self.measure in ("places", "held"):
            return f"{MEASURES[self.measure].capitalize()}: {names}"
        plain = f"{series.title(ds, self.variable)} {MEASURES[self.measure]}"
        return f"{plain}: {names}" if names else plain

    def unit(self, ds: xr.Dataset) -> str:
        """Unit of the number; '' for a pure number."""
        units = {"places": "places", "held": "months"}
        return units.get(self.measure) or series.unit(ds, self.variable)


def periods_between(
    ds: xr.Dataset, since: date | None, until: date | None
) -> npt.NDArray[np.int64]:
    """Positions of the periods that lie wholly between two days, both included.

    Raises
    ------
    InputError
        When there is none.
    """
    if since is None and until is None:
        return np.arange(ds.sizes["time"])
    start = np.asarray(ds["period_start" if "period_start" in ds.coords else "time"].values)
    end = np.append(start[1:], start[-1:] + np.timedelta64(31, "D"))
    if "period_end" in ds.coords:
        end = np.asarray(ds["period_end"].values)
    inside = np.ones(start.size, dtype=bool)
    if since is not None:
        inside &= start >= np.datetime64(since)
    if until is not None:
        inside &= end <= np.datetime64(until) + np.timedelta64(1, "D")
    if not inside.any():
        raise InputError(
            f"this ensemble has no period between {since or '...'} and {until or '...'}"
        )
    return np.flatnonzero(inside)


SIGNS: dict[str, Callable[[Array, Array], Array]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    ">": np.greater,
    "<": np.less,
    ">=": np.greater_equal,
    "<=": np.less_equal,
}


def outcome(one: Measured) -> Outcome:
    """The outcome that a measured variable of the language of measures means."""
    return Outcome(one.variable, one.measure, one.where, since=one.since, until=one.until)


def evaluate(one: Expression, ds: xr.Dataset, parameters: xr.Dataset | None = None) -> Array:
    """The number of each member (member); a division by zero gives NaN.

    Parameters
    ----------
    parameters : Dataset, optional
        Of `khamsin.open_parameters`, for expressions that name a parameter.

    Raises
    ------
    InputError
        If a variable, parameter, dim or id is not in the ensemble.
    """
    if isinstance(one, Number):
        return np.full(ds.sizes["member"], one.value)
    if isinstance(one, Measured):
        return outcome(one).measured(ds)
    if isinstance(one, Parameter):
        return _drawn(one, ds, parameters)
    left, right = evaluate(one.left, ds, parameters), evaluate(one.right, ds, parameters)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = SIGNS[one.sign](left, right)
    return np.where(np.isfinite(found), found, np.nan)


def happens(one: Event, ds: xr.Dataset, parameters: xr.Dataset | None = None) -> Array:
    """1 for each member in which an event happens, else 0; NaN where a number that is compared is
    none, as after a division by zero (member)."""
    found = np.ones(ds.sizes["member"])
    for left, sign, right in one.comparisons:
        first, second = evaluate(left, ds, parameters), evaluate(right, ds, parameters)
        found *= np.where(np.isnan(first + second), np.nan, SIGNS[sign](first, second))
    return found


def _drawn(one: Parameter, ds: xr.Dataset, parameters: xr.Dataset | None) -> Array:
    if parameters is None or one.name not in parameters:
        raise InputError(f"this ensemble has no parameter {one.name}")
    found = parameters[one.name]
    for dim, ids in one.where:
        if dim not in found.dims:
            raise InputError(f"{one.name} has no dim {dim}")
        known = series.words(ds[dim]).tolist()
        found = found.isel({dim: [known.index(i) for i in ids if i in known]})
    rest = [d for d in found.dims if d != "member"]
    return np.asarray(found.mean(rest).values, dtype=np.float64)


def main_outcomes(ds: xr.Dataset, actors: int = ACTORS) -> list[Outcome]:
    """What an ensemble is about: totals of flows, stocks at the end.

    What is shown large comes first, then the main actors, then everything else that is counted.
    """
    found = []
    ranked = main_actors(ds)[:actors]
    large = headlines(ds)
    plain = {n: Outcome(n, "total" if series.is_flow(ds, n) else "end") for n in series.counted(ds)}
    found += [plain[n] for n in large]
    stocks = [
        n
        for n in series.counted(ds)
        if "pair" in ds.variables[n].dims and not series.is_flow(ds, n)
    ]
    for actor in ranked:
        where = (("actor", (actor,)),)
        found += [Outcome(name, "end", where) for name in stocks[:1]]
        if "holder" in ds.data_vars:
            found.append(Outcome("holder", "places", where))
    return [*found, *(one for name, one in plain.items() if name not in large)]


def headlines(ds: xr.Dataset) -> list[str]:
    """Variables that a page shows large, in the order of the ensemble.

    People at places first, then the first of each other unit, then the rest, up to `LARGE`.
    """
    names = series.counted(ds)
    located = [n for n in names if {"pair", "place"} & set(ds.variables[n].dims)]
    people = [n for n in located if ds.variables[n].attrs.get("units") == "person"]
    units = {str(ds.variables[n].attrs.get("units")): n for n in reversed(names)}
    ranked = dict.fromkeys([*people, *(n for n in names if n in units.values()), *names])
    return [n for n in names if n in list(ranked)[:LARGE]]


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
    return [n for n in series.counted(ds) if "pair" in ds.variables[n].dims]


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
    here = places[series.place_numbers(ds, ds["pair_place"].values)]
    actor = series.actor_numbers(ds, ds["pair_actor"].values)
    for name in names:
        mean = series.mean(ds, name).sum(axis=0)
        np.add.at(found, actor[here], mean[here])
    return found / max(float(found.sum()), 1e-9)
