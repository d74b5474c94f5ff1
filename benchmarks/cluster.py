"""Two worker processes of a Dask cluster against two threads, on the same blocks of members."""

import importlib.util
import itertools
import os
import time
from pathlib import Path
from typing import Any

from benchmarks.measuring import Figures, Skipped, interleaved, ratio, say, scratch
from benchmarks.yardstick import folder

NAMES = ("cluster_efficiency",)
MEMBERS, BLOCK = 240, 20


def measure() -> Figures:
    """Compare the throughput of whole runs that are written to disk, once all is compiled."""
    if (os.cpu_count() or 1) < 2:
        raise Skipped("there is one core")
    if importlib.util.find_spec("distributed") is None:
        raise Skipped("the extra khamsin[cluster] is not installed")
    from khamsin.cluster import workers
    from khamsin.model import read
    from khamsin.verbs.run import run

    with scratch() as home:
        model = read(folder.write(Path(home, "yardstick")), trust=True)
        number = itertools.count()
        with workers("local:2") as farm:  # started once, as threads are
            assert farm is not None

            def task(**how: Any) -> None:
                where = home / str(next(number))
                run(model, members=MEMBERS, block=BLOCK, folder=where, trust=True, **how)

            taken = interleaved(
                {
                    "two threads": lambda: task(threads=2),
                    "two workers": lambda: task(client=farm.client),
                },
                rounds=3,
                clock=time.perf_counter,
            )
    for name, seconds in taken.items():
        say(f"{name}: {', '.join(f'{s:.2f}' for s in seconds)} s for {MEMBERS} members")
    return {"cluster_efficiency": ratio(taken, "two threads", "two workers")}
