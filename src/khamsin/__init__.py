"""khamsin: write a conflict down in plain files, run its futures, hold them against the record."""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from khamsin.ensemble import open_ensemble as open
    from khamsin.ensemble import open_parameters
    from khamsin.model import read
    from khamsin.plan import Plan, plan
    from khamsin.process import process
    from khamsin.run import run

__all__ = ["Plan", "__version__", "open", "open_parameters", "plan", "process", "read", "run"]

# Imported when asked for: `khamsin --help` must not wait for Numba and xarray.
_HOMES = {
    "open": ("khamsin.ensemble", "open_ensemble"),
    "open_parameters": ("khamsin.ensemble", "open_parameters"),
    "read": ("khamsin.model", "read"),
    "Plan": ("khamsin.plan", "Plan"),
    "plan": ("khamsin.plan", "plan"),
    "process": ("khamsin.process", "process"),
    "run": ("khamsin.run", "run"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"khamsin has no {name!r}")
    import importlib

    home, own = _HOMES[name]
    return getattr(importlib.import_module(home), own)
