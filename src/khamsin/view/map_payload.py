"""The numbers of a map as JSON for the page: what `static/map.js` reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin import series
from khamsin.series import Array
from khamsin.view.map_numbers import MapNumbers
from khamsin.view.map_setting import Actor, find_largest
from khamsin.view.numbers import as_shown, compact, percent_number, shown

if TYPE_CHECKING:
    import xarray as xr

NOBODY = "-1"


def payload(
    several: list[xr.Dataset],
    maps: list[MapNumbers],
    sizes: list[str],
    links: list[int],
    actors: list[Actor],
    core: np.ndarray,
) -> dict[str, Any]:
    """Everything map.js needs, places and actors included."""
    first = several[0]
    names = series.text(first, "place_name", "place")
    arabic = series.text(first, "place_name_ar") or [""] * len(names)
    kinds = series.text(first, "place_kind") or [""] * len(names)
    countries = series.text(first, "country") or [""] * len(names)
    people = first["population"].values if "population" in first.coords else [np.nan] * len(names)
    ids = {
        dim: {str(i): n for n, i in enumerate(first[dim].values)}
        for dim in ("place", "actor")
        if dim in first.dims
    }
    data = _numbers(maps, sizes, links, ids["place"], ids.get("actor", {}))
    data["largest"] = {
        "size": [compact(find_largest(maps, s["name"])) for s in data["sizes"]],
        "link": [
            compact(max(float(np.nanmax(one.links[k].middle)) for one in maps))
            for k in range(len(maps[0].links))
        ],
    }
    data["drawn"] = links
    data["actors"] = [
        {"n": a.number, "id": a.id, "name": a.name, "code": a.code, "css": a.css} for a in actors
    ]
    data["actorNames"] = series.text(first, "actor_name", "actor")
    data["places"] = [
        {
            "id": str(i),
            "name": name,
            "ar": ar,
            "kind": kind,
            "country": country,
            "people": shown(float(n)) if np.isfinite(n) and n > 0 else "",
            "core": bool(c),
        }
        for i, name, ar, kind, country, n, c in zip(
            first["place"].values, names, arabic, kinds, countries, people, core, strict=True
        )
    ]
    return data


def _numbers(
    maps: list[MapNumbers],
    sizes: list[str],
    links: list[int],
    places: dict[str, int],
    actors: dict[str, int],
) -> dict[str, Any]:
    """The numbers as plain lists for the page, rounded once, zeros left out.

    A row of nothing but zeros is written as 0, which is what most places are for most variables.

    Parameters
    ----------
    sizes : names of the variables that a disc may show.
    links : numbers of the links that are drawn.
    places, actors : number of each id.
    """
    measures = {m.name: m for m in maps[0].places}
    return {
        "months": maps[0].months,
        "measures": [
            {"name": m.name, "title": m.title, "unit": m.unit, "flow": m.flow}
            for m in measures.values()
        ],
        "sizes": [
            {"name": n, "title": measures[n].title, "statistic": measures[n].statistic}
            for n in sizes
        ],
        "links": [{"name": m.name, "title": m.title} for m in maps[0].links],
        "scenarios": [
            {
                "name": one.scenario,
                "title": one.title,
                "odds": _odds(one.odds) if one.odds is not None else {},
                "size": [_rows(m.size) for n in sizes for m in one.places if m.name == n],
                "pairs": _pairs(one, places, actors),
                "card": [[_rows(m.middle), _rows(m.low), _rows(m.high)] for m in one.places],
                "link": [[_rows(m.middle[:, links]), _rows(m.high[:, links])] for m in one.links],
            }
            for one in maps
        ],
    }


def _odds(odds: Array) -> dict[str, Any]:
    """Odds in percent: {place: {actor: [by month]}}, with those of nobody.

    Actors who never reach half a percent at a place are left out there.
    """
    found: dict[str, Any] = {}
    for place, actor in zip(*np.nonzero(odds.max(axis=0) >= 0.005), strict=True):
        row = [percent_number(v) for v in odds[:, place, actor]]
        found.setdefault(str(place), {})[str(actor)] = row
    nobody = np.clip(1 - odds.sum(axis=2), 0, 1)
    for place, rows in found.items():
        rows[NOBODY] = [percent_number(v) for v in nobody[:, int(place)]]
    return found


def _pairs(one: MapNumbers, places: dict[str, int], actors: dict[str, int]) -> dict[str, Any]:
    """People of each main actor at each place: {place: {actor: [median, low, high]}}."""
    found: dict[str, Any] = {}
    if one.pairs is None:
        return found
    rows = [_rows(one.pairs.middle), _rows(one.pairs.low), _rows(one.pairs.high)]
    for number, ids in enumerate(zip(one.pair_places, one.pair_actors, strict=True)):
        three = [row[number] for row in rows]
        if any(three):
            found.setdefault(str(places[ids[0]]), {})[str(actors[ids[1]])] = three
    return found


def _rows(values: Array) -> list[Any]:
    """(time, n) as n rows over time; 0 for a row of zeros."""
    table = np.asarray(values, dtype=np.float64).T
    # most are whole numbers, or large enough to be shown as such: no need to look at each
    whole = (np.abs(table) >= 99.95) | (table == np.rint(table))
    rounded = (
        np.where(whole, np.rint(np.round(np.nan_to_num(table), 6)), 0).astype(np.int64).tolist()
    )
    rows: list[Any] = []
    for line, plain, numbers in zip(table, whole, rounded, strict=True):
        if plain.all():
            rows.append(numbers if any(numbers) else 0)
        else:
            rows.append(
                [n if w else as_shown(v) for v, w, n in zip(line, plain, numbers, strict=True)]
            )
    return rows
