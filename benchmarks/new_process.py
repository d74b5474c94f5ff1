"""Extra seconds until the first block when a user adds one process to libya-2016."""

import shutil
import statistics
import sys
from pathlib import Path

from ruamel.yaml import YAML

from benchmarks.measuring import Figures, child, say, scratch
from khamsin.model import find

NAMES = ("add_process_s",)
ROUNDS = 3
PROCESS = '''\
"""Rumours: they grow where there is fighting."""

from math import exp
from typing import Annotated

from khamsin.draws import poisson
from khamsin.priors import LogNormal
from khamsin.process import Array, Days, In, InOut, Param, Stream, process


@process(each="place")
def rumours(
    rumour: Annotated[Array, InOut("", "1")],
    battle_deaths: Annotated[Array, In("actor", "person")],
    fading: Annotated[float, Param("1/day", LogNormal(0.{number}, 0.5), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Let rumours fade, and grow with the dead."""
    rumour[0] *= exp(-fading * dt)
    for a in range(battle_deaths.size):
        rumour[0] += poisson(rng, battle_deaths[a])
'''
FIRST_BLOCK = """
import os, sys
from khamsin.verbs.run import run

def progress(p):
    if p.done:
        os._exit(0)

run(sys.argv[1], members=100, block=10, folder=sys.argv[2], trust=True, progress=progress)
"""


def measure() -> Figures:
    """Take the difference of fresh processes without and with a process that was never compiled."""
    with scratch() as home:
        plain = Path(shutil.copytree(find("libya-2016"), home / "plain"))
        _first_block(plain, home / "run")
        extra = []
        for k in range(ROUNDS):
            before = _first_block(plain, home / f"before-{k}")
            after = _first_block(_with_process(plain, home / f"model-{k}", k), home / f"after-{k}")
            say(f"until the first block: {before:.2f} s, with a new process {after:.2f} s")
            extra.append(after - before)
    return {"add_process_s": statistics.median(extra)}


def _with_process(plain: Path, folder: Path, number: int) -> Path:
    """Copy the model and add a process that is another one each time."""
    shutil.copytree(plain, folder)
    (folder / "rumours.py").write_text(PROCESS.replace("{number}", str(11 + number)))
    file = folder / "model.yaml"
    yaml = YAML()
    model = yaml.load(file)
    model["processes"].append("./rumours.py:rumours")
    model["state"]["rumour"] = 0
    own = {"dims": ["place"], "unit": "1", "kind": "stock", "meaning": "rumours"}
    model.setdefault("variables", {})["rumour"] = own
    yaml.dump(model, file)
    return folder


def _first_block(model: Path, folder: Path) -> float:
    return child([sys.executable, "-c", FIRST_BLOCK, str(model), str(folder)]).seconds
