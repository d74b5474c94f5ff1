"""A connection to a Dask cluster, and blocks of members given out to its workers."""

import logging
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from khamsin.cluster.given import ANSWER, GOES_ON, Given, ask
from khamsin.cluster.recipe import Recipe
from khamsin.ensemble import Store
from khamsin.errors import InputError, RunError
from khamsin.storage import is_remote

if TYPE_CHECKING:
    from distributed import Client

Say = Callable[[str], None]

PATIENCE = 60.0  # seconds without any worker, after which the run ends
AHEAD = 2  # blocks given out for each thread of the workers: one runs, one waits
LOOK = 2.0  # seconds between two looks at how many workers there are
MOST_LOCAL = 256  # processes
ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
ATTEMPTS = 3  # to tell the workers of a run


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
            When a block cannot be written, no worker is left, or none takes anything up.
        """
        threads = self._threads()
        self._introduce(recipe)
        if not is_remote(store.path):
            store = replace(store, path=store.path.absolute())
        given, waiting = Given(self.client, recipe.key, store), iter(numbers)
        seen = time.monotonic()
        try:
            while True:
                if time.monotonic() - seen > LOOK:
                    seen, threads = time.monotonic(), self._threads()
                while len(given) < AHEAD * threads and not stop.is_set():
                    number = next(waiting, None)
                    if number is None:
                        break
                    given.give(number)
                if not len(given):
                    return
                yield from given.answered(LOOK)
        finally:
            given.let_go()

    def _introduce(self, recipe: Recipe) -> None:
        """Let all workers know a recipe, also those that come later."""
        from khamsin.cluster.tasks import Known

        known = Known(recipe.key, recipe.packed())
        for attempt in range(ATTEMPTS):
            try:
                # an answer takes as long as a worker needs to import the package
                ask(self.client, lambda: self.client.register_plugin(known), PATIENCE)
                return
            except OSError as error:  # a worker has just gone
                if attempt + 1 == ATTEMPTS:
                    raise RunError(f"the cluster does not answer ({error}). {GOES_ON}") from None
                time.sleep(1.0)

    def _threads(self) -> int:
        """Return how many threads the workers have, once there is one."""
        began, told = time.monotonic(), False
        while True:
            try:
                threads = sum(map(int, ask(self.client, lambda: self.client.nthreads()).values()))
                lacks = "has had no worker"
            except OSError:
                threads, lacks = 0, "has not answered"
            if threads:
                return threads
            if time.monotonic() - began > PATIENCE:
                raise RunError(f"the cluster {lacks} for {PATIENCE:.0f} seconds. {GOES_ON}")
            if not told:
                self.tell("no workers: waiting for one")
                told = True
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
    for logger in ("distributed", "distributed.client"):  # what matters is said by us
        logging.getLogger(logger).setLevel(logging.CRITICAL)
    if local is not None:
        with (
            _unmoved_by_ctrl_c(partial(_start_here, LocalCluster, int(local[1]))) as cluster,
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


def _start_here(cluster: Any, processes: int) -> Any:
    """Start workers on this machine, without what only the dashboard of Dask would show."""
    import dask

    plain = {
        "distributed.worker.profile.enabled": False,
        # Dask has malloc give memory back at once, and each block would fetch its own anew
        "distributed.nanny.pre-spawn-environ": dict.fromkeys(ONE_THREAD, 1),
    }
    with dask.config.set(plain):
        return cluster(
            n_workers=processes,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            memory_limit=None,
            silence_logs=logging.CRITICAL,
            preload="khamsin.cluster.unmoved",
        )


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
