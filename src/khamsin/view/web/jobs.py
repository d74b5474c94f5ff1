"""Runs that were started here: child processes, with all that is known of them on disk.

A job ends with its own process, not with the server's: `job.json` says what was asked and which
processes worked on it, `log.txt` what they said.  Whether one still runs is asked of the system
each time, so that a page shows the truth after a restart of the server.
"""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from khamsin.errors import InputError
from khamsin.view.web import alive, progress
from khamsin.view.web.disk import Disk
from khamsin.view.web.progress import Pace, ScenarioProgress

LOG_TAIL = 16_000  # bytes of the log that a page shows


@dataclass(frozen=True)
class Request:
    """What was asked for."""

    model: str
    model_path: str
    members: int
    seed: int
    scenarios: tuple[str, ...] = ()
    since: str = "origin"
    threads: int | None = None
    answers: tuple[str, ...] = ()

    def arguments(self, run: Path, trust: bool) -> list[str]:
        """Return the command line; values stay with their flags, so that none is taken for one."""
        words = ["run", "--members", str(self.members), "--seed", str(self.seed)]
        words += [f"--scenario={name}" for name in self.scenarios]
        words += [f"--from={self.since}"] if self.since != "origin" else []
        words += [f"--answer={text}" for text in self.answers]
        words += [f"--threads={self.threads}"] if self.threads else []
        words += ["--trust"] if trust else []
        return [*words, f"--output={run}", "--", self.model_path]


@dataclass(frozen=True)
class State:
    """How a run stands now."""

    run: str
    word: str  # running, stopping, finished, stopped, died
    request: Request | None  # None: it was not started here
    scenarios: list[ScenarioProgress]
    pace: Pace | None
    log: str
    last_line: str
    seed: str

    @property
    def done(self) -> int:
        """Members on disk, over all scenarios."""
        return sum(s.done for s in self.scenarios)

    @property
    def total(self) -> int:
        """Members asked for, over all scenarios."""
        return sum(s.members for s in self.scenarios)

    @property
    def active(self) -> bool:
        """Whether a process works on it."""
        return self.word in ("running", "stopping")

    @property
    def seconds_left(self) -> float | None:
        """Time until the last member at the present rate; None while it is not known."""
        if not self.active or not self.pace or self.pace.rate <= 0:
            return None
        return (self.total - self.done) / self.pace.rate


@dataclass
class Jobs:
    """The jobs of a served folder."""

    disk: Disk
    trust: bool = False
    most: int = max(2, (os.cpu_count() or 2) // 2)  # that run at one time
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, run: str, request: Request) -> None:
        """Start a run, or go on with it; nothing happens when it is under way.

        Raises
        ------
        InputError
            When as many as the machine bears are under way.
        """
        job, home = self.disk.job(run), self.disk.run(run)
        if job is None or home is None:
            raise InputError(f"{run} cannot be the name of a run")
        with self._lock:
            record = self._record(run)
            if self._process(record):
                return
            under_way = sum(self._process(self._record(r)) is not None for r in self.disk.runs())
            if under_way >= self.most:
                raise InputError(
                    f"{under_way} runs are under way, as many as this machine bears: "
                    "wait for one, or stop one"
                )
            job.mkdir(parents=True, exist_ok=True)
            record.setdefault("request", vars(request))
            record["stop_asked"] = None
            began = time.time()
            said_before = _size(job / "log.txt")
            pid = self._spawn(request.arguments(home.resolve(), self.trust), job)
            record.setdefault("attempts", []).append(
                {
                    "pid": pid,
                    "start": alive.started(pid),
                    "began": began,
                    "log_from": said_before,
                }
            )
            _write(job / "job.json", record)

    def resume(self, run: str) -> None:
        """Start the same command again: finished members are kept.

        Raises
        ------
        InputError
            When the run was not started here.
        """
        request = self.request(run)
        if request is None:
            raise InputError(f"{run} was not started here: the command that began it goes on")
        self.start(run, request)

    def stop(self, run: str) -> None:
        """Ask a run to stop, as Ctrl-C does; a second time ends it at once."""
        job = self.disk.job(run)
        with self._lock:
            record = self._record(run)
            process = self._process(record)
            if job is None or process is None:
                return
            record["stop_asked"] = time.time()
            _write(job / "job.json", record)
            alive.interrupt(*process)

    def request(self, run: str) -> Request | None:
        """Return what was asked for; None for a run that was not started here."""
        found = self._record(run).get("request")
        if not isinstance(found, dict):
            return None
        lists = {k: tuple(found[k]) for k in ("scenarios", "answers")}
        return Request(**{**found, **lists})

    def state(self, run: str) -> State | None:
        """Say how a run stands; None when there is none of that name."""
        record, home = self._record(run), self.disk.run(run)
        if home is None or not (record or (home / "run.json").exists()):
            return None
        request = self.request(run) if record else None
        names = list(request.scenarios) if request else []
        names = names or progress.scenario_names(home)
        members = request.members if request else progress.asked_members(home)
        scenarios = [progress.scenario_progress(home, n, members) for n in names]
        attempts = record.get("attempts") or [{}]
        began = float(attempts[-1].get("began", 0.0))
        log, last = self._log(run, int(attempts[-1].get("log_from", 0)))
        word = self._word(record, scenarios, last)
        pace = progress.pace(home, names, began) if began else None
        seed = progress.asked_seed(home)
        return State(run, word, request, scenarios, pace, log, last, seed)

    def _word(self, record: dict[str, Any], scenarios: list[ScenarioProgress], last: str) -> str:
        if self._process(record):
            return "stopping" if record.get("stop_asked") else "running"
        if scenarios and all(s.done >= s.members > 0 for s in scenarios):
            return "finished"
        asked = record.get("stop_asked") or last.startswith("stopped")
        return "stopped" if asked or not record else "died"

    def _process(self, record: dict[str, Any]) -> tuple[int, str] | None:
        """Pid and start of the process that works on a job; None when none does."""
        attempts = record.get("attempts") or []
        if not attempts:
            return None
        pid, start = int(attempts[-1]["pid"]), str(attempts[-1]["start"])
        return (pid, start) if alive.is_alive(pid, start) else None

    def _spawn(self, arguments: list[str], job: Path) -> int:
        """Start khamsin as a child that outlives the server."""
        with (job / "log.txt").open("ab") as log:
            process = subprocess.Popen(
                command(arguments),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=job,
                env=environment(),
                start_new_session=True,  # Ctrl-C in the server's terminal is not for it
            )
        # somebody has to wait for it: an ended child that nobody waits for stays in the table
        threading.Thread(target=process.wait, daemon=True).start()
        return process.pid

    def _record(self, run: str) -> dict[str, Any]:
        job = self.disk.job(run)
        try:
            found = json.loads((job / "job.json").read_text("utf-8")) if job else {}
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _log(self, run: str, since: int) -> tuple[str, str]:
        """The end of the log, and the last line of the attempt that began at a byte of it."""
        job = self.disk.job(run)
        try:
            with (job / "log.txt").open("rb") if job else open(os.devnull, "rb") as file:
                size = file.seek(0, os.SEEK_END)
                first = max(size - LOG_TAIL, 0)
                file.seek(first)
                raw = file.read()
        except OSError:
            return "", ""
        latest = raw[max(since - first, 0) :].decode("utf-8", "replace").strip()
        last = latest.splitlines()[-1].strip() if latest else ""
        return raw.decode("utf-8", "replace").strip(), last


def command(arguments: list[str], module: str = "khamsin") -> list[str]:
    """Return the words that start a module of ours.

    `-P` keeps the working folder off Python's path: a file `json.py` beside a model must not run.
    """
    return [sys.executable, "-P", "-m", module, *arguments]


def environment() -> dict[str, str]:
    """Return the environment of a child: plain lines, written as they come."""
    plain = {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1", "COLUMNS": "110", "PYTHONUTF8": "1"}
    return {**os.environ, **plain}


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _write(file: Path, record: dict[str, Any]) -> None:
    part = file.with_name(f".{file.name}.part")
    part.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    part.replace(file)
