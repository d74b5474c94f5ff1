"""Choose how the total of the displaced is forecast, by crises that no score of ours is of.

    python -m scripts.displacement_development

A forecast is made from a quarter, a third and a half of each of 13 crises, knowing counts dated
before and no more, and scored by the days after: the averaged relative difference of the median of
40 members, and their CRPS in the same denominator.

The rule, in its last wording, written before any of the four cases was scored by what it chooses;
it was reworded twice while results on the 13 were in view (docs/displacement.md). A candidate is a
way to carry a camp on from its last count to the first day of the forecast, and a way to forecast
the total from there. Its score is the mean of the logarithms of error and CRPS, over origins and
then over crises, weighed alike. Of those that are not worse than the best by more than one standard
error (of the difference, over crises) the first is taken: the lists are ordered by how much is
learnt, and how much is new. Who gets the rest is chosen in the same way by the error of camps, in
the four crises whose counts are by camp or country. How wide the forecast is: `widths.py`.
"""

import numpy as np
import numpy.typing as npt

from khamsin.displacement.measures import crps, normal

from .candidates import TOTALS, Forecast, ages, carry_on, drawn
from .crises import WHOLE, Crisis, read_crises
from .widths import ORIGINS, choose_width

Floats = npt.NDArray[np.float64]

LEAST = 1e-3  # error below which no difference counts
CARRIES = {  # window and half-life, days
    "not carried on": (1, 1e-9),
    "30 days (as before)": (30, 1e9),
    "15 days": (15, 1e9),
    "30 days, halves in 30": (30, 30.0),
    "15 days, halves in 30": (15, 30.0),
}
WAYS = {  # recent days, and weight of the last shares
    "as in the last 60 days (as before)": (60, 0.0),
    "as in all days": (10_000, 0.0),
    "half way to the last shares": (60, 0.5),
    "the last shares": (60, 1.0),
}


def likelihood(crisis: Crisis, carry: tuple[int, float]) -> Floats:
    """Return how well each half-life would have done for a crisis, adding up to 1."""
    error = np.zeros(ages(1)[1].size)
    for share in ORIGINS:
        origin = int(crisis.days * share)
        known = crisis.known(origin, carry).sum(axis=1)
        truth = crisis.daily[origin:].sum(axis=1)[:, None]
        span, half_lives = ages(origin)
        for k, half_life in enumerate(half_lives):
            error[k] += normal(carry_on(known, len(truth), span, half_life)[:, None], truth)
    weight = np.maximum(error, LEAST) ** -float(len(ORIGINS))
    return np.asarray(weight / weight.sum())


def score(crises: list[Crisis], rule: Forecast, carry: tuple[int, float]) -> Floats:
    """Return the logarithms of the error and of the CRPS, dims (crisis, [error, crps])."""
    likely = [likelihood(crisis, carry) for crisis in crises]
    found = np.zeros((len(crises), 2))
    for k, crisis in enumerate(crises):
        prior = np.mean([w for j, w in enumerate(likely) if j != k], axis=0)
        for share in ORIGINS:
            origin = int(crisis.days * share)
            truth = crisis.daily[origin:].sum(axis=1)[:, None]
            known = crisis.known(origin, carry).sum(axis=1)
            each = rule(known, len(truth), prior)[:, :, None]
            scores = normal(np.median(each, axis=0), truth), crps(each, truth)
            found[k] += np.log(np.maximum(scores, LEAST)) / len(ORIGINS)
    return found


def share_out(crisis: Crisis, carry: tuple[int, float], recent: int, still: float) -> float:
    """Return the logarithm of the error of camps: who comes is shared as lately, or (`still`) the
    whole as it was shared last."""
    found = 0.0
    for share in ORIGINS:
        origin = int(crisis.days * share)
        known, truth = crisis.known(origin, carry), crisis.daily[origin:]
        whole = known.sum(axis=1)
        total = np.median(drawn(whole, len(truth), np.ones(1)), axis=0)[:, None]
        came = np.maximum(known[-1] - known[max(origin - 1 - recent, 0)], 0.0)
        last = known[-1] / whole[-1]
        came = came / came.sum() if came.sum() > 0.0 else last
        camps = known[-1] + came * np.maximum(total - whole[-1], 0.0)
        mixed = (1.0 - still) * camps + still * last * total
        found += np.log(normal(mixed, truth)) / len(ORIGINS)
    return float(found)


def choose(table: dict[str, Floats], title: str) -> str:
    """Print the scores, dims (crisis,) each, and return the name that the rule takes."""
    best = min(table, key=lambda name: float(table[name].mean()))
    taken = ""
    print(f"\n{title}\n")
    for name, scores in table.items():
        worse = scores - table[best]
        error = float(worse.std(ddof=1)) / np.sqrt(worse.size)
        taken = taken or (name if worse.mean() <= error else "")
        print(f"{name:64} {np.exp(scores.mean()):.3f}, worse by {worse.mean():.3f} ± {error:.3f}")
    print(f"taken: {taken}")
    return taken


def main() -> None:
    """Print all tables."""
    read = read_crises()
    every = [Crisis(parts, whole=True) for parts in read.values()]
    camps = [Crisis(parts, whole=False) for parts in read.values() if set(parts) != {WHOLE}]
    both = {
        f"{total}; {name}": score(every, rule, carry)
        for total, rule in TOTALS.items()
        for name, carry in CARRIES.items()
    }
    taken = choose({name: s.mean(axis=1) for name, s in both.items()}, "the total: error and CRPS")
    way = taken.split("; ")[1]
    still = both[f"persistence; {way}"][:, 0]
    print(f"\nerror, CRPS, and error over that of persistence; {way}:", *read)
    for total in TOTALS:
        s = both[f"{total}; {way}"]
        error, spread = np.exp(s.mean(axis=0))
        print(f"{total:42} {error:.3f} {spread:.3f}", *np.exp(s[:, 0] - still).round(2))
    shared = {
        name: np.array([share_out(crisis, CARRIES[way], *each) for crisis in camps])
        for name, each in WAYS.items()
    }
    choose(shared, f"who gets the rest: {len(camps)} crises")
    choose_width(CARRIES[way])


if __name__ == "__main__":
    main()
