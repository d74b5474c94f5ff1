"""The rule of the ViEWS prediction challenge (2023): its scores and its benchmarks.

Target: UCDP GED best estimate of deaths in state-based conflict by country and month, January to
December, told in October of the year before, as exactly 1,000 equally weighted draws of whole
numbers. Source: Hegre et al. 2025, Journal of Peace Research (arXiv 2407.11045), and the
organisers' code, prio-data/prediction_competition_2023.

- CRPS: `mean |x - y| - sum |xi - xj| / (2 m^2)`, plain mean over the rows, no correction for the
  number of draws.
- IGN: log score to base 2 on eleven classes with one pseudo-count each. The organisers bring other
  numbers of draws to 1,000 by Fourier resampling, clipped at zero, before this score alone; so does
  `score_views`.
- MIS: interval score of the 90 % interval (alpha 0.1), linear quantiles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin import reference_forecasts
from khamsin.errors import InputError
from khamsin.scores.classes import VIEWS_EDGES, log_kernel
from khamsin.scores.distributions import crps_kernel
from khamsin.scores.intervals import interval_kernel
from khamsin.scores.pairing import Paired, pair
from khamsin.scores.scored import ERROR, averages

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import ArrayLike, NDArray

    from khamsin.scores.pairing import Floats
    from khamsin.scores.scored import Kernel

DRAWS = 1000
ALPHA = 0.1
PSEUDO_COUNT = 1.0
LABELS = {
    "crps": "CRPS (not fair)",
    "ign": f"IGN ({len(VIEWS_EDGES)} classes, pseudo-count 1, base 2)",
    "mis": "MIS (alpha 0.1, 90 % interval)",
}


def month_id(times: ArrayLike) -> NDArray[np.int64]:
    """Return the ViEWS number of months: 1 is January 1980.

    Parameters
    ----------
    times : array of datetime64
        Any day of the month.

    Returns
    -------
    array of int
    """
    months = np.atleast_1d(np.asarray(times, dtype="datetime64[M]"))
    return np.asarray((months - np.datetime64("1980-01")).astype(np.int64) + 1)


def month_of(number: ArrayLike) -> NDArray[np.datetime64]:
    """Return the first day of the month that has this ViEWS number, as datetime64[ns]."""
    months = np.datetime64("1980-01") + (np.atleast_1d(np.asarray(number, dtype=np.int64)) - 1)
    return months.astype("datetime64[ns]")


def window_times(year: int) -> NDArray[np.datetime64]:
    """Return the twelve months of the window of a year, as datetime64[ns]."""
    return month_of(month_id(np.datetime64(f"{year}-01")) + np.arange(12))


def benchmarks(
    history: xr.DataArray, year: int, *, members: int = DRAWS, seed: int = 0
) -> dict[str, xr.DataArray]:
    """Return the four benchmarks of the challenge for one window.

    Parameters
    ----------
    history : DataArray (time, ...)
        Monthly deaths, at least up to October of the year before; what is later is cut off here.
    year : int
        The window, January to December.
    members : int
        Draws of the two random benchmarks.
    seed : int
        Seed of their draws.

    Returns
    -------
    dict of str to DataArray (member, time, ...)
        `zero` (one draw), `conflictology` (twelve), `last` and `boot_240` (`members`).

    Raises
    ------
    InputError
        A record that does not reach October, or is too short (see `khamsin.reference_forecasts`).
    """
    origin = np.datetime64(f"{year - 1}-10-01")
    known = history.isel(time=history["time"].values < origin + np.timedelta64(31, "D"))
    if not known.sizes["time"] or known["time"].values[-1] < origin:
        raise InputError(
            f"the record does not reach {str(origin)[:7]}, the origin of window {year}"
        )
    times = window_times(year)
    options: dict[str, Any] = {"members": members, "seed": seed}
    return {
        "zero": reference_forecasts.zero(known, times),
        "conflictology": reference_forecasts.conflictology(known, times),
        "last": reference_forecasts.last_observed(known, times, **options),
        "boot_240": reference_forecasts.bootstrap(known, times, **options),
    }


def score_views(
    draws: xr.DataArray, actuals: xr.DataArray, *, member: str = "member"
) -> xr.Dataset:
    """Score draws by the rule of the challenge.

    Parameters
    ----------
    draws : DataArray (member, ...)
        Counts, not negative, equally weighted; 1,000 of them in a submission.
    actuals : DataArray (...)
        Recorded deaths, the same cells (country and month).
    member : str
        Name of the dim of the draws.

    Returns
    -------
    Dataset (...)
        `crps`, `ign`, `mis` by cell; scalars `mean_crps`, ... over all cells and their Monte-Carlo
        errors `mean_crps_monte_carlo_error`, ... IGN has no error when its draws were resampled.

    Raises
    ------
    InputError
        Weighted members, negative or broken counts, cells that differ, actuals with gaps.
    """
    import xarray as xr

    paired = pair(draws, actuals, member=member)
    _check_counts(paired)
    if not np.isfinite(paired.seen).all():
        raise InputError(
            f"the actuals have {int((~np.isfinite(paired.seen)).sum())} gaps; "
            "the rule scores every cell"
        )
    members = paired.draws.shape[-1]
    resampled = members != DRAWS and members > 1
    edges = np.asarray(VIEWS_EDGES)
    for_log = _to_thousand(paired) if members != DRAWS else paired

    def ignorance(x: Floats, y: Floats, w: Floats) -> tuple[Floats, Floats]:
        return log_kernel(x, y, w, edges, PSEUDO_COUNT, 2.0, float(DRAWS))

    plan: dict[str, tuple[Paired, Kernel]] = {
        "crps": (paired, lambda x, y, w: crps_kernel(x, y, w, fair=False)),
        "ign": (for_log, ignorance),
        "mis": (paired, lambda x, y, w: interval_kernel(x, y, w, ALPHA)),
    }
    result = xr.Dataset(
        attrs={
            "rule": "ViEWS prediction challenge 2023",
            "members": members,
            "edges": list(VIEWS_EDGES),
            "pseudo_count": PSEUDO_COUNT,
            "alpha": ALPHA,
            "fair": False,
            "ign_resampled_to": DRAWS if resampled else 0,
        }
    )
    for name, (what, kernel) in plan.items():
        by_cell: list[Floats] = []

        def kept(
            x: Floats,
            y: Floats,
            w: Floats,
            kernel: Kernel = kernel,
            by_cell: list[Floats] = by_cell,
        ) -> tuple[Floats, Floats]:
            value, influence = kernel(x, y, w)
            by_cell.append(value)
            return value, influence

        mean, error, _ = averages(kept, what, np.zeros(len(what.seen), dtype=np.int64), 1)
        cells = paired.cells.astype(np.float64).copy(
            data=np.concatenate(by_cell).reshape(paired.cells.shape)
        )
        cells.name, cells.attrs = None, {"long_name": LABELS[name]}
        result[name] = cells
        result[f"mean_{name}"] = xr.DataArray(mean[0], attrs={"long_name": f"mean {LABELS[name]}"})
        no_error = members == 1 or (name == "ign" and resampled)
        result[f"mean_{name}_{ERROR}"] = xr.DataArray(np.nan if no_error else error[0])
    return result


def describe_views(scored: xr.Dataset) -> str:
    """Return three lines, one a score: its parameters, its mean, its Monte-Carlo error.

    Parameters
    ----------
    scored : Dataset
        From `score_views`.

    Returns
    -------
    str
    """
    lines = []
    for name, label in LABELS.items():
        error = float(scored[f"mean_{name}_{ERROR}"])
        said = f" ± {error:.2g} (Monte-Carlo)" if np.isfinite(error) else ""
        resampled = name == "ign" and scored.attrs["ign_resampled_to"]
        note = f", resampled to {DRAWS:,}" if resampled else ""
        lines.append(
            f"mean {label}, {scored.attrs['members']:,} draws{note}: "
            f"{float(scored[f'mean_{name}']):.5g}{said}"
        )
    return "\n".join(lines)


def thousand_draws(
    forecast: xr.DataArray, *, count: int = DRAWS, seed: int = 0, member: str = "member"
) -> xr.DataArray:
    """Return equally weighted draws from an ensemble, by systematic resampling of whole members.

    Parameters
    ----------
    forecast : DataArray (member, ...)
        An ensemble; its coordinate `weight` is honoured, and gone in the result. Values are rounded
        to whole numbers.
    count : int
        Number of draws.
    seed : int
        Seed of the start and of the order. Without weights no member is used more than once more
        often than another.
    member : str
        Name of the dim of the draws.

    Returns
    -------
    DataArray (member, ...)
        A member keeps its path over time and places.

    Raises
    ------
    InputError
        No dim `member`.
    """
    if member not in forecast.dims:
        raise InputError(f"the forecast has no dim {member!r}; its dims are {forecast.dims}")
    size = forecast.sizes[member]
    weights = np.full(size, 1 / size)
    if "weight" in forecast.coords:
        weights = np.asarray(forecast["weight"].values, dtype=np.float64)
        weights = weights / weights.sum()
    rng = np.random.default_rng(seed)
    order = rng.permutation(size)
    points = (rng.random() + np.arange(count)) / count
    index = order[np.clip(np.searchsorted(np.cumsum(weights[order]), points), 0, size - 1)]
    chosen = forecast.isel({member: rng.permutation(index)})
    gone = [str(k) for k, v in chosen.coords.items() if member in v.dims]
    rounded = (
        chosen.drop_vars(gone).astype(np.float64).round().assign_coords({member: np.arange(count)})
    )
    rounded.attrs = {**forecast.attrs, "drawn_from": f"{size} members"}
    return rounded


def _check_counts(paired: Paired) -> None:
    if paired.weighted:
        raise InputError(
            "the rule knows no weights: take equally weighted draws with `thousand_draws`"
        )
    for name, values in (
        ("draws", paired.draws),
        ("actuals", paired.seen[np.isfinite(paired.seen)]),
    ):
        if (values < 0).any() or (values != np.rint(values)).any():
            raise InputError(f"the {name} must be whole numbers and not negative")


def _to_thousand(paired: Paired) -> Paired:
    """Return the draws as the organisers' log score sees them: resampled to 1,000, clipped at 0."""
    from scipy.signal import resample

    if paired.draws.shape[-1] == 1:
        draws = np.repeat(paired.draws, DRAWS, axis=-1)
    else:
        draws = np.maximum(np.asarray(resample(paired.draws, DRAWS, axis=-1)), 0.0)
    return Paired(draws, paired.seen, np.full(DRAWS, 1 / DRAWS), paired.cells, weighted=False)
