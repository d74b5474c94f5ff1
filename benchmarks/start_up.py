"""Seconds until khamsin answers: its help, its web app, and the start-up and imports of a run."""

import re
import signal
import statistics
import subprocess
import sys
import time
import urllib.request

from benchmarks.measuring import KHAMSIN, Figures, child, say, scratch

NAMES = ("help_s", "import_s", "import_wait_s", "web_up_s")
ROUNDS = 5
WHAT_A_RUN_IMPORTS = """
import sys, threading
from khamsin import engine, ensemble
from khamsin.cli import main

begun, make, advance = threading.Event(), ensemble.make, engine.Engine.advance

def tell(when):
    names = [n for n, m in list(sys.modules.items()) if getattr(m, "__spec__", None)]
    print(when, *(n for n in names if n != "__main__" and not n.startswith("khamsin_")))

def make_later(*given):
    begun.wait()
    make(*given)

def begin(*given):
    tell("before")
    begun.set()
    return advance(*given)

ensemble.make, engine.Engine.advance = make_later, begin
try:
    main(["run", sys.argv[1], "--members", "2", "-o", sys.argv[2], "--no-report"])
except SystemExit as end:
    assert not end.code
tell("all")
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
    say(f"help: {', '.join(f'{s:.2f}' for s in helps)} s")
    taken = {}
    for when, what in (("before", "before members run"), ("all", "in all")):
        modules = next(line for line in told if line.startswith(f"{when} ")).split()[1:]
        command = [sys.executable, "-c", IMPORT_THEM, *modules]
        imports = [child(command).seconds for _ in range(ROUNDS + 1)][1:]
        say(f"{len(modules)} modules {what}: {', '.join(f'{s:.2f}' for s in imports)} s")
        taken[when] = statistics.median(imports)
    web = [web_up() for _ in range(ROUNDS + 1)][1:]
    say(f"web app: {', '.join(f'{s:.2f}' for s in web)} s")
    return {
        "help_s": statistics.median(helps),
        "import_s": taken["all"],
        "import_wait_s": taken["before"],
        "web_up_s": statistics.median(web),
    }
