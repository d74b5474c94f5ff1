"""Priors: what is believed about a number before any data, each read through its inverse CDF.

A draw is ``prior.quantile(u)`` with u uniform on (0, 1), so that pinned uniform draws, Latin
hypercubes and plain random numbers all use the same code. Every prior also has `support` (the ends
it cannot pass), `widened()` (what stands in for it where it could not be known yet),
`scaled(factor)` (the same belief in another unit), `to_dict()` and `describe()`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from khamsin.errors import nearest
from khamsin.priors.bounded import Beta, Gamma, Triangular, Uniform
from khamsin.priors.normal import HalfNormal, LogNormal, Normal, SplitLogNormal
from khamsin.priors.single import Choice, Fixed
from khamsin.priors.written import demand

__all__ = [
    "KINDS",
    "Beta",
    "Choice",
    "Fixed",
    "Gamma",
    "HalfNormal",
    "LogNormal",
    "Normal",
    "Prior",
    "SplitLogNormal",
    "Triangular",
    "Uniform",
    "prior_from",
]

Prior = (
    Fixed
    | Normal
    | LogNormal
    | HalfNormal
    | Uniform
    | Beta
    | Gamma
    | Triangular
    | SplitLogNormal
    | Choice
)

#: The word that names each prior in a model file.
KINDS: dict[str, type[Prior]] = {
    cls.kind: cls
    for cls in (
        Fixed,
        Normal,
        LogNormal,
        HalfNormal,
        Uniform,
        Beta,
        Gamma,
        Triangular,
        SplitLogNormal,
        Choice,
    )
}


def prior_from(written: Mapping[str, Any] | float) -> Prior:
    """Read a prior from a mapping such as ``{lognormal: {median: 2e-4, sigma: 0.8}}``, or a number.

    Parameters
    ----------
    written
        A bare number (fixed), or a mapping of one key, the kind of prior, to its numbers.

    Raises
    ------
    ValueError
        When the kind or a number's name is unknown, one is missing, or a value makes no prior.
    """
    if isinstance(written, (int, float)):
        return Fixed(written)
    demand(len(written) == 1, f"a prior is one of {', '.join(KINDS)}, not {len(written)} of them")
    ((kind, values),) = written.items()
    if kind not in KINDS:
        raise ValueError(f"{kind} is no prior" + _hint(kind, KINDS))
    if kind == "fixed" and not isinstance(values, Mapping):
        values = {"value": values}
    demand(isinstance(values, Mapping), f"{kind} needs its numbers by name")
    names = [field.name for field in fields(KINDS[kind])]
    for name in values:
        if name not in names:
            raise ValueError(f"{name} is no number of {kind}" + _hint(name, names))
    for name in names:
        demand(name in values or (kind, name) == ("beta", "scale"), f"{kind} lacks {name}")
    return KINDS[kind](**values)


def _hint(name: str, valid: Iterable[str]) -> str:
    found = nearest(name, valid)
    return f". Did you mean {found}?" if found else ""
