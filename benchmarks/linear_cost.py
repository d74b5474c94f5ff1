"""How cost grows with members, places and steps: exponents of power laws through three points."""

import shutil
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.measuring import Figures, interleaved, say, scratch
from benchmarks.yardstick import folder
from benchmarks.yardstick.engine import engine
from khamsin.verbs.run import run

NAMES = ("linear_members", "linear_places", "linear_steps")
MEMBERS, PLACES, STEPS = (100, 200, 400), (32, 64, 128), (52, 104, 208)
ROUNDS = 3


def measure() -> Figures:
    """Time runs of the yardstick to disk, by members; and its engine alone, by places and steps."""
    with scratch() as home:
        model = folder.write(home / "yardstick")
        runs = {n: _to_disk(model, n, home / "run") for n in MEMBERS}
        return {
            "linear_members": _exponent("members", runs),
            "linear_places": _exponent("places", {n: _block(places=n) for n in PLACES}),
            "linear_steps": _exponent("steps", {n: _block(steps=n) for n in STEPS}),
        }


def _to_disk(model: Path, members: int, to: Path) -> Callable[[], object]:
    def task() -> None:
        run(model, members=members, folder=to, trust=True, threads=1)
        shutil.rmtree(to)

    return task


def _block(**sizes: int) -> Callable[[], object]:
    ours = engine(**sizes)
    return lambda: ours.block(np.arange(10))


def _exponent(what: str, tasks: dict[int, Callable[[], object]]) -> float:
    named = {str(n): task for n, task in tasks.items()}
    taken = interleaved(named, ROUNDS, clock=time.process_time)
    seconds = {n: statistics.median(taken[str(n)]) for n in tasks}
    say(f"{what}: " + ", ".join(f"{n}: {s:.3f} s" for n, s in seconds.items()))
    return float(np.polyfit(np.log(list(seconds)), np.log(list(seconds.values())), 1)[0])
