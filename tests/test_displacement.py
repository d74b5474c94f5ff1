"""Displacement by days: people are kept, journeys take the days they should, forecasts are
scored."""

from dataclasses import replace
from math import floor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from flee_case import DAYS, write_case

from khamsin.displacement import benchmarks, import_flee, measures
from khamsin.displacement.flee_model import read_case
from khamsin.displacement.running import Case, column, open_case, simulate
from khamsin.displacement.trend import faded
from khamsin.displacement.widths import WIDTH, widen
from khamsin.errors import InputError

if TYPE_CHECKING:
    from khamsin.engine import Engine

CASES = Path(__file__).parents[2] / "shared" / "cases" / "flee"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Our own small case, imported."""
    home = tmp_path_factory.mktemp("flee")
    import_flee(write_case(home / "case"), home / "model")
    return open_case(home / "model")


@pytest.fixture(scope="module")
def engine(case: Case) -> "Engine":
    """The small case by Flee's rules."""
    return case.engine("flee", "as_flee")


def _state(engine: "Engine", name: str, state: np.ndarray) -> np.ndarray:
    slot = engine.plan.slots[name]
    return state[:, slot.offset : slot.offset + slot.size].reshape(len(state), *slot.shape)


def test_nobody_is_lost_on_the_way(case: Case, engine: "Engine") -> None:
    members = np.arange(5)
    state, parameters, values = engine.start(members)
    began = _state(engine, "sheltering", state).sum(axis=(1, 2))
    assert (began == case.registered[0].sum()).all()
    found = engine.advance(state, parameters, values, members, 0, DAYS)
    there = _state(engine, "sheltering", state).sum(axis=(1, 2))
    there += _state(engine, "on_road", state).sum(axis=(1, 2))
    assert np.array_equal(there, began + found["newly_displaced"].sum(axis=(1, 2)))
    total = case.registered.sum(axis=1)
    assert found["newly_displaced"].sum(axis=(1, 2)) == pytest.approx(total[-1] - total[0], abs=1)


def test_a_census_books_what_it_changes(case: Case) -> None:
    engine = case.engine("ours", "leak_free")
    members = np.arange(4)
    state, parameters, values = engine.start(members)
    began = _state(engine, "sheltering", state).sum(axis=(1, 2))
    found = engine.advance(state, parameters, values, members, 0, DAYS)
    there = _state(engine, "sheltering", state).sum(axis=(1, 2))
    there += _state(engine, "on_road", state).sum(axis=(1, 2))
    changed = found["newly_displaced"].sum(axis=(1, 2)) + found["enrolled"].sum(axis=(1, 2))
    assert np.array_equal(there, began + changed)
    counts = found["in_camps"][:, : case.origin, case.camps]
    assert np.array_equal(counts, np.tile(case.known, (4, 1, 1)))


def test_what_is_known_looks_at_no_later_count(tmp_path: Path) -> None:
    import_flee(write_case(tmp_path / "case"), tmp_path / "a")
    later = "2020-01-01,0\n2020-01-11,0\n2020-02-01,9999\n2020-03-01,1\n"
    import_flee(write_case(tmp_path / "case", bora=later), tmp_path / "b")
    one, other = open_case(tmp_path / "a"), open_case(tmp_path / "b")
    assert one.origin == 20 and one.last_count.tolist() == [10, 10]
    assert np.array_equal(one.known, other.known)
    assert one.known[10].tolist() == [1500, 0]  # Alba had 150 on day 0: 135 a day
    assert one.known[19].tolist() == [1500 + floor(135 * faded(9.0, 30.0)), 0]
    assert not np.array_equal(one.registered[:20], other.registered[:20])  # the line to day 31


def test_a_trend_fades_on_the_scale_of_the_crisis(case: Case) -> None:
    engine = case.engine("flee", "leak_free")
    drawn = engine.plan.draw_parameters(1, np.arange(400))
    assert case.origin == 20
    assert (drawn[:, column(engine, "daily_flight.window")] == 5.0).all()
    half_lives = drawn[:, column(engine, "daily_flight.half_life")]
    assert np.median(half_lives) == pytest.approx(10.0, rel=0.1)
    assert np.log(half_lives).std() == pytest.approx(0.8, rel=0.1)
    days = np.arange(1, 400_001) / 1000.0  # the sum of what is left of one a day
    assert faded(400.0, 60.0) == pytest.approx((0.5 ** (days / 60.0)).sum() / 1000.0, rel=1e-4)


def test_what_comes_later_changes_nothing_leak_free(case: Case) -> None:
    engine = case.engine("ours", "leak_free")
    members = np.arange(3)
    found = []
    for factor in (1.0, 7.0):
        state, parameters, values = engine.start(members)
        day = case.origin + 1
        _state(engine, "registered", state)[:, :, day:] *= factor
        _state(engine, "registered_total", state)[:, day:] *= factor
        found.append(engine.advance(state, parameters, values, members, 0, DAYS)["in_camps"])
    assert np.array_equal(found[0], found[1])


@pytest.mark.parametrize(("km", "overshoot", "days"), [(30, 1, 1), (36, 1, 2), (300, 1, 9)])
def test_the_first_road_is_walked(km: float, overshoot: int, days: int) -> None:
    """35 km a day: a road of d km takes floor(d / 35) + 1 days."""
    assert _arrival([(0, 1, km)], [0, 1], overshoot) == days


@pytest.mark.parametrize(
    ("overshoot", "days"), [(1, 1), (0, 2)], ids=["a whole new day on each road", "what is left"]
)
def test_overshoot_gives_a_new_day_on_each_road(overshoot: int, days: int) -> None:
    """30 km on foot, then 190 by vehicle at 200 a day: 220 km are more than one day's."""
    assert _arrival([(0, 1, 30.0), (1, 2, 190.0)], [0, 0, 1], overshoot) == days


def _arrival(roads: list[tuple[int, int, float]], camps: list[int], overshoot: int) -> int:
    """Return the day on which 100 people from the first place are all in the camp."""
    from khamsin.draws import new_stream
    from khamsin.processes.daily_journey import daily_journey

    places, links = len(camps), 2 * len(roads)
    camp = np.array(camps, float)
    sheltering, on_road = np.zeros((places, 16)), np.zeros((links, 16 * 16))
    sheltering[0, 8] = 100.0
    ends = np.array([[a, b] for a, b, _ in roads], float)
    pull = np.zeros(links)
    pull[::2] = 1.0
    conflict = np.zeros(places)
    conflict[0] = 1.0
    for day in range(1, 20):
        daily_journey(
            sheltering=sheltering,
            on_road=on_road,
            camp_arrivals=np.zeros(places),
            pull=pull,
            link_from=ends.ravel(),
            link_to=ends[:, ::-1].ravel(),
            link_km=np.repeat([km for _, _, km in roads], 2),
            road_open=np.ones(len(roads)),
            camp=camp,
            conflict=conflict,
            hub=1.0 - camp - conflict,
            camp_room=np.zeros(places),
            registered=np.zeros((places, 1)),
            case_day=np.array([float(day)]),
            vehicle_speed=200.0,
            walking_speed=35.0,
            town_chance=1.0,
            camp_chance=0.0,
            capacity_scaling=1.0,
            overshoot=float(overshoot),
            first_day_twice=0.0,
            batches=4.0,
            dt=1.0,
            rng=new_stream((), [str(p) for p in range(places)]),
        )
        if sheltering[-1].sum() == 100.0:
            return day
    return -1


def test_measures_by_hand() -> None:
    registered = np.array([[100.0, 100.0], [150.0, 50.0]])
    forecast = np.array([[80.0, 80.0], [300.0, 100.0]])
    assert measures.normal(forecast, registered) == pytest.approx((0.2 + 1.0) / 2)
    assert measures.rescaled(forecast, registered) == pytest.approx(0.0)
    assert measures.total_error(forecast, registered, np.array([400.0, 400.0])) == pytest.approx(
        (0.1 + 0.5) / 2
    )
    assert measures.crps(forecast[None], registered) == measures.normal(forecast, registered)
    two = np.array([[[90.0]], [[110.0]]])
    assert measures.crps(two, np.array([[100.0]])) == pytest.approx((10.0 - 10.0) / 100.0)
    assert measures.coverage(two, np.array([[100.0]]), 0.9) == 1.0
    assert measures.coverage(two, np.array([[120.0]]), 0.9) == 0.0


def test_benchmarks_by_hand(case: Case) -> None:
    known = benchmarks.Known(
        np.array([[1.0, 3.0], [1.0, 1.0]]),
        np.array([100.0, 200.0]),
        np.array([10.0, 30.0]),
        case.distance,
        np.array([1.0, 0.0, 0.0, 0.0]),
    )
    assert benchmarks.persistence(known).tolist() == [[1, 1], [1, 1]]
    assert benchmarks.equal_split(known).tolist() == [[50, 50], [100, 100]]
    assert benchmarks.capacity_split(known).tolist() == [[25, 75], [50, 150]]
    assert benchmarks.frozen_shares(known).tolist() == [[50, 50], [100, 100]]
    assert benchmarks.nearest_camp(known).tolist() == [[100, 0], [200, 0]]
    assert case.distance[0].tolist() == [120.0, 300.0]  # East: by road, 120 and 210 + 90 km


def test_a_case_is_scored_twice(case: Case) -> None:
    from khamsin.displacement.page import page
    from khamsin.displacement.scoring import OURS, score_case

    rows = score_case(case, 4)
    halves = {row.half for row in rows}
    assert halves == {"as in Flee", "leak-free"}
    for half in halves:
        names = {row.forecast for row in rows if row.half == half}
        assert set(benchmarks.BENCHMARKS) < names
    text = page(rows, 4)
    assert "leak-free" in text and "| persistence |" in text
    best = {row.half: row for row in rows if row.forecast == OURS}["leak-free"]
    assert f"normal {best.normal:.3f}" in text and "By shares alone" in text
    perfect = [replace(row, rescaled=0.0) if row is best else row for row in rows]
    assert "below every\nbenchmark in 1 of 1;" in page(perfect, 4)


def test_widths_change_no_point_forecast(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    from khamsin.displacement import scoring

    def ours() -> scoring.Row:
        rows = scoring.score_case(case, 4)
        return next(r for r in rows if r.forecast == scoring.OURS)

    wide = ours()
    monkeypatch.setattr(scoring, "widen", lambda counts, since, seed: counts)
    narrow = ours()
    assert wide.crps != narrow.crps
    assert replace(wide, crps=0, skill=0, cover50=0, cover90=0) == replace(
        narrow, crps=0, skill=0, cover50=0, cover90=0
    )


def test_conflicts_are_exported_for_flee(case: Case, tmp_path: Path) -> None:
    from khamsin.displacement import write_conflicts
    from khamsin.ensemble import open_ensemble
    from khamsin.verbs.run import run

    done = run(case.model, members=2, folder=tmp_path / "run", scenarios=["as-recorded"])
    with open_ensemble(done.stores[0]) as ensemble:
        file = write_conflicts(
            ensemble, tmp_path / "conflicts.csv", member=1, variable="newly_displaced"
        )
        for wrong, said in (
            ({"variable": "nwely_displaced"}, "by place it has .*newly_displaced"),
            ({"threshold": float("nan")}, "above 0"),
            ({"member": 2}, "members 0 to 1"),
        ):
            asked = {"member": 0, "variable": "newly_displaced", **wrong}
            with pytest.raises(InputError, match=said):
                write_conflicts(ensemble, tmp_path / "no.csv", **asked)
        with pytest.raises(InputError, match="cannot write"):
            write_conflicts(ensemble, file / "no.csv", member=0, variable="newly_displaced")
    assert file.read_bytes().count(b"\r") == 0
    lines = file.read_text().splitlines()
    assert lines[0] == "#Day,East,West,Alba,Bora"
    assert len(lines) == DAYS + 1
    assert lines[1] == "0,0,0,0,0" and lines[5] == "4,1,0,0,0"
    # and back: Flee's own reading of it, by our importer
    again = write_case(tmp_path / "again", conflicts=file.read_text())
    read_back = read_case(again)
    written = np.array([[float(x) for x in line.split(",")[1:]] for line in lines[1:]])
    assert np.array_equal(read_back.conflict[1:], written[1:])
    assert read_back.conflict[0].tolist() == [1, 0, 0, 0]  # a conflict zone from day 0, for Flee


@pytest.mark.skipif(not CASES.is_dir(), reason="the cases of Flee lie outside the repository")
def test_camp_totals_are_those_of_flee(tmp_path: Path) -> None:
    from khamsin.displacement.scoring import agreement, read_flee

    import_flee(CASES / "mali2012", tmp_path / "mali2012")
    mali = open_case(tmp_path / "mali2012")
    engine = mali.engine("flee", "as_flee")
    members = np.arange(6)
    drawn = engine.plan.draw_parameters(1, members)
    found = simulate(engine, members, drawn, mali.days)["in_camps"][:, :, mali.camps]
    runs = read_flee(CASES / "mali2012" / "flee_output", mali)
    assert agreement(found, runs) < 0.02
    assert column(engine, "daily_journey.overshoot") >= 0
    flee = [measures.normal(run, mali.registered) for run in runs]
    ours = measures.normal(found.mean(axis=0), mali.registered)
    assert abs(ours - np.mean(flee)) < 0.01


def test_a_case_is_cut_and_known_as_long_as_is_said(tmp_path: Path) -> None:
    """The first 30 days of the small case, the first 15 of them known: no later count enters."""
    import_flee(write_case(tmp_path / "case"), tmp_path / "a", days=30, known=15)
    short = open_case(tmp_path / "a")
    assert (short.days, short.origin) == (30, 15)
    assert short.registered[-1].tolist() == [1500, 0]  # Bora's count of day 31 is not looked at
    plan = short.engine("ours", "leak_free").plan
    drawn = plan.draw_parameters(1, np.arange(1))[0]
    names = {p.name: drawn[p.offset] for p in plan.parameters}
    assert names["daily_flight.known_days"] == names["camps.follow_days"] == 15
    for wrong in ({"days": 2}, {"known": 0}, {"known": 60}):
        with pytest.raises(InputError, match="days"):
            import_flee(tmp_path / "case", tmp_path / "b", **wrong)
    assert not (tmp_path / "b").exists()


def test_who_is_under_way_at_the_forecast_is_not_counted_twice(case: Case) -> None:
    """Once all have arrived the camps hold what was known and what the trend adds to it."""
    engine = case.engine("ours", "leak_free")
    members = np.arange(3)
    state, parameters, values = engine.start(members)
    parameters[:, column(engine, "daily_flight.growth")] = 0.0
    found = engine.advance(state, parameters, values, members, 0, DAYS)
    under_way = _state(engine, "on_road", state).sum(axis=(1, 2))
    known = case.known[-1].sum()
    assert (found["newly_displaced"][:, case.origin :] == 0.0).all()
    late = found["in_camps"][:, -1, case.camps].sum(axis=1)
    assert ((late >= known) & (late + under_way > known)).all()  # they do arrive
    grown = engine.start(members)[0]
    parameters[:, column(engine, "daily_flight.growth")] = 1.0
    parameters[:, column(engine, "daily_flight.noise")] = 0.0
    parameters[:, column(engine, "daily_flight.half_life")] = 8.0
    found = engine.advance(grown, parameters, values, members, 0, DAYS)
    under_way = _state(engine, "on_road", grown).sum(axis=(1, 2))
    camps = found["in_camps"][:, -1, case.camps].sum(axis=1)
    sheltering = _state(engine, "sheltering", grown).sum(axis=(1, 2))
    total = case.known.sum(axis=1)
    rate = (total[-1] - total[-6]) / 5.0
    ahead = np.arange(1, DAYS - case.origin + 1)
    expected = known + rate * (0.5 ** (ahead / 8.0)).sum()
    assert sheltering + under_way == pytest.approx(np.full(3, expected), rel=0.02)
    assert (camps <= sheltering).all()


def test_who_is_shut_in_at_the_forecast_is_not_counted_twice(tmp_path: Path) -> None:
    """The road out of East opens again after the forecast: a camp has those people already."""
    shut = "#closure_type,name1,name2,closure_start,closure_end\nlocation,East,,0,30\n"
    import_flee(write_case(tmp_path / "case", closures=shut), tmp_path / "model")
    case = open_case(tmp_path / "model")
    engine = case.engine("ours", "leak_free")
    members = np.arange(3)
    state, parameters, values = engine.start(members)
    parameters[:, column(engine, "daily_flight.growth")] = 0.0
    found = engine.advance(state, parameters, values, members, 0, DAYS)
    known = case.known[-1].sum()
    assert (found["newly_displaced"][:, : case.origin].sum(axis=(1, 2)) > 1000).all()
    assert (found["camp_arrivals"][:, : case.origin] == 0.0).all()
    assert (found["in_camps"][:, -1, case.camps].sum(axis=1) == known).all()
    assert (_state(engine, "sheltering", state).sum(axis=(1, 2)) == known).all()


def test_a_coherent_forecast_adds_up_to_its_total() -> None:
    members = np.array([[[9.0, 1.0]], [[1.0, 8.0]], [[2.0, 2.0]]])  # (member, day, camp)
    middle = measures.middle(members)
    assert middle.tolist() == [[4.5, 4.5]]  # the medians of camps are 2, that of the total is 9
    assert measures.middle(np.zeros((3, 1, 2))).tolist() == [[0.0, 0.0]]


def test_a_forecast_is_widened_about_its_median() -> None:
    camps = np.array([600.0, 300.0, 100.0, 0.0])
    trend = np.exp(0.1 * np.linspace(-1.0, 1.0, 200))
    counts = trend[:, None, None] * np.array([1.0, 2.0])[:, None] * camps
    since = np.array([0.0, 1.0])[:, None] * np.ones(4)
    wide = widen(counts, since)
    assert wide[:, 0] == pytest.approx(counts[:, 0])  # on the day of a count nothing is unsure
    assert (wide[:, :, 3] == 0.0).all()
    total = wide[:, 1].sum(axis=1)
    assert np.median(total) == pytest.approx(np.median(counts[:, 1].sum(axis=1)))
    assert np.log(total).std() == pytest.approx(np.hypot(WIDTH, np.log(trend).std()), rel=0.1)
    assert np.median(wide[:, 1], axis=0) == pytest.approx(np.median(counts[:, 1], axis=0), rel=0.08)
    odds = np.log(wide[:, 1, 1] / wide[:, 1, 2])  # two camps, the total cancelled
    assert odds.std() == pytest.approx(WIDTH * 2.0**0.5, rel=0.1)
    later = widen(counts, 4.0 * since)[:, 1].sum(axis=1)
    assert np.log(later).std() == pytest.approx(2.0 * WIDTH, rel=0.1)
    assert widen(counts[:1], since) == pytest.approx(counts[:1])  # one member is no ensemble
    assert (widen(0.0 * counts, since) == 0.0).all()


def test_a_width_is_chosen_by_what_it_covers_elsewhere() -> None:
    from scripts.displacement_development.widths import miss, pick

    none = [np.nan, np.nan]
    total = np.array([[[0.2, 0.4], [0.5, 0.9]], [[0.5, 0.9], [0.9, 1.0]], [none, none]])
    shares = np.array([[[0.3, 0.5], [0.5, 0.9]], [none, none], [none, none]])
    tables = {"total": total, "shares": shares, "camps": shares}
    assert miss(total).tolist() == pytest.approx([0.4, 0.25])
    assert pick(tables, alike=True)["total"] == 1
    assert pick(tables, alike=False, but=0)["total"] == 0  # by the second crisis alone


def test_a_crisis_is_known_by_counts_dated_before() -> None:
    from scripts.displacement_development.__main__ import choose
    from scripts.displacement_development.crises import Crisis, read_crises

    days, people = np.array([0, 10, 30]), np.array([0.0, 100.0, 900.0])
    known = Crisis({"a": (days, people)}, whole=True).known(21, (10, 1e9))
    assert known[:11, 0].tolist() == [10.0 * d for d in range(11)]
    assert known[20, 0] == pytest.approx(200.0, abs=1.0)  # the line to day 30 is not known
    read = read_crises()
    assert len(read) == 13
    for parts in read.values():
        for at, counts in parts.values():
            assert (np.diff(at) > 0).all() and (counts >= 0).all()
    scores = {"a": np.array([2.0, 3.0]), "b": np.array([0.9, 1.2]), "c": np.array([1.0, 1.0])}
    assert choose(scores, "b is within a standard error of c, and before it") == "b"
