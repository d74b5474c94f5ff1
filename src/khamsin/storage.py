"""Where a run lies: a folder of this machine, or a URL of an object store (s3, gs, az, sftp, ...).

Both have the methods of a `pathlib.Path`; of a URL they are those of universal-pathlib over fsspec
(extra `cluster`). What differs is here: how a file is written whole or not at all, who may write,
what a failure means.
"""

import errno
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

from khamsin.errors import InputError, RunError

Found = TypeVar("Found")

ATTEMPTS = 5  # at a store that fails; with pauses of 0.1, 0.4, 1.6 and 6.4 seconds between them
PAUSE = 0.1  # seconds
SEVERAL = 8  # files that are read from or written to an object store at once


def place(text: str | Path) -> Path:
    """Return where a text leads: a folder, or a URL such as ``s3://bucket/run``.

    Raises
    ------
    InputError
        When the packages that a URL needs are not installed.
    """
    if not isinstance(text, str) or "://" not in text:
        return Path(text) if isinstance(text, str) else text
    if text.startswith("file://"):
        return Path(text.removeprefix("file://"))
    try:
        from upath import UPath

        # a list that is remembered would not show what the workers wrote since
        found = UPath(text.rstrip("/"), use_listings_cache=False)
        _ = found.fs
    except (ImportError, ValueError) as error:
        raise InputError(
            f"{text} cannot be reached: {error}. URLs need the extra: "
            "pip install 'khamsin[cluster]', and the package of their store"
        ) from error
    return cast("Path", found)


def is_remote(path: Path) -> bool:
    """Whether a place is a URL of an object store."""
    return not isinstance(path, Path)


def for_zarr(path: Path) -> tuple[Any, dict[str, Any] | None]:
    """Return a place as zarr and xarray take it: the store, and its options."""
    if not is_remote(path):
        return path, None
    remote: Any = path
    return str(remote), dict(remote.storage_options)


@contextmanager
def clear_disk_errors(path: Path) -> Iterator[None]:
    """Turn the operating system's complaints about a folder into one clear line."""
    try:
        yield
    except OSError as error:
        reasons = {
            errno.ENOSPC: "the disk is full",
            errno.EDQUOT: "the disk quota is used up",
            errno.EFBIG: "the limit on the size of a file is reached",
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


def persistent(path: Path, act: Callable[[], Found]) -> Found:
    """Do something at a place; an object store that fails is asked again a few times.

    What is done must be the same when it is done twice.
    """
    if not is_remote(path):
        return act()
    for attempt in range(ATTEMPTS - 1):
        try:
            return act()
        except (FileNotFoundError, PermissionError):
            raise
        except (OSError, TimeoutError):
            time.sleep(PAUSE * 4**attempt)
    return act()


def read_files(folder: Path, names: list[str]) -> Iterator[tuple[str, bytes | None]]:
    """Read files of a folder one after the other, or several at once from an object store.

    Yields
    ------
    str, bytes or None
        The name, and what it holds; None when there is no such file.
    """
    if not is_remote(folder):
        for name in names:
            file = folder / name
            yield name, file.read_bytes() if file.is_file() else None
        return
    remote: Any = folder
    for first in range(0, len(names), SEVERAL**2):
        paths = {str(remote.joinpath(n).path): n for n in names[first : first + SEVERAL**2]}

        def read(paths: dict[str, str] = paths) -> dict[str, Any]:
            found = remote.fs.cat(list(paths), on_error="return")
            for fault in found.values():
                if isinstance(fault, OSError) and not isinstance(fault, FileNotFoundError):
                    raise fault
            return dict(found)

        found = persistent(folder, read)
        for path, name in paths.items():
            data = found.get(path)
            yield name, data if isinstance(data, bytes) else None


def write_text(file: Path, text: str) -> None:
    """Write a small file whole or not at all, whenever the process is killed."""
    write_bytes(file, text.encode("utf-8"))


def write_bytes(file: Path, data: bytes) -> None:
    """Write a file whole or not at all, whenever the process is killed."""
    if is_remote(file):
        persistent(file, lambda: file.write_bytes(data))
        return
    part = file.with_name(f".{file.name}.{uuid.uuid4().hex[:8]}.part")  # two may write the same
    try:
        part.write_bytes(data)
        part.replace(file)
    except OSError:
        part.unlink(missing_ok=True)
        raise


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a run folder for this process alone; the lock is gone when the process is, however it
    ends.

    Raises
    ------
    RunError
        When another process is writing there.
    """
    if is_remote(folder):
        from khamsin.lease import leased

        with leased(folder):
            yield
        return
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
        for left in folder.glob(".*.part"):  # a killed process was writing these
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)
        yield
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make a folder; an object store has none to make."""
    if not is_remote(folder):
        folder.mkdir(parents=True, exist_ok=True)
