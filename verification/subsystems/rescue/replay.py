"""Observed input: as many wait on the coast in each week, whoever left."""

from typing import Annotated

from khamsin.process import Array, In, InOut, process


@process(each="model")
def replay(
    waiting_migrants: Annotated[Array, InOut("place", "person")],
    boats: Annotated[Array, In("place", "person/day")],
) -> None:
    """Fill the coast up.

    Parameters
    ----------
    waiting_migrants : dims (place,), person
    boats : dims (place,), person/day
        Work for a hundred days waits.
    """
    for p in range(boats.size):
        waiting_migrants[p] = 100.0 * boats[p]
