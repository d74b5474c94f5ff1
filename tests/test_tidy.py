"""Ensembles for notebooks: quantiles, tidy tables, and the view that shows itself."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import synthetic_ensemble
import xarray as xr

from khamsin import blocks
from khamsin.errors import InputError
from khamsin.quantiles import weighted_quantile
from khamsin.tidy import quantiles, to_dataframe
from khamsin.view import notebook


@pytest.fixture(scope="module")
def ensemble() -> xr.Dataset:
    return synthetic_ensemble.small(members=40)


def test_quantiles_keep_dims_units_and_weights(ensemble: xr.Dataset) -> None:
    found = quantiles(ensemble, "fighters", [0.05, 0.5, 0.95])
    assert found.dims == ("quantile", "time", "pair")
    assert found.attrs["units"] == ensemble.fighters.attrs["units"]
    by_hand = weighted_quantile(
        ensemble.fighters.transpose("member", ...).values, ensemble.weight.values, [0.05, 0.5, 0.95]
    )
    assert np.array_equal(found.values, by_hand)


def test_the_quantile_of_a_sum_is_taken_after_summing(ensemble: xr.Dataset) -> None:
    found = quantiles(ensemble, "fighters", [0.5], where={"actor": "RED"}, over=["pair"])
    red = ensemble.fighters.sel(pair_actor="RED").sum("pair_place").transpose("member", "time")
    assert found.dims == ("quantile", "time")
    assert np.allclose(found.values[0], weighted_quantile(red.values, ensemble.weight.values, 0.5))


def test_a_tidy_table_has_a_row_for_each_value(ensemble: xr.Dataset) -> None:
    table = to_dataframe(ensemble, "fighters", where={"place": ["NOR", "MID"]})
    assert list(table.columns) == ["member", "weight", "time", "place", "actor", "fighters"]
    one = table[(table.member == 3) & (table.place == "NOR") & (table.actor == "RED")]
    chosen = ensemble.fighters.sel(pair_place="NOR", pair_actor="RED", member=3)
    assert one.fighters.tolist() == chosen.values.ravel().tolist()
    mean = (table.fighters * table.weight).sum()
    place = ensemble.fighters.isel(
        pair=np.isin(ensemble.pair_place.values.astype(str), ["NOR", "MID"])
    )
    assert mean == pytest.approx(float((place * ensemble.weight).sum()))


def test_an_unknown_variable_names_the_nearest(ensemble: xr.Dataset) -> None:
    for call in (quantiles, to_dataframe):
        with pytest.raises(InputError, match="fighters"):
            call(ensemble, "fihgters")


def test_a_notebook_shows_map_and_ribbons_and_leaves_other_data_alone(
    ensemble: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: dict[type, object] = {}
    formatter = SimpleNamespace(for_type=shown.__setitem__)
    shell = SimpleNamespace(display_formatter=SimpleNamespace(formatters={"text/html": formatter}))
    fake = ModuleType("IPython.core.getipython")
    fake.get_ipython = lambda: shell  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.core", ModuleType("IPython.core"))
    monkeypatch.setitem(sys.modules, "IPython.core.getipython", fake)
    assert notebook.register()
    view = shown[xr.Dataset]
    text = view(ensemble)  # type: ignore[operator]
    assert text.count("<svg") > 2 and "40 members" in text
    assert "<script>alert" not in text
    other = xr.Dataset({"x": ("t", [1.0])})
    assert "class='khamsin'" in text and "class='khamsin'" not in view(other)  # type: ignore[operator]


def test_quantiles_do_not_depend_on_the_memory_that_they_get(
    ensemble: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {
        over: quantiles(ensemble, "fighters", [0.1, 0.5], over=over)
        for over in ((), ("pair",), ("time",), ("time", "pair"))
    }
    monkeypatch.setattr(blocks, "BUDGET", 4 * 40 * ensemble.sizes["time"])  # one cell at a time
    monkeypatch.setattr(blocks, "READ", 1)
    for over, before in whole.items():
        found = quantiles(ensemble, "fighters", [0.1, 0.5], over=over)
        assert found.identical(before)
        assert not set(over) & set(found.dims)
    with pytest.raises(InputError, match="cannot be summed over 'member'"):
        quantiles(ensemble, "fighters", over=["member"])
