"""What a reader found: rows, and what was odd about them, counted. Nothing is dropped unsaid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_EXAMPLES = 5


@dataclass(frozen=True)
class Warned:
    """One kind of oddity, with its count and a few examples."""

    what: str
    count: int
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        more = ", ..." if self.count > len(self.examples) else ""
        shown = f" ({', '.join(self.examples)}{more})" if self.examples else ""
        return f"{self.count:,} {self.what}{shown}"


@dataclass
class Report:
    """What happened while a file was read or events were placed.

    Attributes
    ----------
    source : str
        The file, or what was done.
    rows : int
        Rows in the file.
    kept : int
        Rows in the result.
    warnings : list of Warned
        Counted oddities; rows that were set aside are among them.
    """

    source: str
    rows: int = 0
    kept: int = 0
    warnings: list[Warned] = field(default_factory=list)

    def warn(self, what: str, examples: Iterable[Any], count: int | None = None) -> None:
        """Count an oddity; nothing is noted for none.

        Parameters
        ----------
        what : str
            What the counted things are, as in "3 events with low above best".
        examples : iterable
            The things, or the first of them.
        count : int, optional
            How many there are; default all of `examples`.
        """
        listed = list(examples)
        number = len(listed) if count is None else count
        if number:
            shown = tuple(str(e) for e in listed[:_EXAMPLES])
            self.warnings.append(Warned(what, number, shown))

    def count(self, what: str) -> int:
        """Return the count of the oddities whose text contains `what`."""
        return sum(w.count for w in self.warnings if what in w.what)

    def __str__(self) -> str:
        head = f"{self.source}: {self.rows:,} rows, {self.kept:,} kept"
        return "\n".join([head, *(f"  {w}" for w in self.warnings)])

    def to_dict(self) -> dict[str, Any]:
        """Return everything, ready for JSON."""
        return {
            "source": self.source,
            "rows": self.rows,
            "kept": self.kept,
            "warnings": [
                {"what": w.what, "count": w.count, "examples": list(w.examples)}
                for w in self.warnings
            ],
        }
