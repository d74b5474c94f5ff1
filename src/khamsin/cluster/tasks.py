"""What runs on a worker; imported only where Dask distributed is."""

import socket
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
