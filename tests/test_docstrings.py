"""Every public function has a numpydoc docstring, and its example runs.

What numpydoc's own check finds is a fault, but for what a docstring here never has: extended
summaries, "See Also", and capitals and full stops in descriptions of parameters.
"""

import doctest
import importlib
import inspect
import warnings
from pathlib import Path
from typing import Any

import pytest
from numpydoc.validate import validate
from scripts.reference import EXTRAS

import khamsin

#: also public, beside `khamsin.__all__`: what the reference lists
OTHERS = [f"{module}.{name}" for module, several in EXTRAS.items() for name in several]
PUBLIC = [n for n in khamsin.__all__ if n != "__version__"]
CHECKED = {"GL08", "SS01", "SS02", "SS03", "PR01", "PR02", "PR03", "PR04", "PR06", "PR07", "RT01"}


@pytest.mark.parametrize("name", PUBLIC)
def test_sections(name: str) -> None:
    function = getattr(khamsin, name)
    found = validate(f"{function.__module__}.{function.__qualname__}")
    faults = [f for f in found["errors"] if f[0] in CHECKED | {"EX01"}]
    if inspect.signature(function).return_annotation in (None, "None"):
        faults = [f for f in faults if f[0] != "RT01"]
    assert not faults, f"{name}: {faults}"
    text = inspect.getdoc(function) or ""
    assert "Raises\n------" in text


@pytest.mark.parametrize("name", OTHERS)
def test_sections_of_the_others(name: str) -> None:
    found = validate(name)
    wanted = CHECKED - {"PR04", "PR07"} | {"EX01"}
    faults = [f for f in found["errors"] if f[0] in wanted]
    assert not faults, f"{name}: {faults}"


def _named(name: str) -> Any:
    module, _, own = (name if "." in name else f"khamsin.{name}").rpartition(".")
    return getattr(importlib.import_module(module), own)


@pytest.mark.parametrize("name", [*PUBLIC, *OTHERS])
def test_the_example_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    function = _named(name)
    module = importlib.import_module(function.__module__)
    finder = doctest.DocTestFinder(recurse=False)
    (test,) = finder.find(function, name, module=module, globs={})
    assert test.examples
    skipped = [e for e in test.examples if e.options.get(doctest.SKIP)]
    assert len(skipped) == (name == "serve")
    said: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of other people's samplers
        done = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append)
    assert done.attempted > len(skipped)
    assert done.failed == 0, "".join(said)


def test_there_are_examples_of_all() -> None:
    assert len(PUBLIC) >= 16
    assert len(OTHERS) >= 14
