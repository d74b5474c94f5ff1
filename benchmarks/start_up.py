"""Seconds until khamsin answers: its help, and the start-up and imports of a run."""

import statistics
import sys

from benchmarks.measuring import KHAMSIN, Figures, child, say, scratch

NAMES = ("help_s", "import_s")
ROUNDS = 5
WHAT_A_RUN_IMPORTS = """
import sys
from khamsin.cli import main
try:
    main(["run", sys.argv[1], "--members", "2", "-o", sys.argv[2], "--no-report"])
except SystemExit as end:
    assert not end.code
names = [n for n, m in sys.modules.items() if getattr(m, "__spec__", None)]
names = [n for n in names if n != "__main__" and not n.startswith("khamsin_")]
print("modules", *names)
"""
IMPORT_THEM = """
import importlib, sys
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ImportError:  # modules that exist only inside a run
        pass
"""


def measure() -> Figures:
    """Time fresh processes; files that were read before are in memory."""
    helps = [child([*KHAMSIN, "--help"]).seconds for _ in range(ROUNDS + 1)][1:]
    with scratch() as home:
        command = [sys.executable, "-c", WHAT_A_RUN_IMPORTS, "libya-2016", str(home / "run")]
        told = child(command).out.splitlines()
    modules = next(line for line in told if line.startswith("modules ")).split()[1:]
    imports = [
        child([sys.executable, "-c", IMPORT_THEM, *modules]).seconds for _ in range(ROUNDS + 1)
    ][1:]
    say(f"help: {', '.join(f'{s:.2f}' for s in helps)} s")
    say(f"{len(modules)} modules: {', '.join(f'{s:.2f}' for s in imports)} s")
    return {"help_s": statistics.median(helps), "import_s": statistics.median(imports)}
