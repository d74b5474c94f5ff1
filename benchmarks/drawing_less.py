"""What drawing less gives libya-2016: skipping empty cells, shortcuts in the samplers."""

import statistics
import sys

import numpy as np

from benchmarks.measuring import (
    ROOT,
    Figures,
    child,
    copy_package,
    interleaved,
    ratio,
    say,
    scratch,
)
from khamsin.engine import Engine, compile_plan
from khamsin.model import find, read
from khamsin.plan import plan

NAMES = ("skipping_gain", "shortcuts_gain")
SHORTCUT, NEVER = "if u <= 1.0 - mean:", "if u < 0.0:"
MEMBERS, ROUNDS = 20, 5
TIME_IT = f"""
import time
import numpy as np
from benchmarks.drawing_less import libya
ours = libya()
members = np.arange({MEMBERS})
state, parameters, values = ours.start(members)
ours.advance(state.copy(), parameters, values, members, 0, 1)
began = time.thread_time()
ours.advance(state, parameters, values, members, 0, ours.plan.calendar.steps)
print(time.thread_time() - began)
"""


def libya() -> Engine:
    """Return the engine of libya-2016 as it happened."""
    return compile_plan(plan(read(find("libya-2016")), "as-it-happened"))


def measure() -> Figures:
    """Compare with a map where everyone is everywhere, and with samplers without shortcuts."""
    return {"skipping_gain": _skipping(), "shortcuts_gain": _shortcuts()}


def _skipping() -> float:
    ours = libya()
    members = np.arange(MEMBERS)
    state, parameters, values = ours.start(members)
    slot = ours.plan.slots["fighters"]
    cells = slice(slot.offset, slot.offset + slot.size)
    full = state.copy()
    full[:, cells] = np.maximum(full[:, cells], 100.0)
    say(f"{(state[:, cells] >= 1).mean():.1%} of the cells (place, actor) hold fighters")
    taken = interleaved(
        {
            "full": lambda: ours.advance(full.copy(), parameters, values, members, 0, 4),
            "as it is": lambda: ours.advance(state.copy(), parameters, values, members, 0, 4),
        }
    )
    for name, seconds in taken.items():
        say(f"{name}: {statistics.median(seconds) / MEMBERS / 4 * 1e6:.0f} us a member-step")
    return ratio(taken, "full", "as it is")


def _shortcuts() -> float:
    with scratch() as home:
        kinds = {"with": copy_package(home / "with"), "without": copy_package(home / "without")}
        draws = kinds["without"] / "khamsin" / "draws.py"
        text = draws.read_text(encoding="utf-8")
        say(f"{text.count(SHORTCUT)} shortcuts")
        draws.write_text(text.replace(SHORTCUT, NEVER), encoding="utf-8")
        taken: dict[str, list[float]] = {name: [] for name in kinds}
        for _ in range(ROUNDS):
            for name, source in kinds.items():
                path = f"{source}:{ROOT}"
                cache = str(home / f"cache-{name}")
                told = child([sys.executable, "-c", TIME_IT], PYTHONPATH=path, KHAMSIN_CACHE=cache)
                taken[name].append(float(told.out))
        for name, seconds in taken.items():
            say(f"{name}: {', '.join(f'{s:.2f}' for s in seconds)} s")
        return ratio(taken, "without", "with")
