"""Shortcuts through Numba: quicker, and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from numba import njit
from numba.core.compiler import Flags
from numba.core.errors import TypingError
from numba.core.targetconfig import TargetConfig
from numba.core.types.functions import BaseFunction

from khamsin import shortcuts

MACHINE_CODE = """
import hashlib, sys
from khamsin import adapters, processes, shortcuts
if sys.argv[1] == "short":
    shortcuts.take_shortcuts()
for name in ("march", "recovery"):
    made = adapters.compile_adapter(processes.find(name), frozenset()).compiled
    (code,) = made.inspect_asm().values()
    print(len(code) > 10_000, hashlib.sha256(code.encode()).hexdigest())
"""


def test_the_machine_code_is_the_same(tmp_path: Path) -> None:
    told = []
    for way in ("short", "long"):
        environment = {**os.environ, "KHAMSIN_CACHE": str(tmp_path / way)}
        command = [sys.executable, "-c", MACHINE_CODE, way]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        told.append(done.stdout)
    assert told[0] == told[1]
    assert told[0].count("True") == 2


def test_flags_compared_quickly_are_the_same_flags(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = TargetConfig.values
    monkeypatch.setattr(TargetConfig, "values", usual)  # put back at the end
    one, other = Flags(), Flags()
    one.nrt, other.nrt, other.error_model = True, True, "python"  # the default, set
    before = (hash(one), one == other, one == Flags())
    shortcuts.compare_flags_quickly()
    assert TargetConfig.values is not usual
    assert (hash(one), one == other, one == Flags()) == before == (hash(other), True, False)
    assert one.values() == usual(one)


def test_types_are_told_by_arguments_and_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    usual = BaseFunction.get_call_type

    def ask(function: object, context: object, args: object, kws: object) -> object:
        asked.append(args)
        return usual(function, context, args, kws)

    monkeypatch.setattr(BaseFunction, "get_call_type", ask)
    shortcuts.remember_types()

    @njit
    def sum_of_squares(x, y):  # type: ignore[no-untyped-def]
        return x * x + y * y

    assert (sum_of_squares(1, 2), sum_of_squares(1.5, 2)) == (5, 6.25)
    first = len(asked)
    assert first > 0

    @njit
    def twice(x, y):  # type: ignore[no-untyped-def]
        return (x * x + y * y) + (x * x + y * y)

    assert twice(1.5, 2) == 12.5
    assert len(asked) <= first + 1  # a sum of two sums
    for _ in range(2):
        with pytest.raises(TypingError):
            sum_of_squares("a", 2)
    assert twice(2, 3) == 26
