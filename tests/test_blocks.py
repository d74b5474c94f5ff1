"""Reading piece by piece: the same numbers whatever fits in memory, and little of it in use."""

import numpy as np
import pytest
from synthetic_ensemble import libya_sized, small

from khamsin import blocks, series
from khamsin.quantiles import weighted_quantile
from khamsin.summary import as_json
from khamsin.view import report


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """A budget that holds next to nothing."""
    monkeypatch.setattr(blocks, "BUDGET", 2000)
    monkeypatch.setattr(blocks, "READ", 3000)


def test_columns_come_in_parts_that_fit(tiny: None) -> None:
    ds = libya_sized(members=30, months=4)
    parts = list(series.by_place(ds, "fighters"))
    assert len(parts) > 10
    assert max(values.nbytes for _, values in parts) <= 2000
    whole = np.concatenate([values for _, values in parts], axis=2)
    place = series.place_numbers(ds, ds["pair_place"].values)
    expected = np.zeros((30, 4, ds.sizes["place"]))
    np.add.at(expected, (slice(None), slice(None), place), ds["fighters"].values)
    np.testing.assert_array_equal(whole, expected)
    assert [c.start for c, _ in parts] == [0, *[c.stop for c, _ in parts][:-1]]
    bands = [
        weighted_quantile(v, series.weights(ds), [0.05, 0.5])
        for _, v in series.by_place(ds, "fighters")
    ]
    np.testing.assert_array_equal(
        np.concatenate(bands, axis=2),
        weighted_quantile(whole.astype(float), series.weights(ds), [0.05, 0.5]),
    )


def test_sums_and_means_do_not_depend_on_the_blocks(tiny: None) -> None:
    ds = small(members=40)
    values = ds["fighters"].values
    np.testing.assert_array_equal(blocks.total(ds["fighters"]), values.sum(2, dtype=float))
    weight = series.weights(ds)
    expected = np.tensordot(weight / weight.sum(), values.astype(float), axes=1)
    np.testing.assert_allclose(blocks.mean(ds["fighters"], weight), expected, rtol=1e-5)


def test_what_is_loaded_leaves_out_empty_pairs_and_nothing_else() -> None:
    ds = small(members=20)
    ds["fighters"][:, :, 2] = 0
    ds["battle_deaths"][:, :, 2] = 0
    found = blocks.loaded(ds)
    assert found.sizes["pair"] == ds.sizes["pair"] - 1
    assert "control" not in found
    for name in ("fighters", "battle_deaths", "arrivals"):
        np.testing.assert_array_equal(series.total(found, name), series.total(ds, name))
    assert blocks.loaded(ds, most=100).sizes["pair"] == ds.sizes["pair"]  # it would not fit


def test_what_is_remembered_is_forgotten_at_the_end() -> None:
    ds = small(members=10)
    with blocks.remembering([ds]):
        first = series.total(ds, "fighters")
        assert series.total(ds, "fighters") is first
        assert series.total(ds.isel(time=[0]), "fighters").shape == (10, 1)  # another ensemble
        with pytest.raises(ValueError, match="read-only"):
            first[:] = 0
    assert series.total(ds, "fighters") is not first


def test_what_is_at_hand_is_read_once() -> None:
    ds = small(members=10)
    with blocks.at_hand([ds]) as (first,), blocks.at_hand([first, ds]) as (again, other):
        assert again is first
        assert other is not first
        total = series.total(first, "fighters")
        with blocks.remembering([first]):
            assert series.total(first, "fighters") is total
        assert series.total(first, "fighters") is total  # until its own end
    assert not blocks._memories


@pytest.mark.parametrize("members", [1, 2, 40])
def test_the_table_is_the_same_at_hand_to_the_last_bit(members: int) -> None:
    ds = small(members=members)
    with blocks.at_hand([ds]) as (found,):
        places = [str(place) for place in ds["place"].values]
        assert as_json(found, places) == as_json(ds, places)


def test_a_report_is_the_same_whatever_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    several = [small(s, members=30) for s in ("none", "strikes")]
    plenty = report.page(several)
    monkeypatch.setattr(blocks, "BUDGET", 2000)
    monkeypatch.setattr(blocks, "READ", 3000)
    assert report.page(several) == plenty
