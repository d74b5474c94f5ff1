"""Bring a forecast and its observation into one shape, and check both before any score is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from khamsin.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    import xarray as xr
    from numpy.typing import NDArray

    Weights = xr.DataArray | NDArray[np.float64] | Literal[False] | None
    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Paired:
    """A forecast and its observation as plain arrays.

    Attributes
    ----------
    draws : array (cell, component, member)
        Forecast. `component` has length one except for scores of whole paths.
    seen : array (cell, component)
        Observation; NaN where nothing was recorded.
    weights : array (member,)
        Positive, summing to one. Members of weight zero are left out of `draws`.
    cells : DataArray
        A template with the dims and coordinates of a cell (values are of no meaning).
    weighted : bool
        Whether the members count differently.
    """

    draws: Floats
    seen: Floats
    weights: Floats
    cells: xr.DataArray
    weighted: bool

    @property
    def effective_members(self) -> float:
        """Kish's effective number of members, 1 / sum of squared weights."""
        return float(1.0 / np.sum(self.weights**2))


def pair(
    forecast: xr.DataArray,
    observed: xr.DataArray,
    *,
    member: str = "member",
    weights: Weights = None,
    along: Sequence[str] = (),
) -> Paired:
    """Check a forecast and an observation and line them up.

    Parameters
    ----------
    forecast : DataArray (member, ...)
        Draws; no NaN. A coordinate `weight` along `member` is used unless `weights` says otherwise.
    observed : DataArray (...)
        The same dims without `member`, with the same labels. NaN means not recorded.
    member : str
        Name of the dim that counts the draws.
    weights : DataArray or array (member,), False, or None
        None takes the coordinate `weight` if there is one; False ignores it.
    along : sequence of str
        Dims that belong to one path (for scores of paths); the others are cells.

    Returns
    -------
    Paired

    Raises
    ------
    InputError
        Dims or labels that differ (nothing is dropped silently), NaN or infinite draws, or weights
        that are negative, not finite or all zero.
    """
    if member not in forecast.dims:
        raise InputError(f"the forecast has no dim {member!r}; its dims are {_listed(forecast)}")
    if member in observed.dims:
        raise InputError(f"the observation has a dim {member!r}: give the record, not an ensemble")
    rest = [str(d) for d in forecast.dims if d != member]
    if set(rest) != {str(d) for d in observed.dims}:
        raise InputError(
            f"forecast and observation differ in dims: {_listed(forecast)} without {member!r} "
            f"against {_listed(observed)}"
        )
    for dim in along:
        if dim not in rest:
            raise InputError(f"no dim {dim!r} to take paths along; the dims are {', '.join(rest)}")
    forecast, observed = _same_labels(forecast, observed, rest)
    cell_dims = [d for d in rest if d not in along]
    order = [*cell_dims, *along]
    seen = np.asarray(observed.transpose(*order).values, dtype=np.float64)
    draws = np.asarray(forecast.transpose(*order, member).values, dtype=np.float64)
    if not np.isfinite(draws).all():
        raise InputError(
            f"the forecast holds {int((~np.isfinite(draws)).sum())} values that are missing or "
            "infinite; a forecast must be complete"
        )
    if np.isinf(seen).any():
        raise InputError(f"the observation holds {int(np.isinf(seen).sum())} infinite values")
    share, weighted = _weights(forecast, member, weights)
    members = draws.shape[-1]
    size = int(np.prod([forecast.sizes[d] for d in along])) if along else 1
    keep = share > 0
    draws = draws.reshape(-1, size, members)
    if not keep.all():
        draws = draws[..., keep]
    template = observed.isel(dict.fromkeys(along, 0), drop=True).transpose(*cell_dims)
    return Paired(draws, seen.reshape(-1, size), share[keep], template, weighted)


def _same_labels(
    forecast: xr.DataArray, observed: xr.DataArray, dims: list[str]
) -> tuple[xr.DataArray, xr.DataArray]:
    for dim in dims:
        if forecast.sizes[dim] != observed.sizes[dim]:
            raise InputError(
                f"forecast and observation differ in length along {dim!r}: "
                f"{forecast.sizes[dim]} against {observed.sizes[dim]}"
            )
        if dim not in forecast.indexes or dim not in observed.indexes:
            continue
        ours, theirs = forecast.indexes[dim], observed.indexes[dim]
        if list(ours) == list(theirs):
            continue
        if set(ours) == set(theirs) and ours.is_unique and theirs.is_unique:
            observed = observed.isel({dim: theirs.get_indexer(ours)})
            continue
        odd = sorted({str(v) for v in set(ours) ^ set(theirs)})
        raise InputError(
            f"forecast and observation differ in {dim!r}: only in one of them are "
            f"{', '.join(odd[:5])}{' ...' if len(odd) > 5 else ''}"
        )
    return forecast, observed


def _weights(forecast: xr.DataArray, member: str, weights: Weights) -> tuple[Floats, bool]:
    count = forecast.sizes[member]
    if weights is None and "weight" in forecast.coords and forecast["weight"].dims == (member,):
        weights = forecast["weight"]
    if weights is None or weights is False:
        return np.full(count, 1.0 / count), False
    values = np.asarray(weights, dtype=np.float64)
    if values.shape != (count,):
        raise InputError(f"weights have shape {values.shape}, but there are {count} members")
    if not np.isfinite(values).all() or (values < 0).any() or values.sum() <= 0:
        raise InputError("weights must be finite, not negative, and not all zero")
    values = values / values.sum()
    return values, bool(np.ptp(values) > 1e-12)


def _listed(array: xr.DataArray) -> str:
    return "(" + ", ".join(str(d) for d in array.dims) + ")"
