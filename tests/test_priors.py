"""Priors: quantiles against SciPy, supports, widening, and the way to paper and back."""

import math

import numpy as np
import pytest
from scipy import stats

from khamsin.priors import (
    KINDS,
    Beta,
    Choice,
    Fixed,
    Gamma,
    HalfNormal,
    LogNormal,
    Normal,
    Prior,
    SplitLogNormal,
    Triangular,
    Uniform,
    prior_from,
)

U = np.linspace(0.001, 0.999, 999)

ONE_OF_EACH: list[Prior] = [
    Fixed(3),
    Normal(-1, 2),
    LogNormal(2e-4, 1),
    HalfNormal(3),
    Uniform(0.2, 0.6),
    Beta(2, 5),
    Gamma(2, 3),
    Triangular(0, 1, 5),
    SplitLogNormal(1500, 2800, 4000),
    Choice((1, 2, 5), (1, 2, 1)),
]


def test_one_of_each_kind_is_tested() -> None:
    assert {prior.kind for prior in ONE_OF_EACH} == set(KINDS)


@pytest.mark.parametrize(
    ("prior", "reference"),
    [
        (Normal(-1, 2), stats.norm(-1, 2)),
        (LogNormal(2e-4, 1), stats.lognorm(1, scale=2e-4)),
        (HalfNormal(3), stats.halfnorm(scale=3)),
        (Uniform(-2, 5), stats.uniform(-2, 7)),
        (Beta(2, 5), stats.beta(2, 5)),
        (Beta(2, 5, scale=10), stats.beta(2, 5, scale=10)),
        (Gamma(2, 3), stats.gamma(2, scale=3)),
        (Triangular(1, 2, 6), stats.triang(0.2, loc=1, scale=5)),
        (Triangular(1, 1, 6), stats.triang(0, loc=1, scale=5)),
        (Triangular(1, 6, 6), stats.triang(1, loc=1, scale=5)),
    ],
)
def test_quantiles_are_those_of_scipy(prior: Prior, reference: stats.rv_continuous) -> None:
    np.testing.assert_allclose(prior.quantile(U), reference.ppf(U), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("prior", ONE_OF_EACH, ids=lambda p: p.kind)
def test_contract_of_all_priors(prior: Prior) -> None:
    drawn = prior.quantile(U)
    assert drawn.shape == U.shape
    assert drawn.dtype == np.float64
    assert (np.diff(drawn) >= 0).all()
    low, high = prior.support
    assert (drawn >= low).all()
    assert (drawn <= high).all()
    assert not np.isnan(prior.quantile(np.array([0.0, 1.0]))).any()
    assert prior_from(prior.to_dict()) == prior
    np.testing.assert_allclose(prior.scaled(7).quantile(U), 7 * drawn, rtol=1e-12)
    assert prior.describe()
    assert prior.quantile(np.full((2, 3), 0.5)).shape == (2, 3)


def test_split_log_normal_meets_its_three_numbers() -> None:
    drawn = SplitLogNormal(1500, 2800, 4000).quantile(np.array([0.05, 0.5, 0.95]))
    np.testing.assert_allclose(drawn, [1500, 2800, 4000], rtol=1e-12)


def test_split_log_normal_at_its_edges() -> None:
    at = np.array([0.0, 0.05, 0.5, 1.0])
    assert SplitLogNormal(0, 50, 150).quantile(at)[1] == pytest.approx(5)
    assert (SplitLogNormal(0, 0, 0).quantile(at) == 0).all()
    assert (SplitLogNormal(7, 7, 7).quantile(at) == 7).all()
    np.testing.assert_array_equal(SplitLogNormal(7, 7, 9).quantile(at)[:3], [7, 7, 7])
    assert SplitLogNormal(5, 7, 7).quantile(at)[3] == 7
    assert SplitLogNormal(7, 7, 9).support == (7, math.inf)


def test_choice_keeps_its_weights() -> None:
    drawn = Choice((1, 2, 5), (1, 2, 1)).quantile((np.arange(4000) + 0.5) / 4000)
    assert [(drawn == value).mean() for value in (1, 2, 5)] == [0.25, 0.5, 0.25]


@pytest.mark.parametrize(
    ("prior", "wide"),
    [
        (Normal(1, 2), Normal(1, 4)),
        (LogNormal(1, 0.5), LogNormal(1, 1)),
        (HalfNormal(2), HalfNormal(4)),
        (Beta(4, 8), Beta(1, 2)),
        (Gamma(4, 1), Gamma(1, 4)),
        (Uniform(4, 6), Uniform(3, 7)),
        (Uniform(-1, 1), Uniform(-2, 2)),
        (Uniform(1, 5), Uniform(0, 7)),
        (Uniform(0.5, 0.9), Uniform(0.3, 1.0)),
        (Uniform(-5, -1), Uniform(-7, 0)),
        (Triangular(0, 0.4, 1), Triangular(0, 0.4, 1)),
        (Triangular(10, 12, 20), Triangular(8, 12, 28)),
        (SplitLogNormal(50, 100, 400), SplitLogNormal(25, 100, 1600)),
        (Choice((1, 2), (1, 3)), Choice((1, 2), (1, 1))),
    ],
)
def test_widened(prior: Prior, wide: Prior) -> None:
    np.testing.assert_allclose(prior.widened().quantile(U), wide.quantile(U), rtol=1e-12)


@pytest.mark.parametrize("prior", [Fixed(3), SplitLogNormal(3, 3, 3)])
def test_what_has_no_width_cannot_be_widened(prior: Prior) -> None:
    with pytest.raises(ValueError, match="no width"):
        prior.widened()


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ({"lognormal": {"median": -1, "sigma": 1}}, "median must be above 0"),
        ({"lognormal": {"median": 1}}, "lognormal lacks sigma"),
        (
            {"lognormal": {"median": 1, "sigm": 1}},
            "sigm is no number of lognormal. Did you mean sigma",
        ),
        ({"lognorml": {"median": 1, "sigma": 1}}, "lognorml is no prior. Did you mean lognormal"),
        ({"lognormal": {"median": math.nan, "sigma": 1}}, "median is no finite number"),
        ({"lognormal": {"median": "x", "sigma": 1}}, "median is no finite number"),
        ({"lognormal": [1, 2]}, "lognormal needs its numbers by name"),
        ({"normal": {"mean": 0, "sd": 0}}, "sd must be above 0"),
        ({"uniform": {"low": 1, "high": 1}}, "low 1 is not below high 1"),
        ({"beta": {"a": 0, "b": 1}}, "a must be above 0"),
        ({"gamma": {"shape": 1, "scale": -1}}, "scale must be above 0"),
        ({"triangular": {"low": 0, "mode": 3, "high": 2}}, "not low <= mode <= high"),
        ({"split": {"low": 3, "best": 2, "high": 9}}, "not 0 <= low <= best <= high"),
        ({"split": {"low": 0, "best": 0, "high": 9}}, "best is 0 but high is not"),
        ({"choice": {"values": [], "weights": []}}, "no values"),
        ({"choice": {"values": [1, 2], "weights": [1]}}, "2 values but 1 weights"),
        ({"choice": {"values": [1, 2], "weights": [1, 0]}}, "weights must be above 0"),
        ({}, "a prior is one of"),
        (math.inf, "value is no finite number"),
        (True, "value is no finite number"),
    ],
)
def test_what_makes_no_prior_is_refused_in_words(written: object, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        prior_from(written)  # type: ignore[arg-type]


def test_a_bare_number_is_fixed() -> None:
    assert prior_from(3) == Fixed(3.0)
    assert prior_from({"fixed": 3}) == prior_from({"fixed": {"value": 3}}) == Fixed(3)
