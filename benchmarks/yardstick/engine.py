"""The yardstick as khamsin runs it: the model folder is written, read, planned and compiled."""

from pathlib import Path

from benchmarks.measuring import scratch
from benchmarks.yardstick import folder
from khamsin.engine import Engine, compile_plan
from khamsin.model import read
from khamsin.plan import plan


def engine(scenario: str | None = None, seed: int = 1, **sizes: float) -> Engine:
    """Return the engine of the yardstick; `sizes` are those of `folder.write`."""
    with scratch() as home:
        model = read(folder.write(Path(home, "yardstick"), **sizes), trust=True)
        return compile_plan(plan(model, scenario, trust=True), seed)
