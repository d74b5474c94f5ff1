"""Reading must not be what a user waits for: a model of the size of libya-2016 in a moment."""

import subprocess
import sys
import time
from pathlib import Path

from khamsin.model import read

PLACES, ROUTES, ACTORS = 90, 130, 60


def write_model(folder: Path) -> None:
    def table(name: str, header: str, rows: list[str]) -> None:
        (folder / name).write_text("\n".join([header, *rows]) + "\n")

    places, actors = [f"P{i}" for i in range(PLACES)], [f"A{i}" for i in range(ACTORS)]
    table(
        "places.csv",
        "id,name,country,lat,lon,kind,population,source",
        [
            f"{p},Place {p},XX,{i / 3},{i / 4},city,{1000 + i},invented"
            for i, p in enumerate(places)
        ],
    )
    ends = [(places[i % PLACES], places[(i * 7 + 1) % PLACES]) for i in range(PLACES)]
    ends += [(places[i], places[i + 31]) for i in range(ROUTES - PLACES)]
    table(
        "routes.csv",
        "id,a,b,mode,km,source",
        [f"r{i},{a},{b},road,{10 + i},invented" for i, (a, b) in enumerate(ends)],
    )
    table("actors.csv", "id,name,kind,source", [f"{a},Actor,militia,invented" for a in actors])
    table(
        "strengths.csv",
        "place,actor,low,best,high,source",
        [f"{p},{a},10,20,40,invented" for p in places for a in actors[:10]],
    )
    table(
        "hostility.csv",
        "actor,other,level,source",
        [f"{a},{b},0.5,invented" for a in actors for b in actors if a < b],
    )
    parameters = "\n".join(
        f"  combat.p{i}: {{lognormal: {{median: 0.01 1/week, sigma: 0.4}}, source: judgement}}"
        for i in range(60)
    )
    (folder / "model.yaml").write_text(
        f"""format: 1
title: As large as Libya
time: {{start: 2015-01-01, origin: 2016-05-17, end: 2018-12-31, step: 7 day}}
places: places.csv
routes: routes.csv
actors: actors.csv
state:
  population: {{file: places.csv, column: population}}
  fighters: {{file: strengths.csv, column: best, between: [low, high]}}
  hostility: {{file: hostility.csv, column: level, symmetric: true}}
processes: [combat]
parameters:
{parameters}
outputs: {{variables: [fighters]}}
"""
    )


def test_a_model_of_the_size_of_libya_is_read_in_half_a_second(tmp_path: Path) -> None:
    write_model(tmp_path)
    times = []
    for _ in range(5):
        start = time.process_time()  # not the wall's: other tests share the machine
        model = read(tmp_path)
        times.append(time.process_time() - start)
    assert (len(model.places), len(model.routes), len(model.actors)) == (PLACES, ROUTES, ACTORS)
    assert min(times) < 0.5


def test_reading_a_model_imports_nothing_heavy() -> None:
    code = (
        "import sys, khamsin.model\n"
        "heavy = {'numba', 'scipy', 'xarray', 'pandas', 'pint', 'zarr', 'altair'}\n"
        "print(*sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("", "")
