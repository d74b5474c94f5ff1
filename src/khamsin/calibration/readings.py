"""Which cells of a run's record an observed series speaks of, and when each row is complete."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from khamsin.hindcast.observed import Observed
from khamsin.hindcast.truth import held, shares, summed
from khamsin.plan import Plan

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Reading:
    """How the rows of a series are read off the record of a run.

    Attributes
    ----------
    cells : dict
        Variable -> the cells of its record that are added up.
    holders : ndarray or None
        For `holder`: the actors of whom one must hold all of the places.
    part : ndarray, dims (row, period)
        What each period counts in each row.
    last : ndarray of int, dims (row,)
        The period with which a row is complete; -1: it never is.
    """

    observed: Observed
    cells: dict[str, Ints]
    holders: Ints | None
    part: Floats
    last: Ints

    def totals(self, records: dict[str, Floats]) -> Floats:
        """Add up the record of each member and period, dims (member, period)."""
        if self.holders is not None:
            return held(records["holder"][:, :, self.cells["holder"]], self.holders)
        parts = [records[name][:, :, cells].sum(axis=2) for name, cells in self.cells.items()]
        return np.asarray(sum(parts), dtype=np.float64)

    def truth(self, totals: Floats) -> Floats:
        """Return what happened in each row, in the unit of the record, dims (member, row)."""
        return summed(totals, self.part) * self.observed.scale


def reading(plan: Plan, observed: Observed) -> Reading:
    """Find what a series speaks of in the record of a plan."""
    calendar = plan.calendar
    start = np.array(calendar.period_start, "datetime64[D]")
    end = np.array(calendar.period_end, "datetime64[D]")
    part = shares(observed, start, end)
    covered = np.isfinite(part).all(axis=1) & np.isfinite(observed.values)
    last = np.array(
        [int(np.flatnonzero(p)[-1]) if c else -1 for p, c in zip(part, covered, strict=True)],
        np.int64,
    )
    where = dict(observed.where)
    holders = None
    if observed.variables == ("holder",) and "actor" in where:
        holders = np.array([plan.dims["actor"].index(a) for a in where.pop("actor")])
    return Reading(
        observed, {name: _cells(plan, name, where) for name in observed.variables}, holders,
        part, last,
    )  # fmt: skip


def _cells(plan: Plan, name: str, where: dict[str, list[str]]) -> Ints:
    """Return the positions of the chosen cells in the record of a variable."""
    dims = plan.slots[name].variable.dims
    if dims == ("place", "actor"):
        index = {"place": plan.pairs[:, 0], "actor": plan.pairs[:, 1]}
        count = len(plan.pairs)
    else:
        grids = np.unravel_index(np.arange(plan.slots[name].size), plan.slots[name].shape or (1,))
        index = dict(zip(dims, grids, strict=False))
        count = plan.slots[name].size
    chosen = np.ones(count, dtype=bool)
    for dim, ids in where.items():
        if dim == "country":
            country = plan.model.tables["place"].columns["country"]
            numbers = [k for k, c in enumerate(country) if c in ids]
            chosen &= np.isin(index["place"], numbers)
        else:
            numbers = [plan.dims[dim].index(one) for one in ids]
            chosen &= np.isin(index[dim], numbers)
    return np.flatnonzero(chosen)
