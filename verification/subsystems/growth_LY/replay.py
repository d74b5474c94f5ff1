"""Observed inputs: the pressure on the core and the image of IS in the region, by month."""

from typing import Annotated

from khamsin.process import Array, Days, In, InOut, process


@process(each="model")
def replay(
    pressure: Annotated[Array, InOut("actor", "1/day")],
    image: Annotated[Array, InOut("audience actor", "1")],
    battle_deaths: Annotated[Array, InOut("place actor", "person")],
    elapsed: Annotated[Array, InOut("", "day")],
    seen_pressure: Annotated[Array, In("month", "1/day")],
    seen_image: Annotated[Array, In("month", "1")],
    dt: Days,
) -> None:
    """Set pressure and image to what was seen; at home the image stays that of the origin.

    Parameters
    ----------
    pressure : dims (actor,), 1/day
    image : dims (audience, actor)
    battle_deaths : dims (place, actor), person
        None: losses are left out.
    elapsed : one number, day
    seen_pressure : dims (month,), 1/day
    seen_image : dims (month,)
    """
    month = min(int(elapsed[0] / 30.4375), seen_image.size - 1)
    elapsed[0] += dt
    pressure[1] = seen_pressure[month]
    image[1, 0] = seen_image[month]
