"""Benchmark forecasts: what a record alone would forecast, without any model.

Every function takes the record up to the origin and the times to forecast, and returns draws. Nothing after the last time of
the record is known to it, so cutting the record at the origin is all that is needed to keep a benchmark honest.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin.errors import InputError
from khamsin.zero_inflated import ZeroInflated, fit_zero_inflated

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    import xarray as xr
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


def zero(history: xr.DataArray, times: ArrayLike, *, members: int = 1, seed: int = 0) -> xr.DataArray:
    """Forecast that nothing happens.

    Parameters
    ----------
    history : DataArray (time, ...)
        The record up to the origin, by month, NaN where nothing was recorded.
    times : array of datetime64
        Months to forecast, all later than the last of `history`.
    members : int
        Number of draws (all alike).
    seed : int
        Not used; every benchmark takes one.

    Returns
    -------
    DataArray (member, time, ...)
        Zeros, in the unit of the record.

    Raises
    ------
    InputError
        No dim `time`, times that are not after the record, or members below one.
    """
    past = _Past(history, times, members)
    return past.forecast(np.zeros((members, len(past.times), past.units)), "zero", {"seed": seed})


def last_observed(
    history: xr.DataArray, times: ArrayLike, *, members: int = 1000, months: int = 12, seed: int = 0
) -> xr.DataArray:
    """Poisson draws around the last recorded value (*last* in the ViEWS challenge).

    Parameters
    ----------
    history, times, members, seed
        As in `zero`; `seed` fixes the draws.
    months : int
        How far back the last value may lie when the end of the record has a gap.

    Returns
    -------
    DataArray (member, time, ...)

    Raises
    ------
    InputError
        As `zero`; negative values; a series without a value in the last `months` months.
    """
    past = _Past(history, times, members)
    window = past.window(months, counts=True)
    mean = np.array([column[np.isfinite(column)][-1] for column in window.T])
    draws = _random("last_observed", seed).poisson(mean, (members, len(past.times), past.units))
    return past.forecast(
        draws, "last observed (Poisson)", {"months": months, "seed": seed}
    )


def conflictology(
    history: xr.DataArray,
    times: ArrayLike,
    *,
    members: int | None = None,
    months: int = 12,
    seed: int = 0,
) -> xr.DataArray:
    """The last values of the series itself as draws (*conflictology* in the ViEWS challenge).

    Parameters
    ----------
    history, times, seed
        As in `zero`.
    members : int, optional
        Default: as many as there are values, each once. Otherwise each value is used equally often, up to one, in random order.
    months : int
        Length of the window, in months.

    Returns
    -------
    DataArray (member, time, ...)

    Raises
    ------
    InputError
        As `last_observed`.
    """
    past = _Past(history, times, members or months)
    window = past.window(months)
    if members is None:
        if not np.isfinite(window).all():
            raise InputError(
                f"the last {months} months have gaps; give the number of members to draw from what is there"
            )
        draws = np.broadcast_to(window[:, None, :], (months, len(past.times), past.units))
    else:
        draws = _balanced(window, members, len(past.times), _random("conflictology", seed))
    return past.forecast(draws, f"conflictology (last {months})", {"months": months, "seed": seed})


def conflictology_widened(
    history: xr.DataArray,
    times: ArrayLike,
    *,
    members: int = 1000,
    months: int = 12,
    sigma: float = 1.0,
    seed: int = 0,
) -> xr.DataArray:
    """Conflictology times a log-normal(0, sigma), rounded to whole numbers: a stronger bar than conflictology itself.

    Parameters
    ----------
    history, times, members, months, seed
        As in `conflictology`.
    sigma : float
        Log-standard deviation of the factor, whose median is 1.

    Returns
    -------
    DataArray (member, time, ...)

    Raises
    ------
    InputError
        As `conflictology`; negative values, a negative sigma.
    """
    if sigma < 0:
        raise InputError(f"sigma is {sigma}; it cannot be negative")
    past = _Past(history, times, members)
    rng = _random("conflictology_widened", seed)
    draws = _balanced(past.window(months, counts=True), members, len(past.times), rng)
    draws = np.rint(draws * np.exp(sigma * rng.standard_normal(draws.shape)))
    return past.forecast(
        draws,
        f"conflictology (last {months}) x log-normal(0, {sigma:g})",
        {"months": months, "sigma": sigma, "seed": seed},
    )


def bootstrap(
    history: xr.DataArray,
    times: ArrayLike,
    *,
    members: int = 1000,
    months: int = 240,
    seed: int = 0,
) -> xr.DataArray:
    """Draws from all values of all series (*boot_240* in the ViEWS challenge): the same forecast everywhere.

    Parameters
    ----------
    history, times, members, seed
        As in `zero`.
    months : int
        Length of the window, in months; a shorter record gives what it has, which is said in `attrs["values"]`.

    Returns
    -------
    DataArray (member, time, ...)

    Raises
    ------
    InputError
        As `zero`; a window without any value.
    """
    past = _Past(history, times, members)
    window = past.values[-months:]
    pool = window[np.isfinite(window)]
    if not len(pool):
        raise InputError(f"the last {months} months of the record hold no value at all")
    draws = _random("bootstrap", seed).choice(pool, (members, len(past.times), past.units))
    return past.forecast(
        draws,
        f"bootstrap (last {months} of all)",
        {"months": months, "values": len(pool), "seed": seed},
    )


def zero_inflated_negative_binomial(
    history: xr.DataArray,
    times: ArrayLike,
    *,
    members: int = 1000,
    months: int = 60,
    method: str = "likelihood",
    seed: int = 0,
) -> xr.DataArray:
    """Draws from a zero-inflated negative binomial fitted to each series (degenerate cases: `fit_zero_inflated`).

    Parameters
    ----------
    history, times, members, seed
        As in `zero`; the record must be of whole numbers.
    months : int
        Length of the window of the fit.
    method : str
        `likelihood` or `moments`.

    Returns
    -------
    DataArray (member, time, ...)
        `attrs["fits"]` lists the fitted laws, one for each series.

    Raises
    ------
    InputError
        As `last_observed`; an unknown method.
    """
    past = _Past(history, times, members)
    window = past.window(months, counts=True)
    fits: dict[bytes, ZeroInflated] = {}
    rng = _random("zero_inflated_negative_binomial", seed)
    draws = np.zeros((members, len(past.times), past.units))
    said = []
    for unit in range(past.units):
        values = window[:, unit]
        values = np.sort(values[np.isfinite(values)])
        key = values.tobytes()  # most countries are at peace: one fit serves all of them
        if key not in fits:
            fits[key] = fit_zero_inflated(values, method)
        law = fits[key]
        draws[:, :, unit] = law.sample((members, len(past.times)), rng)
        said.append(str(law))
    return past.forecast(
        draws,
        f"zero-inflated negative binomial (last {months}, {method})",
        {"months": months, "method": method, "seed": seed, "fits": said},
    )


def seasonal_naive(
    history: xr.DataArray,
    times: ArrayLike,
    *,
    members: int = 1000,
    years: int = 1,
    seed: int = 0,
) -> xr.DataArray:
    """Poisson draws around the value of the same calendar month in the last years.

    Parameters
    ----------
    history, times, members, seed
        As in `zero`.
    years : int
        With more than one, each of the last years of that month is used equally often.

    Returns
    -------
    DataArray (member, time, ...)

    Raises
    ------
    InputError
        As `zero`; negative values; a calendar month without a value in those years.
    """
    past = _Past(history, times, members)
    window = past.window(12 * years, counts=True)
    month = np.arange(len(past.months))[-len(window) :]
    calendar = past.months[month] % 12
    rng = _random("seasonal_naive", seed)
    draws = np.empty((members, len(past.times), past.units))
    for step, time in enumerate(past.target_months):
        rows = window[calendar == time % 12]
        empty = ~np.isfinite(rows).any(axis=0) if len(rows) else np.ones(past.units, dtype=bool)
        if empty.any():
            raise InputError(
                f"no value of calendar month {time % 12 + 1} in the last {years} years of "
                f"{int(empty.sum())} of {past.units} series"
            )
        draws[:, step] = rng.poisson(_balanced(rows, members, 1, rng)[:, 0])
    return past.forecast(draws, f"seasonal naive (last {years} years, Poisson)", {"years": years, "seed": seed})


def all_benchmarks(
    history: xr.DataArray, times: ArrayLike, *, members: int = 1000, sigma: float = 1.0, seed: int = 0
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
        Conflictology has twelve members unless the record has gaps, the others `members`. A benchmark that the record does not
        allow (too short, negative or broken numbers) is left out; the reason is in the attributes of `zero`, by name.

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


class _Past:
    """The record as one matrix (time, series), and the way back to its dims."""

    def __init__(self, history: xr.DataArray, times: ArrayLike, members: int) -> None:
        import pandas as pd

        if "time" not in history.dims:
            raise InputError(f"the record has no dim 'time'; its dims are {history.dims}")
        if members < 1:
            raise InputError(f"{members} members are too few; one is the least")
        index = pd.DatetimeIndex(history["time"].values)
        if not index.is_monotonic_increasing or not index.is_unique:
            raise InputError("the times of the record must rise, without repeats")
        self.months = _month_number(index)
        if len(self.months) > 1 and (np.diff(self.months) != 1).any():
            raise InputError("the record must be by month without a month left out; put NaN in a gap")
        self.times = pd.DatetimeIndex(np.atleast_1d(np.asarray(times)))
        self.target_months = _month_number(self.times)
        if not len(self.times) or self.target_months.min() <= self.months[-1]:
            raise InputError(
                f"the times to forecast must lie after the record, which ends {index[-1]:%Y-%m}: a benchmark "
                "must not know what it forecasts"
            )
        self.history = history.transpose("time", ...)
        shape = self.history.shape
        self.values = np.asarray(self.history.values, dtype=np.float64).reshape(shape[0], -1)
        self.units = self.values.shape[1]

    def window(self, months: int, *, counts: bool = False) -> Floats:
        """Return the last months (time, series); every series has at least one value."""
        if months < 1:
            raise InputError(f"a window of {months} months is too short")
        window = self.values[-months:]
        if len(window) < months:
            raise InputError(f"the record has {len(window)} months, {months} are needed")
        empty = ~np.isfinite(window).any(axis=0)
        if empty.any():
            raise InputError(
                f"{int(empty.sum())} of {self.units} series have no value in the last {months} months"
            )
        if counts and bool((window[np.isfinite(window)] < 0).any()):
            raise InputError("the record has negative values, of which a count cannot be drawn")
        return window

    def forecast(self, draws: NDArray[Any], name: str, attrs: dict[str, Any]) -> xr.DataArray:
        """Give draws (member, time, series) the dims of the record."""
        import xarray as xr

        shape = self.history.shape[1:]
        dims = self.history.dims[1:]
        data = np.asarray(draws, dtype=np.float64).reshape(draws.shape[0], draws.shape[1], *shape)
        coords = {k: v for k, v in self.history.coords.items() if "time" not in v.dims}
        result = xr.DataArray(
            data, dims=("member", "time", *dims), coords={**coords, "time": self.times}, name=name
        )
        result.attrs = {
            "benchmark": name,
            "units": self.history.attrs.get("units", ""),
            "record_ends": str(self.history["time"].values[-1])[:10],
            **attrs,
        }
        return result


def _month_number(index: pd.DatetimeIndex) -> NDArray[np.int64]:
    return np.asarray(index.year * 12 + index.month - 1, dtype=np.int64)


def _random(name: str, seed: int) -> np.random.Generator:
    """Return a generator of a benchmark's own, so that one benchmark more does not shift the others."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def _balanced(window: Floats, members: int, steps: int, rng: np.random.Generator) -> Floats:
    """Return draws (member, step, series) that use each value of a series equally often, up to one."""
    draws = np.empty((members, steps, window.shape[1]))
    for unit, column in enumerate(window.T):
        values = column[np.isfinite(column)]
        for step in range(steps):
            whole = np.tile(values, members // len(values))
            rest = rng.choice(values, members % len(values), replace=False)
            draws[:, step, unit] = rng.permutation(np.concatenate([whole, rest]))
    return draws
