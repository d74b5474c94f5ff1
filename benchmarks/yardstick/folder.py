"""The model folder of the yardstick: made up from a fixed seed, written as plain files."""

import csv
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

PLACES, ACTORS, ROUTES, HOSTILE, STEPS = 64, 12, 80, 21, 104
OCCUPIED = 0.6  # share of the cells (place, actor) that hold fighters

MODEL = """\
format: 1
title: Yardstick
description: A representative plan for the benchmarks. Nothing in it is real.
time: {start: 2016-01-02, origin: 2016-01-02, end: 2017-12-29, step: 7 day}
places: places.csv
routes: routes.csv
actors: actors.csv
variables:
  reach: {dims: [place, actor], unit: "1", kind: table, bounds: [0, 1], meaning: where it moves}
  residents: {dims: [place], unit: person, kind: stock, meaning: people}
  kindled: {dims: [place, actor], unit: 1/day, kind: stock, meaning: attacks kindled}
  attack_count: {dims: [place, actor], unit: event, kind: flow, meaning: attacks}
  killed_in_attacks: {dims: [place, actor], unit: person, kind: flow, meaning: dead}
  newcomers: {dims: [place, actor], unit: person, kind: flow, meaning: recruits}
  drowned: {dims: [place], unit: person, kind: flow, meaning: dead on the way}
state:
  residents: {file: places.csv, column: residents}
  fighters: {file: cells.csv, column: best, between: [low, high]}
  reach: {file: cells.csv, column: reach}
  hostility: {file: hostility.csv, column: level, symmetric: true}
  kindled: 0
processes:
  - ./processes.py:combat
  - ./processes.py:movement
  - ./processes.py:recruitment
  - ./processes.py:attacks
  - ./processes.py:migrants
outputs:
  variables: [fighters, residents, battle_deaths, civilian_deaths, newcomers]
  every: month
"""
MORE_PEOPLE = """\
title: A thousand people more in one place
interventions:
  - change: residents
    where: {place: P000}
    on: 2016-01-02
    add: 1000
    source: judgement
"""


def write(
    folder: Path, *, places: int = PLACES, steps: int = STEPS, occupied: float = OCCUPIED
) -> Path:
    """Write the model folder; return it.

    Parameters
    ----------
    folder : Path
        Is made.
    places : int
        Number of places, a multiple of 8; with ACTORS actors everywhere and 10 routes for each 8.
    steps : int
    occupied : float
        Share of the cells that hold fighters at the start, and within the reach of their actor.
    """
    from datetime import date, timedelta

    rng = np.random.default_rng(20160517)
    folder.mkdir(parents=True)
    end = date(2016, 1, 2) + timedelta(days=7 * steps - 1)
    (folder / "model.yaml").write_text(MODEL.replace("2017-12-29", str(end)), encoding="utf-8")
    shutil.copy(Path(__file__).with_name("processes.py"), folder / "processes.py")
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "more-people.yaml").write_text(MORE_PEOPLE, encoding="utf-8")
    made_up = "judgement"
    residents = np.round(np.exp(rng.normal(np.log(60_000), 1.0, places)))
    _table(
        folder / "places.csv",
        ["id", "name", "country", "lat", "lon", "kind", "residents", "source"],
        (
            [
                f"P{p:03}",
                f"Place {p}",
                "XX",
                25 + p // 8 / 2,
                10 + p % 8 / 2,
                "town",
                residents[p],
                made_up,
            ]
            for p in range(places)
        ),
    )
    _table(
        folder / "actors.csv",
        ["id", "name", "kind", "source"],
        ([f"A{a:02}", f"Actor {a}", "armed", made_up] for a in range(ACTORS)),
    )
    _table(
        folder / "routes.csv",
        ["a", "b", "mode", "km", "source"],
        ([f"P{i:03}", f"P{j:03}", "road", 50, made_up] for i, j in _routes(places, rng)),
    )
    cells = rng.random((places, ACTORS)) < occupied
    best = np.round(np.exp(rng.normal(np.log(300), 1.0, cells.shape)))
    _table(
        folder / "cells.csv",
        ["place", "actor", "low", "best", "high", "reach", "source"],
        (
            [
                f"P{p:03}",
                f"A{a:02}",
                max(1, best[p, a] // 2),
                best[p, a],
                best[p, a] * 2,
                1,
                made_up,
            ]
            for p, a in np.argwhere(cells)
        ),
    )
    pairs = [(a, b) for a in range(ACTORS) for b in range(a)]
    chosen = rng.choice(len(pairs), HOSTILE, replace=False)
    _table(
        folder / "hostility.csv",
        ["actor", "other", "level", "source"],
        ([f"A{a:02}", f"A{b:02}", 1, made_up] for a, b in (pairs[k] for k in chosen)),
    )
    return folder


def _routes(places: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Return routes on a grid of 8 columns: a tree that joins all places, then random ones."""
    edges = [(p, p + 1) for p in range(places) if p % 8 < 7]
    edges += [(p, p + 8) for p in range(places - 8)]
    group, tree, rest = list(range(places)), [], []
    for k in rng.permutation(len(edges)):
        i, j = edges[k]
        if group[i] == group[j]:
            rest.append(edges[k])
            continue
        old, new = group[i], group[j]
        group = [new if g == old else g for g in group]
        tree.append(edges[k])
    return (tree + rest)[: ROUTES * places // PLACES]


def _table(file: Path, header: list[str], rows: Iterable[list[Any]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(header)
        for row in rows:
            writer.writerow([int(x) if isinstance(x, float) and x == int(x) else x for x in row])
