"""The engine against the same model in hand-written C, one thread against one."""

import ctypes

import numpy as np

from benchmarks.measuring import Figures, Skipped, interleaved, ratio, say
from benchmarks.yardstick import native
from benchmarks.yardstick.engine import engine

NAMES = ("engine_vs_c",)
MEMBERS = 10


def measure() -> Figures:
    """Compare throughput, after checking that both give the same bits."""
    if reason := native.missing():
        raise Skipped(reason)
    ours = engine()
    theirs = native.Native(ours)
    members = np.arange(MEMBERS)
    state, parameters, values = ours.start(members)
    packed, drawn = theirs.pack(state, parameters)
    world = theirs.world(state)
    steps = ours.plan.calendar.steps
    if not native.same(ours, members):
        raise RuntimeError("the engine and the C yardstick do not give the same bits")
    say(
        f"{MEMBERS} members x {steps} steps, equal bit for bit; {_draws(theirs, state, parameters)}"
    )
    taken = interleaved(
        {
            "c": lambda: theirs.advance(packed.copy(), drawn, world, members),
            "khamsin": lambda: ours.advance(state.copy(), parameters, values, members, 0, steps),
        }
    )
    for name, seconds in taken.items():
        rates = ", ".join(f"{MEMBERS * steps / s:,.0f}" for s in seconds)
        say(f"{name}: {rates} member-steps/s")
    return {"engine_vs_c": ratio(taken, "c", "khamsin")}


def _draws(theirs: native.Native, state: native.Floats, parameters: native.Floats) -> str:
    packed, drawn = theirs.pack(state, parameters)
    counted = native.library("-DCOUNT")
    theirs.advance(packed, drawn, theirs.world(state), np.arange(len(state)), "-DCOUNT")
    found = []
    for name in ("poisson", "binomial"):
        count = getattr(counted, f"count_{name}")
        count.restype = ctypes.c_long
        found.append(f"{count() / len(state) / theirs.engine.plan.calendar.steps:,.0f} {name}")
    return f"{' + '.join(found)} draws a member-step"
