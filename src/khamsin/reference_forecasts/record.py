"""The record that a benchmark forecast knows, and the ways to draw from it."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


class Past:
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
        self.months = month_number(index)
        if len(self.months) > 1 and (np.diff(self.months) != 1).any():
            raise InputError(
                "the record must be by month without a month left out; put NaN in a gap"
            )
        self.times = pd.DatetimeIndex(np.atleast_1d(np.asarray(times)))
        self.target_months = month_number(self.times)
        if not len(self.times) or self.target_months.min() <= self.months[-1]:
            raise InputError(
                f"the times to forecast must lie after the record, which ends {index[-1]:%Y-%m}: "
                "a benchmark must not know what it forecasts"
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
                f"{int(empty.sum())} of {self.units} series have no value in the last "
                f"{months} months"
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


def month_number(index: pd.DatetimeIndex) -> NDArray[np.int64]:
    return np.asarray(index.year * 12 + index.month - 1, dtype=np.int64)


def random_of(name: str, seed: int) -> np.random.Generator:
    """Return a generator for one benchmark alone, so that one more does not shift the others."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def balanced(window: Floats, members: int, steps: int, rng: np.random.Generator) -> Floats:
    """Return draws (member, step, series) that use each value equally often, up to one."""
    draws = np.empty((members, steps, window.shape[1]))
    for unit, column in enumerate(window.T):
        values = column[np.isfinite(column)]
        for step in range(steps):
            whole = np.tile(values, members // len(values))
            rest = rng.choice(values, members % len(values), replace=False)
            draws[:, step, unit] = rng.permutation(np.concatenate([whole, rest]))
    return draws
