"""The numbers of a map as JSON for the page: what `static/map.js` reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin import series
from khamsin.series import Array
from khamsin.view.map_numbers import MapNumbers
from khamsin.view.map_setting import Actor
from khamsin.view.numbers import as_shown, compact, percent_number, shown

if TYPE_CHECKING:
    import xarray as xr


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
    data = _numbers(maps, sizes, links)
    data["largest"] = {
        "size": [
            compact(
                max(float(np.nanmax(m.size)) for one in maps for m in one.places if m.name == name)
            )
            for name in (s["name"] for s in data["sizes"])
        ],
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


def _numbers(maps: list[MapNumbers], sizes: list[str], links: list[int]) -> dict[str, Any]:
    """The numbers as plain lists for the page, rounded once, zeros left out.

    A row of nothing but zeros is written as 0, which is what most places are for most variables.

    Parameters
    ----------
    sizes : names of the variables that a disc may show.
    links : numbers of the links that are drawn.
    """
    return {
        "months": maps[0].months,
        "measures": [
            {"name": m.name, "title": m.title, "unit": m.unit, "flow": m.flow}
            for m in maps[0].places
        ],
        "sizes": [
            {"name": m.name, "title": m.title, "statistic": m.statistic}
            for m in maps[0].places
            if m.name in sizes
        ],
        "links": [{"name": m.name, "title": m.title} for m in maps[0].links],
        "scenarios": [_scenario(one, sizes, links, places, actors) for one in maps],
    }


def _scenario(
    one: MapNumbers, pairs: list[tuple[int, int]], sizes: list[str], links: list[int]
) -> dict[str, Any]:
    """The numbers of one scenario."""
    odds: dict[str, dict[str, Any]] = {}
    if one.odds is not None:
        # who is never likely is left out: what is left of 100 is then theirs and nobody's
        for place, actor in zip(*np.nonzero(one.odds.max(axis=0) >= 0.005), strict=True):
            row = [percent_number(v) for v in one.odds[:, place, actor]]
            odds.setdefault(str(place), {})[str(actor)] = row
        nobody = 1 - one.odds.sum(axis=2)
        for place in odds:
            odds[place][NOBODY] = [percent_number(v) for v in nobody[:, int(place)]]
    return {
        "name": one.scenario,
        "title": one.title,
        "odds": odds,
        "size": [_rows(m.size) for m in one.places if m.name in sizes],
        "pairs": _pairs(one, pairs),
        "card": [[_rows(m.middle), _rows(m.low), _rows(m.high)] for m in one.places],
        "link": [[_rows(m.middle[:, links]), _rows(m.high[:, links])] for m in one.links],
    }


def _pairs(one: MapNumbers, pairs: list[tuple[int, int]]) -> dict[str, Any]:
    """Fighters of each actor at each place: {place: {actor: [median, low, high]}}."""
    found: dict[str, Any] = {}
    if one.pairs is None:
        return found
    rows = [_rows(one.pairs.middle), _rows(one.pairs.low), _rows(one.pairs.high)]
    for number, (place, actor) in enumerate(pairs):
        three = [row[number] for row in rows]
        if any(three):
            found.setdefault(str(place), {})[str(actor)] = three
    return found


def _rows(values: Array) -> list[Any]:
    """(time, n) as n rows over time; 0 for a row of zeros."""
    rows: list[Any] = []
    for column in np.asarray(values).T:
        row = [as_shown(v) for v in column]
        rows.append(row if any(v != 0 for v in row) else 0)
    return rows
