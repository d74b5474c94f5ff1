"""How to measure on a machine that others use: interleaved rounds, medians, processor time."""

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

Figures = dict[str, float]
ROOT = Path(__file__).resolve().parents[1]
KHAMSIN = [sys.executable, "-m", "khamsin"]


class Skipped(Exception):
    """What a benchmark needs is not here; the reason says what."""


def say(text: str) -> None:
    """Print a detail, on stderr."""
    print(text, file=sys.stderr, flush=True)


def load() -> str:
    """Return the machine's load: a ratio measured on a busy machine wants a second look."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def interleaved(
    tasks: dict[str, Callable[[], object]],
    rounds: int = 5,
    clock: Callable[[], float] = time.thread_time,
) -> dict[str, list[float]]:
    """Time each task once a round, so that whatever slows the machine down hits all of them.

    Parameters
    ----------
    tasks : dict
        Name -> what to time. One round is run beforehand and thrown away.
    rounds : int
    clock : callable
        `time.thread_time` counts what this thread itself did, `time.perf_counter` what passed.

    Returns
    -------
    dict
        Name -> seconds of each round.
    """
    taken: dict[str, list[float]] = {name: [] for name in tasks}
    for round_ in range(rounds + 1):
        for name, task in tasks.items():
            began = clock()
            task()
            if round_:
                taken[name].append(clock() - began)
    return taken


def ratio(taken: dict[str, list[float]], slow: str, fast: str) -> float:
    """Return the median over rounds of how many times `slow` took as long as `fast`."""
    return statistics.median(s / f for s, f in zip(taken[slow], taken[fast], strict=True))


@dataclass(frozen=True)
class Child:
    """A process that ended well."""

    seconds: float
    cpu_s: float  # with all processes that it started and waited for
    peak_gib: float
    out: str


def child(command: list[str], **environment: str) -> Child:
    """Run a command in a fresh process; raise what it said when it fails."""
    began = time.perf_counter()
    with TemporaryDirectory(prefix="khamsin-child-") as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        with out.open("w") as stdout, err.open("w") as stderr:
            process = subprocess.Popen(
                command, stdout=stdout, stderr=stderr, env={**os.environ, **environment}
            )
            _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(
                f"{' '.join(command)}: exit code {process.returncode}\n{err.read_text()}"
            )
        cpu = usage.ru_utime + usage.ru_stime
        return Child(seconds, cpu, usage.ru_maxrss / 2**20, out.read_text())


def copy_package(home: Path) -> Path:
    """Copy package and models without anything compiled; return the folder to import it from."""
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src" / "khamsin", home / "src" / "khamsin", ignore=skip)
    shutil.copytree(ROOT / "models", home / "models", ignore=skip)
    return home / "src"


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a temporary folder that is gone afterwards."""
    with TemporaryDirectory(prefix="khamsin-bench-") as folder:
        yield Path(folder)
