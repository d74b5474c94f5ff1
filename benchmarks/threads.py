"""Two threads against one."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from benchmarks.measuring import Figures, Skipped, interleaved, ratio, say
from benchmarks.yardstick import native
from benchmarks.yardstick.engine import engine
from khamsin.engine import Engine, run_blocks

NAMES = ("two_threads",)
BLOCKS, SIZE = 8, 10


def measure() -> Figures:
    """Compare the time that the same blocks of members take; beside it that of the C yardstick."""
    if (os.cpu_count() or 1) < 2:
        raise Skipped("there is one core")
    ours = engine()
    blocks = [(k, np.arange(k * SIZE, (k + 1) * SIZE)) for k in range(BLOCKS)]
    tasks = {
        "one": lambda: list(run_blocks(ours, blocks, 1)),
        "two": lambda: list(run_blocks(ours, blocks, 2)),
    }
    if not native.missing():
        tasks |= {f"C, {name}": _in_c(ours, n) for name, n in (("one", 1), ("two", 2))}
    taken = interleaved(tasks, clock=time.perf_counter)
    for name, seconds in taken.items():
        say(f"{name}: {', '.join(f'{s:.2f}' for s in seconds)} s")
    if "C, one" in taken:
        say(
            f"C gains {ratio(taken, 'C, one', 'C, two'):.2f}: the most that the machine has to give"
        )
    return {"two_threads": ratio(taken, "one", "two")}


def _in_c(ours: Engine, threads: int):  # type: ignore[no-untyped-def]
    theirs = native.Native(ours)
    members = np.arange(SIZE)
    state, parameters, _ = ours.start(members)
    packed, drawn = theirs.pack(state, parameters)
    world = theirs.world(state)

    def block(_: int) -> None:
        theirs.advance(packed.copy(), drawn, world, members)

    def task() -> None:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(block, range(BLOCKS)))

    return task
