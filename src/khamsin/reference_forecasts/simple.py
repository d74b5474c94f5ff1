"""Benchmarks without a fit: zero, last observed, conflictology, bootstrap, seasonal naive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from khamsin.errors import InputError
from khamsin.reference_forecasts.record import Past, balanced, random_of

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import ArrayLike


def zero(
    history: xr.DataArray, times: ArrayLike, *, members: int = 1, seed: int = 0
) -> xr.DataArray:
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
    past = Past(history, times, members)
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
    past = Past(history, times, members)
    window = past.window(months, counts=True)
    mean = np.array([column[np.isfinite(column)][-1] for column in window.T])
    draws = random_of("last_observed", seed).poisson(mean, (members, len(past.times), past.units))
    return past.forecast(draws, "last observed (Poisson)", {"months": months, "seed": seed})


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
        Default: as many as there are values, each once. Otherwise each value is used equally often,
        up to one, in random order.
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
    past = Past(history, times, months if members is None else members)
    window = past.window(months)
    if members is None:
        if not np.isfinite(window).all():
            raise InputError(
                f"the last {months} months have gaps; give the number of members to draw "
                "from what is there"
            )
        draws = np.broadcast_to(window[:, None, :], (months, len(past.times), past.units))
    else:
        draws = balanced(window, members, len(past.times), random_of("conflictology", seed))
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
    """Conflictology times a log-normal(0, sigma), rounded: a stronger bar than conflictology.

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
    past = Past(history, times, members)
    rng = random_of("conflictology_widened", seed)
    draws = balanced(past.window(months, counts=True), members, len(past.times), rng)
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
    """Draws from all values of all series (*boot_240* in the ViEWS challenge): alike everywhere.

    Parameters
    ----------
    history, times, members, seed
        As in `zero`.
    months : int
        Length of the window, in months; a shorter record gives what it has, which is said in
        `attrs["values"]`.

    Returns
    -------
    DataArray (member, time, ...)

    Raises
    ------
    InputError
        As `zero`; a window without any value.
    """
    past = Past(history, times, members)
    window = past.values[-months:]
    pool = window[np.isfinite(window)]
    if not len(pool):
        raise InputError(f"the last {months} months of the record hold no value at all")
    draws = random_of("bootstrap", seed).choice(pool, (members, len(past.times), past.units))
    return past.forecast(
        draws,
        f"bootstrap (last {months} of all)",
        {"months": months, "values": len(pool), "seed": seed},
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
    past = Past(history, times, members)
    window = past.window(12 * years, counts=True)
    month = np.arange(len(past.months))[-len(window) :]
    calendar = past.months[month] % 12
    rng = random_of("seasonal_naive", seed)
    draws = np.empty((members, len(past.times), past.units))
    for step, time in enumerate(past.target_months):
        rows = window[calendar == time % 12]
        empty = ~np.isfinite(rows).any(axis=0) if len(rows) else np.ones(past.units, dtype=bool)
        if empty.any():
            raise InputError(
                f"no value of calendar month {time % 12 + 1} in the last {years} years of "
                f"{int(empty.sum())} of {past.units} series"
            )
        draws[:, step] = rng.poisson(balanced(rows, members, 1, rng)[:, 0])
    return past.forecast(
        draws, f"seasonal naive (last {years} years, Poisson)", {"years": years, "seed": seed}
    )
