"""references.bib: the literature that sources are keys of. A small, strict reader of BibTeX."""

import re
from pathlib import Path

from khamsin.model.disk import read_text
from khamsin.model.faults import Faults

Reference = dict[str, str]

_HEAD = re.compile(r"@\s*(\w+)\s*\{\s*([^\s,{}\"]+)\s*,")
_FIELD = re.compile(r"\s*([\w-]+)\s*=\s*")
_WORD = re.compile(r"[^\s,{}\"#]+")


class _Broken(Exception):
    def __init__(self, at: int, what: str) -> None:
        self.at = at
        self.what = what


def read_references(path: Path, faults: Faults) -> dict[str, Reference]:
    """Read a BibTeX file: key -> fields, with the kind of entry under `type`.

    Text outside of entries is a comment, as in BibTeX; so is ``@comment{...}``. Macros
    (``@string``) and joining with ``#`` are faults.
    """
    text = read_text(path, faults)
    if text is None:
        return {}
    found: dict[str, Reference] = {}
    at = 0
    while (at := text.find("@", at)) >= 0:
        line = text.count("\n", 0, at) + 1
        try:
            if re.match(r"@\s*comment\b", text[at : at + 20], re.IGNORECASE):
                at = _skip(text, at)
                continue
            key, fields, end = _entry(text, at)
            if key in found:
                faults.add(str(path), line, f"the reference {key} is here twice")
            found.setdefault(key, fields)
            at = end
        except _Broken as broken:
            line = text.count("\n", 0, broken.at) + 1
            faults.add(str(path), line, broken.what)
            following = re.compile(r"^\s*@", re.MULTILINE).search(text, at + 1)
            at = following.start() if following else len(text)
    return found


def _skip(text: str, at: int) -> int:
    """Return the end of a comment: of its braces, or else of its line."""
    brace, end = text.find("{", at), text.find("\n", at)
    if brace < 0 or 0 <= end < brace:
        return end if end >= 0 else len(text)
    return _braces(text, brace)


def _entry(text: str, at: int) -> tuple[str, Reference, int]:
    head = _HEAD.match(text, at)
    if head is None:
        raise _Broken(at, "cannot read this reference: write it like @article{key, title = {...}}")
    if head[1].lower() in ("string", "preamble"):
        raise _Broken(at, f"@{head[1]} is not understood: write the text out")
    fields: Reference = {"type": head[1].lower()}
    here = head.end()
    while True:
        here = _space(text, here)
        if text.startswith("}", here):
            return head[2], fields, here + 1
        name = _FIELD.match(text, here)
        if name is None:
            raise _Broken(min(here, len(text)), f"{head[2]}: cannot read a field of this reference")
        value, here = _value(text, name.end())
        fields[name[1].lower()] = " ".join(value.split())
        here = _space(text, here)
        if text.startswith(",", here):
            here += 1
        elif not text.startswith("}", here):
            raise _Broken(
                min(here, len(text)), f"{head[2]}: a comma or }} is missing after {name[1]}"
            )


def _value(text: str, at: int) -> tuple[str, int]:
    if text.startswith("{", at):
        end = _braces(text, at)
        return text[at + 1 : end - 1], end
    if text.startswith('"', at):
        end = text.find('"', at + 1)
        if end < 0:
            raise _Broken(at, 'a " is never closed')
        return text[at + 1 : end], end + 1
    word = _WORD.match(text, at)
    if word is None:
        raise _Broken(min(at, len(text)), "a field of this reference has no value")
    return word[0], word.end()


def _braces(text: str, at: int) -> int:
    """Return the position after the brace that closes the one at `at`."""
    depth = 0
    for mark in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, at):
        depth += {"{": 1, "}": -1}.get(mark[0], 0)
        if depth == 0:
            return mark.end()
    raise _Broken(at, "a brace { is never closed")


def _space(text: str, at: int) -> int:
    space = re.compile(r"\s*").match(text, at)
    return space.end() if space else at
