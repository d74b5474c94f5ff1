"""The engine against the same model as Mesa agents with numpy.random, one core against one."""

import importlib.util
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.measuring import Figures, Skipped, child, say, scratch
from benchmarks.yardstick import native
from benchmarks.yardstick.engine import engine
from khamsin.engine import Engine

NAMES = ("engine_vs_mesa",)
MEMBERS, ROUNDS, STEPS = 10, 5, 40
MESA = "mesa==3.3.1"


def measure() -> Figures:
    """Compare member-steps a second of processor time; install mesa where it is missing."""
    ours = engine()
    members = np.arange(MEMBERS)
    state, parameters, values = ours.start(members)
    steps = ours.plan.calendar.steps
    with scratch() as home:
        python = _python_with_mesa(home)
        starts = _write_starts(ours, home / "starts.npz")
        gains = []
        for _ in range(ROUNDS):
            ran = state.copy()
            began = time.thread_time()
            ours.advance(ran, parameters, values, members, 0, steps)
            fast = MEMBERS * steps / (time.thread_time() - began)
            agents = Path(__file__).parent / "yardstick" / "agents.py"
            told = json.loads(child([str(python), str(agents), str(starts), str(STEPS)]).out)
            slow = STEPS / told["seconds"]
            say(f"khamsin: {fast:,.0f} member-steps/s, mesa: {slow:,.0f}")
            gains.append(fast / slow)
    return {"engine_vs_mesa": statistics.median(gains)}


def _python_with_mesa(home: Path) -> Path:
    if importlib.util.find_spec("mesa"):
        return Path(sys.executable)
    say(f"installing {MESA} into a throw-away environment")
    python = home / "venv" / "bin" / "python"
    try:
        subprocess.run([sys.executable, "-m", "venv", home / "venv"], check=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", MESA],
            check=True, capture_output=True,
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        raise Skipped(f"{MESA} cannot be installed ({error})") from error
    return python


def _write_starts(ours: Engine, file: Path) -> Path:
    """Write the world, and state and parameters of member 0, for agents.py."""
    theirs = native.Native(ours)
    state, parameters, _ = ours.start(np.arange(1))
    packed, drawn = theirs.pack(state, parameters)
    world = theirs.world(state)[0]
    q = json.dumps({name: drawn[name][0].tolist() for name in drawn.dtype.names})
    np.savez(
        file, fighters=packed["fighters"][0], residents=packed["residents"][0], parameters=q,
        **{name: world[name] for name in ("hostility", "reach", "from", "to")},
    )  # fmt: skip
    return file
