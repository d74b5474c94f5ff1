"""The blocks of a page, typed in order in one folder, and what they say beside what the page says.

The info string of a fence says what a block is:

    console            lines after `$ ` are commands, the rest is what they must say;
                       `fails` where they must not end with 0
    python             run in the page's own namespace; a following `text output` is what it prints
    LANG write=FILE    the file is written; `append=FILE` adds to it
    diff edit=FILE     lines with `-` are replaced by those with `+`
    LANG shown         a fragment that is not typed, or a command that needs the network

Anything else is an error, so that no block slips by. In what is said, `...` stands for any text on
a line, and alone on a line for any number of lines.

    python -m tests.typed PAGE...      types the pages, and writes what was said into them
"""

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

FENCE = re.compile(r"^(`{3,})(.*)$")
WIDTH = "88"
#: what differs from run to run
VARIES = [(re.compile(r"^(seconds): [\d.]+"), r"\1: ...")]
#: what is said the first time only
ONCE = re.compile(r"compiling \d+ process(es)? ")


@dataclass
class Block:
    """A fenced block; `line` is that of its first line of text, from 0."""

    line: int
    language: str
    words: dict[str, str]
    text: list[str]

    @property
    def is_typed(self) -> bool:
        """Whether a reader types it; directives of the site, and what is only shown, are not."""
        return "shown" not in self.words and not self.language.startswith("{")


@dataclass
class Said:
    """What a command or a piece of Python said; `first` and `last` bound the page's lines on it."""

    first: int
    last: int
    expected: list[str]
    found: list[str]
    bare: bool = False  # the page has no block for it yet

    @property
    def same(self) -> bool:
        """Whether the page says what was said."""
        return matches(self.expected, self.found)


@dataclass
class Typist:
    """Types one page after another in a folder."""

    folder: Path
    names: dict[str, Any] = field(default_factory=lambda: {"__name__": "__page__"})
    typed: int = 0

    def type_page(self, page: Path) -> Iterator[Said]:
        """Type the blocks of a page in order; each thing that speaks is given back.

        Raises
        ------
        AssertionError
            When a block is of no known kind, an edit does not apply, or a command ends otherwise
            than the page says.
        """
        waiting: Said | None = None
        for block in blocks(page.read_text(encoding="utf-8")):
            where = f"{page.name}:{block.line}"
            if block.language == "text" and "output" in block.words:
                assert waiting, f"{where}: output of nothing"
                waiting.first, waiting.last = block.line, block.line + len(block.text)
                waiting.expected, waiting.bare = block.text, False
                yield waiting
                waiting = None
                continue
            if waiting:
                yield waiting
                waiting = None
            if not block.is_typed:
                continue
            self.typed += 1
            if block.language == "console":
                yield from self._console(block, where)
            elif block.language == "python" and not block.words:
                found = self._python(block, where)
                end = block.line + len(block.text) + 1
                waiting = Said(end, end, [], found, bare=True)
            else:
                self._write(block, where)
        if waiting:
            yield waiting

    def _write(self, block: Block, where: str) -> None:
        text = "".join(line + "\n" for line in block.text)
        if "edit" in block.words:
            file = self.folder / block.words["edit"]
            old = "".join(line[1:] + "\n" for line in block.text if line[:1] in "- ")
            new = "".join(line[1:] + "\n" for line in block.text if line[:1] in "+ ")
            before = file.read_text(encoding="utf-8")
            assert before.count(old) == 1, f"{where}: found {before.count(old)} times in {file}"
            file.write_text(before.replace(old, new), encoding="utf-8")
            return
        name = block.words.get("write") or block.words.get("append")
        assert name, f"{where}: a block of {block.language or 'no language'} that is not typed"
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a" if "append" in block.words else "w", encoding="utf-8") as to:
            to.write(text)

    def _python(self, block: Block, where: str) -> list[str]:
        out = io.StringIO()
        with (
            contextlib.chdir(self.folder),
            contextlib.redirect_stdout(out),
            warnings.catch_warnings(),
            mock.patch.object(sys, "path", [str(self.folder), *sys.path]),
        ):
            warnings.simplefilter("default")  # a reader sees them and goes on
            exec(compile("\n".join(block.text), where, "exec"), self.names)
        return _lines(out.getvalue())

    def _console(self, block: Block, where: str) -> Iterator[Said]:
        starts = [k for k, line in enumerate(block.text) if line.startswith("$ ")]
        assert starts and starts[0] == 0, f"{where}: a console block begins with `$ `"
        for start, end in zip(starts, [*starts[1:], len(block.text)], strict=True):
            command = block.text[start][2:]
            code, found = self._run(command)
            text = "\n".join(found)
            assert (code != 0) == ("fails" in block.words), f"{where}: {command}: {code}\n{text}"
            first = block.line + start + 1
            yield Said(first, block.line + end, block.text[start + 1 : end], found)

    def _run(self, command: str) -> tuple[int, list[str]]:
        """Run khamsin in this process (the imports are paid once), all else by the shell."""
        head, pipe, rest = command.partition(" | ")
        words = shlex.split(head)
        if words[0] != "khamsin":
            head, pipe, rest = "", "", command
        code, text = _khamsin(words[1:], self.folder) if head else (0, "")
        if rest:
            done = subprocess.run(
                ["bash", "-c", rest],
                cwd=self.folder,
                input=text if pipe else None,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                check=False,
                env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            )
            code, text = code or done.returncode, done.stdout
        return code, _lines(text)


def _khamsin(words: list[str], folder: Path) -> tuple[int, str]:
    from khamsin.cli import main

    out, code = io.StringIO(), 0
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(out),
        mock.patch.dict(os.environ, {"COLUMNS": WIDTH}),
    ):
        try:
            main(words)
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else int(left.code is not None)
    return code, out.getvalue()


def _lines(text: str) -> list[str]:
    found = []
    for line in text.splitlines():
        if ONCE.match(line):
            continue
        for pattern, instead in VARIES:
            line = pattern.sub(instead, line)
        found.append(line.rstrip())
    return found


def blocks(text: str) -> list[Block]:
    """Return the fenced blocks of a page."""
    found: list[Block] = []
    fence = ""
    for number, line in enumerate(text.splitlines()):
        mark = FENCE.match(line)
        if not fence and mark:
            fence, info = mark[1], mark[2].split()
            words = dict(word.partition("=")[::2] for word in info[1:])
            found.append(Block(number + 1, info[0] if info else "", words, []))
        elif fence and mark and mark[1] == fence and not mark[2]:
            fence = ""
        elif fence:
            found[-1].text.append(line)
    return found


def matches(expected: list[str], found: list[str]) -> bool:
    """Say whether lines are as expected, where `...` stands for anything."""
    pattern = ""
    for line in expected:
        if line.strip() == "...":
            pattern += r"(?:.*\n)*"
        else:
            pattern += ".*".join(re.escape(p) for p in line.rstrip().split("...")) + r"\n"
    return re.fullmatch(pattern, "".join(line + "\n" for line in found)) is not None


def main(pages: list[str]) -> None:
    """Type pages and write what was said into them."""
    for name in pages:
        page = Path(name)
        lines = page.read_text(encoding="utf-8").splitlines()
        with tempfile.TemporaryDirectory() as folder:
            said = list(Typist(Path(folder)).type_page(page))
        for each in sorted(said, key=lambda s: -s.first):
            if not each.same:
                print(f"{name}:{each.first}: said otherwise")
                fenced = ["", "```text output", *each.found, "```"]
                lines[each.first : each.last] = fenced if each.bare else each.found
        page.write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(f"{name}: {len(said)} answers")


if __name__ == "__main__":
    main(sys.argv[1:])
