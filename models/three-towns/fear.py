"""Fear: what people in a town have seen lately.  fear <- fear exp(-dt / memory) + deaths / 1000 people"""

from math import exp
from typing import Annotated

from khamsin.priors import LogNormal
from khamsin.process import Array, Days, In, InOut, Param, process


@process(each="place")
def fear(
    fear: Annotated[Array, InOut("", "1")],
    battle_deaths: Annotated[Array, In("actor", "person")],
    population: Annotated[float, In("", "person")],
    memory: Annotated[float, Param("day", LogNormal(30.0, 0.5), "judgement")],
    dt: Days,
) -> None:
    """Let fear rise with deaths, and fade."""
    fear[0] = fear[0] * exp(-dt / memory) + 1000.0 * battle_deaths.sum() / population
