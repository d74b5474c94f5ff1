"""Adapters: for each process a small written-out function with one common signature, compiled and
cached by itself.

The adapter loops over places, pins the draws to each, cuts the views out of the member's one buffer
and calls the annotated kernel. It is written to a file, so that Numba caches it and a person can
read it; the file's name carries a hash of everything that is compiled into it, because Numba's own
cache looks only at the file of the caller (docs/decisions/0003-composition.md).
"""

import gc
import hashlib
import importlib
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from khamsin.errors import InputError, RunError
from khamsin.process import Argument, Process
from khamsin.shortcuts import take_shortcuts

if TYPE_CHECKING:
    from khamsin.compiler import Adapter

TEMPLATE = '''"""Adapter of `{name}` ({each}), written out by khamsin from its signature."""

from khamsin.compiler import {adapter}
from khamsin.draws import pin_place
from khamsin.views import {views}


@{adapter}
def {name}_adapter(state, parameters, at, stream, days):
    rng = view_1d(stream, 0, stream.size)
{body}'''

# Modules of compiled functions that processes share, beside the draws.
SHARED = ("allocation", "presence")


def layout_of(process: Process) -> list[tuple[Argument, int]]:
    """Return each variable and parameter with the position of its offset in the adapter's `at` row.

    `at[0]` is the number of places; an argument takes one number for its offset and one for each of
    its dims.
    """
    found, position = [], 1
    for argument in process.arguments:
        if argument.intent not in ("days", "stream"):
            found.append((argument, position))
            position += 1 + len(argument.dims)
    return found


def at_width(process: Process) -> int:
    """Return the length of the adapter's `at` row."""
    return 1 + sum(1 + len(argument.dims) for argument, _ in layout_of(process))


def source(process: Process, by_place: frozenset[str]) -> str:
    """Write the adapter of a process as Python text.

    Processes that are shipped pass the contract test; of all others the compiled code looks after
    every index, and what they only read cannot be written to.

    Parameters
    ----------
    process : Process
    by_place : frozenset of str
        The arguments that have one value (or row) for each place, of which the kernel sees its own.
    """
    lines, calls = [], []
    inside = "        " if process.each == "place" else "    "
    position = {argument.name: p for argument, p in layout_of(process)}
    for argument in process.arguments:
        match argument.intent:
            case "days":
                calls.append(f"{argument.name}=days")
                continue
            case "stream":
                calls.append(f"{argument.name}=rng")
                continue
        p = position[argument.name]
        buffer = "parameters" if argument.intent == "parameter" else "state"
        sizes = [f"at[{p + 1 + d}]" for d in range(len(argument.dims))]
        size = " * ".join(sizes) or "1"
        start = f"at[{p}]"
        if argument.name in by_place:
            start += f" + place * {size}" if sizes else " + place"
        if argument.scalar:
            calls.append(f"{argument.name}={buffer}[{start}]")
            continue
        shape = ", ".join(sizes or ["1"])
        reads = not is_shipped(process) and argument.intent in ("in", "parameter")
        view = "sight" if reads else "view"
        lines.append(f"{argument.name} = {view}_{max(len(sizes), 1)}d({buffer}, {start}, {shape})")
        calls.append(f"{argument.name}={argument.name}")
    lines.append(f"kernel({', '.join(calls)})")
    if process.each == "place":
        head = [
            "    key_0, key_1 = rng[3], rng[4]",
            "    for place in range(at[0]):",
            "        pin_place(rng, key_0, key_1, place)",
        ]
    else:
        head = []
    body = "\n".join(head + [inside + line for line in lines]) + "\n"
    shipped = is_shipped(process)
    return TEMPLATE.format(
        name=process.name,
        each=f"for each {process.each}",
        adapter="adapter" if shipped else "careful_adapter",
        views="view_1d, view_2d" if shipped else "sight_1d, sight_2d, view_1d, view_2d",
        body=body,
    )


def is_shipped(process: Process) -> bool:
    """Whether a process comes with khamsin, and not with a model or another package."""
    return process.function.__module__.startswith("khamsin.")


def content_hash(process: Process) -> str:
    """Return a hash of the sources that a process is made of: its own file, the draws, and the
    kernels for kernels that it uses."""
    from khamsin import streams

    code = process.function.__code__
    package = Path(streams.__file__).parent
    shared = ("compiler.py", "views.py", *streams.SOURCES)
    files = [Path(code.co_filename), *(package / name for name in shared)]
    used = {getattr(value, "__module__", None) for value in process.function.__globals__.values()}
    files += [package / f"{name}.py" for name in SHARED if f"khamsin.{name}" in used]
    parts = [file.read_bytes() for file in files]
    return hashlib.sha256(b"\0".join([process.name.encode(), *parts])).hexdigest()


def cache_folder() -> Path:
    """Return the folder of compiled processes (KHAMSIN_CACHE, else the user's cache folder)."""
    chosen = os.environ.get("KHAMSIN_CACHE")
    if chosen:
        return Path(chosen)
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "khamsin"


def file_of(process: Process, by_place: frozenset[str]) -> Path:
    """Return where the written-out adapter lies, or will lie."""
    import numba

    text = source(process, by_place)
    # Compiled code asks for the kernel's module by name, so the name is part of what it is.
    parts = (numba.__version__, process.function.__module__, text, content_hash(process))
    stamp = hashlib.sha256("".join(parts).encode()).hexdigest()
    return cache_folder() / f"{process.name}_{stamp[:16]}.py"


def compile_adapter(process: Process, by_place: frozenset[str]) -> "Adapter":
    """Compile the adapter of a process, or load it from the cache.

    Raises
    ------
    InputError
        When Numba cannot compile what is written there, with file and line.
    """
    from numba import njit
    from numba.core.errors import NumbaError, UnsupportedBytecodeError

    file = file_of(process, by_place)
    if not file.exists():
        _write(file, source(process, by_place))
    name = f"khamsin_adapter_{file.stem}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        module.kernel = njit(process.function)  # type: ignore[attr-defined]
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException as error:
            del sys.modules[name]
            if isinstance(error, (NumbaError, UnsupportedBytecodeError)):
                raise InputError(_uncompiled(process, str(error))) from error
            raise
    adapter: Adapter = getattr(sys.modules[name], f"{process.name}_adapter")
    return adapter


def _uncompiled(process: Process, said: str) -> str:
    """Say where and why a process cannot be compiled, out of what Numba says of it."""
    code = process.function.__code__
    file = Path(code.co_filename).name
    line = re.search(rf'File "[^"]*{re.escape(file)}", line (\d+):', said)  # no file of Numba's
    words = [
        text
        for text in map(str.strip, said.splitlines())
        if text
        and not text.startswith(("Failed in", "During:", "File ", "- During", "- Resolution"))
    ]
    reason = " ".join(words[: 2 if words and words[0].endswith(":") else 1])[:200]
    if "setitem(readonly array" in said:
        reason = "it writes to what it declares In, or to a parameter (InOut and Out are written)"
    number = line[1] if line else code.co_firstlineno
    return f"{file}:{number}: {process.name} cannot be compiled: {reason}"


def make_cache_folder() -> None:
    """Make the folder of compiled processes.

    Raises
    ------
    RunError
        When it cannot be written.
    """
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise RunError(
            f"cannot write compiled processes to {folder} ({error.strerror}): "
            "name another folder in KHAMSIN_CACHE"
        ) from None


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    part.replace(file)


def is_compiled(process: Process, by_place: frozenset[str]) -> bool:
    """Say whether the cache holds the compiled adapter already."""
    file = file_of(process, by_place)
    return any((file.parent / "__pycache__").glob(f"{file.stem}.*.nbi"))


def compile_missing(needed: Iterable[tuple[Process, frozenset[str]]]) -> int:
    """Compile what the cache does not hold, in worker processes; return how many there were.

    Numba holds a global lock while it compiles, so threads gain nothing. The workers are plain
    Python processes that are told one name after another, the longest process first, so that a
    user's script needs no `__main__` guard and no worker waits for another. A user's own process is
    compiled by whoever asks for it.
    """
    missing = [(p, by) for p, by in needed if not is_compiled(p, by)]
    shipped = [(p, by) for p, by in missing if is_shipped(p)]
    shipped.sort(key=lambda one: len(one[0].function.__code__.co_code))
    names = [json.dumps([p.function.__module__, p.name, sorted(by)]) for p, by in shipped]
    workers = min(len(names), os.cpu_count() or 1)
    if workers > 1:
        with ThreadPoolExecutor(workers) as threads:
            for _ in range(workers):
                threads.submit(_keep_busy, names)
    return len(missing)


def _keep_busy(names: list[str]) -> None:
    """Start a worker and give it the last name of the list until there is none left.

    What a worker could not do is done, and its error told, by the caller.
    """
    command = [sys.executable, "-c", "from khamsin.adapters import _work; _work()"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
    ) as worker:
        assert worker.stdin is not None and worker.stdout is not None
        with suppress(IndexError, BrokenPipeError):
            while True:
                worker.stdin.write(names.pop() + "\n")
                worker.stdin.flush()
                if not worker.stdout.readline():
                    break


def _work() -> None:
    # What compiling makes is mostly kept: walking it for garbage takes a twentieth of the time.
    gc.set_threshold(50_000, 20, 20)
    take_shortcuts()
    for text in sys.stdin:
        module, name, by_place = json.loads(text)
        compile_adapter(getattr(importlib.import_module(module), name), frozenset(by_place))
        print("done", flush=True)
