"""Opening a published CSV file, plain, gzipped or alone in a zip; never more than it should hold.

An archive is read as a stream and nothing is unpacked to disk, so that names in it lead nowhere.
One that grows without measure, or asks for a password, is refused.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, cast

from khamsin.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

# A published table shrinks to a tenth; a file made to fill a disk, to a thousandth.
GROWTH = 100
ALWAYS = 50_000_000  # bytes that any archive may hold


class _Bounded(io.RawIOBase):
    """The unpacked bytes of an archive, up to a limit."""

    def __init__(self, source: IO[bytes], path: Path) -> None:
        self.source, self.path = source, path
        self.left = max(ALWAYS, GROWTH * path.stat().st_size)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.source.read(len(buffer))
        self.left -= len(data)
        if self.left < 0:
            raise InputError(
                f"{self.path}: unpacks to more than {GROWTH} times its size: this is no table"
            )
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """Open a plain, gzipped or zipped CSV file.

    Raises
    ------
    InputError
        A damaged archive, one with a password, one that unpacks without measure, or a zip that does
        not hold exactly one CSV file.
    """
    try:
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive, archive.open(_only_table(archive, path)) as data:
                yield io.BufferedReader(_Bounded(data, path))
        elif path.suffix == ".gz":
            with gzip.open(path, "rb") as unpacked:
                yield io.BufferedReader(_Bounded(cast("IO[bytes]", unpacked), path))
        else:
            with path.open("rb") as data:
                yield data
    except (zipfile.BadZipFile, gzip.BadGzipFile, EOFError, zlib.error) as fault:
        raise InputError(f"{path}: damaged archive ({fault}); download it again") from fault
    except NotImplementedError as fault:
        raise InputError(f"{path}: {fault}: unpack it first") from fault


def _only_table(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    inside = [i for i in archive.infolist() if i.filename.lower().endswith(".csv")]
    if len(inside) != 1:
        raise InputError(f"{path}: holds {len(inside)} CSV files, one is expected")
    name = PurePosixPath(inside[0].filename.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts:
        raise InputError(f"{path}: holds {name}, a name that leads outside: this is no data")
    if inside[0].flag_bits & 1:
        raise InputError(f"{path}: asks for a password: unpack it first")
    return inside[0]


@contextmanager
def open_text(path: Path, encoding: str) -> Iterator[IO[str]]:
    """Open a plain, gzipped or zipped CSV file as text, line ends untouched."""
    with open_bytes(path) as data, io.TextIOWrapper(data, encoding=encoding, newline="") as text:
        yield text


def read_header(path: Path, separator: str, encoding: str | None = None) -> list[str]:
    """Return the fields of the first line that holds any, in lower case.

    Parameters
    ----------
    encoding : str, optional
        UTF-8, or else Latin-1, when not given.

    Raises
    ------
    InputError
        No such file, an empty one, or one that is no table.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    if encoding is None:
        try:
            return read_header(path, separator, "utf-8-sig")
        except UnicodeDecodeError:
            return read_header(path, separator, "latin-1")
    with open_text(path, encoding) as text:
        try:
            for fields in csv.reader(text, delimiter=separator):
                if fields:
                    return [f.strip().lower() for f in fields]
        except csv.Error as fault:
            raise InputError(f"{path}:1: this is no table ({fault})") from fault
    raise InputError(f"{path}: the file is empty")
