"""`khamsin run libya-2016` in fresh processes: seconds cold and warm, compiling, memory, disk."""

import compileall
import sys
from pathlib import Path

from benchmarks.measuring import KHAMSIN, Figures, child, copy_package, say, scratch

NAMES = ("compile_cpu_s", "cold_s", "warm_s", "peak_gib_10k", "disk_gb_10k")
COMPILE = """
from khamsin.engine import compile_plan
from khamsin.model import find, read
from khamsin.plan import plan
model = read(find("libya-2016"))
compile_plan(plan(model, next(iter(model.scenarios))))
"""


def measure() -> Figures:
    """Compile the model, then run 1,000 members cold, the same again warm, then 10,000."""
    with scratch() as home:
        package = copy_package(home)
        compileall.compile_dir(package, quiet=2)  # byte code, as an installer leaves it
        environment = {"PYTHONPATH": str(package), "KHAMSIN_CACHE": str(home / "cache")}
        own = {**environment, "KHAMSIN_CACHE": str(home / "compiled")}
        first, again = (child([sys.executable, "-c", COMPILE], **own) for _ in range(2))
        say(f"compiling: {first.seconds:.1f} s, {first.cpu_s:.1f} s of processor time")
        say(f"from the cache: {again.seconds:.1f} s, {again.cpu_s:.1f} s of processor time")
        figures = {"compile_cpu_s": first.cpu_s - again.cpu_s}
        for name in ("cold_s", "warm_s"):
            run = child(_command(1000, home / name), **environment)
            say(f"{name}: {run.seconds:.1f} s, peak {run.peak_gib:.2f} GiB")
            figures[name] = run.seconds
        many = child(_command(10_000, home / "many"), **environment)
        size = sum(f.stat().st_size for f in (home / "many").rglob("*") if f.is_file())
        say(f"10,000 members: {many.seconds:.0f} s, {many.peak_gib:.2f} GiB, {size / 1e9:.2f} GB")
    return {**figures, "peak_gib_10k": many.peak_gib, "disk_gb_10k": size / 1e9}


def _command(members: int, folder: Path) -> list[str]:
    return [*KHAMSIN, "run", "libya-2016", "--members", str(members), "-o", str(folder)]
