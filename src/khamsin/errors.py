"""Errors: one tree, each message with what is wrong, where, and the nearest valid name."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Fault:
    """One fault in a model's files, with the place where a person can mend it."""

    file: str
    line: int | None
    what: str
    suggestion: str | None = None

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        hint = f". Did you mean {self.suggestion}?" if self.suggestion else ""
        return f"{where}: {self.what}{hint}"


class KhamsinError(Exception):
    """Anything that khamsin reports to its user in one clear line."""

    exit_code = 1

    def __str__(self) -> str:
        """The message, without the control characters that a quoted file may hold."""
        text = super().__str__()
        return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)


class RunError(KhamsinError):
    """A run could not be finished: disk, permissions, a damaged store."""


class InputError(KhamsinError):
    """A flag or an argument is at fault."""

    exit_code = 2


class ModelError(KhamsinError):
    """A model's files are at fault; all faults at once."""

    exit_code = 2

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sorted(set(faults), key=lambda f: (f.file, f.line or 0, f.what))
        super().__init__("\n".join(str(fault) for fault in self.faults))


def nearest(name: str, valid: Iterable[str]) -> str | None:
    """Return the valid name most like `name`, or None when none is alike."""
    named = {each.casefold(): each for each in reversed(list(valid))}
    found = difflib.get_close_matches(str(name).casefold(), named, n=1, cutoff=0.6)
    return named[found[0]] if found else None
