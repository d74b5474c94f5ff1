"""YAML 1.2 files, read into plain values with the line of each.

Only what a person writes by hand is let through: no anchors and aliases, no tags, no keys twice, no
more than `MOST_NODES` values. So nothing in a file can build objects or grow without bound, and a
value is always where it is read. Scalars follow the YAML 1.2 core schema: ``NO`` is text and
``2e-4`` a number. Dates stay text; the schema reads them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml import events as events_1_2
from ruamel.yaml.error import MarkedYAMLError

from khamsin.model.disk import read_text
from khamsin.model.faults import Faults

MOST_NODES = 30_000
DEEPEST = 30
LONGEST_LINE = 10_000  # characters; the parser takes quadratic time over some of them

Keys = tuple[str | int, ...]

_WORDS = {"null": None, "~": None, "": None, "true": True, "false": False}
_CAPITALS = {word.capitalize(): value for word, value in _WORDS.items() if word.isalpha()}
_UPPER = {word.upper(): value for word, value in _WORDS.items() if word.isalpha()}
CONSTANTS: dict[str, Any] = _WORDS | _CAPITALS | _UPPER
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_SPECIAL = re.compile(r"([-+]?)\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
# What YAML 1.1 and 1.2, or two parsers of them, read differently.
_DOUBTFUL = re.compile(
    r"[\t\x85\u2028\u2029\ufeff]"  # tabs, line breaks of 1.1, a byte order mark
    r"|^(?:\.\.\.|---|%)"  # marks of documents, directives
    r"|[|>][-+\d]{0,2}(?:\s*#| *[\r\n]+ *[\r\n])",  # a block of text that begins with # or nothing
    re.MULTILINE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass
class Document:
    """What a YAML file says: plain values, and the line of each of its keys."""

    file: str
    data: Any
    lines: dict[Keys, int] = field(default_factory=dict)

    def line(self, *keys: str | int) -> int | None:
        """Return the line of the value at `keys`, or of the nearest one around it."""
        for end in range(len(keys), -1, -1):
            if keys[:end] in self.lines:
                return self.lines[keys[:end]]
        return None


class _Refused(Exception):
    """The rest of a document cannot be read."""

    def __init__(self, line: int, what: str) -> None:
        self.line = line
        self.what = what


def read_document(path: Path, faults: Faults) -> Document | None:
    """Read a YAML file; None after adding faults when nothing in it can be used."""
    text = read_text(path, faults)
    if text is None:
        return None
    document = Document(str(path), None)
    for number, line_text in enumerate(text.split("\n"), start=1):
        if len(line_text) > LONGEST_LINE:
            what = f"has a line of more than {LONGEST_LINE} characters: break it"
            faults.add(document.file, number, what)
            return None
    if swift := _read_swiftly(text, document.file):
        return swift
    try:
        events = YAML(typ="safe", pure=True).parse(text)
        _Builder(events, events_1_2, document, faults).build()
    except _Refused as refused:
        faults.add(document.file, refused.line, refused.what)
        return None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        faults.add(document.file, line, _in_words(error, text, line))
        return None
    except Exception as error:  # the parser trips in many ways over what is no YAML
        faults.add(document.file, None, f"is not YAML: {str(error).splitlines()[0][:100]}")
        return None
    if document.data is None:
        faults.add(document.file, 1, "is empty")
        return None
    return document


def _read_swiftly(text: str, file: str) -> Document | None:
    """Read what is beyond doubt with libyaml, in a thirtieth of the time.

    It knows YAML 1.1: what that reads otherwise, and all that is at fault, is None, for the parser
    of YAML 1.2 to read, and to say what is wrong.
    """
    if not hasattr(yaml, "CSafeLoader") or _DOUBTFUL.search(text):
        return None
    document, faults = Document(file, None), Faults()
    try:
        _Builder(yaml.parse(text, yaml.CSafeLoader), yaml.events, document, faults).build()
    except (yaml.YAMLError, _Refused, UnicodeError):
        return None
    return None if faults or document.data is None else document


def _in_words(error: MarkedYAMLError, text: str, line: int | None) -> str:
    lines = text.splitlines()
    near = lines[max(line - 2, 0) : line] if line else []
    if any("\t" in each[: len(each) - len(each.lstrip())] for each in near) or "'\\t'" in str(
        error.problem
    ):
        return "is indented by a tab: use spaces"
    return f"is not YAML: {error.problem or error.context}"


class _Builder:
    """Builds plain values out of the parser's events, one at a time."""

    def __init__(
        self, events: Iterator[Any], kinds: Any, document: Document, faults: Faults
    ) -> None:
        self.events = events
        self.kinds = kinds  # the module of the events' classes
        self.document = document
        self.faults = faults
        self.nodes = 0

    def build(self) -> None:
        documents = 0
        for event in self.events:
            if isinstance(event, self.kinds.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _Refused(_line(event), "holds more than one document (a line of ---)")
                self.document.lines[()] = 1
                self.document.data = self.value(next(self.events), (), 0)

    def value(self, event: Any, keys: Keys, depth: int) -> Any:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise _Refused(_line(event), f"holds more than {MOST_NODES} values")
        if depth > DEEPEST:
            raise _Refused(_line(event), f"is nested more than {DEEPEST} deep")
        if isinstance(event, self.kinds.AliasEvent) or event.anchor is not None:
            mark = "*" if isinstance(event, self.kinds.AliasEvent) else "&"
            raise _Refused(
                _line(event),
                f"{mark}{str(event.anchor)[:40]}: anchors and aliases are not allowed: "
                "write it out, or quote it if it is text",
            )
        if event.tag is not None:
            tag = str(event.tag)[:60]
            raise _Refused(_line(event), f"the tag {tag} is not allowed: write the plain value")
        if isinstance(event, self.kinds.MappingStartEvent):
            return self.mapping(keys, depth)
        if isinstance(event, self.kinds.SequenceStartEvent):
            return self.sequence(keys, depth)
        return self.scalar(event)

    def mapping(self, keys: Keys, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self.events), self.kinds.MappingEndEvent):
            line = _line(event)
            if not isinstance(event, self.kinds.ScalarEvent):
                raise _Refused(line, "a key must be a word")
            self.value(event, keys, depth + 1)  # a key may hold no more than a value may
            key = str(event.value)
            first = self.document.lines.setdefault((*keys, key), line)
            value = self.value(next(self.events), (*keys, key), depth + 1)
            if key in found:
                what = f"the key {key} is here twice (first in line {first})"
                self.faults.add(self.document.file, line, what)
            found.setdefault(key, value)
        return found

    def sequence(self, keys: Keys, depth: int) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self.events), self.kinds.SequenceEndEvent):
            here = (*keys, len(found))
            self.document.lines[here] = _line(event)
            found.append(self.value(event, here, depth + 1))
        return found

    def scalar(self, event: Any) -> Any:
        text = str(event.value)
        if _CONTROL.search(text):
            raise _Refused(_line(event), "a text holds control characters")
        return text if event.style else plain_scalar(text)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def plain_scalar(text: str) -> Any:
    """Return the value of an unquoted scalar, by the YAML 1.2 core schema."""
    if text in CONSTANTS:
        return CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if special := _SPECIAL.fullmatch(text):
        return float(text.replace(".", "")) if special[1] is None else float(f"{special[1]}inf")
    return text
