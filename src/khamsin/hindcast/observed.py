"""Observed series, as a model writes them and as each ensemble carries them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from khamsin.priors import Prior, prior_from
from khamsin.reporting import REPORTING, ReportingModel
from khamsin.units import factor

if TYPE_CHECKING:
    from datetime import date

    import xarray as xr

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class Observed:
    """A recorded series, somewhere.

    Attributes
    ----------
    variables : tuple of str
        What it is the sum of; most are of one variable.
    kind : str
        Kind of the variables: flow (summed over a row's period) or stock (its mean over the period,
        taken at the ends of the ensemble's periods; its value at the end of a month).
    where : dict
        Dim -> ids that are summed over.
    scale : float
        Units of the record in one unit of the variable.
    reporting : ReportingModel or None
        How truth becomes record; None: without error.
    parameters : dict
        Priors of the reporting model's parameters.
    against : str
        The benchmark named beforehand.
    fit, test : (str, str) or None
        First and last month.
    labels : tuple of str
    start, end : ndarray of datetime64[D], dims (row,)
        First day of each row's period, and first day after it.
    values : ndarray, dims (row,)
        NaN in gaps.
    known_on : ndarray of datetime64[D], dims (row,)
    """

    name: str
    title: str
    variables: tuple[str, ...]
    kind: str
    where: dict[str, list[str]]
    unit: str
    scale: float
    reporting: ReportingModel | None
    parameters: dict[str, Prior]
    against: str
    source: str
    fit: tuple[str, str] | None
    test: tuple[str, str] | None
    labels: tuple[str, ...]
    start: Days
    end: Days
    values: Floats
    known_on: Days

    def __len__(self) -> int:
        return len(self.labels)

    def only(self, rows: npt.NDArray[np.bool_]) -> Observed:
        """Keep some of the rows."""
        return replace(
            self,
            labels=tuple(label for label, kept in zip(self.labels, rows, strict=True) if kept),
            start=self.start[rows],
            end=self.end[rows],
            values=self.values[rows],
            known_on=self.known_on[rows],
        )

    def known_by(self, day: date | np.datetime64) -> Observed:
        """Keep what was known on a day."""
        return self.only(self.known_on <= np.datetime64(str(day), "D"))

    def within(self, window: tuple[str, str] | None) -> Observed:
        """Keep the rows that lie within months, the last one included; all without a window."""
        if window is None:
            return self
        first, last = (np.datetime64(month, "M") for month in window)
        inside = (self.start >= first.astype("datetime64[D]")) & (
            self.end <= (last + 1).astype("datetime64[D]")
        )
        return self.only(inside)

    @property
    def gaps(self) -> int:
        """Rows without a value."""
        return int(np.isnan(self.values).sum())


def observed_in(resolved: Mapping[str, Any]) -> dict[str, Observed]:
    """Return the observed series of a resolved model, by name.

    Parameters
    ----------
    resolved : mapping
        `Model.resolved()`.
    """
    return {name: _observed(name, each) for name, each in resolved["observations"].items()}


def observed_of(ds: xr.Dataset) -> dict[str, Observed]:
    """Return the observed series that an ensemble carries with it, by name."""
    return observed_in(json.loads(ds.attrs["model"]))


def _observed(name: str, plain: Mapping[str, Any]) -> Observed:
    where: dict[str, list[str]] = {}
    for text in plain["where"]:
        kind, _, one = text.partition(":")
        where.setdefault(kind, []).append(one)
    reporting = plain["reporting"]
    rows = plain["rows"]
    return Observed(
        name,
        plain["title"],
        (plain["variable"], *plain["plus"]),
        plain["kind"],
        where,
        plain["unit"],
        factor(plain["of_unit"], plain["unit"]),
        REPORTING[reporting["model"]] if reporting else None,
        {p: prior_from(v) for p, v in reporting["parameters"].items()} if reporting else {},
        plain["against"],
        plain["source"],
        tuple(plain["fit"]) if plain["fit"] else None,
        tuple(plain["test"]) if plain["test"] else None,
        tuple(row["label"] for row in rows),
        _days(rows, "start"),
        _days(rows, "end"),
        np.array([np.nan if r["value"] is None else r["value"] for r in rows], np.float64),
        _days(rows, "known_on"),
    )


def _days(rows: list[dict[str, str]], key: str) -> Days:
    return np.array([row[key] for row in rows], "datetime64[D]")
