"""The list of faults that reading a model collects, so that all are reported at once."""

from collections import Counter
from collections.abc import Iterable

from khamsin.errors import Fault, ModelError, nearest

MOST_PER_FILE = 100  # a person mends no more at a time, and a file of rubbish would fill the screen


def _on_one_line(text: str) -> str:
    """Make a text that quotes a file fit to print: no line ends, no control characters."""
    return "".join(each if each.isprintable() else " " for each in text[:500])


class Faults:
    """Faults found so far."""

    def __init__(self) -> None:
        self._found: list[Fault] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, file: str, line: int | None, what: str, suggestion: str | None = None) -> None:
        """Remember a fault; `suggestion` is the nearest valid name."""
        hint = None if suggestion is None else _on_one_line(suggestion)
        self._found.append(Fault(file, line, _on_one_line(what), hint))

    def unknown(
        self, file: str, line: int | None, what: str, name: str, valid: Iterable[str]
    ) -> None:
        """Remember that `name` is none of the valid names; `what` says what it should have been."""
        self.add(file, line, what, nearest(name, valid))

    def extend(self, others: "Faults") -> None:
        """Take over the faults of another list."""
        self._found.extend(others._found)

    def error(self) -> ModelError:
        """Return the error that reports them, with at most `MOST_PER_FILE` faults a file."""
        kept, counts = [], Counter[str]()
        for fault in ModelError(self._found).faults:
            counts[fault.file] += 1
            if counts[fault.file] <= MOST_PER_FILE:
                kept.append(fault)
        for file, count in counts.items():
            if count > MOST_PER_FILE:
                kept.append(Fault(file, None, f"and {count - MOST_PER_FILE} more faults"))
        return ModelError(kept)
