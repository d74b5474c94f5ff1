"""Encounters: how many enemies each actor has at each place.

    enemies[p, a] = sum_b max(hostility[a, b], hostility[b, a]) F[p, b]

Nothing is drawn. Other processes look here first, so that a quiet place costs nothing. Left out:
knowledge. Everyone knows who is there.
"""

from typing import Annotated

import numpy as np

from khamsin.presence import present
from khamsin.process import Array, In, InOut, process


@process(each="model")
def encounters(
    enemies: Annotated[Array, InOut("place actor", "person")],
    fighters: Annotated[Array, In("place actor", "person")],
    hostility: Annotated[Array, In("actor other", "1")],
) -> None:
    """Count the enemies of each actor at a place.

    Parameters
    ----------
    enemies : dims (place, actor), person
        Fighters hostile to each actor here, weighted by hostility.
    fighters : dims (place, actor), person
    hostility : dims (actor, other)
        From 0 (at peace) to 1 (at war); the larger of the two directions counts.
    """
    places, actors = fighters.shape
    level = np.empty((actors, actors))
    for a in range(actors):
        for b in range(actors):
            level[a, b] = max(hostility[a, b], hostility[b, a])
    first, found = present(fighters)
    for p in range(places):
        for a in range(actors):
            enemies[p, a] = 0.0
        for k in range(first[p], first[p + 1]):
            b = found[k]
            for a in range(actors):
                enemies[p, a] += level[b, a] * fighters[p, b]
