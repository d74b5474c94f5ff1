"""IS in Libya grows by men from a core under pressure (balloon), by itself (independent), or by the
name and the emissaries of the core (brand); foreign fighters come under every answer.

Design, sections 3.3 and 3.11; pressure is taken against a reference (docs/science/theatres.md).
"""

import numpy as np

from verification.simulators.months import Floats, column

WEEKS, MONTHS = 78, 18


def simulate(answer: str, rng: np.random.Generator) -> dict[str, Floats]:
    """Return recorded strength at the end of each month, November 2014 to April 2016."""
    pressure, image = (column("growth_LY", "inputs.csv", name) for name in ("pressure", "image"))
    spread = np.log(1200 / 800) if rng.random() < 0.5 else np.log(800 / 300)
    own = np.floor(800 * np.exp(np.abs(rng.standard_normal()) * spread / 1.645
                                * (1 if spread == np.log(1200 / 800) else -1)))  # fmt: skip
    core, fraction = 25_500.0, 1e-4 * rng.lognormal(0, 1) if answer == "balloon" else 0.0
    intake = 6.0 * rng.lognormal(0, 0.5) if answer == "balloon" else 0.0
    rate = 0.0 if answer == "balloon" else 0.011 * rng.lognormal(0, 0.4)
    response = rng.normal(1, 0.5) if answer == "brand" else 0.0
    sent = 0.2 * rng.lognormal(0, 0.7) if answer == "brand" else 0.0
    worth, room = abs(0.02 * rng.standard_normal()), 8000 * rng.lognormal(0, 0.4)
    lost = rng.uniform(0.02, 0.05)
    inflow, pool = 30.0 * rng.lognormal(0, 0.6), 6000 * rng.lognormal(0, 0.7)
    drawn, lag = rng.normal(1, 0.5), 28.0 * rng.lognormal(0, 0.3)
    reference = 0.02 / 7 * rng.lognormal(0, 0.3)
    way, gone, veterans, strength = 0.0, 0.0, 0.0, np.zeros(WEEKS)
    for week in range(WEEKS):
        month = min(int(7 * week / 30.4375), image.size - 1)
        own += rng.poisson(intake * rng.gamma(5.0, 1 / 5.0))
        arrived = rng.binomial(int(way), 1 - np.exp(-7 / lag))
        mean = inflow * np.exp(np.clip(drawn * image[month], -4, 4)) * max(0.0, 1 - gone / pool)
        setting_out = rng.poisson(mean * rng.gamma(3.0, 1 / 3.0))
        way, own, gone = way + setting_out - arrived, own + arrived, gone + setting_out
        push = np.log1p(np.exp(2 * (pressure[month] / reference - 1))) / np.log(2)
        moved = rng.binomial(int(core), 1 - np.exp(-fraction * push))
        more = rng.poisson(sent)
        core, way = core - moved - more, way + moved + more
        veterans += more - rng.binomial(int(veterans), 1 - np.exp(-lost))
        skill = 1 + 0.3 * (1 - np.exp(-worth * veterans / 0.3))
        grown = rate * own * max(0.0, 1 - own / room) * skill
        grown *= np.exp(np.clip(response * image[month], -2, 2))
        own += rng.poisson(grown * rng.gamma(5.0, 1 / 5.0))
        strength[week] = own
    ends = np.arange("2014-12", "2016-06", dtype="datetime64[M]").astype("datetime64[D]")
    last = ((ends - np.datetime64("2014-11-01")).astype(int) // 7 - 1).clip(0, WEEKS - 1)
    error = 0.45 * rng.lognormal(0, 0.3)
    return {"fighters": strength[last[:MONTHS]] * np.exp(error * rng.standard_normal(MONTHS))}
