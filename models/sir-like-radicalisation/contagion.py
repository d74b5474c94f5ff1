"""Contagion: people are drawn in by those who are in, and leave for good.

drawn in ~ Binomial(S, 1 - exp(-reproduction / stay * I / N dt)),  leave ~ Binomial(I, 1 - exp(-dt / stay))

Kermack and McKendrick 1927; for fanatic behaviour Castillo-Chavez and Song 2003. Left out: everything about why.
"""

from math import exp
from typing import Annotated

from khamsin.draws import binomial, pin_number
from khamsin.priors import Fixed
from khamsin.process import Array, Days, InOut, Out, Param, Stream, process


@process(each="place", references=("kermack_mckendrick_1927", "castillo_chavez_song_2003"))
def contagion(
    susceptible: Annotated[Array, InOut("", "person")],
    radicalised: Annotated[Array, InOut("", "person")],
    disengaged: Annotated[Array, InOut("", "person")],
    drawn_in: Annotated[Array, Out("", "person")],
    reproduction: Annotated[float, Param("1", Fixed(2.0), "judgement")],
    stay: Annotated[float, Param("day", Fixed(20.0), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Draw people in, and let them go.

    Parameters
    ----------
    reproduction : people whom one draws in while all are susceptible
    stay : day
        Mean time until one leaves.
    """
    everyone = susceptible[0] + radicalised[0] + disengaged[0]
    if radicalised[0] < 1.0:
        return
    hazard = reproduction / stay * radicalised[0] / everyone
    pin_number(rng, 0)
    drawn_in[0] = binomial(rng, susceptible[0], 1.0 - exp(-hazard * dt))
    pin_number(rng, 1)
    leaving = binomial(rng, radicalised[0], 1.0 - exp(-dt / stay))
    susceptible[0] -= drawn_in[0]
    radicalised[0] += drawn_in[0] - leaving
    disengaged[0] += leaving
