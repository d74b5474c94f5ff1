"""Ladder: outside powers climb from special forces to arms, air power and ground forces, and down.

    want_p = the highest rung l with X_p > reluctance_p threshold_l
    up     with hazard `up` while want > rung, to the next rung; one more is skipped with chance
           `skip` each time; the rung is taken if its gate is open
    down   with hazard `down` while X_p < reluctance_p threshold_rung - hysteresis, or while there
           is nobody left to fight

Gates: special forces none (they are discreet); arms need a recognised government that consents, and
its exemption from the embargo; air power a recognised government that consents; ground forces the
same, and a threat that has stood above the threshold for `sustained`. A covert patron needs the
consent of its client's government alone. A scenario's floor and ceiling go before all gates. Left
out: bargaining between powers, parliaments, the sequence of diplomacy.
"""

from math import exp, floor
from typing import Annotated

from khamsin.draws import bernoulli, pin_number
from khamsin.priors import Beta, Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Param, Stream, process


@process(each="model", references=("regan_2000", "aydin_2010"))
def ladder(
    rung: Annotated[Array, InOut("power", "1")],
    alarm_days: Annotated[Array, InOut("power", "day")],
    threat: Annotated[Array, In("power", "1")],
    adversary_strength: Annotated[Array, In("power", "1")],
    rung_floor: Annotated[Array, In("power", "1")],
    rung_ceiling: Annotated[Array, In("power", "1")],
    sponsor: Annotated[Array, In("power organisation", "1")],
    recognised: Annotated[Array, In("organisation", "1")],
    consent: Annotated[Array, In("organisation", "1")],
    exempted: Annotated[Array, In("organisation", "1")],
    covert: Annotated[Array, In("power", "1")],
    threshold_1: Annotated[float, Param("1", LogNormal(0.5, 0.15), "judgement")],
    threshold_2: Annotated[float, Param("1", LogNormal(0.58, 0.15), "judgement")],
    threshold_3: Annotated[float, Param("1", LogNormal(0.66, 0.15), "judgement")],
    threshold_4: Annotated[float, Param("1", LogNormal(1.0, 0.15), "judgement")],
    reluctance: Annotated[Array, Param("1", Fixed(1.0), "judgement", "power")],
    hysteresis: Annotated[float, Param("1", Fixed(0.1), "judgement")],
    up: Annotated[float, Param("1/day", LogNormal(0.15 / 7, 0.5), "judgement")],
    down: Annotated[float, Param("1/day", LogNormal(0.05 / 7, 0.5), "judgement")],
    skip: Annotated[float, Param("1", Beta(3, 7), "judgement")],
    sustained: Annotated[float, Param("day", Fixed(56.0), "judgement")],
    enough: Annotated[float, Param("person", Fixed(0.0), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Move each power up or down the ladder.

    Parameters
    ----------
    rung : dims (power,)
        0 none, 1 special forces, 2 arms, 3 air power, 4 ground forces.
    alarm_days : dims (power,), day
        How long the threat has stood above the threshold of ground forces.
    threat : dims (power,)
    adversary_strength : dims (power,)
    rung_floor, rung_ceiling : dims (power,)
        Set by scenarios.
    sponsor : dims (power, organisation)
    recognised, consent, exempted : dims (organisation,)
    covert : dims (power,)
        1 for a power that needs no leave but its client's.
    threshold_1, threshold_2, threshold_3, threshold_4 : threat from which a rung is wanted
    reluctance : dims (power,)
        Factor on the thresholds.
    hysteresis : how far the threat must fall below a threshold for a step down
    up, down : 1/day
    skip : chance to pass a rung over
    sustained : day
    enough : person
        Adversaries below which a power has done what it came for (hypothesis `goal`).
    """
    for p in range(rung.size):
        least = floor(rung_floor[p] + 1e-9)
        most = floor(rung_ceiling[p] + 1e-9)
        t1 = threshold_1 * reluctance[p]
        t2 = max(t1, threshold_2 * reluctance[p])
        t3 = max(t2, threshold_3 * reluctance[p])
        t4 = max(t3, threshold_4 * reluctance[p])
        x = threat[p]
        alarm_days[p] = alarm_days[p] + dt if x > t4 else 0.0
        done = adversary_strength[p] < enough
        want = 0.0
        if x > t4 and alarm_days[p] >= sustained:
            want = 4.0
        elif x > t3:
            want = 3.0
        elif x > t2:
            want = 2.0
        elif x > t1:
            want = 1.0
        if done:
            want = min(want, 1.0)
        now = rung[p]
        here = t1
        if now >= 4.0:
            here = t4
        elif now >= 3.0:
            here = t3
        elif now >= 2.0:
            here = t2
        pin_number(rng, p)
        if want > now:
            if bernoulli(rng, 1.0 - exp(-up * dt)):
                aim = floor(now) + 1.0
                while aim < want and bernoulli(rng, skip):
                    aim += 1.0
                open_gate = aim <= 1.0
                for g in range(consent.size):
                    if sponsor[p, g] <= 0.0 or consent[g] < aim:
                        continue
                    leave = recognised[g] > 0.5 and (aim != 2.0 or exempted[g] > 0.5)
                    open_gate = open_gate or leave or covert[p] > 0.5
                if open_gate:
                    rung[p] = aim
        else:
            tired = now > 0.0 and (x < here - hysteresis or (done and now > 1.0))
            if tired and bernoulli(rng, 1.0 - exp(-down * dt)):
                rung[p] = max(0.0, floor(now) - 1.0)
        rung[p] = min(max(rung[p], least), max(most, least))
