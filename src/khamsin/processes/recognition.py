"""Recognition: the Security Council comes to recognise a government.

    hazard_g = (base + by_agreement * agreement_g + by_reach * reach_g) * governing_g

with the reach of a government the share of the country's people whom it governs through those who
serve it. Recognition is kept, until another government is recognised that one has not joined: the
Council recognises one at a time (Coggins 2011). Left out: recognition by single states.
"""

from math import exp
from typing import Annotated

from khamsin.draws import bernoulli, pin_number
from khamsin.priors import LogNormal
from khamsin.process import Array, Days, In, InOut, Param, Stream, process


@process(each="model", references=("coggins_2011",))
def recognition(
    recognised: Annotated[Array, InOut("organisation", "1")],
    governing: Annotated[Array, In("organisation", "1")],
    agreement: Annotated[Array, In("organisation", "1")],
    government_control: Annotated[Array, In("organisation place", "1")],
    population: Annotated[Array, In("place", "person")],
    base: Annotated[float, Param("1/day", LogNormal(0.0003 / 7, 1.0), "judgement")],
    by_agreement: Annotated[float, Param("1/day", LogNormal(0.5 / 7, 0.5), "judgement")],
    by_reach: Annotated[float, Param("1/day", LogNormal(0.002 / 7, 1.0), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Recognise a government.

    Parameters
    ----------
    recognised : dims (organisation,)
    governing, agreement : dims (organisation,)
    government_control : dims (organisation, place)
    population : dims (place,), person
    base : 1/day
    by_agreement : 1/day
        Added for a party to the agreement (December 2015: within a week).
    by_reach : 1/day
        Added for a government that governs everybody who is governed.
    """
    governed = 0.0
    for p in range(population.size):
        for g in range(recognised.size):
            governed += government_control[g, p] * population[p]
    for g in range(recognised.size):
        if governing[g] < 0.5 or recognised[g] > 0.5:
            continue
        own = 0.0
        for p in range(population.size):
            own += government_control[g, p] * population[p]
        reach = own / max(governed, 1.0)
        pin_number(rng, g)
        if bernoulli(rng, 1.0 - exp(-(base + by_agreement * agreement[g] + by_reach * reach) * dt)):
            for other in range(recognised.size):
                if other != g and (agreement[other] < 0.5 or agreement[g] < 0.5):
                    recognised[other] = 0.0
            recognised[g] = 1.0
