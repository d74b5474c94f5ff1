"""Which sentence carries a result: claims joined to the factors that they rest on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from khamsin.model import Model

if TYPE_CHECKING:
    from khamsin.exploration.sensitivity import Screened, Share


@dataclass(frozen=True)
class Sentence:
    """How far a claim moves an outcome.

    Attributes
    ----------
    number : int or None
        Of the sentence in the text that the model is made of.
    says : str
        The claim in our words.
    factor : str
        What carries it: of several, the one that moves the outcome most.
    moves, error : float
        Mean absolute change of the outcome when that factor alone moves through its range, and half
        of its 95 % interval (Morris).
    share : float or None
        Of the outcome's variance, with others (Sobol), where the factor has a share of its own.
    """

    claim: str
    number: int | None
    says: str
    factor: str
    moves: float
    error: float
    share: float | None


def sentences(model: Model, screened: "list[Screened]", shares: "list[Share]") -> list[Sentence]:
    """Return the claims that rest on a factor, the one that moves the outcome most first.

    A claim rests on the hypothesis, parameter or scenario that it is linked to, and on the
    parameters of a process that it is linked to.
    """
    own = {s.name: s.total for s in shares if s.members == (s.name,)}
    found = []
    for claim in model.claims.claims.values():
        mine = set(_factors(claim.linked, [s.name for s in screened]))
        strongest = max((s for s in screened if s.name in mine), key=lambda s: s.mean, default=None)
        if strongest is not None and strongest.mean > 0:
            found.append(
                Sentence(
                    claim.id,
                    claim.sentence,
                    claim.says,
                    strongest.name,
                    strongest.mean,
                    strongest.error,
                    own.get(strongest.name),
                )
            )
    return sorted(found, key=lambda f: -f.moves)


def _factors(linked: "tuple[str, ...] | list[str]", factors: list[str]) -> Iterator[str]:
    for link in linked:
        kind, _, name = link.partition(":")
        name = name.partition("[")[0]
        if kind in ("hypothesis", "parameter") and name in factors:
            yield name
        elif kind == "scenario" and "scenario" in factors:
            yield "scenario"
        elif kind == "process":
            yield from (f for f in factors if f.startswith(f"{name}."))
