"""Reporting models: what is drawn follows the likelihood, and the likelihood is one."""

import numpy as np
import pytest

from khamsin.errors import InputError
from khamsin.reporting import REPORTING, reporting_model

PARAMETERS = {
    "binomial_share": {"share": 0.7},
    "negative_binomial": {"size": 2.5, "share": 0.8, "background": 1.0},
    "poisson": {"share": 0.5, "background": 0.5},
    "log_normal_error": {"sigma": 0.4},
    "normal_error": {"sd": 3.0},
    "claimed_versus_true": {"bias": 2.5, "sigma": 0.3},
    "minimum_count": {"share": 0.75, "certainty": 6.0},
    "misclassified": {"accuracy": 0.9},
}
COUNTS = [name for name, model in REPORTING.items() if model.counts]


def test_every_model_is_here():
    assert set(PARAMETERS) == set(REPORTING)
    for name, model in REPORTING.items():
        assert reporting_model(name) is model
        assert model.meaning
        assert all(p.meaning and p.unit for p in model.parameters)


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize("truth", [0, 1, 17, 120])
def test_the_likelihood_of_counts_sums_to_one(name, truth):
    records = np.arange(4000)
    chance = np.exp(reporting_model(name).log_likelihood(records, truth, PARAMETERS[name]))
    assert chance.sum() == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("name", [n for n in REPORTING if n not in COUNTS])
def test_the_likelihood_of_numbers_integrates_to_one(name):
    from scipy.integrate import quad

    model = reporting_model(name)
    low = 1e-9 if name != "normal_error" else -100
    total, _ = quad(
        lambda r: np.exp(float(model.log_likelihood(r, 20.0, PARAMETERS[name]))),
        low,
        400,
        limit=400,
    )
    assert total == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize("truth", [1, 17])
def test_draws_of_counts_follow_the_likelihood(name, truth):
    from scipy.stats import chisquare

    model = reporting_model(name)
    drawn = model.sample(np.full(40_000, truth), PARAMETERS[name], np.random.default_rng(1)).astype(
        int
    )
    records = np.arange(drawn.max() + 1)
    expected = 40_000 * np.exp(model.log_likelihood(records, truth, PARAMETERS[name]))
    common = expected > 10
    observed = np.bincount(drawn, minlength=len(records))
    seen = np.append(observed[common], observed[~common].sum())
    want = np.append(expected[common], 40_000 - expected[common].sum())
    if want[-1] < 1:
        seen, want = seen[:-1], want[:-1]
    assert chisquare(seen, want * seen.sum() / want.sum()).pvalue > 1e-3


@pytest.mark.parametrize("name", [n for n in REPORTING if n not in COUNTS])
def test_draws_of_numbers_follow_the_likelihood(name):
    model = reporting_model(name)
    drawn = np.sort(model.sample(np.full(20_000, 20.0), PARAMETERS[name], np.random.default_rng(2)))
    grid = np.linspace(drawn[0], drawn[-1], 4001)
    density = np.exp(model.log_likelihood(grid, 20.0, PARAMETERS[name]))
    steps = np.diff(grid) * (density[1:] + density[:-1]) / 2
    below = np.interp(drawn, grid, np.append(0, np.cumsum(steps)))
    assert (
        np.abs(below - (np.arange(20_000) + 0.5) / 20_000).max() < 0.012
    )  # Kolmogorov, about 0.1 %


def test_means():
    rng = np.random.default_rng(3)
    truth = np.full(100_000, 50.0)
    means = {n: reporting_model(n).sample(truth, p, rng).mean() for n, p in PARAMETERS.items()}
    assert means["binomial_share"] == pytest.approx(35, rel=0.01)
    assert means["negative_binomial"] == pytest.approx(41, rel=0.01)
    assert means["poisson"] == pytest.approx(25.5, rel=0.01)
    assert means["normal_error"] == pytest.approx(50, rel=0.01)
    assert means["minimum_count"] == pytest.approx(37.5, rel=0.01)
    claims = reporting_model("claimed_versus_true").sample(
        truth, PARAMETERS["claimed_versus_true"], rng
    )
    assert np.median(claims) == pytest.approx(125, rel=0.01)


def test_what_cannot_be():
    def chance(name, record, truth, **parameters):
        model = reporting_model(name)
        return float(model.log_likelihood(record, truth, {**PARAMETERS[name], **parameters}))

    assert chance("binomial_share", 11, 10) == -np.inf
    assert chance("minimum_count", 11, 10) == -np.inf
    assert np.isfinite(chance("minimum_count", 10, 10))
    assert chance("poisson", 1, 0, background=0) == -np.inf
    assert chance("poisson", 0, 0, background=0) == 0
    assert chance("negative_binomial", 3, 0, background=0) == -np.inf
    assert np.isfinite(chance("negative_binomial", 3, 0, background=0.1))
    assert chance("log_normal_error", 0, 0) == 0
    assert chance("log_normal_error", 0, 5) == chance("log_normal_error", 5, 0) == -np.inf
    assert chance("poisson", 2.5, 3) == chance("poisson", -1, 3) == -np.inf
    assert np.isfinite(chance("normal_error", -3, -2))


def test_broadcasting_over_members_and_gaps():
    model = reporting_model("negative_binomial")
    truth = np.array([[10.0, 20, 30], [1, 2, 3]])  # (member, time)
    record = np.array([12.0, np.nan, 25])
    found = model.log_likelihood(record, truth, {"size": np.array([[5.0], [50]])})
    assert found.shape == (2, 3)
    assert (found[:, 1] == 0).all()  # a gap says nothing
    one = model.log_likelihood(25, 3.0, {"size": 50})
    assert found[1, 2] == pytest.approx(float(one))
    drawn = model.sample(3.0, {"size": np.full(7, 5.0)}, np.random.default_rng(0))
    assert drawn.shape == (7,)


def test_large_size_is_poisson_and_large_certainty_is_binomial():
    records = np.arange(60)
    almost = reporting_model("negative_binomial").log_likelihood(records, 20, {"size": 1e8})
    poisson = reporting_model("poisson").log_likelihood(records, 20, {})
    np.testing.assert_allclose(almost, poisson, atol=1e-3)
    sure = reporting_model("minimum_count").log_likelihood(
        records[:21], 20, {"share": 0.6, "certainty": 1e7}
    )
    binomial = reporting_model("binomial_share").log_likelihood(records[:21], 20, {"share": 0.6})
    np.testing.assert_allclose(sure, binomial, atol=1e-3)


def test_faults():
    rng = np.random.default_rng(0)
    cases = [
        (lambda: reporting_model("binomal_share"), "Did you mean binomial_share"),
        (lambda: reporting_model("poisson").sample(3, {"shar": 0.5}, rng), "Did you mean share"),
        (lambda: reporting_model("binomial_share").sample(3, {}, rng), "needs the parameter share"),
        (
            lambda: reporting_model("binomial_share").sample(3, {"share": 1.2}, rng),
            "between 0 and 1",
        ),
        (lambda: reporting_model("poisson").sample(-3, {}, rng), "negative somewhere"),
        (lambda: reporting_model("poisson").sample(np.nan, {}, rng), "missing or infinite"),
        (lambda: reporting_model("normal_error").sample(3, {"sd": 0}, rng), "sd must lie between"),
    ]
    for call, said in cases:
        with pytest.raises(InputError, match=said):
            call()
