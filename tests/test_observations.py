"""Events to places and months: nothing is lost, and what is imprecise is spread, not pinned."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from khamsin import observations as obs
from khamsin.errors import InputError
from khamsin.readers import read_acled, read_ucdp

DATA = Path(__file__).parent / "data"
UCDP = DATA / "ucdp_25_1_small.csv"

PLACES = pd.DataFrame(
    [
        ("TRIP", "LY", 32.887, 13.187, 1_000_000),
        ("SIRT", "LY", 31.208, 16.588, 100_000),
        ("HARA", "LY", 31.30, 16.40, 20_000),
        ("BENG", "LY", 32.12, 20.08, 600_000),
        ("DJER", "TN", 33.81, 10.85, 100_000),
    ],
    columns=["id", "country", "lat", "lon", "population"],
)


def placed(**options):
    return obs.place_events(read_ucdp(UCDP), PLACES, **options)


def shares(found, event):
    """Return the share of each place of one event."""
    row = found.events.index[found.events["event"] == event][0]
    at = found.event == row
    return {found.places[p]: s for p, s in zip(found.place[at], found.share[at], strict=True)}


def test_great_circle():
    def km(*four):
        return float(obs.great_circle_km(*(np.float64(v) for v in four)))

    assert km(32.887, 13.187, 31.208, 16.588) == pytest.approx(370, abs=3)  # Tripoli to Sirte
    assert km(0, 0, 0, 90) == pytest.approx(np.pi * 6371.0088 / 2)
    assert km(10, 179.9, 10, -179.9) == pytest.approx(km(10, 0, 10, 0.2))
    assert km(5, 5, 5, 5) == 0


def test_events_known_to_the_point_go_to_the_nearest_place():
    found = placed()
    assert shares(found, 700001) == {"TRIP": 1}
    assert shares(found, 700002) == {"SIRT": 1}


def test_an_event_of_a_province_is_shared_out_over_its_places():
    # No place says where it lies: that Sirte is in Sirte district is learnt from the exact event.
    assert shares(placed(), 700003) == {"SIRT": 1}
    named = PLACES.assign(adm_1=["Tripoli", "SIRTE", "Sirte Governorate", "", ""])
    found = shares(obs.place_events(read_ucdp(UCDP), named), 700003)
    assert found == pytest.approx({"SIRT": 5 / 6, "HARA": 1 / 6})
    equal = shares(obs.place_events(read_ucdp(UCDP), named, by=None), 700003)
    assert equal == pytest.approx({"SIRT": 0.5, "HARA": 0.5})


def test_an_event_of_an_unknown_region_goes_to_the_near_places_of_its_country():
    far = PLACES[PLACES["id"] != "SIRT"]
    found = obs.place_events(read_ucdp(UCDP), far, max_km=1)
    assert shares(found, 700003) == {"HARA": 1}
    none = obs.place_events(read_ucdp(UCDP), far, max_km=1, region_km=10)
    reason = none.unplaced.set_index("event")["reason"]
    assert reason[700003] == "no place in its province (Sirte district, LBY)"


def test_an_event_of_a_country_is_shared_out_over_it_or_left():
    found = shares(placed(), 700004)
    assert set(found) == {"TRIP", "SIRT", "HARA", "BENG"}
    assert found["TRIP"] == pytest.approx(1_000_000 / 1_720_000)
    left = placed(coarsest="area")
    assert left.unplaced.set_index("event")["reason"][700004] == "known to the country only"


def test_unplaced_events_are_counted_and_listed():
    found = placed()
    reason = found.unplaced.set_index("event")["reason"].to_dict()
    assert reason == {
        700005: "international waters or airspace",
        700006: "no place within 50 km",
        700007: "no place within 50 km",
    }
    assert (found.report.rows, found.report.kept) == (7, 4)
    assert found.report.count("no place within 50 km, 12 deaths") == 2
    assert found.report.count("shared out over several places") == 1


def test_borders_are_kept_unless_asked():
    libyan = PLACES[PLACES["country"] == "LY"]
    near_border = read_ucdp(UCDP)
    assert 700007 in obs.place_events(near_border, libyan, max_km=300).unplaced["event"].tolist()
    across = obs.place_events(near_border, libyan, max_km=300, across_borders=True)
    assert shares(across, 700007) == {"TRIP": 1}


def test_places_without_a_weight_count_like_the_smallest():
    holes = PLACES.assign(population=[1000, np.nan, 0, 500, 100])
    found = obs.place_events(read_ucdp(UCDP), holes)
    assert found.report.count("without a weight") == 2
    assert shares(found, 700004)["SIRT"] == pytest.approx(100 / 1700)


def test_faults_of_places():
    events = read_ucdp(UCDP)
    cases = [
        (PLACES.drop(columns="lat"), {}, "no column lat"),
        (PLACES.assign(id="A"), {}, "there twice"),
        (PLACES.assign(lat=np.nan), {}, "without coordinates"),
        (PLACES, {"max_km": -1}, "cannot be negative"),
        (PLACES, {"coarsest": "continent"}, "no level 'continent'"),
    ]
    for places, options, said in cases:
        with pytest.raises(InputError, match=said):
            obs.place_events(events, places, **options)


def test_sums_add_up_to_the_whole():
    found = obs.by_place(placed(), obs.months("2015-01", "2015-03"))
    data, attrs = found.data, found.data.attrs
    assert data.dims == ("time", "place")
    assert attrs["whole"] == 46
    assert attrs["without_a_place"] == 13
    assert attrs["outside_the_periods"] == pytest.approx(0)
    assert attrs["in_the_series"] == pytest.approx(float(data.sum())) == 33
    assert data.sel(time="2015-01-01", place="TRIP").item() == pytest.approx(3 + 12 * 100 / 172 / 2)
    assert data.sel(time="2015-02-01", place="SIRT").item() == pytest.approx(8 + 12 * 10 / 172 / 2)
    assert found.report.count("without a place") == 3
    assert data.attrs["units"] == "person"


def test_an_event_over_two_periods_is_spread_by_days():
    # 700004: 17 January to 15 February, 30 days.
    edges = np.array(
        ["2015-01-10", "2015-01-17", "2015-01-20", "2015-02-14"], dtype="datetime64[D]"
    )
    events = read_ucdp(UCDP, kinds=["one-sided"])
    found = obs.by_country(events, edges, covers=("2015-01-01", "2015-12-31"))
    np.testing.assert_allclose(found.data.sel(country="LBY"), [0, 12 * 3 / 30, 12 * 25 / 30])
    assert found.data.attrs["outside_the_periods"] == pytest.approx(12 * 2 / 30)
    later = np.array(["2016-01-01", "2016-02-01"], dtype="datetime64[D]")
    out = obs.by_country(events, later, covers=("2015-01-01", "2016-12-31"))
    assert out.data.item() == 0
    assert out.report.count("wholly outside") == 1


def test_months_outside_the_coverage_are_missing_not_zero():
    events = read_ucdp(UCDP)
    found = obs.by_country(events, obs.months("2014-12", "2015-04"), countries=["TUN", "TCD"])
    np.testing.assert_array_equal(np.isnan(found.data.sel(country="TCD")), [1, 0, 0, 0, 1])
    assert found.data.sel(country="TUN").values[1:4].tolist() == [0, 0, 7]
    assert found.report.count("outside the coverage") == 2
    said = obs.by_country(
        events, obs.months("2014-12", "2015-04"), covers=("2014-01-01", "2015-12-31")
    )
    assert np.isfinite(said.data).all()
    none = read_ucdp(UCDP, countries=["TCD"])
    with pytest.raises(InputError, match="say what the source covers"):
        obs.by_country(none, obs.months("2015-01", "2015-01"))
    empty = obs.by_country(
        none,
        obs.months("2015-01", "2015-01"),
        countries=["TCD"],
        covers=("2015-01-01", "2015-12-31"),
    )
    assert empty.data.item() == 0


def test_drawn_versions_are_whole_and_right_on_average():
    where, edges = placed(), obs.months("2015-01", "2015-03")
    expected = obs.by_place(where, edges).data
    rng = np.random.default_rng(0)
    drawn = np.stack([obs.by_place(where, edges, rng=rng).data.values for _ in range(200)])
    assert (drawn == np.rint(drawn)).all()
    assert (drawn.sum(axis=(1, 2)) == 33).all()  # every version has all the deaths
    np.testing.assert_allclose(drawn.mean(axis=0), expected, atol=0.5)
    assert drawn.std(axis=0).max() > 0.5


def test_quantities_and_their_faults():
    where, edges = placed(), obs.months("2015-01", "2015-03")
    assert float(obs.by_place(where, edges, quantity="events").data.sum()) == pytest.approx(4)
    assert float(
        obs.by_place(where, edges, quantity="deaths_civilians").data.sum()
    ) == pytest.approx(13)
    assert float(obs.by_place(where, edges, quantity="high").data.sum()) == pytest.approx(45)
    with pytest.raises(InputError, match="no quantity 'wounded'"):
        obs.by_place(where, edges, quantity="wounded")
    acled = read_acled(DATA / "acled_2023_small.csv")
    with pytest.raises(InputError, match="the source has no low for 4 of 4 events"):
        obs.by_country(acled, edges, quantity="low")
    with pytest.raises(InputError, match="rising"):
        obs.by_country(acled, edges[::-1])
    with pytest.raises(InputError, match="no months from 2015-03 to 2015-01"):
        obs.months("2015-03", "2015-01")


def test_acled_events_are_spread_as_well():
    acled = read_acled(DATA / "acled_2023_small.csv")
    found = obs.place_events(acled, PLACES)
    series = obs.by_place(found, np.array(["2015-01-01", "2015-01-14", "2015-02-15", "2015-04-01"]))
    assert series.data.sel(place="SIRT").values == pytest.approx([3, 4 + 5, 5])


def test_syria_as_published_adds_up(tmp_path):
    source = (
        Path(__file__).parents[2] / "shared" / "data" / "ucdp_ged191_syria_201601_201911.parquet"
    )
    if not source.is_file():
        pytest.skip("no ../shared with the published events")
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    pd.read_parquet(source).to_csv(tmp_path / "ged.csv", index=False)
    events = read_ucdp(tmp_path / "ged.csv", kinds=["state-based"])
    found = obs.by_country(events, obs.months("2016-01", "2019-12"))
    assert found.data.attrs["in_the_series"] == pytest.approx(events.frame["deaths"].sum())
    # Summary events of the whole year are not pinned to the month of their first or last day.
    year = found.data.sel(time="2016").values.ravel()
    assert year.max() < 1.6 * np.median(year)
