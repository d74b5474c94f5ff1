"""Blockade: those who guard a facility shut it to be paid, and open it for a deal; whoever takes it
may open it too.

    shut   = begin * exp(b_arrears arrears / 12 weeks) * (1 + output / 100 kb/d) ** b_value
             * (1 - deal)                                              the holder's hazard
    open   = settle + under_deal * deal + hand_over * (holder is not who shut it)

A holder for whom the companies' staff do not work (`works` 0) has shut the place by being there.
Whoever settles opens all that it has shut: one demand, one price, one draw (both terminals of the
oil crescent shut and opened together, as did both pipes of the Zintanis). A settlement without an
agreement from outside is paid for (`settlements`, out of the state's account in `treasury`). What
is on record as shut (`shut`) is shut by whoever holds it, and stays so while the record lasts.
Obstruction for rent: Le Billon 2001, Ross 2004. Left out: the cost to the communities that live off
the facility, strikes by staff, blockades by crowds without arms.
"""

from math import exp
from typing import Annotated

from khamsin.draws import bernoulli, pin_number
from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, Stream, process


@process(each="model", references=("le_billon_2001", "ross_2004"))
def blockade(
    blocked: Annotated[Array, InOut("facility", "1")],
    blocker: Annotated[Array, InOut("facility", "1")],
    blockades: Annotated[Array, Out("facility", "event")],
    reopenings: Annotated[Array, Out("facility", "event")],
    settlements: Annotated[Array, Out("actor", "event")],
    oil_output: Annotated[Array, In("facility", "kb/day")],
    oil_deal: Annotated[Array, In("facility", "1")],
    shut: Annotated[Array, In("facility", "1")],
    facility_place: Annotated[Array, In("facility", "1")],
    holder: Annotated[Array, In("place", "1")],
    arrears: Annotated[Array, In("actor", "day")],
    begin: Annotated[float, Param("1/day", LogNormal(0.002 / 7, 0.8), "judgement")],
    b_arrears: Annotated[float, Param("1", LogNormal(0.7, 0.5), "judgement")],
    b_value: Annotated[float, Param("1", LogNormal(0.5, 0.5), "judgement")],
    works: Annotated[Array, Param("1", Fixed(1.0), "judgement", "actor")],
    settle: Annotated[float, Param("1/day", LogNormal(0.01 / 7, 0.8), "judgement")],
    under_deal: Annotated[float, Param("1/day", LogNormal(1.0 / 7, 0.5), "judgement")],
    hand_over: Annotated[float, Param("1/day", LogNormal(0.15 / 7, 0.8), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Let holders shut facilities and open them again.

    Parameters
    ----------
    blocked : dims (facility,)
        How far a facility is shut.
    blocker : dims (facility,)
        Who shut it, -1 for nobody.
    blockades, reopenings : dims (facility,)
        1 where a facility was shut, and opened, in this step.
    settlements : dims (actor,)
        Demands that an actor settled for money in this step, each for all that it had shut.
    oil_output : dims (facility,), kb/day
        What there is to lose.
    oil_deal : dims (facility,)
        Whether an agreement to open has been reached.
    shut : dims (facility,)
        How far a facility is on record as shut.
    facility_place : dims (facility,)
    holder : dims (place,)
    arrears : dims (actor,), day
    begin : 1/day
        Hazard of a blockade by a paid holder at a facility without output (some seven in 146 weeks
        at about 16 facilities to May 2016, most of them by unpaid guards).
    b_arrears, b_value : how unpaid guards and a rich facility raise it
    works : dims (actor,)
        1 where the staff of the companies work under an actor, 0 where they flee.
    settle : 1/day
        Hazard that the one who shut it settles by itself.
    under_deal : 1/day
        Hazard of opening once an agreement stands.
    hand_over : 1/day
        Hazard that somebody else who has taken the place opens it.
    """
    for j in range(blocked.size):
        p = int(facility_place[j])
        if p < 0:
            continue
        h = int(holder[p])
        if h < 0:
            continue
        if works[h] < 0.5:
            if blocked[j] < 1.0 or int(blocker[j]) != h:
                blockades[j] = 1.0 if blocked[j] < 1.0 else 0.0
                blocked[j] = 1.0
                blocker[j] = h
            continue
        if shut[j] > 0.0:
            if blocked[j] < shut[j]:
                blockades[j] = 1.0 if blocked[j] <= 0.0 else 0.0
                blocked[j] = shut[j]
                blocker[j] = h
            continue
        pin_number(rng, j)
        if blocked[j] > 0.0:
            own = int(blocker[j]) == h
            alone = 0.0 if own else hand_over
            opened = bernoulli(rng, 1.0 - exp(-(alone + under_deal * oil_deal[j]) * dt))
            if own:
                pin_number(rng, 1024 + h)  # the same draw for all that it has shut
                if bernoulli(rng, 1.0 - exp(-settle * dt)):
                    settlements[h] = 1.0
                    opened = True
            if opened:
                blocked[j] = 0.0
                blocker[j] = -1.0
                reopenings[j] = 1.0
        else:
            wish = begin * exp(b_arrears * min(arrears[h], 84.0) / 84.0)
            wish *= (1.0 + oil_output[j] / 100.0) ** b_value * (1.0 - oil_deal[j])
            if bernoulli(rng, 1.0 - exp(-wish * dt)):
                blocked[j] = 1.0
                blocker[j] = h
                blockades[j] = 1.0
