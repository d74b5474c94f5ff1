"""Weighted quantiles: against NumPy, against repetition, and at the edges."""

import numpy as np
import pytest

from khamsin.quantiles import weighted_mean, weighted_quantile

Q = [0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0]


@pytest.mark.parametrize("members", [1, 2, 3, 7, 20, 1000])
def test_equal_weights_are_numpys_averaged_inverted_cdf(members: int) -> None:
    values = np.random.default_rng(members).integers(0, 9, (members, 4, 3)).astype(float)
    expected = np.quantile(values, Q, axis=0, method="averaged_inverted_cdf")
    np.testing.assert_allclose(weighted_quantile(values, None, Q), expected)
    np.testing.assert_allclose(weighted_quantile(values, np.full(members, 0.1), Q), expected)
    # NaN rows and unequal weights take other paths through the code: same answer
    nearly = np.ones(members)
    nearly[0] += 1e-13
    np.testing.assert_allclose(weighted_quantile(values, nearly, Q), expected)


def test_a_weight_is_a_repetition() -> None:
    rng = np.random.default_rng(1)
    values, times = rng.normal(size=(60, 5)), rng.integers(0, 5, 60)
    repeated = np.repeat(values, times, axis=0)
    np.testing.assert_allclose(
        weighted_quantile(values, times / times.sum(), Q), weighted_quantile(repeated, None, Q)
    )
    np.testing.assert_allclose(weighted_mean(values, times), repeated.mean(axis=0))


def test_missing_members_are_left_out_with_their_weight() -> None:
    values = np.array([[1.0, 5.0], [np.nan, 6.0], [3.0, 7.0], [np.nan, 8.0]])
    found = weighted_quantile(values, [1, 9, 1, 9], [0.5])
    np.testing.assert_allclose(found, [[2.0, 6.5]])
    np.testing.assert_allclose(weighted_mean(values, [1, 9, 1, 9]), [2.0, 6.9])
    assert np.isnan(weighted_quantile([[np.nan], [np.nan]], None, 0.5)).all()
    assert np.isnan(weighted_mean([[np.nan], [np.nan]], None)).all()


def test_axis_and_shape() -> None:
    values = np.random.default_rng(2).normal(size=(3, 50, 4)).astype(np.float32)
    assert weighted_quantile(values, None, 0.5, axis=1).shape == (3, 4)
    assert weighted_quantile(values, None, [0.1, 0.9], axis=1).shape == (2, 3, 4)
    np.testing.assert_array_equal(
        weighted_quantile(values, None, 0.5, axis=1),
        weighted_quantile(np.moveaxis(values, 1, 0), None, 0.5),
    )


def test_mirrored_samples_have_mirrored_quantiles() -> None:
    rng = np.random.default_rng(3)
    values, weights = rng.normal(size=40), rng.random(40)
    np.testing.assert_allclose(
        weighted_quantile(values, weights, 0.05), -weighted_quantile(-values, weights, 0.95)
    )


def test_many_rows_are_sorted_in_blocks() -> None:
    values = np.random.default_rng(4).normal(size=(5, 40_000))
    weights = [0.3, 0.1, 0.2, 0.15, 0.25]
    found = weighted_quantile(values, weights, 0.5)
    np.testing.assert_array_equal(found[-7:], weighted_quantile(values[:, -7:], weights, 0.5))


@pytest.mark.parametrize(
    ("values", "weights", "q"),
    [
        ([1.0], None, 1.1),
        ([1.0], None, float("nan")),
        ([], None, 0.5),
        ([1.0, 2.0], [1.0], 0.5),
        ([1.0, 2.0], [1.0, -1.0], 0.5),
        ([1.0, 2.0], [0.0, 0.0], 0.5),
        ([1.0, 2.0], [1.0, float("nan")], 0.5),
    ],
)
def test_what_has_no_quantile_is_refused(values: object, weights: object, q: float) -> None:
    with pytest.raises(ValueError, match=r"quantile|weight|members"):
        weighted_quantile(values, weights, q)


def test_single_and_double_precision_give_the_same() -> None:
    rng = np.random.default_rng(11)
    values = np.where(rng.random((40, 30)) < 0.4, 0, rng.normal(0, 50, (40, 30)).round(1))
    values[3] = np.inf
    values[4] = -np.inf
    singles = values.astype(np.float32)
    singles[7, :9] = -0.0
    weight = rng.random(40)
    q = [0, 0.05, 0.3, 0.5, 0.95, 1]
    np.testing.assert_array_equal(
        weighted_quantile(singles, weight, q), weighted_quantile(singles.astype(float), weight, q)
    )
