"""A connection to a Dask cluster, and blocks of members given out to its workers."""

import logging
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from khamsin.cluster.recipe import Recipe
from khamsin.ensemble import Store
from khamsin.errors import InputError, RunError
from khamsin.storage import is_remote

if TYPE_CHECKING:
    from distributed import Client

Say = Callable[[str], None]

ANSWER = 10.0  # seconds that a scheduler has for its first answer
PATIENCE = 60.0  # seconds without any worker, after which the run ends
AHEAD = 2  # blocks given out for each thread of the workers: one runs, one waits
LOOK = 2.0  # seconds between two looks at how many workers there are
MOST_LOCAL = 256  # processes


@dataclass
class Workers:
    """The workers of a cluster, for one run.

    Attributes
    ----------
    client : distributed.Client
    """

    client: "Client"
    tell: Say

    def fill(
        self, recipe: Recipe, store: Store, numbers: list[int], stop: threading.Event
    ) -> Iterator[int]:
        """Run the blocks of these numbers; yield each when its worker has written it.

        When `stop` is set, the blocks that were given out are finished, and no further one is.

        Raises
        ------
        RunError
            When a block cannot be written, or no worker is left.
        """
        from distributed import CancelledError, KilledWorker, TimeoutError, wait

        from khamsin.cluster.tasks import Known, make_block

        self._wait_for_one()
        self.client.register_plugin(Known(recipe.key, recipe.packed()))
        if not is_remote(store.path):
            store = replace(store, path=store.path.absolute())
        waiting, out = iter(numbers), set[Any]()
        seen, threads = 0.0, 0
        while True:
            if time.monotonic() - seen > LOOK:
                seen, threads = time.monotonic(), sum(self.client.nthreads().values())
            while len(out) < max(1, AHEAD * threads) and not stop.is_set():
                number = next(waiting, None)
                if number is None:
                    break
                out.add(self.client.submit(make_block, recipe.key, store, number, pure=False))
            if not out:
                return
            try:
                done = wait(out, timeout=LOOK, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                self._wait_for_one()
                continue
            for future in done:
                out.remove(future)
                try:
                    yield future.result()
                except KilledWorker:
                    raise RunError(
                        "a block of members ended the workers that it was given to, one after "
                        "another: is there memory enough? The same command goes on from there."
                    ) from None
                except CancelledError:
                    raise RunError(
                        "the cluster has gone. What was finished is kept; "
                        "the same command goes on from there."
                    ) from None

    def _wait_for_one(self) -> None:
        """Return when there is a worker."""
        if self.client.nthreads():
            return
        self.tell("no workers: waiting for one")
        began = time.monotonic()
        while not self.client.nthreads():
            if time.monotonic() - began > PATIENCE:
                raise RunError(
                    f"the cluster has had no worker for {PATIENCE:.0f} seconds. What was finished "
                    "is kept; the same command goes on from there."
                )
            time.sleep(0.2)


@contextmanager
def workers(
    address: str | None, client: "Client | None" = None, tell: Say = lambda text: None
) -> Iterator[Workers | None]:
    """Connect to a cluster, or start one on this machine, until the end of the block.

    Parameters
    ----------
    address : str, optional
        Of a scheduler, like ``tcp://host:8786``; or ``local:4`` for so many processes.
    client : distributed.Client, optional
        Use this one, and leave it open afterwards.

    Yields
    ------
    Workers or None
        None when neither is given.

    Raises
    ------
    InputError
        When nothing answers at the address, or Dask distributed is not installed.
    """
    if address is None and client is None:
        yield None
        return
    if client is not None:
        yield Workers(client, tell)
        return
    assert address is not None
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise InputError("--cluster needs the extra: pip install 'khamsin[cluster]'") from None
    local = re.fullmatch(r"local:(\d{1,4})", address)
    if local is None and not re.fullmatch(r"(tcp|tls|ucx|ws|wss)://[^\s/]+:\d+(/\S*)?", address):
        raise InputError(f"--cluster takes tcp://HOST:PORT or local:NUMBER, not {address!r}")
    if local is not None and not 1 <= int(local[1]) <= MOST_LOCAL:
        raise InputError(f"--cluster local: takes 1 to {MOST_LOCAL} processes, not {local[1]}")
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is said by us
    if local is not None:
        with (
            _unmoved_by_ctrl_c(
                lambda: LocalCluster(
                    n_workers=int(local[1]),
                    threads_per_worker=1,
                    processes=True,
                    host="127.0.0.1",
                    dashboard_address=":0",
                    memory_limit=None,
                    silence_logs=logging.CRITICAL,
                    preload="khamsin.cluster.unmoved",
                )
            ) as cluster,
            Client(cluster) as found,
        ):
            yield Workers(found, tell)
        return
    try:
        found = Client(address, timeout=ANSWER, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(f"no scheduler answers at {address} ({error})") from None
    with found:
        yield Workers(found, tell)


def _unmoved_by_ctrl_c(start: Callable[[], Any]) -> Any:
    """Start processes that Ctrl-C in the terminal does not reach: their client stops them.

    They inherit that the signal is ignored; one that takes the place of another loads `unmoved`.
    """
    if threading.current_thread() is not threading.main_thread():
        return start()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return start()
    finally:
        signal.signal(signal.SIGINT, before)
