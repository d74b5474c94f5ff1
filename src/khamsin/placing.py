"""Put events at places: by distance where the spot is known, spread where only the region is.

An event known to the point goes to the nearest place within reach. An event known only to a
district, a province or the country is shared out over the places of that region, by population: it
is not pinned to the point that stands for the region on the map. Which province a place lies in is
read from the places table, or else learnt from the events that are known exactly.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin.errors import InputError
from khamsin.readers.countries import iso3
from khamsin.readers.report import Report

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from khamsin.readers.events import Events

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
_PINNED = ("point", "near")
_REGIONS = ("adm_2", "adm_1", "area", "country")
_NAMED = {"adm_1": "province", "adm_2": "district", "area": "area", "country": "country"}
_GENERIC = (
    "governorate", "province", "district", "state", "region", "wilaya", "wilayah", "municipality",
    "muhafazah", "shabiyah", "county", "prefecture", "department", "al", "el", "ad", "ar", "as",
    "ash", "an", "at", "of", "the",
)  # fmt: skip


@dataclass
class Placed:
    """Events shared out over places.

    Attributes
    ----------
    events : DataFrame
        The events, as read.
    places : list of str
        Ids of the places.
    event, place : array (share,)
        Row of the event and number of the place of each share.
    share : array (share,)
        Of the event, between 0 and 1; the shares of an event that is placed sum to 1.
    unplaced : DataFrame
        The events that belong to no place, with a column `reason`.
    report : Report
        Counts of the placed, the spread and the unplaced.
    """

    events: pd.DataFrame
    places: list[str]
    event: Rows
    place: Rows
    share: Floats
    unplaced: pd.DataFrame
    report: Report


def place_events(
    events: Events,
    places: pd.DataFrame,
    *,
    max_km: float = 50.0,
    region_km: float = 150.0,
    by: str | None = "population",
    across_borders: bool = False,
    coarsest: str = "country",
) -> Placed:
    """Share events out over places.

    Parameters
    ----------
    events : Events
        From a reader.
    places : DataFrame
        Columns `id`, `lat`, `lon` (degrees), `country` (ISO code or name); if they are there also
        `adm_1`, `adm_2` (names of the divisions, as the source of the events writes them or nearly
        so) and the column named in `by`.
    max_km : float
        An event known to the point, or near it, goes to the nearest place within this distance
        (great circle), else to none.
    region_km : float
        An event of a region that no place is known to lie in is shared out over the places of its
        country within this distance of the region's point.
    by : str or None
        Column of weights for sharing out. A place without a positive weight counts like the
        smallest one; None, or a column that is not there, shares equally. The report says so.
    across_borders : bool
        Let an event that is known to the point go to a place of another country than its own.
    coarsest : str
        `adm_2`, `adm_1`, `area` or `country`: events known less well than this go to no place. With
        few places in a country, `area` keeps the events of the whole country from piling up on
        them.

    Returns
    -------
    Placed

    Raises
    ------
    InputError
        Places without the columns named above, without coordinates, or with an id twice; distances
        below zero.

    Examples
    --------
    >>> from pathlib import Path
    >>> from khamsin import observations
    >>> from khamsin.readers import read_acled
    >>> names = (
    ...     "event_id_cnty,event_date,time_precision,event_type,country,latitude,longitude,"
    ...     "geo_precision,fatalities"
    ... )
    >>> rows = [
    ...     names,
    ...     "LBY100,03 January 2015,1,Battles,Libya,32.89,13.19,1,3",
    ...     "LBY101,14 February 2015,1,Battles,Libya,31.20,16.60,1,7",
    ... ]
    >>> _ = Path("events.csv").write_text("\\n".join(rows), encoding="utf-8")
    >>> events = read_acled("events.csv")
    >>> import pandas as pd
    >>> places = pd.DataFrame({"id": ["TRIP"], "country": ["LBY"], "lat": [32.9], "lon": [13.2]})
    >>> placed = observations.place_events(events, places)
    >>> placed.places, placed.share.tolist(), placed.unplaced.reason.tolist()
    (['TRIP'], [1.0], ['no place within 50 km'])
    """
    where = _Places(places, by)
    if max_km < 0 or region_km < 0:
        raise InputError("distances cannot be negative")
    if coarsest not in _REGIONS:
        raise InputError(f"no level {coarsest!r}; there are {', '.join(_REGIONS)}")
    frame = events.frame
    report = Report("events placed", rows=len(frame))
    report.warn("places without a weight, taken as the smallest", where.unweighted)
    level = frame["where"].astype(str).to_numpy(dtype=object)
    points = _unit_vectors(frame["latitude"].to_numpy(), frame["longitude"].to_numpy())
    reason = np.full(len(frame), "", dtype=object)
    parts: list[tuple[Rows, Rows, Floats]] = []

    located = np.isfinite(points).all(axis=1)
    pinned = np.isin(level, _PINNED) & located
    rows = np.flatnonzero(pinned)
    home = None if across_borders else frame["iso3"].astype(object).to_numpy()[rows]
    nearest, km = where.nearest(points[rows], home)
    reached = km <= max_km
    parts.append((rows[reached], nearest[reached], np.ones(int(reached.sum()))))
    reason[rows[~reached]] = f"no place within {max_km:g} km"
    where.learn(frame.iloc[rows[reached]], nearest[reached])

    reason[level == "international"] = "international waters or airspace"
    reason[(level == "unknown") | (np.isin(level, _PINNED) & ~located)] = "no coordinates"
    for unit in _REGIONS[_REGIONS.index(coarsest) + 1 :]:
        reason[level == unit] = f"known to the {_NAMED[unit]} only"
    spread = np.flatnonzero((reason == "") & ~pinned)
    if len(spread):
        parts.append(
            where.spread(
                frame.iloc[spread], spread, level[spread], points[spread], region_km, reason
            )
        )
    event, place, share = (np.concatenate([p[k] for p in parts]) for k in range(3))
    unplaced = frame.loc[reason != ""].assign(reason=reason[reason != ""])
    report.kept = len(frame) - len(unplaced)
    wide = np.bincount(event.astype(np.int64), minlength=len(frame)) > 1
    report.warn("events shared out over several places", frame.loc[wide, "event"].tolist())
    kinds = unplaced["reason"].str.split(" (", regex=False).str[0]  # without the name of the region
    for what in sorted(set(kinds)):
        lost = unplaced.loc[kinds == what]
        report.warn(
            f"events without a place: {what}, {lost['deaths'].sum():,.0f} deaths",
            lost["event"].tolist(),
        )
    return Placed(
        frame, where.ids, event.astype(np.int64), place.astype(np.int64), share, unplaced, report
    )


def great_circle_km(
    latitude: Floats, longitude: Floats, other_latitude: Floats, other_longitude: Floats
) -> Floats:
    """Return great-circle distances in km between points in degrees (haversine; Sinnott 1984)."""
    a, b, c, d = (np.radians(v) for v in (latitude, longitude, other_latitude, other_longitude))
    half = np.sin((c - a) / 2) ** 2 + np.cos(a) * np.cos(c) * np.sin((d - b) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))


class _Places:
    """The places of a system, and the regions they lie in."""

    def __init__(self, places: pd.DataFrame, by: str | None) -> None:
        for column in ("id", "lat", "lon", "country"):
            if column not in places:
                raise InputError(f"the table of places has no column {column}")
        if not places["id"].is_unique:
            again = places.loc[places["id"].duplicated(), "id"]
            raise InputError(f"places that are there twice: {', '.join(map(str, again))}")
        self.ids = [str(i) for i in places["id"]]
        self.points = _unit_vectors(places["lat"].to_numpy(float), places["lon"].to_numpy(float))
        if not np.isfinite(self.points).all():
            raise InputError("places without coordinates")
        self.country = np.array([iso3(c) or str(c) for c in places["country"]], dtype=object)
        self.unweighted: list[str] = []
        self.weight = np.ones(len(places))
        if by is not None and by in places:
            weight = places[by].to_numpy(float)
            good = np.isfinite(weight) & (weight > 0)
            self.unweighted = [i for i, there in zip(self.ids, good, strict=True) if not there]
            self.weight = np.where(good, weight, weight[good].min()) if good.any() else self.weight
        self.regions: dict[str, list[str]] = {}
        for unit in ("adm_1", "adm_2"):
            names = places[unit].fillna("").astype(str) if unit in places else [""] * len(places)
            self.regions[unit] = [_plain(name) for name in names]

    def nearest(self, points: Floats, home: NDArray[Any] | None) -> tuple[Rows, Floats]:
        """Return the nearest place of each point and its distance in km, infinite if there is none.

        `home` holds the country of each point, whose places alone are looked at; None looks at all.
        """
        place, km = np.zeros(len(points), dtype=np.int64), np.full(len(points), np.inf)
        if home is None:
            self._nearest(points, np.arange(len(points)), np.arange(len(self.ids)), place, km)
            return place, km
        for code in {c for c in home if isinstance(c, str)}:
            mine = np.flatnonzero(self.country == code)
            if len(mine):
                self._nearest(points, np.flatnonzero(home == code), mine, place, km)
        return place, km

    def _nearest(self, points: Floats, rows: Rows, among: Rows, place: Rows, km: Floats) -> None:
        from scipy.spatial import cKDTree

        chord, found = cKDTree(self.points[among]).query(points[rows])
        place[rows] = among[np.asarray(found, dtype=np.int64)]
        km[rows] = 2 * EARTH_RADIUS_KM * np.arcsin(np.clip(np.asarray(chord) / 2, 0.0, 1.0))

    def learn(self, exact: pd.DataFrame, place: Rows) -> None:
        """Give places without a named region the one that most of their exact events name."""
        for unit in ("adm_1", "adm_2"):
            named = exact[[unit, "iso3"]].assign(place=place).dropna()
            named = named[named["iso3"].astype(object) == self.country[named["place"].to_numpy()]]
            tally = named.groupby(["place", unit], observed=True).size()
            best: dict[int, tuple[int, str]] = {}
            for (at, name), number in tally.items():
                best[at] = min(best.get(at, (0, "")), (-int(number), _plain(name)))
            for at, (_, name) in best.items():
                self.regions[unit][at] = self.regions[unit][at] or name

    def spread(
        self,
        frame: pd.DataFrame,
        rows: Rows,
        level: NDArray[Any],
        points: Floats,
        region_km: float,
        reason: NDArray[Any],
    ) -> tuple[Rows, Rows, Floats]:
        """Share out the events of regions; write the reason for those that no place takes."""
        iso = frame["iso3"].astype(object).to_numpy()
        adm = {u: frame[u].astype(object).to_numpy() for u in ("adm_1", "adm_2")}
        memory: dict[Any, Rows] = {}
        events, places, shares = [], [], []
        for k, row in enumerate(rows.tolist()):
            names = tuple(_text(adm[u][k]) for u in ("adm_1", "adm_2"))
            key = (level[k], iso[k], names, tuple(points[k]))
            if key not in memory:
                memory[key] = self._region(level[k], iso[k], names, points[k], region_km)
            found = memory[key]
            if not len(found):
                named = ", ".join(n for n in (names[1], names[0], _text(iso[k])) if n)
                reason[row] = f"no place in its {_NAMED[level[k]]}" + (
                    f" ({named})" if named else ""
                )
                continue
            weight = self.weight[found]
            events.append(np.full(len(found), row))
            places.append(found)
            shares.append(weight / weight.sum())
        if not events:
            none = np.empty(0, dtype=np.int64)
            return none, none, np.empty(0)
        return np.concatenate(events), np.concatenate(places), np.concatenate(shares)

    def _region(
        self, level: str, iso: Any, names: tuple[str, ...], point: Floats, region_km: float
    ) -> Rows:
        """Return the places of a region: those in it, else the near ones of its country."""
        home = self.country == iso
        if level == "country":
            return np.flatnonzero(home)
        wanted = (
            (("adm_2", names[1]), ("adm_1", names[0]))
            if level == "adm_2"
            else (("adm_1", names[0]),)
        )
        for unit, name in wanted:
            if name:
                inside = home & np.array([r == _plain(name) for r in self.regions[unit]])
                if inside.any():
                    return np.flatnonzero(inside)
        if not np.isfinite(point).all():
            return np.empty(0, dtype=np.int64)
        chord = np.linalg.norm(self.points - point, axis=1)
        km = 2 * EARTH_RADIUS_KM * np.arcsin(np.clip(chord / 2, 0.0, 1.0))
        return np.flatnonzero(home & (km <= region_km))


def _unit_vectors(latitude: Floats, longitude: Floats) -> Floats:
    phi, lam = np.radians(latitude), np.radians(longitude)
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=1)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _plain(name: str) -> str:
    """Return a name of a region without accents, case, hyphens and words such as "Governorate"."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    words = "".join(c if c.isalnum() else " " for c in bare.casefold()).split()
    kept = [w for w in words if w not in _GENERIC]
    return " ".join(kept or words)
