"""Does calibration find the answer that made the data? (decision 18 of the design)

For each switch a small model in `subsystems/` runs khamsin's own processes with the other parts of
the system as observed inputs, and a simulator in `simulators/`, in plain NumPy, makes data under
one answer with parameters from the prior. The fit must find that answer the likeliest in four
trials of five. Which switches the series could settle stands in
models/libya-2016/identifiable.csv, written before the fits; what these trials say of it was added.

Two records are tried: `recorded`, the rows that were known by May 2016, and `whole`, every month
of the series as if it had been kept. A switch that only the second settles is not identifiable
from the record.
"""

import csv
import os
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from khamsin.calibration.simulating import simulator
from khamsin.calibration.tempering import temper
from khamsin.engine import compile_plan
from khamsin.hindcast.observed import Observed, observed_in
from khamsin.model import Model, read
from khamsin.plan import Plan, plan

Floats = np.ndarray[Any, np.dtype[np.float64]]
FOLDERS = Path(__file__).parent / "subsystems"
LISTED = Path(__file__).parent.parent / "models" / "libya-2016" / "identifiable.csv"
TRIALS, FEWER = 20, 5  # of each answer: of a switch on the list, of one that was taken off it
PARTICLES, MOVES = 200, 4
WANTED = 0.8  # of the trials of each answer


@dataclass(frozen=True)
class Subsystem:
    """A switch, the small model that asks for it, and the simulator that knows the answer."""

    switch: str

    @cached_property
    def model(self) -> Model:
        """The model folder of the same name."""
        return read(FOLDERS / self.switch, trust=True)

    @cached_property
    def plan(self) -> Plan:
        """The whole run, with all answers live."""
        model = self.model
        return plan(model, next(iter(model.scenarios), None), since=model.time.start, trust=True)

    @cached_property
    def observed(self) -> dict[str, Observed]:
        """The series, each within its window; NaN where nothing was recorded."""
        found = observed_in(self.model.resolved())
        return {name: one.within(one.fit) for name, one in found.items()}

    @property
    def answers(self) -> tuple[str, ...]:
        """The rival answers."""
        return self.plan.live[self.switch]

    @property
    def simulate(self) -> Callable[[str, np.random.Generator], dict[str, Floats]]:
        """(answer, rng) -> recorded values of each series, every month."""
        module = import_module(f"verification.simulators.{self.switch}")
        made: Callable[[str, np.random.Generator], dict[str, Floats]] = module.simulate
        return made

    def record(self, data: Mapping[str, Floats], whole: bool) -> dict[str, Observed]:
        """Put data in the place of the record: in every row, or in those that were recorded."""
        found = {}
        for name, one in self.observed.items():
            values = np.asarray(data[name], np.float64)
            kept = values if whole else np.where(np.isnan(one.values), np.nan, values)
            found[name] = replace(one, values=kept)
        return found

    def posterior(self, record: Mapping[str, Observed], seed: int) -> dict[str, float]:
        """Return the posterior probability of each answer, all equally likely beforehand."""
        sim = simulator(self.plan, record, seed=seed, threads=1)
        done = temper(
            sim, sim.weights, len(sim.unknowns),
            particles=PARTICLES, seed=seed, moves=MOVES, pieces=sim.pieces,
        )  # fmt: skip
        held = done.particles.answers[:, sim.questions.index(self.switch)]
        return {a: float((held == k).mean()) for k, a in enumerate(self.answers)}


def listed() -> dict[str, str]:
    """Return what the list says of each switch: yes or no."""
    with LISTED.open(encoding="utf-8", newline="") as file:
        return {row["question"]: row["identifiable"] for row in csv.DictReader(file)}


def trials(switch: str, whole: bool, count: int) -> list[dict[str, Any]]:
    """Return, for each answer, in how many trials it was found to be the likeliest."""
    one, found = Subsystem(switch), []
    gaps = np.concatenate([np.isnan(o.values) for o in one.observed.values()])
    if gaps.all() if not whole else not gaps.any():
        return []  # nothing was recorded, or all: then the whole is tried as it is
    compile_plan(one.plan)
    for k, answer in enumerate(one.answers):
        chance = []
        for trial in range(count):
            data = one.simulate(answer, np.random.default_rng([20160517, k, trial]))
            chance.append(one.posterior(one.record(data, whole), 1 + trial))
        hits = [max(odds, key=lambda a: odds[a]) == answer for odds in chance]
        found.append(
            {
                "switch": switch,
                "answer": answer,
                "record": "whole" if whole else "recorded",
                "trials": count,
                "found": float(np.mean(hits)),
                "mean_posterior": {
                    a: round(float(np.mean([o[a] for o in chance])), 3) for a in one.answers
                },
            }
        )
    return found


def rows() -> list[dict[str, Any]]:
    """Return the trials of all switches that have a subsystem, on all cores."""
    work = [
        (switch, whole, TRIALS if said == "yes" else FEWER)
        for switch, said in listed().items()
        if (FOLDERS / switch).is_dir()
        for whole in (False, True)
    ]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        return [row for found in pool.map(trials, *zip(*work, strict=True)) for row in found]


def found_again(found: list[dict[str, Any]]) -> dict[str, bool]:
    """Return whether each switch is found, under each of its answers, from one record or other."""
    every: dict[tuple[str, str], list[bool]] = {}
    for row in found:
        every.setdefault((row["switch"], row["record"]), []).append(row["found"] >= WANTED)
    done: dict[str, bool] = {}
    for (switch, _), hits in every.items():
        done[switch] = done.get(switch, False) or all(hits)
    return done


def passes(found: list[dict[str, Any]]) -> bool:
    """Return whether the list tells the truth: what it says can be settled was found, and all of it
    was tried."""
    done = found_again(found)
    return all(done.get(switch, False) for switch, said in listed().items() if said == "yes")


if __name__ == "__main__":
    for whole in (False, True):
        for row in trials(sys.argv[1], whole, int(sys.argv[2])):
            print(row, flush=True)
