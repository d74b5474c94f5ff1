"""Weeks into months, and tables of observed inputs, without khamsin."""

import csv
from pathlib import Path
from typing import Any

import numpy as np

FOLDERS = Path(__file__).parent.parent / "subsystems"
Floats = np.ndarray[Any, np.dtype[np.float64]]


def column(folder: str, file: str, name: str) -> Floats:
    """Return a column of numbers of a table of a subsystem; NaN where it is empty."""
    with (FOLDERS / folder / file).open(encoding="utf-8", newline="") as text:
        return np.array([float(row[name] or "nan") for row in csv.DictReader(text)])


def by_month(start: str, weekly: Floats, months: int) -> Floats:
    """Share a flow by weeks (..., week) out over calendar months (..., month), by days."""
    first = np.datetime64(start, "D")
    found = np.zeros((*weekly.shape[:-1], months))
    for week in range(weekly.shape[-1]):
        for day in range(7):
            month = (first + 7 * week + day).astype("datetime64[M]") - first.astype("datetime64[M]")
            if month.astype(int) < months:
                found[..., month.astype(int)] += weekly[..., week] / 7
    return found


def counted(mean: Floats, size: float, rng: np.random.Generator) -> Floats:
    """Draw negative binomial records with variance mean + mean^2 / size."""
    return rng.poisson(mean * rng.gamma(size, 1 / size, mean.shape)).astype(np.float64)
