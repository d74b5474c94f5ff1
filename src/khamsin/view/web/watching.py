"""The mean of a main quantity over the members that are done, and how well it is known."""

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from khamsin.errors import KhamsinError

EVERY = 2.0  # seconds between two looks at a store
STEPS = 120  # points of the curve

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Array: TypeAlias = "npt.NDArray[np.float64]"


@dataclass(frozen=True)
class RunningMean:
    """Mean of an outcome after each share of the members, with its standard error."""

    title: str
    unit: str
    members: Array
    mean: Array
    error: Array


@dataclass
class _Measured:
    """What has been read of one store, so that each member is read once."""

    looked: float = 0.0
    values: dict[int, float] = field(default_factory=dict)
    latest: RunningMean | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class Watch:
    """Running means of stores, shared by all who look at them."""

    _stores: dict[Path, _Measured] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def running_mean(self, store: Path) -> RunningMean | None:
        """Return the running mean of a store's first flow (else its first count), or None before
        the first members.

        While one thread reads, the others get what was known before.
        """
        with self._lock:
            if len(self._stores) > 64:
                self._stores.clear()
            known = self._stores.setdefault(store, _Measured())
        if time.monotonic() - known.looked < EVERY or not known.lock.acquire(blocking=False):
            return known.latest
        try:
            known.latest = _measure(store, known.values)
        except (KhamsinError, OSError, ValueError, KeyError):
            pass  # a store that is just being laid out; the next look finds it
        finally:
            known.looked = time.monotonic()
            known.lock.release()
        return known.latest


def _measure(store: Path, values: dict[int, float]) -> RunningMean | None:
    """Read the members that are new, and take the mean of all."""
    import numpy as np

    from khamsin.ensemble import open_ensemble

    ds = open_ensemble(store, partial=True)
    outcome = _main_outcome(ds)
    if ds.sizes["member"] == 0 or outcome is None:
        return None
    members = [int(m) for m in ds["member"].values]
    new = [k for k, m in enumerate(members) if m not in values]
    if new:
        found = outcome.measured(ds.isel(member=new))
        values.update(zip([members[k] for k in new], map(float, found), strict=True))
    here = np.array([values[m] for m in members])
    weight = np.asarray(ds["weight"].values, dtype=np.float64)
    return running(outcome.title(ds), outcome.unit(ds), here, weight)


def running(title: str, unit: str, values: Array, weight: Array) -> RunningMean:
    """Return means and standard errors of the first n members, for a number of n.

    The error of a weighted mean m is sqrt(sum w^2 (x - m)^2) / sum w.
    """
    import numpy as np

    total = np.cumsum(weight)
    mean = np.cumsum(weight * values) / total
    square, cross = np.cumsum(weight**2), np.cumsum(weight**2 * values)
    spread = np.cumsum(weight**2 * values**2) - 2 * mean * cross + mean**2 * square
    error = np.sqrt(np.maximum(spread, 0.0)) / total
    n = values.size
    shown = np.unique(np.linspace(min(10, n), n, STEPS).astype(int)) - 1
    return RunningMean(title, unit, shown + 1.0, mean[shown], error[shown])


def _main_outcome(ds: Any) -> Any:
    from khamsin import series
    from khamsin.outcomes import Outcome

    counted = series.counted(ds)
    flows = [name for name in counted if series.is_flow(ds, name)]
    people = [name for name in flows if ds[name].attrs.get("units") == "person"]
    if people or flows:
        return Outcome((people or flows)[0], "total")
    return Outcome(counted[0], "end") if counted else None
