"""Two threads against one."""

import time

import numpy as np

from benchmarks.measuring import Figures, Skipped, interleaved, ratio, say
from benchmarks.yardstick.engine import engine
from khamsin.engine import run_blocks

NAMES = ("two_threads",)
BLOCKS, SIZE = 8, 10


def measure() -> Figures:
    """Compare the time that the same blocks of members take."""
    import os

    if (os.cpu_count() or 1) < 2:
        raise Skipped("there is one core")
    ours = engine()
    blocks = [(k, np.arange(k * SIZE, (k + 1) * SIZE)) for k in range(BLOCKS)]
    taken = interleaved(
        {
            "one": lambda: list(run_blocks(ours, blocks, 1)),
            "two": lambda: list(run_blocks(ours, blocks, 2)),
        },
        clock=time.perf_counter,
    )
    for name, seconds in taken.items():
        say(f"{name}: {', '.join(f'{s:.2f}' for s in seconds)} s")
    return {"two_threads": ratio(taken, "one", "two")}
