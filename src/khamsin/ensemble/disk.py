"""Small files written whole or not at all, folders held for one process, and what the disk
complains about in words."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from khamsin.errors import RunError


@contextmanager
def clear_disk_errors(path: Path) -> Iterator[None]:
    """Turn the operating system's complaints about a folder into one clear line."""
    try:
        yield
    except OSError as error:
        reasons = {
            errno.ENOSPC: "the disk is full",
            errno.EDQUOT: "the disk quota is used up",
            errno.EROFS: "the file system is read-only",
            errno.EACCES: "permission denied",
            errno.EPERM: "permission denied",
            errno.ENOTDIR: "a file stands where a folder is needed",
        }
        reason = reasons.get(error.errno or 0) or error.strerror or str(error)
        raise RunError(
            f"cannot write {path}: {reason}. What was finished is kept; "
            "the same command goes on from there."
        ) from error


def write_text(file: Path, text: str) -> None:
    """Write a small file whole or not at all, whenever the process is killed."""
    part = file.with_name(f".{file.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a run folder for this process alone; the lock is gone when the process is, however it
    ends.

    Raises
    ------
    RunError
        When another process is writing there.
    """
    import fcntl

    with clear_disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RunError(
                f"another process is writing to {folder}: "
                "wait for it, or choose another folder with -o"
            ) from None
        yield
    finally:
        os.close(handle)
