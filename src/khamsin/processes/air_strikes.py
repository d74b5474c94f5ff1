"""Air strikes: strikes on an actor at a place, fighters killed and civilians killed.

    strikes ~ NegBin((plan + orders) dt, dispersion)
    killed  ~ Poisson(strikes * killed_per_strike * min(1, F / F_saturation) * accuracy)
    civilians ~ NegBin(strikes * civilians_per_strike * crowd, 0.5)

Accuracy is 1 where an enemy of the target, or who helps one, is on the ground to observe, less
elsewhere. Nothing finer than a count for a place and step is modelled, and nothing finer should be.
Left out: weather, intelligence as a state of its own, damage to buildings.
"""

from typing import Annotated

import numpy as np

from khamsin.draws import negative_binomial, pin, poisson
from khamsin.priors import Beta, Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="place", references=("airwars_2016", "africom_2017"))
def air_strikes(
    fighters: Annotated[Array, InOut("actor", "person")],
    strikes: Annotated[Array, Out("", "strike")],
    strikes_on: Annotated[Array, InOut("actor", "strike")],
    strike_deaths: Annotated[Array, Out("actor", "person")],
    civilian_deaths: Annotated[Array, Out("", "person")],
    strike_plan: Annotated[Array, In("actor", "strike/day")],
    strike_orders: Annotated[Array, In("actor", "strike/day")],
    assistance: Annotated[Array, In("actor", "1")],
    hostility: Annotated[Array, In("actor other", "1")],
    control: Annotated[Array, In("actor", "1")],
    population: Annotated[float, In("", "person")],
    killed_per_strike: Annotated[float, Param("1", LogNormal(1.3, 0.35), "judgement")],
    saturation: Annotated[float, Param("person", Fixed(800.0), "judgement")],
    unobserved: Annotated[float, Param("1", Beta(6, 4), "judgement")],
    civilians_per_strike: Annotated[float, Param("1", LogNormal(0.11, 0.7), "airwars_2016")],
    crowd: Annotated[float, Param("person", Fixed(50_000.0), "judgement")],
    dispersion: Annotated[float, Param("1", Fixed(3.0), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Fly the planned strikes on each actor present at a place.

    Parameters
    ----------
    fighters : dims (actor,), person
    strikes : one number
        Strikes flown here in this step.
    strikes_on : dims (actor,), strike
        Strikes flown on each actor, all places together.
    strike_deaths : dims (actor,), person
        Fighters killed from the air in this step.
    civilian_deaths : one number, person
    strike_plan : dims (actor,), strike/day
        Strikes planned on each actor at this place.
    strike_orders : dims (actor,), strike/day
        Strikes that outside powers order on top of the plan.
    assistance : dims (actor,)
        Above 0 where outside soldiers help an actor here: they observe too.
    hostility : dims (actor, other)
    control : dims (actor,)
        A target with under 3 % of control has dispersed and is no longer struck.
    population : person
    killed_per_strike : fighters killed by a strike at full exposure
    saturation : person
        Force below which targets become scarce.
    unobserved : accuracy where nobody observes from the ground
    civilians_per_strike : civilians killed by a strike in a crowded town
    crowd : person
        Population from which on a town counts as crowded.
    dispersion : of the weekly number of strikes
    """
    some = np.int64(0)  # without a branch: at most places nothing is planned
    for a in range(fighters.size):
        some |= np.int64(strike_plan[a] + strike_orders[a] > 0.0)
    for a in range(fighters.size if some else 0):
        planned = strike_plan[a] + strike_orders[a]
        if planned <= 0.0 or fighters[a] < 1.0 or control[a] < 0.03:
            continue
        pin(rng, a)
        flown = negative_binomial(rng, planned * dt, dispersion)
        accuracy = unobserved
        for b in range(fighters.size):
            if hostility[a, b] > 0.0 and (fighters[b] >= 1.0 or assistance[b] > 0.0):
                accuracy = 1.0
        killed = poisson(
            rng, flown * killed_per_strike * accuracy * min(1.0, fighters[a] / saturation)
        )
        killed = min(killed, fighters[a])
        fighters[a] -= killed
        strike_deaths[a] = killed
        strikes[0] += flown
        strikes_on[a] += flown
        mean = flown * civilians_per_strike * min(1.0, population / crowd)
        civilian_deaths[0] += min(negative_binomial(rng, mean, 0.5), population)
