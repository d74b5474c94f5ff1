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
    foes = np.empty((actors, actors), np.int64)  # of each actor, those who are hostile
    many = np.zeros(actors, np.int64)
    for b in range(actors):
        for a in range(actors):
            if hostility[a, b] > 0.0 or hostility[b, a] > 0.0:
                foes[b, many[b]] = a
                many[b] += 1
    first, found = present(fighters)
    for p in range(places):
        for a in range(actors):
            enemies[p, a] = 0.0
        for k in range(first[p], first[p + 1]):
            b = found[k]
            for n in range(many[b]):
                a = foes[b, n]
                enemies[p, a] += max(hostility[a, b], hostility[b, a]) * fighters[p, b]
