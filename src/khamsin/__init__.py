"""khamsin: write a conflict down in plain files, run its futures, hold them against the record."""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from khamsin.comparison import compare
    from khamsin.ensemble import open_parameters
    from khamsin.exploration.bridges import to_ema, to_salib
    from khamsin.model import read
    from khamsin.verbs.calibrate import calibrate
    from khamsin.verbs.explore import discover, evidence, explore, rank
    from khamsin.verbs.forecast import forecast
    from khamsin.verbs.run import run
    from khamsin.verbs.score import score
    from khamsin.view.opened import open_shown as open
    from khamsin.view.report import write as report
    from khamsin.view.web import serve

__all__ = [
    "__version__",
    "calibrate",
    "compare",
    "discover",
    "evidence",
    "explore",
    "forecast",
    "open",
    "open_parameters",
    "rank",
    "read",
    "report",
    "run",
    "score",
    "serve",
    "to_ema",
    "to_salib",
]

# Imported when asked for: `khamsin --help` must not wait for Numba and xarray.
_HOMES = {
    "calibrate": ("khamsin.verbs.calibrate", "calibrate"),
    "compare": ("khamsin.comparison", "compare"),
    "discover": ("khamsin.verbs.explore", "discover"),
    "evidence": ("khamsin.verbs.explore", "evidence"),
    "explore": ("khamsin.verbs.explore", "explore"),
    "forecast": ("khamsin.verbs.forecast", "forecast"),
    "open": ("khamsin.view.opened", "open_shown"),
    "open_parameters": ("khamsin.ensemble", "open_parameters"),
    "rank": ("khamsin.verbs.explore", "rank"),
    "read": ("khamsin.model", "read"),
    "report": ("khamsin.view.report", "write"),
    "run": ("khamsin.verbs.run", "run"),
    "score": ("khamsin.verbs.score", "score"),
    "serve": ("khamsin.view.web", "serve"),
    "to_ema": ("khamsin.exploration.bridges", "to_ema"),
    "to_salib": ("khamsin.exploration.bridges", "to_salib"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"khamsin has no {name!r}")
    import importlib

    home, own = _HOMES[name]
    return getattr(importlib.import_module(home), own)
