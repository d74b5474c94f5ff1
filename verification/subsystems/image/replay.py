"""Observed inputs by month: strikes on IS, civilians they killed, people it held, its attacks."""

from typing import Annotated

from khamsin.process import Array, Days, In, InOut, process


@process(each="model")
def replay(
    control: Annotated[Array, InOut("place actor", "1")],
    strikes_on: Annotated[Array, InOut("actor", "strike")],
    civilian_deaths: Annotated[Array, InOut("place", "person")],
    attacks_by: Annotated[Array, InOut("actor", "event")],
    killed_by: Annotated[Array, InOut("actor", "person")],
    elapsed: Annotated[Array, InOut("", "day")],
    seen_strikes: Annotated[Array, In("month", "strike/day")],
    seen_harm: Annotated[Array, In("month", "person/day")],
    seen_control: Annotated[Array, In("month", "1")],
    seen_attacks: Annotated[Array, In("month", "event/day")],
    seen_killed: Annotated[Array, In("month", "person/day")],
    dt: Days,
) -> None:
    """Set what the image answers to.

    Parameters
    ----------
    control : dims (place, actor)
    strikes_on : dims (actor,), strike
    civilian_deaths : dims (place,), person
    attacks_by : dims (actor,), event
    killed_by : dims (actor,), person
    elapsed : one number, day
    seen_strikes : dims (month,), strike/day
    seen_harm : dims (month,), person/day
        The image counts them by its share of control, so this is divided by it.
    seen_control : dims (month,)
    seen_attacks : dims (month,), event/day
    seen_killed : dims (month,), person/day
    """
    month = min(int(elapsed[0] / 30.4375), seen_control.size - 1)
    elapsed[0] += dt
    control[0, 0] = seen_control[month]
    strikes_on[0] += seen_strikes[month] * dt
    civilian_deaths[0] += seen_harm[month] * dt / seen_control[month]
    attacks_by[0] += seen_attacks[month] * dt
    killed_by[0] += seen_killed[month] * dt
