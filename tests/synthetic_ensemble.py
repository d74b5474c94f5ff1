"""Ensembles with invented numbers, laid out as `khamsin.open` lays out a run: to test the views.

`small()` has five places and awkward names; `libya_sized()` has the size of libya-2016.  Scenarios
of one seed share their draws, as pinned draws do, so that they are paired.  No number is true.
"""

import csv
import json
import math
import os
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

# A checkout may have the facts of libya-2016 beside it; without them the places are invented.
FACTS = Path(os.environ.get("KHAMSIN_FACTS", Path(__file__).parents[2] / "shared" / "facts"))

HYPOTHESES = {
    "image": {"backlash": 0.35, "momentum": 0.45, "neither": 0.2},
    "oil": {"shared": 0.5, "fought over": 0.5},
}
SCENARIOS = {"none": 0.0, "strikes": 0.6, "blockade": -0.2}

MALICE = '<script>alert("x")</script> & <b>Sons</b>'


def small(
    scenario: str = "none",
    *,
    members: int = 60,
    months: int = 6,
    seed: int = 7,
    coordinates: bool = True,
) -> xr.Dataset:
    """Five places, three actors, six links; names that contain markup."""
    places = {
        "id": ["NOR", "SOU", "EAS", "WES", "MID"],
        "name": ["Northport", "Southfield", MALICE, "Westhaven", "Middleton"],
        "name_ar": ["الميناء", "الجنوب", "الشرق", "", "الوسط"],
        "country": ["AA", "AA", "AA", "BB", "AA"],
        "lat": [33.0, 30.0, 31.5, 31.8, 31.6],
        "lon": [14.0, 14.5, 17.0, 11.5, 14.3],
        "kind": ["city", "town", "oil terminal", "city", "town"],
        "population": [1_000_000, 40_000, 5_000, 300_000, 90_000],
    }
    actors = [
        ("RED", "Red brigades", "militia", "red"),
        ("BLU", MALICE, "army", "blue"),
        ("GRN", "Green council", "council", "neutral"),
    ]
    start = np.array([[800, 0, 0], [90, 120, 0], [0, 400, 0], [0, 0, 50], [300, 280, 20]], float)
    routes = [("NOR", "MID", "road"), ("MID", "SOU", "road"), ("MID", "EAS", "track")]
    return _ensemble(places, actors, start, routes, scenario, members, months, seed, coordinates)


def libya_sized(
    scenario: str = "none", *, members: int = 1000, months: int = 20, seed: int = 7
) -> xr.Dataset:
    """About 90 places, 24 actors, 260 links: the size of libya-2016."""
    folder = FACTS / "libya-2016"
    found = folder.is_dir()
    places, routes = _libya(folder) if found else _invented(90)
    ids = places["id"]
    rng = np.random.default_rng(3)
    names = LIBYAN_ACTORS if found else [(f"A{i:02d}", f"Actor {i}") for i in range(24)]
    actors = [(a, n, "militia", "") for a, n in names]
    start = np.zeros((len(ids), len(actors)))
    holders = _holders(folder) if found else {}
    for row, place in enumerate(ids):
        if found and place not in holders:
            continue
        held = holders.get(place) or [actors[rng.integers(12)][0]]
        for rank, actor in enumerate(held):
            column = next((i for i, a in enumerate(actors) if a[0] == actor), len(actors) - 1)
            start[row, column] = rng.lognormal(6 - 1.2 * rank, 0.6)
    return _ensemble(places, actors, start, routes, scenario, members, months, seed, True)


def _ensemble(
    places: dict[str, list],
    actors: list[tuple[str, str, str, str]],
    start: np.ndarray,
    routes: list[tuple[str, str, str]],
    scenario: str,
    members: int,
    months: int,
    seed: int,
    coordinates: bool,
) -> xr.Dataset:
    """Random walks of fighters, and what follows from them."""

    def stream(number: int) -> np.random.Generator:
        """Each variable has draws of its own: a scenario then shifts nothing else."""
        return np.random.default_rng([seed, number])

    push = SCENARIOS[scenario]
    answers = {
        name: np.array(list(weights))[(np.arange(members) // (1 + 3 * i)) % len(weights)]
        for i, (name, weights) in enumerate(HYPOTHESES.items())
    }
    weight = np.ones(members)
    for name, weights in HYPOTHESES.items():
        weight *= [weights[a] for a in answers[name]]
    weight /= weight.sum()

    place_of, actor_of = np.nonzero(start)
    pairs = len(place_of)
    shocks = stream(0).normal(0, 0.12, (months, members, pairs)).cumsum(axis=0)
    sign = np.where(answers["image"] == "backlash", 0.5, -1.0)[:, None]
    drift = push * sign * (actor_of == 1) * np.linspace(0, 1, months)[:, None, None]
    log = np.log(start[place_of, actor_of]) + shocks + drift
    fighters = np.rint(np.exp(log)).transpose(1, 0, 2).astype(np.float32)
    rate = fighters * 0.01
    spread = np.sqrt(rate) * stream(1).normal(size=rate.shape)
    deaths = np.maximum(np.rint(rate + spread), 0).astype(np.float32)

    occupied = np.unique(place_of)
    rows = np.searchsorted(occupied, place_of)
    total = np.zeros((members, months, len(occupied)), np.float32)
    np.add.at(total, (slice(None), slice(None), rows), fighters)
    control = 0.9 * fighters / np.maximum(total[:, :, rows], 1)
    holder = np.full((members, months, len(places["id"])), -1, np.float32)
    best = np.zeros_like(total)
    for pair in range(pairs):
        row = rows[pair]
        wins = control[:, :, pair] > np.maximum(best[:, :, row], 0.4)
        best[:, :, row] = np.where(wins, control[:, :, pair], best[:, :, row])
        here = holder[:, :, occupied[row]]
        holder[:, :, occupied[row]] = np.where(wins, actor_of[pair], here)

    links = [(a, b, m) for a, b, m in routes] + [(b, a, m) for a, b, m in routes]
    pull = stream(2).gamma(0.3, 900, len(links))
    season = 1 + 0.6 * np.sin(np.arange(months) / 12 * 2 * math.pi - 1)
    ease = np.exp(stream(3).normal(0, 0.4, (members, 1, 1)))
    flow = ease * season[None, :, None] * pull * (1 - 0.3 * max(push, 0))
    crossings = np.maximum(np.rint(flow + np.sqrt(flow) * stream(4).normal(size=flow.shape)), 0)
    arrivals = np.zeros((members, months, len(places["id"])), np.float32)
    index = {p: i for i, p in enumerate(places["id"])}
    for column, (_, b, mode) in enumerate(links):
        if mode in ("sea", "road"):
            arrivals[:, :, index[b]] += crossings[:, :, column]
    strikes = np.zeros((members, months, len(places["id"])), np.float32)
    strikes[:, :, occupied[:2]] = stream(5).poisson(8 * max(push, 0), (members, months, 2))

    time = pd.date_range("2016-05-01", periods=months, freq="MS")
    # `ds.fighters.sel(pair_place="SIRT")` works, as the engine promises
    pair = pd.MultiIndex.from_arrays(
        [
            np.array(places["id"], dtype=object)[place_of],
            np.array([a[0] for a in actors], dtype=object)[actor_of],
        ],
        names=["pair_place", "pair_actor"],
    )

    def person(long_name: str, kind: str) -> dict[str, str]:
        return {"units": "person", "long_name": long_name, "kind": kind}

    mtp = ("member", "time", "pair")
    mt = ("member", "time")
    ds = xr.Dataset(
        {
            "fighters": (mtp, fighters, person("Fighters", "stock")),
            "control": (
                mtp,
                control.astype(np.float32),
                {"units": "1", "long_name": "Share of a place under control", "kind": "stock"},
            ),
            "holder": (
                (*mt, "place"),
                holder,
                {"units": "1", "long_name": "Actor that holds the place", "kind": "stock"},
            ),
            "battle_deaths": (mtp, deaths, person("Fighters killed", "flow")),
            "strikes": (
                (*mt, "place"),
                strikes,
                {"units": "strike", "long_name": "Air strikes", "kind": "flow"},
            ),
            "arrivals": ((*mt, "place"), arrivals, person("Arrivals", "flow")),
            "crossings": (
                (*mt, "link"),
                crossings.astype(np.float32),
                person("People moving", "flow"),
            ),
            "unplaced": (
                (*mt, "actor"),
                np.rint(np.exp(stream(6).normal(4, 1, (members, months, len(actors))))).astype(
                    "f4"
                ),
                person("Fighters not placed", "stock"),
            ),
        },
        coords={
            "member": np.arange(members),
            "weight": ("member", weight),
            **{f"hypothesis_{n}": ("member", a) for n, a in answers.items()},
            "time": time,
            "period_start": ("time", np.maximum(time, pd.Timestamp("2016-05-17"))),
            "period_end": ("time", time + pd.offsets.MonthBegin(1)),
            "place": places["id"],
            "place_name": ("place", places["name"]),
            "place_name_ar": ("place", places["name_ar"]),
            "country": ("place", places["country"]),
            "lat": ("place", places["lat"] if coordinates else [np.nan] * len(places["id"])),
            "lon": ("place", places["lon"] if coordinates else [np.nan] * len(places["id"])),
            "place_kind": ("place", places["kind"]),
            "population": ("place", np.array(places["population"], float)),
            "actor": [a[0] for a in actors],
            "actor_name": ("actor", [a[1] for a in actors]),
            "actor_kind": ("actor", [a[2] for a in actors]),
            "actor_side": ("actor", [a[3] for a in actors]),
            "link": np.arange(len(links)),
            "link_from": ("link", [x[0] for x in links]),
            "link_to": ("link", [x[1] for x in links]),
            "link_mode": ("link", [x[2] for x in links]),
            **xr.Coordinates.from_pandas_multiindex(pair, "pair"),
        },
        attrs={
            "khamsin_version": "0.1.0",
            "model": json.dumps(_model(len(places["id"]))),
            "title": "An invented country" if months < 20 else "Libya, invented numbers",
            "scenario": scenario,
            "scenario_title": {
                "none": "No further strikes",
                "strikes": "Strikes on the blue",
                "blockade": "A blockade of the coast",
            }[scenario],
            "seed": seed,
            "members": members,
            "members_done": members,
            "from_date": "2016-05-17",
            "plan_hash": f"{scenario:0<12}",
            "source_hash": "5f2c9a7e11d0",
            "hypotheses_live": json.dumps(sorted(HYPOTHESES)),
            "command": f"khamsin run invented --members {members} --seed {seed}",
        },
    )
    for name, coord in ds.coords.items():  # the store holds text as variable-length strings
        if coord.dtype.kind == "U" and name not in ds.dims:
            ds = ds.assign_coords({name: (coord.dims, _strings(coord.values), coord.attrs)})
    if not coordinates:
        ds = ds.drop_vars(["lat", "lon"])
    return ds


def _strings(values: np.ndarray) -> np.ndarray:
    return np.array([str(v) for v in values], dtype=np.dtypes.StringDType())


def _model(places: int) -> dict[str, object]:
    """A resolved model: the parts of it that a report shows."""
    rate = {"lognormal": {"median": 0.01, "sigma": 0.45}}
    return {
        "name": "invented",
        "title": "An invented country",
        "description": f"Numbers without meaning, {MALICE}",
        "time": {"start": "2015-01-01", "origin": "2016-05-17", "end": "2016-11-01", "step": 7},
        "processes": ["combat", "movement"],
        "parameters": {
            "combat.kill_rate": {
                "default": rate,
                "only": {},
                "unit": "1/day",
                "source": "bueno_2016",
                "known_on": "2016-05-17",
            },
            "combat.crowd": {
                "default": {"lognormal": {"median": 200, "sigma": 0.5}},
                "only": {"RED": {"fixed": {"value": 150}}},
                "unit": "person",
                "source": "judgement",
                "known_on": None,
            },
        },
        "hypotheses": {
            name: {
                "question": f"Which of {len(weights)} answers about {name}?",
                "live": True,
                "answers": {a: {"weight": w, "source": "judgement"} for a, w in weights.items()},
            }
            for name, weights in HYPOTHESES.items()
        },
        "references": {
            "bueno_2016": {
                "author": "Bueno, A.",
                "title": "Counts of the <i>invented</i> war",
                "year": "2016",
                "url": "https://example.org/bueno",
                "note": "CC BY 4.0",
            }
        },
        "observations": {},
        "scenarios": {},
    }


def _libya(folder: Path) -> tuple[dict[str, list], list[tuple[str, str, str]]]:
    """Places and routes of libya-2016."""
    with (folder / "places.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    places: dict[str, list] = {key: [] for key in ("id", "name", "country", "kind")}
    places |= {"lat": [], "lon": [], "population": [], "name_ar": []}
    for row in rows:
        for key in ("id", "name", "country", "kind"):
            places[key].append(row[key])
        for key in ("lat", "lon", "population"):
            places[key].append(float(row[key] or 0))
        places["name_ar"].append(ARABIC.get(row["id"], ""))
    with (folder / "routes.csv").open(encoding="utf-8", newline="") as file:
        routes = [(r["a"], r["b"], r["mode"]) for r in csv.DictReader(file)]
    known = set(places["id"])
    return places, [r for r in routes if r[0] in known and r[1] in known]


def _holders(folder: Path) -> dict[str, list[str]]:
    """Who holds or contests each place."""
    known = {a for a, _ in LIBYAN_ACTORS}
    found = {}
    with (folder / "control.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            names = [row["holder"], *row["contested_by"].split(";")]
            ids = ["LOC" if n.startswith("local:") else n for n in names]
            found[row["place"]] = list(dict.fromkeys(n for n in ids if n in known))
    return found


def _invented(count: int) -> tuple[dict[str, list], list[tuple[str, str, str]]]:
    """Places and routes where there are no facts to read."""
    rng = np.random.default_rng(9)
    lat, lon = rng.uniform(22, 33, count), rng.uniform(10, 25, count)
    lat[:12], lon[:12] = 32.5 + rng.normal(0, 0.2, 12), np.linspace(11.6, 15.2, 12)
    places = {
        "id": [f"P{i:02d}" for i in range(count)],
        "name": [f"Place {i}" for i in range(count)],
        "name_ar": ["" for _ in range(count)],
        "country": ["LY"] * count,
        "lat": list(lat),
        "lon": list(lon),
        "kind": ["town"] * count,
        "population": list(rng.lognormal(10, 1, count).round()),
    }
    nearest = [
        int(np.argsort((lat - lat[i]) ** 2 + (lon - lon[i]) ** 2)[1 + k])
        for i in range(count)
        for k in (0, 1)
    ]
    edges = {tuple(sorted((i // 2, j))) for i, j in enumerate(nearest)}
    return places, [(f"P{a:02d}", f"P{b:02d}", "road") for a, b in sorted(edges)]


LIBYAN_ACTORS = [
    ("LNA", "Libyan National Army (Haftar)"),
    ("ISL", "Islamic State in Libya"),
    ("MIS", "Misrata brigades"),
    ("TRB", "Tripoli brigades"),
    ("LOC", "Local councils"),
    ("PFG", "Petroleum Facilities Guard"),
    ("TUB", "Tebu forces"),
    ("TUA", "Tuareg forces"),
    ("ZNT", "Zintan brigades"),
    ("ZAW", "Zawiya militias"),
    ("AWS", "Awlad Suleiman (Sabha)"),
    ("ZWY", "Zway / Subul al-Salam"),
    ("DMSC", "Derna Mujahideen Shura Council"),
    ("DAB", "Anas al-Dabbashi brigade"),
    ("SOR", "Sabratha operations room"),
    ("BRSC", "Benghazi Revolutionaries Shura Council"),
    ("M3F", "Misrata Third Force"),
    ("GNS", "National Salvation Government"),
    ("TSF", "Tunisian security forces"),
    ("ISC", "Islamic State, Iraq and Syria"),
    ("IRQ", "Iraqi security forces"),
    ("SDF", "Syrian Democratic Forces"),
    ("SYG", "Syrian government and allies"),
    ("NUS", "al-Nusra Front"),
]

ARABIC = {
    "TRIP": "طرابلس",
    "ZAWI": "الزاوية",
    "SABR": "صبراتة",
    "ZUWA": "زوارة",
    "ZINT": "الزنتان",
    "BANW": "بني وليد",
    "MISR": "مصراتة",
    "SIRT": "سرت",
    "HUNJ": "هون",
    "AJDA": "أجدابيا",
    "BENG": "بنغازي",
    "DERN": "درنة",
    "TOBR": "طبرق",
    "SABH": "سبها",
    "GHAR": "غريان",
    "KHOM": "الخمس",
    "BAYD": "البيضاء",
}
