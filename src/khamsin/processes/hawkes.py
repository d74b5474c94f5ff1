"""Terror attacks: one actor's self-exciting campaign, by place and step, with heavy-tailed deaths.

    mu = base dt (C / C_0)^capacity exp(sum_q image_q I_q + pressure Pi + unrest x
                                        + provocation log((1 + S) / (1 + S_0)))
    lam = mu + branching (1 - exp(-dt / memory)) ((1 - spread) m + spread share sum of m)
    n ~ NegBin(lam, dispersion);   m <- m exp(-dt / memory) + n
    deaths of an attack: none with chance `harmless`, else the whole part of a Pareto number from
    `smallest` to `largest`, P(D >= d) ~ d^-(exponent - 1)

C are the fighters within reach and a share of the men back from a war abroad where it strikes, I
the image of the actor, Pi the pressure on it, x the instability of the state that it attacks, S the
strikes a week that it suffered in the last quarter; _0 marks what was so when `base` was observed.
Each attack has `branching` children in the long run, so a campaign has mean mu / (1 - branching)
for any `spread`, which says what part of them strikes elsewhere (in proportion to `base`). The
rival mechanisms are parameters: lash-out is pressure > 0, capacity is capacity > 0, contagion is
spread > 0; reputation is provocation > 0. The exponent is held to -2 .. 2 and C / C_0 to 10. Used
as several named instances, each with places of its own.

Left out: choice of target, foiled plots, fighters lost in attacks, deaths among residents.
"""

from math import exp, floor, log
from typing import Annotated

from khamsin.draws import bernoulli, negative_binomial, pin_pair, uniform
from khamsin.priors import Beta, Fixed, LogNormal, Normal
from khamsin.process import Array, Days, In, InOut, Param, Stream, process


@process(each="model", references=("lewis_2012", "clauset_2007", "porter_white_2012"))
def hawkes(
    attacks: Annotated[Array, InOut("place", "event")],
    attack_deaths: Annotated[Array, InOut("place", "person")],
    recent_attacks: Annotated[Array, InOut("place", "event")],
    attacks_by: Annotated[Array, InOut("actor", "event")],
    killed_by: Annotated[Array, InOut("actor", "person")],
    instability: Annotated[Array, InOut("actor", "1")],
    fighters: Annotated[Array, In("place actor", "person")],
    unplaced: Annotated[Array, In("actor", "person")],
    returnees: Annotated[Array, In("place", "person")],
    image: Annotated[Array, In("audience actor", "1")],
    pressure: Annotated[Array, In("actor", "1/day")],
    recent_strikes: Annotated[Array, In("actor", "strike/day")],
    perpetrator: Annotated[Array, Param("1", Fixed(1.0), "judgement", "actor")],
    state: Annotated[Array, Param("1", Fixed(0.0), "judgement", "actor")],
    base: Annotated[Array, Param("event/day", LogNormal(0.01, 0.5), "judgement", "place")],
    reach: Annotated[Array, Param("1", Fixed(1.0), "judgement", "place")],
    unplaced_reach: Annotated[float, Param("1", Fixed(1.0), "judgement")],
    returnee_reach: Annotated[float, Param("1", Fixed(0.0), "judgement")],
    capacity_then: Annotated[float, Param("person", LogNormal(1000.0, 0.4), "judgement")],
    capacity: Annotated[float, Param("1", LogNormal(0.7, 0.4), "judgement")],
    image_response: Annotated[Array, Param("1", Fixed(0.0), "judgement", "audience")],
    pressure_response: Annotated[float, Param("day", Fixed(0.0), "judgement")],
    unrest_response: Annotated[float, Param("1", Normal(0.5, 0.3), "judgement")],
    provocation: Annotated[float, Param("1", Fixed(0.0), "judgement")],
    strikes_then: Annotated[float, Param("strike/day", Fixed(0.0), "judgement")],
    branching: Annotated[float, Param("1", Beta(9, 12), "lewis_2012")],
    spread: Annotated[float, Param("1", Fixed(0.0), "judgement")],
    memory: Annotated[float, Param("day", LogNormal(20.0, 0.35), "lewis_2012")],
    dispersion: Annotated[float, Param("1", Fixed(3.0), "judgement")],
    harmless: Annotated[float, Param("1", Beta(3, 7), "judgement")],
    exponent: Annotated[float, Param("1", Normal(2.4, 0.15), "clauset_2007")],
    smallest: Annotated[float, Param("person", LogNormal(2.0, 0.3), "judgement")],
    largest: Annotated[float, Param("person", Fixed(400.0), "judgement")],
    shake: Annotated[float, Param("1", Fixed(0.0), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Let an actor attack.

    Parameters
    ----------
    attacks : dims (place,), event
    attack_deaths : dims (place,), person
    recent_attacks : dims (place,), event
        Attacks of the past, fading with `memory`.
    attacks_by : dims (actor,), event
    killed_by : dims (actor,), person
    instability : dims (actor,)
        Raised by attacks on the state that they hit.
    fighters : dims (place, actor), person
    unplaced : dims (actor,), person
    returnees : dims (place,), person
    image : dims (audience, actor)
    pressure : dims (actor,), 1/day
    recent_strikes : dims (actor,), strike/day
    perpetrator : dims (actor,)
        1 for the actor whose campaign it is (the first one counts), else 0.
    state : dims (actor,)
        1 for the force of the state that is attacked, else 0.
    base : dims (place,), event/day
        Attacks that no other attack sets off, with the capacity and the image of the start; 0 for a
        place that this campaign does not reach.
    reach : dims (place,)
        How far fighters at a place can take part.
    unplaced_reach : the same for the unplaced
    returnee_reach : share of the returnees at the places of the campaign who would take part
    capacity_then : person
        C_0, fighters within reach when `base` was observed.
    capacity : exponent of C
    image_response : dims (audience,)
        Log response to one unit of image.
    pressure_response : day
        Log response to a loss of all fighters in one day.
    unrest_response : log response to one unit of instability
    provocation : log response to 1 + strikes a week
    strikes_then : strike/day
        S_0, what it suffered when `base` was observed.
    branching : attacks that one attack sets off, in all
    spread : share of these that strike another place of the campaign
    memory : day
        Mean time until an attack is followed (2 to 6 weeks).
    dispersion : of the count of a step
    harmless : share of attacks that kill nobody
    exponent : of the density of deaths
    smallest, largest : person
        Deaths in an attack that kills.
    shake : rise of instability for each log(1 + deaths)
    """
    places, actors = fighters.shape
    who, hit = -1, -1
    for a in range(actors):
        if who < 0 and perpetrator[a] > 0.5:
            who = a
        if hit < 0 and state[a] > 0.5:
            hit = a
    if who < 0:
        return
    within, whole, past = unplaced_reach * unplaced[who], 0.0, 0.0
    for p in range(places):
        within += reach[p] * fighters[p, who]
        if base[p] > 0.0:
            whole += base[p]
            past += recent_attacks[p]
            within += returnee_reach * returnees[p]
    drive = pressure_response * pressure[who]
    drive += provocation * log((1.0 + 7.0 * recent_strikes[who]) / (1.0 + 7.0 * strikes_then))
    for q in range(image.shape[0]):
        drive += image_response[q] * image[q, who]
    if hit >= 0:
        drive += unrest_response * instability[hit]
    scale = min(within / capacity_then, 10.0) ** capacity * exp(min(2.0, max(-2.0, drive)))
    kept = exp(-dt / memory)
    tail = exponent - 1.0
    least, most = smallest ** (-tail), (largest + 1.0) ** (-tail)
    for p in range(places):
        if base[p] <= 0.0:
            continue
        children = (1.0 - spread) * recent_attacks[p] + spread * base[p] / whole * past
        recent_attacks[p] *= kept
        pin_pair(rng, p, who)
        mean = base[p] * dt * scale + branching * (1.0 - kept) * children
        count = negative_binomial(rng, mean, dispersion)
        recent_attacks[p] += count
        attacks[p] += count
        attacks_by[who] += count
        for _ in range(int(count)):
            if bernoulli(rng, harmless):
                continue
            dead = floor((most + uniform(rng) * (least - most)) ** (-1.0 / tail))
            attack_deaths[p] += dead
            killed_by[who] += dead
            if hit >= 0:
                instability[hit] = min(3.0, instability[hit] + shake * log(1.0 + dead))
