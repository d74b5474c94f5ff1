"""What is worked out by a child process and kept: a model's plan and map, a comparison, a report.

The server itself never imports the engine, never draws and never waits: a page says that its
content is being worked out, and shows it when it is there.
"""

import asyncio
import subprocess
import threading
import time
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from khamsin.view.web.jobs import command, environment

LIMIT = 600.0  # seconds after which a child is ended
RETRY = 15.0  # seconds after which what failed is tried again
KEPT = 64  # results in memory


@dataclass(frozen=True)
class Result:
    """What a child said."""

    code: int
    output: str
    complaint: str
    when: float

    @property
    def failed(self) -> bool:
        """Whether it did not do what it was asked."""
        return self.code != 0


@dataclass
class Derived:
    """Results by key; two children at a time."""

    _kept: OrderedDict[str, Result] = field(default_factory=OrderedDict)
    _working: dict[str, "Future[None]"] = field(default_factory=dict)
    _children: set["subprocess.Popen[str]"] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2))
    _closed: bool = False

    def get(
        self, key: str, arguments: list[str], module: str = "khamsin", keep_failure: bool = False
    ) -> Result | None:
        """Return the result of a child, or None while it works; the first call starts it.

        Parameters
        ----------
        key : str
            Changes when the result must be worked out anew.
        arguments : list of str
        module : str
        keep_failure : bool
            A failure is a result as well, and not tried again: the faults of a model.
        """
        with self._lock:
            found = self._kept.get(key)
            if found:
                self._kept.move_to_end(key)
                if keep_failure or not found.failed or time.monotonic() - found.when < RETRY:
                    return found
            if key not in self._working and not self._closed:
                self._working[key] = self._pool.submit(self._work, key, arguments, module)
        return None

    async def wait(
        self,
        key: str,
        arguments: list[str],
        module: str = "khamsin",
        keep_failure: bool = False,
        seconds: float = 2.5,
    ) -> Result | None:
        """Return as `get`, after waiting a while for a result that is nearly there."""
        until = time.monotonic() + seconds
        while True:
            found = self.get(key, arguments, module, keep_failure)
            if found or time.monotonic() > until:
                return found
            await asyncio.sleep(0.05)

    def close(self) -> None:
        """End every child."""
        with self._lock:
            self._closed = True
            for child in self._children:
                child.terminate()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _work(self, key: str, arguments: list[str], module: str) -> None:
        try:
            result = self._run(arguments, module)
        except OSError as error:
            result = Result(1, "", f"cannot start a process: {error.strerror}", time.monotonic())
        with self._lock:
            self._kept[key] = result
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            self._working.pop(key, None)

    def _run(self, arguments: list[str], module: str) -> Result:
        child = subprocess.Popen(
            command(arguments, module),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=environment(),
            start_new_session=True,
        )
        with self._lock:
            self._children.add(child)
            if self._closed:
                child.terminate()
        try:
            output, complaint = child.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            child.kill()
            output, complaint = "", f"it took more than {LIMIT:.0f} seconds"
            child.communicate()
        with self._lock:
            self._children.discard(child)
        return Result(child.returncode, output, complaint.strip(), time.monotonic())
