"""Shortcuts through Numba for a process that compiles and does nothing else: a quarter of its time.

They replace inner parts of Numba, whose minor version is fixed in pyproject.toml; the machine code
is the same (tests/test_shortcuts.py). Whoever raises the version tries first whether they still
gain anything.
"""

from functools import cache
from typing import Any


def take_shortcuts() -> None:
    """Take all of them, in this process, for good."""
    compare_flags_quickly()
    remember_types()


def compare_flags_quickly() -> None:
    """Compare compiler flags by their dictionaries, not option by option through properties.

    Numba does so thousands of times for each process.
    """
    from numba.core.targetconfig import TargetConfig

    defaults = cache(lambda kind: {name: o.default for name, o in kind.options.items()})
    TargetConfig.values = lambda flags: {  # type: ignore[method-assign]
        **defaults(type(flags)),
        **flags._values,
    }


def remember_types() -> None:
    """Remember what an operator or a function of Numba's own gives for arguments of these types.

    Numba tries all that it knows of `+` at every `+`. What cannot be typed is asked again.
    """
    from numba.core.types.functions import BaseFunction, Function

    ask = BaseFunction.get_call_type

    def get_call_type(function: Any, context: Any, args: Any, kws: Any) -> Any:
        if kws or type(function) is not Function:
            return ask(function, context, args, kws)
        known = function.__dict__.setdefault("_khamsin_known", {})
        key = (context, tuple(args))
        if key not in known:
            known[key] = ask(function, context, args, kws)
        return known[key]

    BaseFunction.get_call_type = get_call_type  # type: ignore[assignment,method-assign]
