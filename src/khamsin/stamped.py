"""Compiled functions that are compiled anew when a source that they call into has changed.

Numba keeps machine code beside a source file, and takes it to be of today while that one file has
the date and size that it had: an edit in a function of another file, which is part of the same
machine code, is missed. So the code is kept under a hash of all files that go into it. The
attribute is an inner part of Numba, whose minor version is fixed in pyproject.toml.
"""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar

Compiled = TypeVar("Compiled", bound=Callable[..., Any])


def stamped(compiled: Compiled, *callees: str, signature: Any = None) -> Compiled:
    """Keep the machine code of a function under a hash of its file and of its callees' files.

    Parameters
    ----------
    compiled : dispatcher of Numba, made with ``cache=True``
        Not compiled for any signature yet.
    callees : str
        Names of files beside this one.
    signature : signature of Numba, optional
        Compile it, or load it, for this one at once, and for no other.
    """
    function: Any = compiled
    if isinstance(compiled, FunctionType):  # NUMBA_DISABLE_JIT: nothing is compiled
        return compiled
    own = Path(function.py_func.__code__.co_filename)
    files = [own, *(Path(__file__).with_name(name) for name in callees)]
    function._cache._cache_file._source_stamp = "".join(map(_hash, files))
    if signature is not None:
        function.compile(signature)
        function.disable_compile()
    return compiled


@cache
def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
