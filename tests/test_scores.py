"""Scores against their definitions and scoringrules; their Monte-Carlo errors by repetition."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from khamsin import scores
from khamsin.errors import InputError
from khamsin.scores.scored import ERROR

TIMES = np.arange("2016-01", "2017-01", dtype="datetime64[M]").astype("datetime64[ns]")


def ensemble(seed=0, members=40, times=12, places=3):
    """Return counts (member, time, place), alike over time and places, and a record."""
    rng = np.random.default_rng(seed)
    level = rng.gamma(2, 10, (members + 1, 1, 1)) * rng.gamma(3, 1 / 3, (1, times, places))
    counts = rng.poisson(level).astype(float)
    coords = {"time": TIMES[:times], "place": list("ABCDEFGH")[:places]}
    forecast = xr.DataArray(counts[1:], dims=("member", "time", "place"), coords=coords)
    return forecast, xr.DataArray(counts[0], dims=("time", "place"), coords=coords)


def by_definition(draws, seen, weights, fair):
    """CRPS by the double sum."""
    first = np.sum(weights * np.abs(draws - seen))
    pairs = np.sum(weights[:, None] * weights * np.abs(draws[:, None] - draws))
    return first - pairs / 2 / ((1 - np.sum(weights**2)) if fair else 1)


@pytest.mark.parametrize("fair", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_crps_is_the_double_sum(fair, weighted):
    forecast, observed = ensemble(members=23)
    weights = np.random.default_rng(1).random(23) if weighted else np.ones(23)
    found = scores.crps(forecast, observed, fair=fair, weights=weights)
    for time in range(12):
        for place in range(3):
            at = {"time": time, "place": place}
            expected = by_definition(
                forecast.isel(at).values, float(observed.isel(at)), weights / weights.sum(), fair
            )
            assert float(found.isel(at)) == pytest.approx(expected, abs=1e-10)


def test_whole_weights_are_repeated_members():
    forecast, observed = ensemble(members=5)
    weights = np.array([1, 2, 0, 3, 1])
    repeated = forecast.isel(member=np.repeat(np.arange(5), weights))
    for score in (
        scores.crps,
        lambda f, o, **k: scores.brier(f, o, at_least=20, **k),
        scores.ranked_probability,
        lambda f, o, **k: scores.energy_score(f, o, along="time", **k),
    ):
        xr.testing.assert_allclose(
            score(forecast, observed, weights=weights).drop_vars(ERROR),
            score(repeated, observed).drop_vars(ERROR),
        )


def test_scoringrules_agrees():
    rules = pytest.importorskip("scoringrules", reason="scoringrules is not installed")
    forecast, observed = ensemble(members=50)
    x, y = np.moveaxis(forecast.values, 0, -1), observed.values
    w = np.random.default_rng(3).random(50)
    ours = scores.crps(forecast, observed)
    np.testing.assert_allclose(
        ours, rules.crps_ensemble(y, x, estimator="nrg", backend="numpy"), rtol=1e-12
    )
    ours = scores.crps(forecast, observed, fair=True)
    np.testing.assert_allclose(
        ours, rules.crps_ensemble(y, x, estimator="fair", backend="numpy"), rtol=1e-12
    )
    ours = scores.crps(forecast, observed, weights=w)
    every = np.broadcast_to(w / w.sum(), x.shape)
    theirs = rules.crps_ensemble(y, x, ens_w=every, estimator="nrg", backend="numpy")
    np.testing.assert_allclose(ours, theirs, rtol=1e-10)

    paths = forecast.transpose("place", "member", "time").values
    theirs = rules.es_ensemble(observed.T.values, paths, backend="numpy")
    ours = scores.energy_score(forecast, observed, along="time")
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    theirs = rules.es_ensemble(observed.T.values, paths, estimator="fair", backend="numpy")
    ours = scores.energy_score(forecast, observed, along="time", fair=True)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)

    chance = (x >= 20).mean(axis=-1)
    ours = scores.brier(forecast, observed, at_least=20)
    np.testing.assert_allclose(
        ours, rules.brier_score((y >= 20) * 1.0, chance, backend="numpy"), rtol=1e-12
    )

    edges = np.asarray(scores.VIEWS_EDGES)
    share = np.stack([(np.digitize(x, edges) - 1 == k).mean(axis=-1) for k in range(11)], axis=-1)
    theirs = rules.rps_score(np.digitize(y, edges), share, backend="numpy")
    np.testing.assert_allclose(scores.ranked_probability(forecast, observed), theirs, atol=1e-12)

    low, high = np.quantile(x, [0.05, 0.95], axis=-1)
    theirs = rules.interval_score(y, low, high, 0.1, backend="numpy")
    np.testing.assert_allclose(scores.interval_score(forecast, observed), theirs, rtol=1e-12)


def test_energy_of_a_path_of_one_step_is_the_crps():
    forecast, observed = ensemble(times=1)
    energy = scores.energy_score(forecast, observed, along="time")
    np.testing.assert_allclose(energy, scores.crps(forecast, observed).isel(time=0))


def test_energy_leaves_out_steps_without_a_record_and_scales():
    forecast, observed = ensemble(places=1)
    gappy = observed.copy()
    gappy[3] = np.nan
    there = [t for t in range(12) if t != 3]
    part = scores.energy_score(forecast.isel(time=there), observed.isel(time=there), along="time")
    found = scores.energy_score(forecast, gappy, along="time")
    assert found.item() == pytest.approx(part.item())
    assert found.attrs["steps_missing"] == 1
    unit = xr.full_like(observed.isel(place=0, drop=True), 10.0)
    scaled = scores.energy_score(forecast, observed, along="time", scale=unit)
    plain = scores.energy_score(forecast, observed, along="time")
    assert scaled.item() == pytest.approx(plain.item() / 10)
    assert "scaled" in scaled.name


def test_log_score_by_hand():
    forecast = xr.DataArray([0.0, 0, 1, 3, 2000], dims="member")
    for seen, number in ((0, 2), (2, 1), (4, 1), (7, 0), (1001, 1), (1e6, 1)):
        found = scores.log_score(forecast, xr.DataArray(float(seen)))
        assert float(found) == pytest.approx(-np.log2((number + 1) / 16))
    assert np.isinf(scores.log_score(forecast, xr.DataArray(7.0), pseudo_count=0))
    certain = scores.log_score(forecast * 0, xr.DataArray(0.0), pseudo_count=0, base=10)
    assert float(certain) == 0.0
    assert "pseudo-count 0" in certain.name
    assert "base 10" in certain.name


def test_brier_fair_does_not_depend_on_the_number_of_members():
    rng = np.random.default_rng(0)
    seen = xr.DataArray((rng.random(40_000) < 0.3) * 1.0, dims="case")
    means = []
    for members in (2, 4, 20):
        draws = xr.DataArray((rng.random((members, 40_000)) < 0.5) * 1.0, dims=("member", "case"))
        means.append(float(scores.brier(draws, seen, fair=True, over="all")))
    np.testing.assert_allclose(means, 0.3 * 0.7 + 0.2**2, atol=0.006)


def test_interval_score_by_hand():
    forecast = xr.DataArray(np.arange(101.0), dims="member")
    values = [50.0, 0.0, 100.0]
    found = [float(scores.interval_score(forecast, xr.DataArray(v), alpha=0.2)) for v in values]
    assert found == pytest.approx([80, 80 + 10 * 10, 80 + 10 * 10])


def test_weighted_quantiles_are_linear_ones_for_equal_weights():
    forecast, observed = ensemble()
    nearly = np.full(40, 1.0)
    nearly[0] += 1e-9  # takes the way of unequal weights
    a = scores.interval_score(forecast, observed)
    b = scores.interval_score(forecast, observed, weights=nearly)
    np.testing.assert_allclose(a, b, atol=1e-5)


def test_weighted_quantiles_follow_the_weights():
    rng = np.random.default_rng(0)
    x = rng.normal(0, 2, 200_000)
    weights = np.exp(-(x**2) / 2 / 4 * 3)  # turns N(0, 4) into N(0, 1)
    forecast = xr.DataArray(x, dims="member", coords={"weight": ("member", weights)})
    found = scores.coverage(forecast, xr.DataArray(0.0), level=0.9)
    assert float(found.width) == pytest.approx(2 * 1.6449, abs=0.03)


SCORES = {
    "crps": scores.crps,
    "log": scores.log_score,
    "brier": lambda f, o, **k: scores.brier(f, o, at_least=20, **k),
    "brier fair": lambda f, o, **k: scores.brier(f, o, at_least=20, fair=True, **k),
    "rps": scores.ranked_probability,
    "interval": lambda f, o, **k: scores.interval_score(f, o, alpha=0.2, **k),
    "energy": lambda f, o, **k: scores.energy_score(f, o, along="place", **k),
}


def repeated(number, weighted):
    """Return ensembles of 200 members from one law, the record of all, and weights."""
    observed = ensemble(seed=1)[1] + 15  # off the middle, where a score is not flat
    rng = np.random.default_rng(2)
    season = np.random.default_rng(1).gamma(3, 1 / 3, (1, 12, 3))
    for _ in range(number):
        draws = rng.poisson(rng.gamma(2, 10, (200, 1, 1)) * season).astype(float)
        forecast = xr.DataArray(draws, dims=("member", "time", "place"), coords=observed.coords)
        yield forecast, observed, rng.choice([1.0, 3.0], 200) if weighted else None


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", SCORES)
def test_monte_carlo_error_is_the_scatter_over_repeated_ensembles(name, weighted):
    means, errors = [], []
    for forecast, observed, weights in repeated(120, weighted):
        found = SCORES[name](forecast, observed, over="all", weights=weights)
        means.append(float(found))
        errors.append(float(found[ERROR]))
    # The scatter of 120 repetitions is itself known to 6 %; that of quantiles less well.
    assert np.mean(errors) == pytest.approx(np.std(means), rel=0.3 if name == "interval" else 0.22)


@pytest.mark.parametrize("weighted", [False, True])
def test_monte_carlo_error_of_coverage_and_width(weighted):
    found = [
        scores.coverage(forecast, observed, level=0.8, weights=weights)
        for forecast, observed, weights in repeated(80, weighted)
    ]
    for name in ("coverage", "width"):
        scatter = np.std([float(f[name]) for f in found])
        said = np.mean([float(f[f"{name}_{ERROR}"]) for f in found])
        assert said == pytest.approx(scatter, rel=0.4)


def test_error_by_cell_and_by_group():
    forecast, observed = ensemble(members=60)
    cell = scores.crps(forecast, observed)
    assert cell[ERROR].dims == ("time", "place")
    group = scores.crps(forecast, observed, over="time")
    assert group.dims == group[ERROR].dims == ("place",)
    xr.testing.assert_allclose(group.drop_vars(ERROR), cell.drop_vars(ERROR).mean("time"))
    # Members speak about all months at once: the error of the mean is not the cell's over root 12.
    assert (group[ERROR] > 1.2 * cell[ERROR].mean("time") / np.sqrt(12)).all()
    assert group.attrs["averaged_over"] == ["time"]


def test_results_do_not_depend_on_the_blocks_of_work(monkeypatch):
    from khamsin.scores import scored

    forecast, observed = ensemble(members=30)
    whole = scores.crps(forecast, observed, over="place")
    monkeypatch.setattr(scored, "_NUMBERS_AT_ONCE", 50)
    parts = scores.crps(forecast, observed, over="place")
    np.testing.assert_allclose(whole, parts, rtol=1e-12)
    np.testing.assert_allclose(whole[ERROR], parts[ERROR], rtol=1e-12)


@pytest.mark.parametrize("name", ["crps", "log", "brier", "rps", "interval", "energy"])
def test_the_true_law_scores_best(name):
    rng = np.random.default_rng(0)
    size = np.random.default_rng(5).gamma(2, 10, (1, 400, 2))
    coords = {"time": np.arange(400), "place": ["A", "B"]}

    def draws(number, factor, spread):
        law = rng.gamma(1 / spread, spread, (number, 400, 2)) * size * factor
        return xr.DataArray(rng.poisson(law) * 1.0, dims=("member", "time", "place"), coords=coords)

    observed = draws(1, 1, 0.5).isel(member=0, drop=True)
    true = float(SCORES[name](draws(400, 1, 0.5), observed, over="all"))
    for factor, spread in ((2, 0.5), (0.5, 0.5), (1, 4), (1, 0.01)):
        assert float(SCORES[name](draws(400, factor, spread), observed, over="all")) > true


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=12),
    st.floats(-1e6, 1e6),
    st.floats(-1e4, 1e4),
)
def test_crps_shifts_and_is_never_negative(draws, seen, shift):
    forecast, observed = xr.DataArray(draws, dims="member"), xr.DataArray(seen)
    value = float(scores.crps(forecast, observed))
    assert value >= -1e-6
    assert float(scores.crps(forecast + shift, observed + shift)) == pytest.approx(value, abs=1e-5)


@pytest.mark.parametrize("members", [1, 9, 200])
def test_pit_is_uniform_when_the_record_is_one_more_draw(members):
    from scipy.stats import kstest

    rng = np.random.default_rng(members)
    draws = rng.poisson(rng.gamma(1, 2, 5000), (members + 1, 5000)).astype(float)
    forecast = xr.DataArray(draws[1:], dims=("member", "case"))
    observed = xr.DataArray(draws[0], dims="case")
    values = scores.pit(forecast, observed, seed=4)
    assert kstest(values.values, "uniform").pvalue > 0.01
    assert float(values[ERROR].max()) <= 0.5 / np.sqrt(members)
    again = scores.pit(forecast, observed, seed=4)
    xr.testing.assert_identical(values, again)
    histogram = scores.pit_histogram(values, bins=5)
    assert int(histogram["count"].sum()) == 5000
    too_low = scores.pit(forecast, observed + 5, seed=4)
    assert not (scores.pit_histogram(too_low, bins=5)["count"] <= histogram.high).all()


def test_coverage_with_width():
    forecast = xr.DataArray(np.tile(np.arange(101.0), (4, 1)), dims=("case", "member"))
    observed = xr.DataArray([5.0, 4.9, 95.0, np.nan], dims="case")
    found = scores.coverage(forecast, observed, level=0.9)
    assert float(found.coverage) == pytest.approx(2 / 3)  # the edges are inside
    assert float(found.width) == 90
    assert "90 % interval" in found.coverage.attrs["long_name"]
    assert found.coverage.attrs["missing"] == 1


def test_results_are_named_by_their_parameters():
    forecast, observed = ensemble()
    named = {
        scores.crps(forecast, observed).name: "CRPS (not fair, 40 members)",
        scores.crps(forecast, observed, fair=True).name: "CRPS (fair, 40 members)",
        scores.interval_score(forecast, observed, alpha=0.05).name: (
            "interval score (alpha 0.05, 95 % interval, 40 members)"
        ),
        scores.log_score(forecast, observed).name: (
            "log score (11 classes, pseudo-count 1, base 2, 40 members)"
        ),
        scores.brier(forecast, observed, at_least=25).name: (
            "Brier score (at least 25, not fair, 40 members)"
        ),
    }
    for found, expected in named.items():
        assert found == expected
    result = scores.interval_score(forecast, observed, alpha=0.05, over="all")
    assert result.attrs["alpha"] == 0.05
    assert "±" in scores.describe(result)
    assert scores.describe(result).startswith("interval score (alpha 0.05")
    assert "mean of 36 cells" in scores.describe(scores.crps(forecast, observed))
    weighted = scores.crps(forecast, observed, weights=np.arange(40.0))
    assert "39 members weighted as" in weighted.name


def test_the_coordinate_weight_is_used_and_can_be_ignored():
    forecast, observed = ensemble(members=6)
    weights = np.array([0.5, 0.1, 0.1, 0.1, 0.1, 0.1])
    with_weights = forecast.assign_coords(weight=("member", weights))
    a = scores.crps(with_weights, observed)
    b = scores.crps(forecast, observed, weights=weights)
    np.testing.assert_array_equal(a, b)
    plain = scores.crps(with_weights, observed, weights=False)
    np.testing.assert_array_equal(plain, scores.crps(forecast, observed))


def test_gaps_are_missing_and_counted():
    forecast, observed = ensemble()
    observed[2, 1] = np.nan
    cell = scores.crps(forecast, observed)
    assert np.isnan(cell[2, 1])
    assert np.isnan(cell[ERROR][2, 1])
    mean = scores.crps(forecast, observed, over="all")
    assert float(mean) == pytest.approx(float(cell.mean()))
    assert mean.attrs["missing"] == 1
    nothing = scores.crps(forecast, observed * np.nan, over="all")
    assert np.isnan(nothing)


def test_labels_in_another_order_are_matched():
    forecast, observed = ensemble()
    turned = observed.isel(place=[2, 0, 1]).transpose("place", "time")
    np.testing.assert_array_equal(
        scores.crps(forecast, turned).transpose("time", "place"), scores.crps(forecast, observed)
    )


def test_cells_may_be_occupied_pairs():
    import pandas as pd

    forecast, observed = ensemble()
    pairs = pd.MultiIndex.from_tuples(
        [("SIRT", "ISL"), ("SIRT", "GNA"), ("BENG", "LNA")], names=["pair_place", "pair_actor"]
    )
    coords = xr.Coordinates.from_pandas_multiindex(pairs, "pair")
    forecast = forecast.drop_vars("place").rename(place="pair").assign_coords(coords)
    observed = observed.drop_vars("place").rename(place="pair").assign_coords(coords)
    found = scores.crps(forecast.astype("float32"), observed, over="time")
    assert found.sel(pair_place="SIRT").sizes["pair_actor"] == 2
    np.testing.assert_allclose(found, scores.crps(forecast, observed).mean("time"))


def test_faults():
    forecast, observed = ensemble()
    cases = [
        (lambda: scores.crps(observed, observed), "no dim 'member'"),
        (lambda: scores.crps(forecast, forecast), "give the record"),
        (lambda: scores.crps(forecast, observed.isel(place=0)), "differ in dims"),
        (lambda: scores.crps(forecast, observed.isel(time=slice(5))), "length along 'time'"),
        (lambda: scores.crps(forecast, observed.assign_coords(place=["A", "B", "X"])), "C, X"),
        (lambda: scores.crps(forecast.where(forecast > 0), observed), "missing or infinite"),
        (lambda: scores.crps(forecast, observed / 0), "infinite"),
        (lambda: scores.crps(forecast, observed, weights=np.ones(3)), "40 members"),
        (lambda: scores.crps(forecast, observed, weights=-np.ones(40)), "not negative"),
        (lambda: scores.crps(forecast, observed, over="country"), "no dim 'country'"),
        (lambda: scores.crps(forecast[:1], observed, fair=True), "two members"),
        (lambda: scores.interval_score(forecast, observed, alpha=1.5), "between 0 and 1"),
        (lambda: scores.coverage(forecast, observed, level=90), "between 0 and 1"),
        (lambda: scores.log_score(forecast, observed, edges=[0, 5, 5]), "must rise"),
        (lambda: scores.log_score(forecast - 99, observed), "below the first class"),
        (lambda: scores.log_score(forecast, observed, pseudo_count=-1), "negative"),
        (lambda: scores.energy_score(forecast, observed, along="route"), "no dim 'route'"),
        (
            lambda: scores.energy_score(forecast, observed, along="time", scale=observed * 0),
            "positive",
        ),
        (lambda: scores.pit_histogram(scores.pit(forecast, observed), bins=1), "two bins"),
    ]
    for call, said in cases:
        with np.errstate(all="ignore"), pytest.raises(InputError, match=said):
            call()
