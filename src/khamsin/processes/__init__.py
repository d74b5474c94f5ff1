"""The processes that khamsin ships, one mechanism a file; and how those of users are found."""

import hashlib
import importlib
import importlib.util
import pkgutil
import sys
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from khamsin.errors import Fault, nearest
from khamsin.process import Process

if TYPE_CHECKING:
    from khamsin.model import Model, ProcessUse


def names() -> list[str]:
    """Return the names of the shipped processes and of those that installed packages offer."""
    offered = [e.name for e in entry_points(group="khamsin.processes")]
    return sorted({*_shipped(), *offered})


@cache
def _shipped() -> frozenset[str]:
    return frozenset(m.name for m in pkgutil.iter_modules(__path__))


def find(name: str) -> Process:
    """Return a shipped or installed process by its name.

    Raises
    ------
    KeyError
        When there is none of that name.
    """
    if name in _shipped():
        found = getattr(importlib.import_module(f"{__name__}.{name}"), name)
        assert isinstance(found, Process)
        return found
    for entry in entry_points(group="khamsin.processes"):
        if entry.name == name:
            loaded = entry.load()
            assert isinstance(loaded, Process)
            return loaded
    raise KeyError(name)


def find_processes(
    model: "Model", trust: bool = False
) -> tuple[list[tuple["ProcessUse", Process]], list[Fault]]:
    """Find each process that a model names; those in files beside it only with `trust`."""
    file = str(model.folder / "model.yaml")
    found, faults = [], []
    for use in model.processes:
        try:
            process = (
                _from_file(model.folder / use.file, use.process, trust)
                if use.file
                else find(use.process)
            )
            found.append((use, process))
        except KeyError:
            faults.append(
                Fault(
                    file,
                    use.line,
                    f"there is no process {use.process!r}",
                    nearest(use.process, names()),
                )
            )
        except _Unusable as error:
            faults.append(Fault(file, use.line, str(error)))
    return found, faults


class _Unusable(Exception):
    """A user's own file does not give a process."""


def _from_file(path: Path, name: str, trust: bool) -> Process:
    if not trust:
        raise _Unusable(f"{path.name} beside the model is Python code: it runs only with --trust")
    if not path.is_file():
        raise _Unusable(f"there is no file {path.name} beside the model")
    # The name follows the content: compiled code in the cache asks for the module by its name.
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    module_name = f"khamsin_user_{path.stem}_{digest[:16]}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise _Unusable(f"{path.name} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise _Unusable(f"{path.name} does not run: {type(error).__name__}: {error}") from error
    found = getattr(module, name, None)
    if not isinstance(found, Process):
        offered = [n for n, v in vars(module).items() if isinstance(v, Process)]
        raise _Unusable(
            f"{path.name} declares no process {name!r}; it declares: {', '.join(offered) or 'none'}"
        )
    return found
