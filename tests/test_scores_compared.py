"""Difference and skill of two scores, and when they say that there is none."""

import numpy as np
import pytest
import xarray as xr

from khamsin import scores
from khamsin.errors import InputError


def counts():
    """Return counts (member, time, place) and a record."""
    drawn = np.random.default_rng(0).poisson(20, (41, 12, 3)).astype(float)
    coords = {"time": np.arange(12), "place": ["A", "B", "C"]}
    forecast = xr.DataArray(drawn[1:], dims=("member", "time", "place"), coords=coords)
    return forecast, xr.DataArray(drawn[0], dims=("time", "place"), coords=coords)


def two_scores(shift, seed=0, times=60):
    rng = np.random.default_rng(seed)
    time = np.arange(times)
    observed = xr.DataArray(rng.normal(0, 1, times), dims="time", coords={"time": time})
    noise = rng.normal(0, 1, (50, times))
    good = xr.DataArray(noise, dims=("member", "time"), coords={"time": time})
    return scores.crps(good, observed), scores.crps(good + shift, observed)


def test_difference_says_which_is_better():
    good, bad = two_scores(2.0)
    found = scores.difference(good, bad)
    assert found.value < 0
    assert found.verdict == "first is better"
    assert scores.difference(bad, good).verdict == "second is better"
    assert found.value == pytest.approx(float((good - bad).mean()))
    assert "moving blocks of 4 along time" in str(found)
    assert found.to_dict()["verdict"] == "first is better"
    assert scores.difference(good, bad) == found  # seeded


def test_difference_says_no_difference():
    good, same = two_scores(0.0)
    found = scores.difference(good, same)
    assert (found.value, found.low, found.high) == (0, 0, 0)
    assert found.verdict == "no difference"
    other, _ = two_scores(0.0, seed=0)
    noise = good + xr.DataArray(np.random.default_rng(1).normal(0, 1, 60), dims="time")
    noise.attrs, noise.name = good.attrs, good.name
    assert scores.difference(other, noise).verdict == "no difference"


def test_difference_of_a_dependent_series_is_wider_in_blocks():
    rng = np.random.default_rng(0)
    hits = {1: 0, 8: 0}
    for _ in range(200):
        shocks = rng.normal(size=140)
        series = np.zeros(140)
        for t in range(1, 140):
            series[t] = 0.7 * series[t - 1] + shocks[t]
        a = xr.DataArray(series[20:], dims="time", coords={"time": np.arange(120)}, name="a")
        for block in hits:
            found = scores.difference(a, a * 0, block=block, resamples=200, level=0.9)
            hits[block] += found.low <= 0 <= found.high
    assert hits[8] > hits[1] + 40  # independent resampling covers far too seldom
    assert hits[8] > 140


def test_difference_counts_only_common_cells():
    forecast, observed = counts()
    a = scores.crps(forecast, observed)
    b = scores.crps(forecast + 3, observed.where(observed["time"] != 4))
    found = scores.difference(a, b)
    assert found.periods == 11
    common = np.isfinite(b)
    assert found.value == pytest.approx(float((a - b).where(common).mean()))


def test_skill():
    good, bad = two_scores(2.0)
    found = scores.skill(good, bad)
    assert found.value == pytest.approx(1 - float(good.mean()) / float(bad.mean()))
    assert found.low < found.value < found.high
    assert found.verdict == "first is better"
    assert scores.skill(bad, good).verdict == "second is better"
    assert scores.skill(good, good).verdict == "no difference"
    perfect = good * 0
    perfect.attrs, perfect.name = good.attrs, "perfect"
    assert scores.skill(good, perfect).verdict == "not defined"


def test_scores_with_other_parameters_are_not_compared():
    forecast, observed = counts()
    a = scores.interval_score(forecast, observed, alpha=0.1)
    b = scores.interval_score(forecast, observed, alpha=0.05)
    with pytest.raises(InputError, match=r"alpha is 0\.1 .* and 0\.05"):
        scores.difference(a, b)
    with pytest.raises(InputError, match="not the same score"):
        scores.difference(a, scores.crps(forecast, observed))
    with pytest.raises(InputError, match="score by cell first"):
        scores.difference(a.mean("time", keep_attrs=True), a.mean("time", keep_attrs=True))
    with pytest.raises(InputError, match="same cells"):
        scores.difference(a, a.assign_coords(place=["A", "B", "X"]))
    with pytest.raises(InputError, match="too few"):
        scores.difference(a, a, block=7)
    with pytest.raises(InputError, match="level"):
        scores.skill(a, a, level=95)
