"""Arms delivery: what outside powers send in spite of the embargo, or with its leave.

    rest  = wanted - what is lawful;  wanted = patronage * dt + shipments_wanted
    lawful = wanted * exempted * allegiance    for the government that the actor serves most

and of the rest, by three rival rules (hypothesis `embargo`, parameter `rule`), with E how hard the
embargo is enforced and U how hard it was at the origin:

    0 proportional: small parcels, n ~ Poisson(rest / parcel), each seized with seized * E / U
    1 threshold:    few large lumps, n ~ Poisson(rest / lump * s((stake - seaborne E) / softness)):
                    patrons who accept the exposure send, the others do not
    2 price:        everything arrives, but money buys exp(-dearer * (E - U)) as much

The threshold scales with what a patron is exposed to: inspections at sea do nothing to flights and
to trucks over its own border (S/2017/466). Shipments are large and few under the second rule, small
and many under the others: their recorded number tells the rules apart. Left out: delays, training,
the wishes of sellers.
"""

from math import exp
from typing import Annotated

from khamsin.draws import binomial, pin_number, poisson
from khamsin.priors import Beta, Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model", references=("moore_2010", "erickson_2013"))
def arms_delivery(
    arms: Annotated[Array, InOut("actor", "kit")],
    donated: Annotated[Array, InOut("actor", "kit")],
    arms_delivered: Annotated[Array, Out("actor", "kit")],
    arms_seized: Annotated[Array, Out("actor", "kit")],
    shipments: Annotated[Array, Out("power", "event")],
    shipments_wanted: Annotated[Array, In("power actor", "kit")],
    patronage: Annotated[Array, In("power actor", "kit/day")],
    stake: Annotated[Array, In("power actor", "1")],
    seaborne: Annotated[Array, In("power", "1")],
    embargo: Annotated[float, In("", "1")],
    exempted: Annotated[Array, In("organisation", "1")],
    allegiance: Annotated[Array, In("organisation actor", "1")],
    rule: Annotated[float, Param("1", Fixed(1.0), "judgement")],
    seized: Annotated[float, Param("1", Beta(2, 4), "judgement")],
    usual: Annotated[float, Param("1", Fixed(0.3), "judgement")],
    parcel: Annotated[float, Param("kit", Fixed(100.0), "judgement")],
    lump: Annotated[float, Param("kit", LogNormal(1250.0, 0.7), "judgement")],
    softness: Annotated[float, Param("1", Fixed(0.1), "judgement")],
    dearer: Annotated[float, Param("1", LogNormal(1.0, 0.5), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Send arms, seize some of them, and hand over the rest.

    Parameters
    ----------
    arms, donated : dims (actor,), kit
    arms_delivered, arms_seized : dims (actor,), kit
    shipments : dims (power,)
        Shipments that arrive in this step, lawful or not.
    shipments_wanted : dims (power, actor), kit
        What a power's policy sends off in this step.
    patronage : dims (power, actor), kit/day
        What a patron means to send its client all the time.
    stake : dims (power, actor)
        What the client is worth to its patron, 0 to 1.
    seaborne : dims (power,)
        How far a power's shipments lie open to inspection.
    embargo : E
    exempted : dims (organisation,)
        Granted to a recognised government that has consented to arms.
    allegiance : dims (organisation, actor)
    rule : 0 proportional, 1 threshold, 2 price
    seized : share of parcels that is seized at the usual enforcement
    usual : U, enforcement at the origin
    parcel : kit
        A small shipment.
    lump : kit
        A large one: 250 vehicles, each with arms for five.
    softness : width of the threshold
    dearer : log of what full enforcement adds to the cost
    """
    for a in range(arms.size):
        lawful = 0.0
        for g in range(exempted.size):
            lawful = max(lawful, exempted[g] * allegiance[g, a])
        for p in range(stake.shape[0]):
            wanted = patronage[p, a] * dt + shipments_wanted[p, a]
            if wanted <= 0.0:
                continue
            pin_number(rng, p * 1024 + a)
            number = poisson(rng, lawful * wanted / parcel)
            size = parcel
            came = number * parcel
            rest = (1.0 - lawful) * wanted
            if rule == 0.0:
                sent = poisson(rng, rest / parcel)
                lost = binomial(rng, sent, min(1.0, seized * embargo / usual))
                arms_seized[a] += lost * parcel
                sent -= lost
            elif rule == 1.0:
                size = lump
                nerve = 1.0 / (1.0 + exp(-(stake[p, a] - seaborne[p] * embargo) / softness))
                sent = poisson(rng, rest / lump * nerve)
            else:
                sent = poisson(rng, rest / parcel * exp(-dearer * (embargo - usual)))
            came += sent * size
            shipments[p] += number + sent
            arms[a] += came
            donated[a] += came
            arms_delivered[a] += came
