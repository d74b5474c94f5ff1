"""A hindcast by the rule of the ViEWS prediction challenge, for the countries that a model has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin.errors import InputError
from khamsin.hindcast.observed import Observed
from khamsin.hindcast.records import draw_record
from khamsin.hindcast.truth import truth
from khamsin.scores import views_challenge

if TYPE_CHECKING:
    import xarray as xr

# Numbers of countries in ViEWS, from its tables of actuals.
COUNTRY_ID = {"LY": 213, "IQ": 60, "NG": 79, "SY": 220, "TN": 73, "ML": 50, "NE": 78, "TD": 214}
BENCHMARKS = ("conflictology", "boot_240", "zero", "last")


@dataclass(frozen=True)
class Window:
    """One year of one series, by the rule: mean CRPS, IGN and MIS of the model and benchmarks.

    Attributes
    ----------
    scores : dict
        Who -> {"crps", "ign", "mis"}, `model` first.
    lines : list of str
        The model's scores with their parameters and Monte-Carlo errors.
    """

    series: str
    year: int
    scores: dict[str, dict[str, float]]
    lines: list[str]


def score_windows(ds: xr.Dataset, observed: Mapping[str, Observed], seed: int = 0) -> list[Window]:
    """Score every whole year after the origin, for each monthly series of deaths in a country.

    The rule's benchmarks know the record up to October of the year before; the model knows only
    what its run began with, which is earlier or the same.

    Raises
    ------
    InputError
        When the ensemble has no such series or no whole year.
    """
    first = np.datetime64(ds.attrs["from_date"], "D")
    found = []
    for one in observed.values():
        if not _is_by_country(one):
            continue
        last = int(str(ds["period_end"].values[-1].astype("datetime64[D]") - 1)[:4])
        for year in range(int(str(first)[:4]) + 1, last + 1):
            if np.datetime64(f"{year - 1}-11-01") >= first:
                window = _window(ds, one, year, seed)
                found += [window] if window else []
    if not found:
        raise InputError(
            "the rule views-2023 needs a monthly series of deaths in one country with all months "
            "of a year that begins two months or more after the origin"
        )
    return found


def draws_of(ds: xr.Dataset, one: Observed, year: int, seed: int = 0) -> xr.DataArray | None:
    """Return 1,000 equally weighted draws of a year's months; None when it is not all there."""
    import xarray as xr

    months = views_challenge.window_times(year)
    at = np.flatnonzero(np.isin(one.start.astype("datetime64[M]"), months.astype("datetime64[M]")))
    if at.size != 12:
        return None
    rows = one.only(np.isin(np.arange(len(one)), at))
    happened = truth(ds, rows)
    if not np.isfinite(happened).all():
        return None
    record = draw_record(rows, happened, int(ds.attrs["seed"]), ds["member"].values)
    coords: dict[str, Any] = {"time": months}
    if "weight" in ds.coords:
        coords["weight"] = ("member", ds["weight"].values)
    forecast = xr.DataArray(np.rint(record), dims=("member", "time"), coords=coords)
    return views_challenge.thousand_draws(forecast, seed=seed)


def write_submission(
    folder: Path, ds: xr.Dataset, observed: Mapping[str, Observed], **details: Any
) -> list[Path]:
    """Write the draws of all windows as a submission of the modelled countries.

    Parameters
    ----------
    details
        As in `khamsin.scores.views_submission.write_submission`: team, short_title, and so on.
    """
    import xarray as xr

    from khamsin.scores import views_submission

    by_year: dict[int, list[xr.DataArray]] = {}
    for window in score_windows(ds, observed):
        one = observed[window.series]
        draws = draws_of(ds, one, window.year)
        country = COUNTRY_ID.get(one.where["country"][0])
        if draws is not None and country is not None:
            by_year.setdefault(window.year, []).append(draws.expand_dims(country_id=[country]))
    return [
        views_submission.write_submission(folder, xr.concat(parts, "country_id"), **details)
        for parts in by_year.values()
    ]


def _is_by_country(one: Observed) -> bool:
    monthly = (one.end - one.start).astype(int) <= 31
    return (
        one.kind == "flow"
        and one.unit == "person"
        and "deaths" in one.variables[0]
        and set(one.where) == {"country"}
        and len(one.where["country"]) == 1
        and bool(monthly.all())
    )


def _window(ds: xr.Dataset, one: Observed, year: int, seed: int) -> Window | None:
    import xarray as xr

    draws = draws_of(ds, one, year, seed)
    if draws is None:
        return None
    times = one.start.astype("datetime64[M]").astype("datetime64[ns]")
    record = xr.DataArray(one.values, dims="time", coords={"time": times})
    actuals = record.sel(time=draws["time"])
    if bool(actuals.isnull().any()):
        return None
    own = views_challenge.score_views(draws, actuals)
    scores = {"model": _means(own)}
    for name, other in views_challenge.benchmarks(record, year, seed=seed).items():
        scores[name] = _means(views_challenge.score_views(other, actuals))
    return Window(one.name, year, scores, views_challenge.describe_views(own).splitlines())


def _means(scored: xr.Dataset) -> dict[str, float]:
    return {name: float(scored[f"mean_{name}"]) for name in ("crps", "ign", "mis")}
