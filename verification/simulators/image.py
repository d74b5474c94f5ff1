"""The image of IS and who sets out for it, under six answers: what it is attacked with, what it
wins, both, what it does itself, none of these, or strikes up to a threshold.

Design, sections 3.3 and 3.4; weights and what `image` leaves to the start: docs/science/image.md.
"""

import numpy as np

from verification.simulators.months import Floats, by_month, column

WEEKS, MONTHS = 122, 28
PEOPLE, SHUT = 1e7, 82  # of the core; weeks until August 2015, when the road through Turkey closes
STRIKES, HARM, LAND, GOVERNMENT, ATTACKS, KILLING = range(6)


def weights(answer: str, rng: np.random.Generator) -> tuple[Floats, float]:
    """Draw what each kind of news weighs, and the strikes a week above which they count against."""
    sizes = np.abs(rng.standard_normal(6)) * [0.02, 0.015, 0, 0.02, 0.02, 0]
    land = 2.0 * rng.lognormal(0, 0.6)
    if answer == "backlash":
        return sizes * [1, 1, 0, 0, 1, 0], 0.0
    if answer == "momentum":
        return np.array([0, 0, land, sizes[GOVERNMENT], 0.5 * sizes[ATTACKS], 0]), 0.0
    if answer == "mixed":
        own = rng.normal(0, 0.03)
        return np.array([sizes[STRIKES], sizes[HARM], land, sizes[GOVERNMENT], own, 0]), 0.0
    if answer == "disengagement":
        harm, own, killing = rng.uniform(-1, 0, 3) * [0.02, 0.06, 0.03]
        return np.array([0, harm, 0.5 * land, sizes[GOVERNMENT], own, killing]), 0.0
    edge = 10.0 * rng.lognormal(0, 0.4) if answer == "threshold" else 0.0
    return sizes * [answer == "threshold", 0, 0, 0, 0, 0], edge


def simulate(answer: str, rng: np.random.Generator) -> dict[str, Floats]:
    """Return recorded foreign fighters who arrive by month, January 2014 to April 2016."""
    names = ("strikes", "harmed", "held", "attacks", "killed")
    strikes, harmed, held, attacks, killed = (column("image", "inputs.csv", n) for n in names)
    weight, edge = weights(answer, rng)
    fade, noise = 0.03 * rng.lognormal(0, 0.4), abs(0.03 * rng.standard_normal())
    least = 20_000 * rng.lognormal(0, 0.5)
    inflow, pool = 150 * rng.lognormal(0, 0.5), 60_000 * rng.lognormal(0, 0.7)
    response, lag = rng.normal(1, 0.5), 28 * rng.lognormal(0, 0.3)
    half_shut = rng.uniform(0.3, 0.6)
    a_week, image, way, gone = 7 / 30.4375, 0.0, 0.0, 0.0
    land, came = np.log(held[0] * PEOPLE + least), np.zeros(WEEKS)
    for week in range(WEEKS):
        m = min(int(7 * week / 30.4375), held.size - 1)
        news = np.log1p(np.array([strikes[m], harmed[m], attacks[m], killed[m]]) * a_week)
        if edge > 0:
            news[0] *= 1 - news[0] / np.log1p(edge)
        moved = (1 - np.exp(-7 / 28)) * (np.log(held[m] * PEOPLE + least) - land)
        land += moved
        change = weight[STRIKES] * news[0] + weight[HARM] * news[1] + weight[LAND] * moved
        ruled = min(1.0, np.exp(land) / 1e6) - 1.0
        change += weight[GOVERNMENT] * ruled + weight[ATTACKS] * news[2]
        change += weight[KILLING] * (news[3] - np.log1p(35.0)) + noise * rng.standard_normal()
        image = np.clip(image * np.exp(-fade) + change, -3, 3)
        arrived = rng.binomial(int(way), 1 - np.exp(-7 / lag))
        open_ = 1.0 if week <= SHUT else half_shut
        mean = inflow * open_ * np.exp(np.clip(response * image, -4, 4)) * max(0, 1 - gone / pool)
        setting_out = rng.poisson(mean * rng.gamma(3.0, 1 / 3.0))
        way, gone, came[week] = way + setting_out - arrived, gone + setting_out, arrived
    month = np.maximum(by_month("2014-01-01", came, MONTHS), 1.0)
    return {"came": month * np.exp(0.4 * rng.standard_normal(MONTHS))}
