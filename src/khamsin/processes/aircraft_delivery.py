"""Aircraft delivery: aircraft on order arrive when the order has waited long enough.

    waited <- waited + relation dt;   aircraft <- ordered   once waited >= lag

The clock runs only while the supplier is willing (`relation`, a forcing: 0 is a hold), and the lag
is drawn once for each future. Nothing else is drawn. The prior is that of sales known at the time:
the light attack aircraft of Afghanistan were awarded in December 2011 and came in January 2016.
Left out: deliveries in batches, training, prices.
"""

from typing import Annotated

from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Param, process


@process(each="model")
def aircraft_delivery(
    aircraft: Annotated[Array, InOut("actor", "vehicle")],
    waited: Annotated[Array, InOut("actor", "day")],
    relation: Annotated[Array, In("actor", "1")],
    ordered: Annotated[Array, Param("vehicle", Fixed(0.0), "judgement", "actor")],
    lag: Annotated[Array, Param("day", LogNormal(150.0 * 7, 0.5), "judgement", "actor")],
    dt: Days,
) -> None:
    """Deliver the aircraft that actors have on order.

    Parameters
    ----------
    aircraft : dims (actor,), vehicle
        Aircraft for strikes that an actor has got.
    waited : dims (actor,), day
        How long its order has been worked on.
    relation : dims (actor,)
        How willing the supplier is: 1 works on the order, 0 has it on hold.
    ordered : dims (actor,), vehicle
    lag : dims (actor,), day
        From the plan to the delivery, holds not counted.
    """
    for a in range(aircraft.size):
        if ordered[a] <= aircraft[a]:
            continue
        waited[a] += relation[a] * dt
        if waited[a] >= lag[a]:
            aircraft[a] = ordered[a]
