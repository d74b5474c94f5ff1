"""Seconds until khamsin answers: its help, its web app, and the start-up and imports of a run."""

import re
import signal
import statistics
import subprocess
import sys
import time
import urllib.request

from benchmarks.measuring import KHAMSIN, Figures, child, say, scratch

NAMES = ("help_s", "import_s", "web_up_s")
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


def web_up() -> float:
    """Seconds until `khamsin serve` has answered a first page."""
    began = time.monotonic()
    server = subprocess.Popen([*KHAMSIN, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        address = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
        assert address
        with urllib.request.urlopen(address[0]) as page:
            page.read()
        return time.monotonic() - began
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=20)


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
    web = [web_up() for _ in range(ROUNDS + 1)][1:]
    say(f"web app: {', '.join(f'{s:.2f}' for s in web)} s")
    return {
        "help_s": statistics.median(helps),
        "import_s": statistics.median(imports),
        "web_up_s": statistics.median(web),
    }
