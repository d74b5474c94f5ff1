"""Observed input: the dead of fights at Es Sider, as a constant rate within each month."""

from typing import Annotated

from khamsin.process import Array, Days, In, InOut, process


@process(each="model")
def replay(
    battle_deaths: Annotated[Array, InOut("place actor", "person")],
    elapsed: Annotated[Array, InOut("", "day")],
    killed: Annotated[Array, In("month", "person/day")],
    terminal: Annotated[Array, In("place", "1")],
    dt: Days,
) -> None:
    """Let as many be killed at the terminal as were.

    Parameters
    ----------
    battle_deaths : dims (place, actor), person
    elapsed : one number, day
    killed : dims (month,), person/day
    terminal : dims (place,)
        1 where they were killed.
    """
    month = min(int(elapsed[0] / 30.4375), killed.size - 1)
    elapsed[0] += dt
    for p in range(terminal.size):
        battle_deaths[p, 0] += terminal[p] * killed[month] * dt
