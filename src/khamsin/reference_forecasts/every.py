"""All benchmarks of a record at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from khamsin.errors import InputError
from khamsin.reference_forecasts.simple import (
    bootstrap,
    conflictology,
    conflictology_widened,
    last_observed,
    seasonal_naive,
    zero,
)
from khamsin.reference_forecasts.zero_inflated import zero_inflated_negative_binomial

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr
    from numpy.typing import ArrayLike


def all_benchmarks(
    history: xr.DataArray,
    times: ArrayLike,
    *,
    members: int = 1000,
    sigma: float = 1.0,
    seed: int = 0,
) -> dict[str, xr.DataArray]:
    """Every benchmark of this page that the record allows, by name.

    Parameters
    ----------
    history, times, members, seed
        As in `zero`.
    sigma : float
        For `conflictology_widened`.

    Returns
    -------
    dict of str to DataArray (member, time, ...)
        Conflictology has twelve members unless the record has gaps, the others `members`. A
        benchmark that the record does not allow (too short, negative or broken numbers) is left
        out; the reason is in the attributes of `zero`, by name.

    Raises
    ------
    InputError
        As `zero`.
    """
    recipes: dict[str, tuple[Callable[..., xr.DataArray], dict[str, Any]]] = {
        "last_observed": (last_observed, {}),
        "conflictology": (conflictology, {}),
        "conflictology_widened": (conflictology_widened, {"sigma": sigma}),
        "bootstrap": (bootstrap, {}),
        "zero_inflated_negative_binomial": (zero_inflated_negative_binomial, {}),
        "seasonal_naive": (seasonal_naive, {}),
    }
    found = {"zero": zero(history, times, members=members, seed=seed)}
    gaps = bool(history.isel(time=slice(-12, None)).isnull().any())
    for name, (make, options) in recipes.items():
        count = None if name == "conflictology" and not gaps else members
        try:
            found[name] = make(history, times, members=count, seed=seed, **options)
        except InputError as fault:
            found["zero"].attrs[f"left_out_{name}"] = str(fault)
    return found
