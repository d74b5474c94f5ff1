"""Counts of crises (counts.csv), and what is known of them on a day."""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from khamsin.displacement.knowledge import carry_count

Floats = npt.NDArray[np.float64]
Series = tuple[npt.NDArray[np.int64], Floats]  # days since the first of the crisis, people

COUNTS = Path(__file__).parent / "counts.csv"
WHOLE = "(all)"  # a series of all people of a crisis, where camps are not all at hand


def read_crises() -> dict[str, dict[str, Series]]:
    """Read each series of each crisis."""
    found: dict[str, dict[str, list[tuple[date, float]]]] = {}
    with COUNTS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            series = found.setdefault(row["crisis"], {}).setdefault(row["series"], [])
            series.append((date.fromisoformat(row["date"]), float(row["people"])))
    crises = {}
    for crisis, parts in found.items():
        first = min(series[0][0] for series in parts.values())
        crises[crisis] = {
            name: (
                np.array([(day - first).days for day, _ in series]),
                np.array([people for _, people in series]),
            )
            for name, series in parts.items()
        }
    return crises


class Crisis:
    """Counts of a crisis by day: as one series of all people where there is one and it is asked
    for, else by camp or country."""

    def __init__(self, parts: dict[str, Series], whole: bool) -> None:
        whole = whole and WHOLE in parts
        self.series = [s for name, s in parts.items() if (name == WHOLE) is whole]
        self.days = 1 + max(int(at[-1]) for at, _ in self.series)
        self.daily = np.array([np.interp(np.arange(self.days), *s) for s in self.series]).T

    def last(self, origin: int) -> npt.NDArray[np.int64]:
        """Return the day of each last count before the origin, dims (series,); 0 for none."""
        return np.array([max(at[at < origin], default=0) for at, _ in self.series])

    def known(self, origin: int, carry: tuple[int, float]) -> Floats:
        """Return counts dated before the origin, carried on to it, dims (day, series)."""
        found = np.zeros((origin, len(self.series)))
        for k, (at, _) in enumerate(self.series):
            if (at < origin).any():
                last = int(at[at < origin][-1])
                found[:, k] = carry_count(self.daily[:, k], last, np.arange(origin), *carry)
        return found
