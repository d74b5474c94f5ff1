"""Image: what each audience thinks of an actor; one linear state whose weights are the hypothesis.

    I <- neutral + (I - neutral) exp(-fade dt)
       + weeks * ( strikes w(W) + harm log(1+H) + government (gov - 1) + attacks log(1+A)
                   + own_killing log(1+K) )  -  the same at the start
       + momentum * (change of smoothed log territory)  +  noise

W, H, A, K are strikes on it, civilians killed under its rule, its own attacks and the people those
killed, each a week; gov is the share still held of the people it ruled at the start. I = 0 is the
image at the start, which the intakes of the model are measured with, and one unit the rise of IS to
its peak of 2014. So what went on before the start and goes on moves nothing: `..._before` says how
much that was. w(W) = log(1+W), or, with a threshold, log(1+W) (1 - log(1+W) / log(1+threshold)):
positive below it, negative above. An audience far away sees all members of a movement as one
(`shared`); the local one sees its own theatre. I is held to -3 .. 3.

Left out: media output, hostility to Muslims abroad, deaths of leaders, pool of each audience.
"""

from math import exp, log, sqrt
from typing import Annotated

import numpy as np

from khamsin.draws import normal, pin
from khamsin.priors import Fixed, HalfNormal, LogNormal, Normal, Uniform
from khamsin.process import Array, Days, In, InOut, Param, Stream, process


@process(each="model", references=("milton_2016", "lyall_2014", "barcelo_labzina_2020"))
def image(
    image: Annotated[Array, InOut("audience actor", "1")],
    strikes_on: Annotated[Array, In("actor", "strike")],
    civilian_deaths: Annotated[Array, In("place", "person")],
    control: Annotated[Array, In("place actor", "1")],
    momentum: Annotated[Array, In("actor", "1/day")],
    usual_territory: Annotated[Array, In("actor", "1")],
    territory_at_start: Annotated[Array, In("actor", "person")],
    attacks_by: Annotated[Array, In("actor", "event")],
    killed_by: Annotated[Array, In("actor", "person")],
    member: Annotated[Array, Param("1", Fixed(1.0), "judgement", "actor")],
    shared: Annotated[Array, Param("1", Uniform(0, 1), "judgement", "audience")],
    fade: Annotated[float, Param("1/day", LogNormal(0.03 / 7, 0.4), "milton_2016")],
    neutral: Annotated[float, Param("1", Fixed(0.0), "judgement")],
    strikes: Annotated[float, Param("1", Normal(0.0, 0.02), "judgement")],
    threshold: Annotated[float, Param("strike/day", Fixed(0.0), "judgement")],
    harm: Annotated[float, Param("1", Normal(0.01, 0.01), "judgement")],
    territory: Annotated[float, Param("1", Normal(2.0, 2.0), "judgement")],
    government: Annotated[float, Param("1", HalfNormal(0.02), "judgement")],
    attacks: Annotated[float, Param("1", Normal(0.0, 0.03), "judgement")],
    own_killing: Annotated[float, Param("1", Normal(-0.01, 0.01), "judgement")],
    noise: Annotated[float, Param("1", HalfNormal(0.03), "judgement")],
    strikes_before: Annotated[Array, Param("strike/day", Fixed(0.0), "judgement", "actor")],
    harm_before: Annotated[Array, Param("person/day", Fixed(0.0), "judgement", "actor")],
    attacks_before: Annotated[Array, Param("event/day", Fixed(0.0), "judgement", "actor")],
    killed_before: Annotated[Array, Param("person/day", Fixed(0.0), "judgement", "actor")],
    dt: Days,
    rng: Stream,
) -> None:
    """Change the image of the actors of a movement.

    Parameters
    ----------
    image : dims (audience, actor)
    strikes_on : dims (actor,), strike
    civilian_deaths : dims (place,), person
        Counted for an actor by its share of control at the place.
    control : dims (place, actor)
    momentum : dims (actor,), 1/day
        Rate of change of the logarithm of people held.
    usual_territory : dims (actor,)
        That logarithm, smoothed; it weighs the members of a movement, and gives the people that it
        rules.
    territory_at_start : dims (actor,), person
        People held at the start.
    attacks_by : dims (actor,), event
        Its own attacks abroad.
    killed_by : dims (actor,), person
        People whom its attacks killed, at home and abroad.
    member : dims (actor,)
        1 for the actors of the movement, 0 for others, who have no image here.
    shared : dims (audience,)
        How far an audience sees what happens to the other members too.
    fade : 1/day
        Rate at which the image returns to `neutral` (half-life about 23 weeks).
    neutral : image without news, relative to that of the start
    strikes : bW, per log strike a week, each week
    threshold : strike/day
        Strikes above which they lower the image; 0 is no threshold.
    harm : bH, per log civilian killed a week, each week
    territory : bT, per unit of log territory
    government : bG, each week
    attacks : bA, per log attack a week, each week
    own_killing : bC, per log person killed a week, each week
    noise : per root of a week
    strikes_before : dims (actor,), strike/day
        What the image of the start already reflects; so the next three.
    harm_before : dims (actor,), person/day
    attacks_before : dims (actor,), event/day
    killed_before : dims (actor,), person/day
        For rare and heavy-tailed counts the level at which log(1 + killed) is its own mean.
    """
    audiences, actors = image.shape
    places = control.shape[0]
    if dt <= 0.0:
        return
    weeks = dt / 7.0
    kept = exp(-fade * dt)
    edge = log(1.0 + 7.0 * threshold)
    harmful = np.empty(places, np.int64)  # where civilians were killed
    many = 0
    for p in range(places):
        if civilian_deaths[p] > 0.0:
            harmful[many] = p
            many += 1
    for a in range(actors):
        if member[a] <= 0.0:
            continue
        pin(rng, a)
        for q in range(audiences):
            struck, struck_before = 0.0, 0.0
            harmed, harmed_before = 0.0, 0.0
            acts, acts_before = 0.0, 0.0
            killed, killed_then = 0.0, 0.0
            held, held_then, change = 0.0, 0.0, 0.0
            for b in range(actors):
                w = member[b] if b == a else member[b] * shared[q]
                if w <= 0.0:
                    continue
                struck += w * strikes_on[b] / weeks
                struck_before += w * strikes_before[b] * 7.0
                for k in range(many):
                    p = harmful[k]
                    harmed += w * civilian_deaths[p] * control[p, b] / weeks
                harmed_before += w * harm_before[b] * 7.0
                acts += w * attacks_by[b] / weeks
                acts_before += w * attacks_before[b] * 7.0
                killed += w * killed_by[b] / weeks
                killed_then += w * killed_before[b] * 7.0
                held_then += w * territory_at_start[b]
                size = w * exp(usual_territory[b])
                held += size
                change += size * momentum[b]
            now, then = log(1.0 + struck), log(1.0 + struck_before)
            if edge > 0.0:
                now, then = now * (1.0 - now / edge), then * (1.0 - then / edge)
            news = strikes * (now - then)
            news += harm * (log(1.0 + harmed) - log(1.0 + harmed_before))
            news += attacks * (log(1.0 + acts) - log(1.0 + acts_before))
            news += own_killing * (log(1.0 + killed) - log(1.0 + killed_then))
            if held_then > 0.0:
                news += government * (min(1.0, held / held_then) - 1.0)
            level = neutral + (image[q, a] - neutral) * kept
            level += news * weeks + territory * change / held * dt
            level += noise * sqrt(weeks) * normal(rng)
            image[q, a] = min(3.0, max(-3.0, level))
