"""Scoring a year of all countries; reading a million events: seconds of processor time."""

import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.measuring import Figures, child, say, scratch

NAMES = ("score_s", "read_events_s", "read_events_gib")
EVENTS = 1_000_000
READ = """
import sys, time
from khamsin.readers import read_ucdp
began = time.process_time()
events = read_ucdp(sys.argv[1])
print(len(events), time.process_time() - began)
"""


def measure() -> Figures:
    """Score 191 countries x 12 months x 1,000 draws; read events in a process of its own."""
    figures = {"score_s": _score()}
    with scratch() as home:
        file = home / "ged.csv"
        _write_events(file)
        done = child([sys.executable, "-c", READ, str(file)])
        count, seconds = done.out.split()
        assert int(count) == EVENTS
        size = file.stat().st_size / 1e6
        say(f"{EVENTS:,} events, {size:,.0f} MB: {float(seconds):.1f} s, {done.peak_gib:.2f} GiB")
    return {**figures, "read_events_s": float(seconds), "read_events_gib": done.peak_gib}


def _score() -> float:
    import xarray as xr

    from khamsin.scores import crps

    rng = np.random.default_rng(1)
    dims = ("member", "time", "country_id")
    forecast = xr.DataArray(rng.poisson(rng.gamma(0.3, 60, (1000, 12, 191))), dims=dims)
    seen = xr.DataArray(rng.poisson(rng.gamma(0.3, 60, (12, 191))), dims=dims[1:])
    crps(forecast.isel(time=[0]), seen.isel(time=[0]), over="all")
    began = time.process_time()
    crps(forecast, seen, over="all")
    return time.process_time() - began


def _write_events(file: Path) -> None:
    """Write events with the columns of version 25.1, all different in id, day, place and deaths."""
    from khamsin.readers.ucdp import STANDARD

    rng = np.random.default_rng(1)
    days = np.datetime64("1989-01-01") + rng.integers(0, 13_000, EVENTS)
    years = days.astype("datetime64[Y]").astype(int) + 1970
    place = rng.uniform((10.0, -10.0), (36.0, 45.0), (EVENTS, 2)).round(5)
    dead = rng.poisson(4, EVENTS)
    row = dict.fromkeys(STANDARD, "") | {
        "active_year": "1", "code_status": "Clear", "type_of_violence": "1",
        "conflict_dset_id": "1", "conflict_new_id": "9001", "conflict_name": "Libya: Government",
        "dyad_dset_id": "1", "dyad_new_id": "9101", "dyad_name": "Party A - Party B",
        "side_a_dset_id": "1", "side_a_new_id": "1", "side_a": "Party A", "side_b_dset_id": "2",
        "side_b_new_id": "2", "side_b": "Party B", "number_of_sources": "1",
        "source_article": '"A paper, a headline, the body of which is not given here"',
        "source_office": "A paper", "source_headline": "A headline", "source_original": "Nobody",
        "where_prec": "1", "where_coordinates": "A town", "adm_1": "A district",
        "priogrid_gid": "176427", "country": "Libya", "country_id": "620", "region": "Africa",
        "event_clarity": "1", "date_prec": "1", "deaths_a": "1", "deaths_civilians": "0",
        "deaths_unknown": "0", "gwnoa": "620",
    }  # fmt: skip
    changing = (
        "id", "relid", "year", "source_date", "latitude", "longitude", "geom_wkt", "date_start",
        "date_end", "deaths_b", "best", "high", "low",
    )  # fmt: skip
    line = ",".join("{" + n + "}" if n in changing else row[n] for n in STANDARD) + "\n"
    with file.open("w", encoding="utf-8") as out:
        out.write(",".join(STANDARD) + "\n")
        texts = np.datetime_as_string(days)
        for k in range(EVENTS):
            lat, lon, day, n = place[k, 0], place[k, 1], texts[k], int(dead[k])
            out.write(
                line.format(
                    id=k, relid=f"LIB-{k}", year=years[k], source_date=day, latitude=lat,
                    longitude=lon, geom_wkt=f"POINT ({lon} {lat})", date_start=day, date_end=day,
                    deaths_b=n, best=n + 1, high=n + 3, low=n,
                )
            )  # fmt: skip
