"""Treasury: what an actor earns and pays; where it cannot pay, arrears grow.

    due     = wage * armed * dt
    revenue = taxes + smuggling + own oil + patrons (backed * due) + settlements of blockades
              + state (listed * (due + owed), as far as its account reaches)
    paid    = min(due + owed, M + revenue),   M <- M + revenue - paid
    arrears = (owed + due - paid) / (due per day), at most `memory`

with taxes a levy a head on the people under control. What is left above `reserve` days of pay is
spent on other things within a month or so. Arrears make fighters desert and change sides, and
guards shut the oil. Rent and pay: Collier and Hoeffler 2004; accounts of IS: Heissner et al. 2017.
Left out: kidnap and looting, the exchange rate, prices of food, pay that is stolen by officers.
"""

from math import exp
from typing import Annotated

import numpy as np

from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, process


@process(each="model", references=("heissner_2017", "eaton_2018"))
def treasury(
    treasury: Annotated[Array, InOut("actor", "MUSD")],
    arrears: Annotated[Array, InOut("actor", "day")],
    state_account: Annotated[Array, InOut("organisation", "MUSD")],
    taxes: Annotated[Array, Out("actor", "MUSD")],
    patron_money: Annotated[Array, Out("actor", "MUSD")],
    state_pay: Annotated[Array, Out("actor", "MUSD")],
    pay: Annotated[Array, Out("actor", "MUSD")],
    other_spending: Annotated[Array, Out("actor", "MUSD")],
    armed: Annotated[Array, In("actor", "person")],
    control: Annotated[Array, In("place actor", "1")],
    population: Annotated[Array, In("place", "person")],
    recognised: Annotated[Array, In("organisation", "1")],
    smuggled_oil_income: Annotated[Array, In("actor", "MUSD")],
    smuggling_income: Annotated[Array, In("actor", "MUSD")],
    settlements: Annotated[Array, In("actor", "event")],
    wage: Annotated[
        Array, Param("USD/person/day", LogNormal(450 / 30.44, 0.4), "judgement", "actor")
    ],
    levy: Annotated[
        Array, Param("USD/person/day", LogNormal(10 / 365.25, 0.7), "judgement", "actor")
    ],
    listed: Annotated[Array, Param("1", Fixed(0.0), "judgement", "actor")],
    backed: Annotated[Array, Param("1", Fixed(0.0), "judgement", "actor")],
    settlement: Annotated[float, Param("MUSD", LogNormal(10.0, 0.7), "judgement")],
    reserve: Annotated[float, Param("day", LogNormal(60.0, 0.4), "judgement")],
    memory: Annotated[float, Param("day", Fixed(365.0), "judgement")],
    dt: Days,
) -> None:
    """Earn, pay, and owe.

    Parameters
    ----------
    treasury : dims (actor,), MUSD
    arrears : dims (actor,), day
    state_account : dims (organisation,), MUSD
    taxes, patron_money, state_pay, pay, other_spending : dims (actor,), MUSD
        The flows of this step: three in, two out.
    armed : dims (actor,), person
    control : dims (place, actor)
    population : dims (place,), person
    recognised : dims (organisation,)
        Only recognised governments pay from their account.
    smuggled_oil_income, smuggling_income : dims (actor,), MUSD
    settlements : dims (actor,)
        Blockades ended for money in this step.
    wage : dims (actor,), USD/person/day
    levy : dims (actor,), USD/person/day
        Taken from each person under full control.
    listed : dims (actor,)
        Share of the pay that the state has taken on.
    backed : dims (actor,)
        Share that patrons, a state outside the model, or income that is not modelled pay.
    settlement : MUSD
        Price of ending a blockade.
    reserve : day
        Days of pay that are kept back.
    memory : day
        Pay owed for longer is written off.
    """
    actors = treasury.size
    due = np.zeros(actors)
    claim = np.zeros(actors)  # on the state
    wanted = 0.0
    for a in range(actors):
        due[a] = wage[a] * armed[a] * dt / 1e6
        daily = wage[a] * armed[a] / 1e6
        claim[a] = listed[a] * (due[a] + arrears[a] * daily) + settlement * settlements[a]
        wanted += claim[a]
    there = 0.0
    for o in range(recognised.size):
        if recognised[o] > 0.0:
            there += state_account[o]
    met = min(1.0, there / wanted) if wanted > 0.0 else 0.0
    if met > 0.0:
        left = 1.0 - met * wanted / there
        for o in range(recognised.size):
            if recognised[o] > 0.0:
                state_account[o] = max(0.0, state_account[o] * left)
    held = np.zeros(actors)
    for p in range(population.size):
        for a in range(actors):
            held[a] += control[p, a] * population[p]
    fade = 1.0 - exp(-dt / 30.0)
    for a in range(actors):
        revenue = smuggled_oil_income[a] + smuggling_income[a]
        if levy[a] > 0.0:
            taxes[a] = levy[a] * held[a] * dt / 1e6
        patron_money[a] = backed[a] * due[a]
        state_pay[a] = met * claim[a]
        treasury[a] += revenue + taxes[a] + patron_money[a] + state_pay[a]
        if due[a] <= 0.0:
            arrears[a] = 0.0
            continue
        daily = wage[a] * armed[a] / 1e6
        total = due[a] + arrears[a] * daily
        pay[a] = min(total, treasury[a])
        treasury[a] -= pay[a]
        arrears[a] = min(memory, (total - pay[a]) / daily)
        spare = treasury[a] - reserve * daily
        if spare > 0.0:
            other_spending[a] = fade * spare
            treasury[a] -= other_spending[a]
