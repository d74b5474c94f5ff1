"""A lock on an object store, where no operating system lets go of what a dead process held.

The lock is a small object with the holder's mark and a count. The holder raises the count every
few seconds. Who finds a lock watches it, by a clock of its own: a count that stands still belongs
to a dead process, and the lock is taken over. No two clocks are compared, so that one that goes
wrong, or backwards, breaks nothing.

Should two processes hold a lock after all (one was stopped for longer than the watch), nothing is
lost: blocks are the same bytes whoever writes them, and a file is put whole or not at all.
"""

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from khamsin.errors import RunError
from khamsin.storage import clear_disk_errors, persistent

BEAT = 3.0  # seconds between two counts
WATCH = 15.0  # seconds without a count, after which the holder is dead


@contextmanager
def leased(folder: Path, beat: float | None = None, watch: float | None = None) -> Iterator[None]:
    """Hold a place on an object store for this process alone.

    Raises
    ------
    RunError
        When another process holds it and is alive, or when the store cannot be written.
    """
    file, mine = folder / ".lock", uuid.uuid4().hex
    pause = BEAT if beat is None else beat
    with clear_disk_errors(folder):
        _take(file, mine, WATCH if watch is None else watch, folder)
    stop = threading.Event()

    def count() -> None:
        number = 0
        while not stop.wait(pause):
            number += 1
            try:
                file.write_text(_mark(mine, number), encoding="utf-8")
            except OSError:  # the next one may get through; a watch is several beats long
                continue

    beating = threading.Thread(target=count, name="khamsin-lease", daemon=True)
    beating.start()
    try:
        yield
    finally:
        stop.set()
        beating.join()
        try:
            if _holder(file) == mine:
                file.unlink()
        except OSError:
            pass  # it stands still from now on: the next process takes it over


def _take(file: Path, mine: str, watch: float, folder: Path) -> None:
    if persistent(file, lambda: _created(file, mine)):
        return
    before = _text(file)
    threading.Event().wait(watch)
    if before is not None and _text(file) != before:
        raise RunError(
            f"another process is writing to {folder}: wait for it, or choose another folder with -o"
        )
    persistent(file, lambda: file.write_text(_mark(mine, 0), encoding="utf-8"))
    if _holder(file) != mine:  # another one took it over at the same time
        raise RunError(f"another process has just begun to write to {folder}: wait for it")


def _created(file: Path, mine: str) -> bool:
    """Make the lock if there is none; False when there is one."""
    remote: Any = file
    if _holder(file) == mine:  # an earlier attempt got through although it seemed to fail
        return True
    try:
        remote.fs.pipe_file(remote.path, _mark(mine, 0).encode(), mode="create")
    except FileExistsError:
        return False
    except NotImplementedError:  # a store that cannot: look first
        if file.exists():
            return False
        file.write_text(_mark(mine, 0), encoding="utf-8")
    return True


def _mark(mine: str, count: int) -> str:
    return json.dumps({"holder": mine, "count": count})


def _text(file: Path) -> str | None:
    try:
        return persistent(file, lambda: file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def _holder(file: Path) -> str | None:
    try:
        return str(json.loads(_text(file) or "{}").get("holder"))
    except (ValueError, AttributeError):
        return None
