"""Cadres: a few veterans are sent to friends in another theatre, and make them better fighters.

    sent ~ Poisson(rate_a refuge[a, b] dt)            as far as the sender has men
    lost ~ Binomial(cadres_b, 1 - exp(-loss dt))      killed, caught, or no longer in command
    experience_b = 1 + most (1 - exp(-worth cadres_b / most))

The veterans are men like others: they leave the sender and arrive as foreign fighters do. `cadres`
marks how many of an actor's fighters they are, from the week they set out; losing the mark kills
nobody twice. The design has 1 + 0.02 for each man without end; the ceiling `most` is ours, because
a few dozen men do not double an army of eight thousand. Left out: who they are, quarrels between
them, what their loss unteaches.
"""

from math import exp
from typing import Annotated

from khamsin.draws import binomial, pin_number, poisson
from khamsin.priors import Fixed, HalfNormal, Uniform
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model")
def cadres(
    cadres: Annotated[Array, InOut("actor", "person")],
    experience: Annotated[Array, InOut("actor", "1")],
    fighters: Annotated[Array, InOut("place actor", "person")],
    unplaced: Annotated[Array, InOut("actor", "person")],
    foreign_under_way: Annotated[Array, InOut("actor", "person")],
    cadres_sent: Annotated[Array, Out("actor", "person")],
    refuge: Annotated[Array, In("actor other", "1")],
    rate: Annotated[Array, Param("person/day", Fixed(0.0), "judgement", "actor")],
    loss: Annotated[float, Param("1/day", Uniform(0.02 / 7, 0.05 / 7), "judgement")],
    worth: Annotated[float, Param("1", HalfNormal(0.02), "judgement")],
    most: Annotated[float, Param("1", Fixed(0.3), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Send veterans to other theatres and follow the experience that they bring.

    Parameters
    ----------
    cadres : dims (actor,), person
        Veterans from elsewhere among an actor's fighters.
    experience : dims (actor,)
        Factor on the skill of an actor's fighters, 1 without veterans.
    fighters : dims (place, actor), person
    unplaced, foreign_under_way : dims (actor,), person
    cadres_sent : dims (actor,), person
        Veterans who left an actor in this step.
    refuge : dims (actor, other)
        How open the way is from the first to the second, 0 to 1.
    rate : dims (actor,), person/day
        Veterans sent by each way that is open.
    loss : 1/day
        Hazard that a veteran is lost to his new side.
    worth : gain in skill by the first veteran
    most : largest gain in skill
    """
    places, actors = fighters.shape
    for b in range(actors):
        if cadres[b] >= 1.0:
            pin_number(rng, b)
            cadres[b] -= binomial(rng, cadres[b], 1.0 - exp(-loss * dt))
    for a in range(actors):
        if rate[a] <= 0.0:
            continue
        for b in range(actors):
            if b == a or refuge[a, b] <= 0.0:
                continue
            pin_number(rng, (a + 1) * 1024 + b)
            wanted = poisson(rng, rate[a] * refuge[a, b] * dt)
            sent = min(wanted, unplaced[a])
            unplaced[a] -= sent
            for p in range(places):
                more = min(wanted - sent, fighters[p, a])
                if more > 0.0:
                    fighters[p, a] -= more
                    sent += more
            foreign_under_way[b] += sent
            cadres[b] += sent
            cadres_sent[a] += sent
    for b in range(actors):
        gain = most * (1.0 - exp(-worth * cadres[b] / most)) if cadres[b] > 0.0 else 0.0
        experience[b] = 1.0 + gain
