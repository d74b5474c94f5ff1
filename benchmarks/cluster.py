"""Two worker processes of a Dask cluster against two threads, on the same blocks of members."""

import itertools
import os
import time
from pathlib import Path

from benchmarks.measuring import Figures, Skipped, interleaved, ratio, say, scratch
from benchmarks.yardstick import folder

NAMES = ("cluster_efficiency",)
MEMBERS, BLOCK = 240, 20


def measure() -> Figures:
    """Compare the throughput of whole runs that are written to disk, once all is compiled."""
    if (os.cpu_count() or 1) < 2:
        raise Skipped("there is one core")
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise Skipped("the extra khamsin[cluster] is not installed") from None
    from khamsin.model import read
    from khamsin.verbs.run import run

    with scratch() as home:
        model = read(folder.write(Path(home, "yardstick")), trust=True)
        number = itertools.count()
        with (
            LocalCluster(
                n_workers=2,
                threads_per_worker=1,
                memory_limit=None,
                dashboard_address=":0",
                silence_logs=50,
            ) as cluster,
            Client(cluster) as client,
        ):

            def task(**how: object) -> None:
                where = home / str(next(number))
                run(model, members=MEMBERS, block=BLOCK, folder=where, trust=True, **how)  # type: ignore[arg-type]

            taken = interleaved(
                {
                    "two threads": lambda: task(threads=2),
                    "two workers": lambda: task(client=client),
                },
                rounds=3,
                clock=time.perf_counter,
            )
    for name, seconds in taken.items():
        say(f"{name}: {', '.join(f'{s:.2f}' for s in seconds)} s for {MEMBERS} members")
    return {"cluster_efficiency": ratio(taken, "two threads", "two workers")}
