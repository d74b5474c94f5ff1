"""Exemption: the Security Council's committee lets arms be delivered to a government.

    hazard_g = grant (1 - blocked)    for a recognised government that has asked for arms

that is, has consented to level 2. A member that blocks is a veto player. An exemption is lost with
recognition. Left out: exemptions for single deliveries and for equipment that does not kill, which
existed all along.
"""

from math import exp
from typing import Annotated

from khamsin.draws import bernoulli, pin_number
from khamsin.priors import Beta, LogNormal
from khamsin.process import Array, Days, In, InOut, Param, Stream, process


@process(each="model", references=("s_2016_209", "libya_herald_2016_05"))
def exemption(
    exempted: Annotated[Array, InOut("organisation", "1")],
    exemption: Annotated[Array, In("organisation", "1")],
    recognised: Annotated[Array, In("organisation", "1")],
    consent: Annotated[Array, In("organisation", "1")],
    grant: Annotated[float, Param("1/day", LogNormal(0.02 / 7, 0.7), "judgement")],
    blocked: Annotated[float, Param("1", Beta(9, 1), "libya_herald_2016_05")],
    dt: Days,
    rng: Stream,
) -> None:
    """Grant exemptions from the arms embargo.

    Parameters
    ----------
    exempted : dims (organisation,)
        1 where one was granted.
    exemption : dims (organisation,)
        1 where a scenario decrees one.
    recognised, consent : dims (organisation,)
    grant : 1/day
        Hazard of being granted one where nobody blocks.
    blocked : share of requests that a member of the Council blocks
        Russia spoke against it in May 2016.
    """
    for g in range(exempted.size):
        if recognised[g] < 0.5:
            exempted[g] = 0.0
        elif exemption[g] > 0.5:
            exempted[g] = 1.0
        elif exempted[g] < 0.5 and consent[g] >= 2.0:
            pin_number(rng, g)
            if bernoulli(rng, 1.0 - exp(-grant * (1.0 - blocked) * dt)):
                exempted[g] = 1.0
