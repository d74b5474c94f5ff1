"""A model held against the record: periods, shares of months, draws of records, scores."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from khamsin.errors import InputError, RunError
from khamsin.hindcast.observed import Observed, observed_in
from khamsin.hindcast.page import as_json, for_report, markdown
from khamsin.hindcast.records import draw_record, log_likelihood, reporting_parameters
from khamsin.hindcast.scoring import score_ensemble
from khamsin.hindcast.truth import shares, truth
from khamsin.hindcast.views import score_windows, write_submission
from khamsin.model import read
from khamsin.model.periods import read_period
from khamsin.verbs.score import score

OBSERVED = """
observations:
  deaths:
    title: Deaths
    file: deaths.csv
    column: deaths
    variable: battle_deaths
    where: [country:XX]
    reporting: {negative_binomial: {size: {lognormal: {median: 5, sigma: 0.3}}, background: 1}}
    use: {test: [2024-02, 2024-12]}
    source: judgement
  south:
    title: Southport is the rebels'
    file: held.csv
    column: held
    variable: holder
    where: [place:SOUTH, actor:REB]
    reporting: {misclassified: {accuracy: 0.95}}
    source: judgement

outputs:
"""


def _deaths() -> str:
    rows = [f"{y}-{m:02d},{(7 * m + y) % 40},judgement" for y in (2022, 2023) for m in range(1, 13)]
    rows += [f"2024-{m:02d},{'' if m == 5 else 20 + m},judgement" for m in range(1, 13)]
    return "month,deaths,source\n" + "\n".join(rows) + "\n"


HELD = "month,held,source\n" + "".join(
    f"{y}-{m:02d},1,judgement\n" for y in (2023, 2024) for m in range(1, 13)
)


@pytest.fixture
def folder(changed: Callable[..., Path]) -> Path:
    return changed(("\noutputs:\n", OBSERVED), files={"deaths.csv": _deaths(), "held.csv": HELD})


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2016-05-17", date(2016, 5, 17), date(2016, 5, 18)),
        ("2016-12", date(2016, 12, 1), date(2017, 1, 1)),
        ("2016-Q4", date(2016, 10, 1), date(2017, 1, 1)),
        ("2016-Q2", date(2016, 4, 1), date(2016, 7, 1)),
        ("2016-H2", date(2016, 7, 1), date(2017, 1, 1)),
        ("2016", date(2016, 1, 1), date(2017, 1, 1)),
        ("2016-08-01..2016-12-19", date(2016, 8, 1), date(2016, 12, 20)),
        ("2016-02..2016-12", date(2016, 2, 1), date(2017, 1, 1)),
    ],
)
def test_periods(text: str, first: date, after: date) -> None:
    assert read_period(text) == (first, after)


@pytest.mark.parametrize("text", ["", "2016-13", "2016-Q5", "May", "2016-02-30", "2016..2015"])
def test_no_periods(text: str) -> None:
    assert read_period(text) is None


def _series(kind: str, *rows: tuple[str, str, float]) -> Observed:
    plain = {
        "title": "A", "variable": "battle_deaths", "plus": [], "kind": kind, "of_unit": "person",
        "unit": "person", "where": ["country:XX"], "reporting": None, "against": "zero",
        "source": "judgement", "fit": None, "test": None,
        "rows": [
            {"label": a, "start": a, "end": b, "value": v, "known_on": b} for a, b, v in rows
        ],
    }  # fmt: skip
    return observed_in({"observations": {"a": plain}})["a"]


def test_flows_are_shared_out_by_days_and_stocks_averaged() -> None:
    edges = np.array(["2016-05-17", "2016-06-01", "2016-07-01", "2016-08-01"], "datetime64[D]")
    rows = (
        ("2016-05-01", "2016-06-01", 1.0),  # begins before the run
        ("2016-06-01", "2016-07-01", 1.0),
        ("2016-06-16", "2016-07-16", 1.0),
        ("2016-07-31", "2016-08-01", 1.0),
    )
    flow = shares(_series("flow", *rows), edges[:-1], edges[1:])
    assert np.isnan(flow[0]).all()
    assert flow[1:] == pytest.approx(np.array([[0, 1, 0], [0, 0.5, 15 / 31], [0, 0, 1 / 31]]))
    stock = shares(_series("stock", *rows), edges[:-1], edges[1:])
    assert stock[1:] == pytest.approx(np.array([[0, 1, 0], [0, 0.5, 0.5], [0, 0, 1]]))


def test_records_are_pinned_to_seed_series_and_member(folder: Path) -> None:
    one = observed_in(read(folder).resolved())["deaths"]
    happened = np.full((6, len(one)), 30.0)
    drawn = draw_record(one, happened, 1, np.arange(6))
    some = draw_record(one, happened[:2], 1, np.array([4, 1]))
    assert np.array_equal(some, drawn[[4, 1]])
    assert not np.array_equal(draw_record(one, happened, 2, np.arange(6)), drawn)


def test_the_likelihood_skips_gaps_and_wants_a_reporting_model(folder: Path) -> None:
    one = observed_in(read(folder).resolved())["deaths"]
    parameters = reporting_parameters(one, 1, np.arange(3))
    happened = np.full((3, len(one)), 30.0)
    gap = np.flatnonzero(np.isnan(one.values))
    assert one.gaps == 1
    assert np.array_equal(log_likelihood(one, happened, parameters, gap), np.zeros(3))
    whole = log_likelihood(one, happened, parameters)
    assert (whole < 0).all()
    bare = _series("flow", ("2016-06-01", "2016-07-01", 1.0))
    with pytest.raises(RunError, match="no reporting model"):
        log_likelihood(bare, happened[:, :1], {})


def test_a_hindcast_is_scored(folder: Path, tmp_path: Path) -> None:
    ds, table = score(folder, members=30, folder=tmp_path / "run")
    assert ds.attrs["scenario"] == "base"  # nothing is assumed
    whole = {s.series: s for s in table.scores if s.horizon == "all"}
    assert set(whole) == {"deaths", "south"}
    deaths = whole["deaths"]
    assert deaths.points == 11  # January to December without the gap
    assert deaths.error > 0
    assert 0 <= deaths.coverage <= 1
    assert deaths.against == "conflictology"
    assert {"zero", "conflictology", "bootstrap", "seasonal_naive"} <= set(deaths.skill)
    assert deaths.skill["zero"].low <= deaths.skill["zero"].value <= deaths.skill["zero"].high
    assert "not fair" in deaths.label and "30 members" in deaths.label
    assert any("1 gaps" in note for note in table.notes)
    assert {s.horizon for s in table.scores} == {"all", "1-3", "4-6", "7-12"}
    json.dumps(as_json(table), allow_nan=False)
    assert "| Deaths (person) | all | 11 |" in markdown(table, ["# A page"])
    _, other = score(tmp_path / "run")
    assert as_json(other) == as_json(table)
    from khamsin.view.report import write

    observed = observed_in(json.loads(ds.attrs["model"]))
    page = write([ds], tmp_path / "page.html", scores=for_report(table, observed))
    assert "Deaths" in page.read_text(encoding="utf-8")


def test_the_truth_of_who_holds_a_place(folder: Path, tmp_path: Path) -> None:
    ds, _ = score(folder, members=10, folder=tmp_path / "run")
    one = observed_in(json.loads(ds.attrs["model"]))["south"]
    happened = truth(ds, one)
    covered = np.isfinite(happened).all(axis=0)
    assert covered.sum() == 12
    reb = [str(a) for a in ds["actor"].values].index("REB")
    south = [str(p) for p in ds["place"].values].index("SOUTH")
    holder = ds["holder"].transpose("member", "time", "place").values[:, :, south]
    assert np.array_equal(happened[:, covered], (holder == reb).astype(float))


def test_the_same_forecast_as_the_benchmark_has_no_skill() -> None:
    times = np.arange("2024-01", "2025-01", dtype="datetime64[M]").astype("datetime64[D]")
    ends = np.append(times[1:], np.datetime64("2025-01-01"))
    rows = [
        (str(a), str(b), float(10 + k % 12))
        for k, (a, b) in enumerate(
            zip(
                np.arange("2023-01", "2025-01", dtype="datetime64[M]").astype("datetime64[D]"),
                np.arange("2023-02", "2025-02", dtype="datetime64[M]").astype("datetime64[D]"),
                strict=True,
            )
        )
    ]
    one = _series("flow", *rows)
    past = np.arange(10.0, 22.0)
    values = np.repeat(past[:, None], 12, axis=1)[:, :, None]
    ds = xr.Dataset(
        {"battle_deaths": (("member", "time", "place"), values, {"kind": "flow"})},
        coords={
            "member": np.arange(12), "time": times, "period_start": ("time", times),
            "period_end": ("time", ends), "place": ["A"], "country": ("place", ["XX"]),
        },
        attrs={"from_date": "2024-01-01", "seed": 1, "title": "t"},
    )  # fmt: skip
    table = score_ensemble(ds, {"a": one})
    assert table.scores[0].skill["conflictology"].value == pytest.approx(0, abs=1e-12)
    assert table.scores[0].skill["conflictology"].verdict == "no difference"
    assert table.scores[0].coverage == pytest.approx(10 / 12)


def test_the_rule_of_views(changed: Callable[..., Path], tmp_path: Path) -> None:
    folder = changed(
        ("\noutputs:\n", OBSERVED),
        (
            "{start: 2024-01-01, origin: 2024-01-01, end: 2024-12-31, step: 7 day}",
            "{start: 2023-10-01, origin: 2023-10-01, end: 2024-12-31, step: 7 day}",
        ),
        files={"deaths.csv": _deaths().replace("2024-05,,", "2024-05,7,"), "held.csv": HELD},
    )
    ds, _ = score(folder, members=20, folder=tmp_path / "run")
    observed = observed_in(json.loads(ds.attrs["model"]))
    (window,) = score_windows(ds, observed)
    assert (window.series, window.year) == ("deaths", 2024)
    assert set(window.scores) == {"model", "zero", "conflictology", "last", "boot_240"}
    assert "CRPS (not fair), 1,000 draws" in window.lines[0]
    assert write_submission(tmp_path / "sub", ds, observed) == []  # XX is no country of ViEWS


def test_what_cannot_be_scored(folder: Path, small_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no observations"):
        score(small_folder, members=2, folder=tmp_path / "a")
    with pytest.raises(InputError, match="lies outside of the model's time"):
        score(folder, origin="2020-01-01", members=2, folder=tmp_path / "b")
    with pytest.raises(InputError, match="--origin takes"):
        score(folder, origin="soon", members=2, folder=tmp_path / "c")
