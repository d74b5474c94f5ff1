"""Benchmark forecasts: what they draw from, gaps, and that they see nothing beyond the record."""

import numpy as np
import pytest
import xarray as xr

from khamsin import reference_forecasts as bench
from khamsin import scores
from khamsin.errors import InputError
from khamsin.reference_forecasts import ZeroInflated, fit_zero_inflated


def months(first, number):
    return (np.datetime64(first, "M") + np.arange(number)).astype("datetime64[ns]")


def record(values, first="2010-01"):
    """Return a record (time, place) from one list a place."""
    table = np.array(values, dtype=float).T
    names = list("ABCDEFGH")[: table.shape[1]]
    return xr.DataArray(
        table,
        dims=("time", "place"),
        coords={
            "time": months(first, len(table)),
            "place": names,
            "land": ("place", ["X"] * len(names)),
        },
        attrs={"units": "person"},
    )


PAST = record([range(1, 25), [0] * 24, [0, 0, 9, 0] * 6])
NEXT = months("2012-01", 3)
EVERY = {
    "zero": bench.zero,
    "last_observed": bench.last_observed,
    "conflictology": lambda h, t, **k: bench.conflictology(h, t, **{"members": 50, **k}),
    "conflictology_widened": bench.conflictology_widened,
    "bootstrap": bench.bootstrap,
    "zinb": lambda h, t, **k: bench.zero_inflated_negative_binomial(h, t, months=24, **k),
    "seasonal_naive": bench.seasonal_naive,
}


@pytest.mark.parametrize("name", EVERY)
def test_shape_seed_and_name(name):
    draws = EVERY[name](PAST, NEXT, members=60, seed=3)
    assert draws.dims == ("member", "time", "place")
    assert draws.sizes == {"member": 60, "time": 3, "place": 3}
    assert draws.attrs["units"] == "person"
    assert draws.attrs["record_ends"] == "2011-12-01"
    assert draws["land"].values.tolist() == ["X", "X", "X"]
    assert draws.name == draws.attrs["benchmark"]
    assert (draws >= 0).all()
    assert (draws == draws.round()).all()
    xr.testing.assert_identical(draws, EVERY[name](PAST, NEXT, members=60, seed=3))
    if name != "zero":
        assert not draws.equals(EVERY[name](PAST, NEXT, members=60, seed=4))


@pytest.mark.parametrize("name", EVERY)
def test_faults(name):
    make = EVERY[name]
    with pytest.raises(InputError, match="must not know what it forecasts"):
        make(PAST, months("2011-12", 2))
    with pytest.raises(InputError, match="no dim 'time'"):
        make(PAST.rename(time="month"), NEXT)
    with pytest.raises(InputError, match="put NaN in a gap"):
        make(PAST.isel(time=[*range(10), *range(11, 24)]), NEXT)
    with pytest.raises(InputError, match="must rise"):
        make(PAST.isel(time=slice(None, None, -1)), NEXT)
    with pytest.raises(InputError, match="0 members are too few"):
        make(PAST, NEXT, members=0)


@pytest.mark.parametrize(
    "name", ["last_observed", "conflictology", "conflictology_widened", "zinb"]
)
def test_a_series_without_values_is_a_fault(name):
    gone = PAST.where(PAST["place"] != "B")
    with pytest.raises(InputError, match="1 of 3 series have no value"):
        EVERY[name](gone, NEXT)


@pytest.mark.parametrize(
    "name", ["last_observed", "conflictology_widened", "zinb", "seasonal_naive"]
)
def test_negative_values_are_a_fault_for_counts(name):
    with pytest.raises(InputError, match="negative"):
        EVERY[name](PAST - 5, NEXT)


def test_zero():
    assert not bench.zero(PAST, NEXT).any()


def test_last_observed_is_poisson_around_the_last_value():
    draws = bench.last_observed(PAST, NEXT, members=20_000)
    np.testing.assert_allclose(draws.mean(["member", "time"]), [24, 0, 0], atol=0.15)
    assert float(draws.sel(place="A").var()) == pytest.approx(24, rel=0.03)
    gap = PAST.copy()
    gap[-1, 0] = np.nan
    assert float(bench.last_observed(gap, NEXT).sel(place="A").mean()) == pytest.approx(23, abs=0.4)


def test_conflictology_is_the_last_twelve_values():
    draws = bench.conflictology(PAST, NEXT)
    assert draws.sizes["member"] == 12
    assert draws.sel(place="A").isel(time=1).values.tolist() == list(range(13, 25))
    many = bench.conflictology(PAST, NEXT, members=1000)
    values, counts = np.unique(many.sel(place="A").isel(time=0), return_counts=True)
    assert values.tolist() == list(range(13, 25))
    assert set(counts) == {83, 84}
    gap = PAST.copy()
    gap[-3:, 0] = np.nan
    with pytest.raises(InputError, match="have gaps"):
        bench.conflictology(gap, NEXT)
    filled = bench.conflictology(gap, NEXT, members=90)
    assert sorted(set(filled.sel(place="A").values.ravel())) == list(range(13, 22))
    with pytest.raises(InputError, match="the record has 24 months, 36 are needed"):
        bench.conflictology(PAST, NEXT, months=36)


def test_conflictology_widened_has_the_median_of_its_values_and_a_longer_tail():
    high = PAST + 1000
    plain = bench.conflictology(high, NEXT, members=5000)
    wide = bench.conflictology_widened(high, NEXT, members=5000, sigma=0.5)
    assert float(wide.median()) == pytest.approx(float(plain.median()), rel=0.02)
    assert float(np.log(wide).std()) == pytest.approx(0.5, rel=0.05)
    same = bench.conflictology_widened(high, NEXT, members=120, sigma=0)
    assert sorted(set(same.sel(place="A").values.ravel())) == list(range(1013, 1025))
    with pytest.raises(InputError, match="sigma"):
        bench.conflictology_widened(high, NEXT, sigma=-1)


def test_bootstrap_draws_from_all_series():
    draws = bench.bootstrap(PAST, NEXT, members=20_000, months=12)
    pool = PAST[-12:].values.ravel()
    assert set(np.unique(draws)) == set(pool)
    np.testing.assert_allclose(draws.mean(["member", "time"]), pool.mean(), rtol=0.03)
    assert draws.attrs["values"] == 36
    with pytest.raises(InputError, match="no value at all"):
        bench.bootstrap(PAST * np.nan, NEXT)


def test_seasonal_naive_takes_the_same_calendar_month():
    draws = bench.seasonal_naive(PAST, months("2012-01", 12), members=10_000)
    expected = PAST[-12:].values
    np.testing.assert_allclose(draws.mean("member"), expected, atol=0.25)
    two = bench.seasonal_naive(PAST, months("2012-03", 1), members=10_000, years=2)
    assert float(two.sel(place="A").mean()) == pytest.approx((3 + 15) / 2, abs=0.2)
    gap = PAST.copy()
    gap[-10, 0] = np.nan
    with pytest.raises(InputError, match="calendar month 3 in the last 1 years of 1 of 3"):
        bench.seasonal_naive(gap, months("2012-03", 1))


def test_zero_inflated_fits_each_series():
    draws = bench.zero_inflated_negative_binomial(PAST, NEXT, months=24, members=20_000)
    np.testing.assert_allclose(draws.mean(["member", "time"]), PAST.mean("time"), rtol=0.05)
    zeros = float((draws.sel(place="C") == 0).mean())
    assert zeros == pytest.approx(0.75, abs=0.01)
    assert not draws.sel(place="B").any()
    assert "75 % zeros, else Poisson with mean" in draws.attrs["fits"][2]


@pytest.mark.parametrize(
    ("values", "law"),
    [
        ([0, 0, 0], ZeroInflated(0, 0, np.inf)),
        ([4], ZeroInflated(0, 4, np.inf)),
        ([7, 7, 7, 7], ZeroInflated(0, 7, np.inf)),
        ([1, 2, 3, 2], ZeroInflated(0, 2, np.inf)),
    ],
)
@pytest.mark.parametrize("method", ["likelihood", "moments"])
def test_degenerate_fits_are_defined(values, law, method):
    assert fit_zero_inflated(np.array(values, dtype=float), method) == law


@pytest.mark.parametrize("method", ["likelihood", "moments"])
@pytest.mark.parametrize("law", [ZeroInflated(0.6, 40, 1.5), ZeroInflated(0, 5, 0.4)])
def test_fit_recovers_a_law(law, method):
    values = law.sample((20_000,), np.random.default_rng(0))
    found = fit_zero_inflated(values, method)
    assert (1 - found.zeros) * found.mean == pytest.approx((1 - law.zeros) * law.mean, rel=0.05)
    fresh = found.sample((20_000,), np.random.default_rng(1))
    assert fresh.std() == pytest.approx(values.std(), rel=0.08)
    assert (fresh == 0).mean() == pytest.approx((values == 0).mean(), abs=0.05)
    if method == "likelihood":
        assert found.zeros == pytest.approx(law.zeros, abs=0.03)
        assert found.size == pytest.approx(law.size, rel=0.1)


def test_one_outlier_among_zeros_stays_finite():
    values = np.array([0.0] * 59 + [5000])
    for method in ("likelihood", "moments"):
        found = fit_zero_inflated(values, method)
        assert np.isfinite(found.sample((1000,), np.random.default_rng(0))).all()
        assert 0 <= found.zeros < 1
    with pytest.raises(InputError, match="no method 'mle'"):
        fit_zero_inflated(values, "mle")
    with pytest.raises(InputError, match="whole numbers"):
        fit_zero_inflated(values + 0.5)
    with pytest.raises(InputError, match="nothing to fit"):
        fit_zero_inflated(values[:0])


def test_all_benchmarks_and_those_left_out():
    long = record([np.random.default_rng(0).poisson(5, 72), [0] * 72])
    found = bench.all_benchmarks(long, months("2016-01", 2), members=40)
    assert list(found) == [
        "zero",
        "last_observed",
        "conflictology",
        "conflictology_widened",
        "bootstrap",
        "zero_inflated_negative_binomial",
        "seasonal_naive",
    ]
    assert found["conflictology"].sizes["member"] == 12
    short = bench.all_benchmarks(long[-24:], months("2016-01", 2), members=40)
    assert "zero_inflated_negative_binomial" not in short
    reason = short["zero"].attrs["left_out_zero_inflated_negative_binomial"]
    assert "24 months, 60 are needed" in reason
    gap = long.copy()
    gap[-2] = np.nan
    assert (
        bench.all_benchmarks(gap, months("2016-01", 2), members=40)["conflictology"].sizes["member"]
        == 40
    )


def test_benchmarks_can_be_scored():
    observed = record([[20, 21, 22], [0, 0, 1], [0, 0, 9]], first="2012-01").drop_vars("land")
    table = {
        name: float(scores.crps(draws, observed, over="all"))
        for name, draws in bench.all_benchmarks(PAST, NEXT, members=200).items()
    }
    assert table["conflictology"] < table["zero"]
    assert table["last_observed"] < table["zero"]
