"""Oil income: who may sell, and what it brings.

    sold_o   = loaded * recognised_o / sum of recognised      all that is loaded, if anyone may sell
    income_o = price * sold_o
    account_o += armed_share * income_o, up to `cushion`;  the rest is public spending
    income_a = price * (1 - discount) * smuggled_a              what a holder sells by itself

Only a government that the United Nations recognise may sell (resolution 2146 and its followers);
what is loaded while nobody is recognised earns nothing. Price in USD a barrel, oil in thousand
barrels, money in million USD. Left out: sales by a parallel oil company (one cargo tried by May
2016, and sent back), the reserves of the central bank, swaps for fuel, lags of payment.
"""

from typing import Annotated

from khamsin.priors import Beta, LogNormal, Uniform
from khamsin.process import Array, In, InOut, Out, Param, process


@process(each="model", references=("eaton_2018", "do_2017"))
def oil_income(
    state_account: Annotated[Array, InOut("organisation", "MUSD")],
    oil_sold: Annotated[Array, Out("organisation", "kb")],
    oil_unsold: Annotated[Array, Out("", "kb")],
    oil_income: Annotated[Array, Out("organisation", "MUSD")],
    public_spending: Annotated[Array, Out("organisation", "MUSD")],
    smuggled_oil_income: Annotated[Array, Out("actor", "MUSD")],
    oil_loaded: Annotated[Array, In("facility", "kb")],
    oil_smuggled: Annotated[Array, In("facility", "kb")],
    facility_place: Annotated[Array, In("facility", "1")],
    holder: Annotated[Array, In("place", "1")],
    oil_price: Annotated[float, In("", "USD/barrel")],
    recognised: Annotated[Array, In("organisation", "1")],
    armed_share: Annotated[float, Param("1", Beta(4, 96), "judgement")],
    cushion: Annotated[float, Param("MUSD", LogNormal(150.0, 0.5), "judgement")],
    discount: Annotated[float, Param("1", Uniform(0.4, 0.7), "judgement")],
) -> None:
    """Sell the oil that was loaded, and what holders of fields took.

    Parameters
    ----------
    state_account : dims (organisation,), MUSD
        Money for the pay of armed groups.
    oil_sold : dims (organisation,), kb
    oil_unsold : one number, kb
        Loaded while nobody may sell.
    oil_income : dims (organisation,), MUSD
    public_spending : dims (organisation,), MUSD
        What of it goes elsewhere than to armed groups.
    smuggled_oil_income : dims (actor,), MUSD
    oil_loaded, oil_smuggled : dims (facility,), kb
    facility_place : dims (facility,)
    holder : dims (place,)
    oil_price : USD/barrel
    recognised : dims (organisation,)
    armed_share : share of the state's oil income that goes to armed groups (the pay of 40,000 men,
        200 million a year, of the 5 billion that 300 kb/d brought)
    cushion : MUSD
        Largest sum that is kept for their pay.
    discount : what oil outside the state's sales sells below the price (0.3 to 0.6 of it is got)
    """
    loaded = 0.0
    for j in range(oil_loaded.size):
        loaded += oil_loaded[j]
        p = int(facility_place[j])
        if oil_smuggled[j] > 0.0 and p >= 0 and holder[p] >= 0.0:
            worth = oil_price * (1.0 - discount) * oil_smuggled[j] / 1000.0
            smuggled_oil_income[int(holder[p])] += worth
    may = 0.0
    for o in range(recognised.size):
        may += recognised[o]
    if may <= 0.0:
        oil_unsold[0] = loaded
        return
    for o in range(recognised.size):
        oil_sold[o] = loaded * recognised[o] / may
        oil_income[o] = oil_price * oil_sold[o] / 1000.0
        kept = min(armed_share * oil_income[o], max(0.0, cushion - state_account[o]))
        public_spending[o] = oil_income[o] - kept
        state_account[o] += kept
