"""Files that a verb writes, and one clear line when it cannot."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from khamsin.errors import InputError


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the operating system's complaints about what is written here into one clear line.

    Raises
    ------
    InputError
        When it cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from error
