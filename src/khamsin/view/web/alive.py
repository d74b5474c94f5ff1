"""Whether a process that was started earlier, perhaps by another server, is still the same one.

The system gives numbers of ended processes to new ones: a number alone must never be sent a signal.
Number and time of start together are one process.
"""

import os
import signal
import subprocess
from pathlib import Path


def started(pid: int) -> str:
    """Return when a process was started, as the system writes it; '' when it has ended."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            # the name in brackets may hold anything: fields are counted from the last bracket
            fields = stat.read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            return ""
        return "" if fields[0] in "ZX" else fields[19]
    asked = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, when = asked.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else when.strip()


def is_alive(pid: int, start: str) -> bool:
    """Say whether the process `pid` that started at `start` still runs."""
    return bool(start) and pid > 1 and started(pid) == start


def interrupt(pid: int, start: str) -> bool:
    """Send the signal of Ctrl-C to a process; False when it has ended."""
    if not is_alive(pid, start):
        return False
    try:
        os.kill(pid, signal.SIGINT)
    except ProcessLookupError:
        return False
    return True
