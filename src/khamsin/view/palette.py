"""Colours and letter codes of actors: told apart by any eye, and never by colour alone.

The colours were searched for distance under normal, deutan, protan and tritan sight: the smallest
distance between two is 16 (CIE 1976).  They serve light and dark pages alike.
"""

from __future__ import annotations

from collections.abc import Iterable

ACTORS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#333333",
    "#E69F00",
    "#56B4E9",
    "#CC79A7",
    "#3c1ea5",
    "#871e00",
    "#f0d287",
    "#8700ff",
)
NOBODY = "#c9c9c4"  # held by nobody: the twelfth colour of the search
OTHERS = "#8d8d86"  # actors beyond the eleventh, together
FLOW = "#7b4f9d"
SCENARIOS = ("#3b3b3b", "#c2571a", "#1f78b4", "#2e8b57", "#a6437f", "#8c6d1f")


def colours(ranked: Iterable[str]) -> dict[str, str]:
    """A colour for each actor, in order of importance; from the twelfth on, the shared grey."""
    return {
        actor: ACTORS[rank] if rank < len(ACTORS) else OTHERS for rank, actor in enumerate(ranked)
    }


def codes(ids: Iterable[str]) -> dict[str, str]:
    """Two letters for each actor, all different where two letters can be.

    The first two letters of the id if they are free, else the first with a later one, then any
    letter or digit.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for actor in ids:
        letters = [c for c in actor if c.isalnum()] or ["?"]
        first = letters[0].upper()
        tail = [*letters[1:], *"abcdefghijklmnopqrstuvwxyz23456789"]
        choices = [first + c.lower() for c in tail]
        code = next((c for c in choices if c not in taken), actor)
        taken.add(code)
        found[actor] = code
    return found
