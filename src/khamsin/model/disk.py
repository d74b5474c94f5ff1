"""Files of a model folder: never outside it, never too large, always UTF-8 text."""

import os
import re
from pathlib import Path, PurePosixPath

from khamsin.model.faults import Faults

LARGEST = {".yaml": 1_000_000, ".bib": 5_000_000}  # bytes
LARGEST_TABLE = 100_000_000
_BINARY = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")


def find_inside(folder: Path, name: str) -> tuple[Path | None, str]:
    """Return the file `name` of a model folder, or None and why it cannot be had.

    A name is relative to the folder, with forward slashes; it may not lead out of it, neither by
    ``..`` nor by a symbolic link.
    """
    parts = PurePosixPath(name).parts
    if not name.strip() or _BINARY.search(name):
        return None, "the name of a file is missing"
    if "\\" in name or PurePosixPath(name).is_absolute() or ".." in parts:
        return None, f"{name} lies outside the model's folder"
    path = folder / name
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            return None, f"{name} leads out of the model's folder"
        if path.is_dir():
            return None, f"{name} is a folder, not a file"
        if not path.is_file():
            return None, f"there is no file {name}"
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a name too long
        return None, f"cannot find {name[:80]}: {error.__class__.__name__}"
    return path, ""


def read_text(path: Path, faults: Faults) -> str | None:
    """Return a file's text without a byte order mark, or None after adding the fault."""
    shown = str(path)
    limit = LARGEST.get(path.suffix.lower(), LARGEST_TABLE)
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = b"" if size > limit else file.read(size)
    except OSError as error:
        faults.add(shown, None, f"cannot be read: {error.strerror}")
        return None
    if size > limit:
        faults.add(shown, None, f"is larger than {limit // 1_000_000} MB: this is no model's file")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = f"byte 0x{data[error.start]:02x}"
        faults.add(shown, line, f"is not UTF-8 text ({byte}): save it again as UTF-8")
        return None
    if found := _BINARY.search(text):
        line = text.count("\n", 0, found.start()) + 1
        code = f"character U+{ord(found[0]):04X}"
        faults.add(shown, line, f"is not text ({code}): it may be a binary file")
        return None
    return text
