"""Observed inputs: fighters of IS in the core, and the pressure on it, by month."""

from typing import Annotated

from khamsin.process import Array, Days, In, InOut, process


@process(each="model")
def replay(
    unplaced: Annotated[Array, InOut("actor", "person")],
    pressure: Annotated[Array, InOut("actor", "1/day")],
    elapsed: Annotated[Array, InOut("", "day")],
    seen_fighters: Annotated[Array, In("month", "person")],
    seen_pressure: Annotated[Array, In("month", "1/day")],
    dt: Days,
) -> None:
    """Set strength and pressure to what was seen.

    Parameters
    ----------
    unplaced : dims (actor,), person
    pressure : dims (actor,), 1/day
    elapsed : one number, day
    seen_fighters : dims (month,), person
    seen_pressure : dims (month,), 1/day
    """
    month = min(int(elapsed[0] / 30.4375), seen_fighters.size - 1)
    elapsed[0] += dt
    unplaced[0] = seen_fighters[month]
    pressure[0] = seen_pressure[month]
