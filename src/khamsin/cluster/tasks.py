"""What runs on a worker; imported only where Dask distributed is."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from distributed import WorkerPlugin

from khamsin.cluster.recipe import engine_of, tell
from khamsin.ensemble import Store
from khamsin.errors import RunError
from khamsin.storage import persistent


@dataclass
class Known(WorkerPlugin):
    """Tells a recipe to each worker, also to those that come later or come back."""

    key: str
    packed: bytes

    @property
    def name(self) -> str:
        """What the scheduler knows it by."""
        return f"khamsin-{self.key}"

    def setup(self, worker: Any) -> None:
        """Tell it."""
        tell(self.key, self.packed)


def make_block(key: str, store: Store, number: int) -> int:
    """Run a block, write it, and return its number; one that is finished is left as it is."""
    if store.has(number):
        return number
    if not persistent(store.path, (store.path / "zarr.json").is_file):
        raise RunError(
            f"the worker on {socket.gethostname()} sees no {store.path}: a cluster needs a folder "
            "that all workers share, or the URL of an object store"
        )
    store.write(number, engine_of(key).block(store.members_of(number)))
    return number


def whereabouts(keys: Sequence[str], dask_scheduler: Any) -> dict[str, str]:
    """Return, on the scheduler, where it believes tasks to be.

    Returns
    -------
    dict
        Task -> address of its worker; or "" while it waits for one and they are busy. What is over
        or forgotten, or waits although all are idle, is left out.
    """
    busy = any(worker.processing for worker in dask_scheduler.workers.values())
    found = {}
    for key in keys:
        task = dask_scheduler.tasks.get(key)
        if task is not None and task.state == "processing":
            found[key] = task.processing_on.address
        elif task is not None and task.state in ("waiting", "queued", "no-worker") and busy:
            found[key] = ""
    return found


def held(keys: Sequence[str], dask_worker: Any) -> list[str]:
    """Return, on a worker, which tasks it has not finished yet."""
    over = ("memory", "error", "released", "forgotten", "cancelled")
    tasks = dask_worker.state.tasks
    return [key for key in keys if key in tasks and tasks[key].state not in over]
