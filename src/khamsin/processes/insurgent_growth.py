"""Insurgent growth: a movement grows by itself, up to what the land carries, or by spill-over.

    own_b    = rate_b F_b (1 - F_b / capacity_b) ground_b experience_b (1 + D_b) ** violence
               exp(sum_q image_response_q I_qb)
    joined_b ~ NegBin(dt (own_b + sum_a refuge[a, b] spill_b F_a), dispersion)

with ground_b the people under its control over those at the start, at most `most_ground` (there is
no growth without a vacuum to grow in), and D_b the deaths in fighting, in this step, at places
where b has fighters: state violence that drives men to the rebels (exponent `violence`), and I_qb
the image of b at each audience, a response that is held to -2 .. 2. The logistic form is section
3.11 of the design. One process serves IS in Libya (`growth_LY`) and the Sahel (`sahel`). Left out:
exhaustion of pools.
"""

from math import exp
from typing import Annotated

from khamsin.draws import negative_binomial, pin_number
from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model", references=("buhaug_gleditsch_2008",))
def insurgent_growth(
    unplaced: Annotated[Array, InOut("actor", "person")],
    joined: Annotated[Array, Out("actor", "person")],
    fighters: Annotated[Array, In("place actor", "person")],
    battle_deaths: Annotated[Array, In("place actor", "person")],
    civilian_deaths: Annotated[Array, In("place", "person")],
    experience: Annotated[Array, In("actor", "1")],
    territory: Annotated[Array, In("actor", "person")],
    territory_at_start: Annotated[Array, In("actor", "person")],
    image: Annotated[Array, In("audience actor", "1")],
    refuge: Annotated[Array, In("actor other", "1")],
    rate: Annotated[Array, Param("1/day", Fixed(0.0), "judgement", "actor")],
    capacity: Annotated[Array, Param("person", LogNormal(8000.0, 0.4), "judgement", "actor")],
    violence: Annotated[Array, Param("1", Fixed(0.0), "judgement", "actor")],
    spill: Annotated[Array, Param("1/day", Fixed(0.0), "judgement", "actor")],
    image_response: Annotated[Array, Param("1", Fixed(0.0), "judgement", "audience")],
    most_ground: Annotated[float, Param("1", LogNormal(1.5, 0.2), "judgement")],
    dispersion: Annotated[float, Param("1", Fixed(5.0), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Let movements grow by themselves, or by what spills over from another.

    Parameters
    ----------
    unplaced : dims (actor,), person
        The stock that they join.
    joined : dims (actor,), person
        Who joined in this step, besides those of `recruitment`.
    fighters : dims (place, actor), person
    battle_deaths : dims (place, actor), person
    civilian_deaths : dims (place,), person
        Deaths of this step, of all sides and of civilians.
    experience : dims (actor,)
    territory, territory_at_start : dims (actor,), person
        People under the actor's control, now and at the start.
    image : dims (audience, actor)
    refuge : dims (actor, other)
        How open the way is from the first to the second, 0 to 1.
    rate : dims (actor,), 1/day
        Growth of a small movement in peace.
    capacity : dims (actor,), person
        Strength at which growth ends.
    violence : dims (actor,)
        Exponent of deaths around the movement.
    spill : dims (actor,), 1/day
        Recruits that each fighter of a neighbouring movement brings.
    image_response : dims (audience,)
        Log response to one unit of image.
    most_ground : most that conquests can multiply growth by
    dispersion : of the number in a week
    """
    places, actors = fighters.shape
    for b in range(actors):
        if rate[b] <= 0.0 and spill[b] <= 0.0:
            continue
        strength = unplaced[b]
        deaths = 0.0
        for p in range(places):
            if fighters[p, b] < 1.0:
                continue
            strength += fighters[p, b]
            if violence[b] != 0.0:
                deaths += civilian_deaths[p]
                for a in range(actors):
                    deaths += battle_deaths[p, a]
        own = rate[b] * strength * max(0.0, 1.0 - strength / capacity[b])
        if territory_at_start[b] >= 1.0:
            own *= min(most_ground, territory[b] / territory_at_start[b])
        mean = own * experience[b] * (1.0 + deaths) ** violence[b]
        pull = 0.0
        for q in range(image.shape[0]):
            pull += image_response[q] * image[q, b]
        mean *= exp(min(2.0, max(-2.0, pull)))
        if spill[b] > 0.0:
            for a in range(actors):
                if refuge[a, b] > 0.0 and a != b:
                    there = unplaced[a]
                    for p in range(places):
                        there += fighters[p, a]
                    mean += refuge[a, b] * spill[b] * there
        pin_number(rng, b)
        joined[b] = negative_binomial(rng, mean * dt, dispersion)
        unplaced[b] += joined[b]
