"""Political instability of the state behind an armed force: an index that returns to calm.

    x <- usual + (x - usual) exp(-dt / calm) + volatility sqrt(1 - exp(-2 dt / calm)) * N(0, 1)

0 is the state of affairs at the start, and one unit what the crisis of the Iraqi cabinet in April
2016 was above the usual; so in a crisis at the start `usual` lies below 0. Later crises on record
are interventions; attacks raise the index too (hawkes). It helps those who recruit against that
state, and their bombing. Left out: elections, protest and repression one by one, economy, and what
instability does to the state's own forces.
"""

from math import exp, sqrt
from typing import Annotated

from khamsin.draws import normal, pin
from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, InOut, Param, Stream, process


@process(each="model")
def instability(
    instability: Annotated[Array, InOut("actor", "1")],
    volatility: Annotated[Array, Param("1", Fixed(0.5), "judgement", "actor")],
    usual: Annotated[Array, Param("1", Fixed(0.0), "judgement", "actor")],
    calm: Annotated[float, Param("day", LogNormal(90.0, 0.5), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Let instability come and go.

    Parameters
    ----------
    instability : dims (actor,)
    volatility : dims (actor,)
        Standard deviation of the index in the long run; 0 for an actor that has no index.
    usual : dims (actor,)
        Where the index returns to.
    calm : day
        Mean life of a crisis.
    """
    kept = exp(-dt / calm)
    for a in range(instability.size):
        if volatility[a] <= 0.0:
            continue
        pin(rng, a)
        level = usual[a] + (instability[a] - usual[a]) * kept
        level += volatility[a] * sqrt(1.0 - kept * kept) * normal(rng)
        instability[a] = min(3.0, max(-3.0, level))
