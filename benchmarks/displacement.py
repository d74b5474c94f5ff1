"""Displacement in counts against Flee's agents: one case, all its people, and ten times as many."""

import os
import time
from pathlib import Path

import numpy as np

from benchmarks.measuring import (
    KHAMSIN,
    ROOT,
    Child,
    Figures,
    Skipped,
    child,
    interleaved,
    say,
    scratch,
)

NAMES = ("flee_speedup", "flee_thousand", "people_10x", "people_100x")
CASE = ROOT.parent / "shared" / "cases" / "flee" / "mali2012"
FLEE_SECONDS = 56.9  # one run of mali2012, 89,991 agents, 300 days, alone on two cores (measured)
ROUNDS = 3


def measure() -> Figures:
    """Time one member of mali2012 by Flee's rules, with 1, 10 and 100 times its people, and
    `khamsin run` with 1,000 members, start and writing included.

    FLEE_CHECKOUT names a folder with a `run_case.py` that runs the case by Flee, to be timed here;
    without it Flee's time is the one written above.
    """
    if not CASE.is_dir():
        raise Skipped("the cases of Flee lie outside the repository")
    from khamsin.displacement import import_flee
    from khamsin.displacement.running import column, open_case

    with scratch() as folder:
        import_flee(CASE, Path(folder) / "mali2012")
        case = open_case(Path(folder) / "mali2012")
        _run(folder, 1)  # whatever is not compiled yet is compiled here
        thousand = _run(folder, 1000)
    engine = case.engine("flee", "as_flee")
    one = np.arange(1)
    scale = column(engine, "daily_flight.scale")

    def member(times: float) -> None:
        state, parameters, values = engine.start(one)
        parameters[:, scale] = times
        parameters[:, column(engine, "daily_journey.capacity_scaling")] *= times
        engine.advance(state, parameters, values, one, 0, case.days)

    tasks = {f"{n}x": (lambda n=n: member(n)) for n in (1.0, 10.0, 100.0)}
    taken = {name: min(seconds) for name, seconds in interleaved(tasks, ROUNDS).items()}
    flee = _flee_seconds()
    say(f"1,000 members {thousand.seconds:.1f} s, {thousand.cpu_s:.1f} s of processor time")
    say(f"a member {taken['1.0x']:.3f} s, Flee {flee:.1f} s; {taken}")
    return {
        "flee_speedup": flee / taken["1.0x"],
        "flee_thousand": flee / thousand.seconds,
        "people_10x": taken["10.0x"] / taken["1.0x"],
        "people_100x": taken["100.0x"] / taken["1.0x"],
    }


def _run(folder: Path, members: int) -> Child:
    command = ["run", str(folder / "mali2012"), "--answer", "rules=flee", "--no-report"]
    return child([*KHAMSIN, *command, "--members", str(members), "-o", str(folder / str(members))])


def _flee_seconds() -> float:
    checkout = os.environ.get("FLEE_CHECKOUT")
    if not checkout:
        say(f"Flee's time: {FLEE_SECONDS} s, measured on another day (no FLEE_CHECKOUT)")
        return FLEE_SECONDS
    import subprocess
    import sys

    began = time.perf_counter()
    subprocess.run([sys.executable, "run_case.py", str(CASE)], cwd=checkout, check=True)
    say(f"Flee's time: measured now, in {checkout}")
    return time.perf_counter() - began
