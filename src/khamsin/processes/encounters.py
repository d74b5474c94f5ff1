"""Encounters: how many enemies each actor has at each place.

    enemies[p, a] = sum_b max(hostility[a, b], hostility[b, a]) F[p, b]

Nothing is drawn. Other processes look here first, so that a quiet place costs nothing. Left out:
knowledge. Everyone knows who is there.
"""

from typing import Annotated

from khamsin.process import Array, In, InOut, process


@process(each="place")
def encounters(
    enemies: Annotated[Array, InOut("actor", "person")],
    fighters: Annotated[Array, In("actor", "person")],
    hostility: Annotated[Array, In("actor other", "1")],
) -> None:
    """Count the enemies of each actor at a place.

    Parameters
    ----------
    enemies : dims (actor,), person
        Fighters hostile to each actor here, weighted by hostility.
    fighters : dims (actor,), person
    hostility : dims (actor, other)
        From 0 (at peace) to 1 (at war); the larger of the two directions counts.
    """
    for a in range(fighters.size):
        enemies[a] = 0.0
    for b in range(fighters.size):
        if fighters[b] >= 1.0:
            for a in range(fighters.size):
                enemies[a] += max(hostility[a, b], hostility[b, a]) * fighters[b]
