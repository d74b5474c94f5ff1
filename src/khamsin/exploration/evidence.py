"""The value of evidence: which observation would settle most of what is open about an outcome.

An observation is worth the variance of the outcome that knowing it would take away, expected over
what it might say: 1 - E[Var(Y | Z)] / Var(Y) = Var(E[Y | Z]) / Var(Y) (Raiffa and Schlaifer 1961,
with a quadratic loss). The conditional mean is taken over classes of Z of equal weight; with few
members each class keeps some noise, which would count as knowledge: the expected share of a Z that
says nothing, (classes - 1) / (members - 1), is taken off (omega squared, Hays 1963).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from khamsin.quantiles import weighted_mean

Floats = npt.NDArray[np.float64]

CLASSES = 10
MEMBERS_A_CLASS = 10


@dataclass(frozen=True)
class Value:
    """What knowing one thing would settle.

    Attributes
    ----------
    share : float
        Share of the outcome's variance that is expected to go; not below 0.
    error : float
        Its standard error, by the bootstrap over members.
    classes : tuple of (str, float, float)
        What it might say, the weight of that, and the outcome's mean then.
    """

    name: str
    share: float
    error: float
    classes: tuple[tuple[str, float, float], ...]


def value_of(
    outcome: Floats,
    weights: Floats,
    evidence: Mapping[str, Floats | npt.NDArray[np.str_]],
    *,
    seed: int = 1,
    rounds: int = 100,
) -> list[Value]:
    """Value each piece of evidence, the most telling first.

    Parameters
    ----------
    outcome : ndarray, dims (member,)
    weights : ndarray, dims (member,)
    evidence : mapping
        Name -> number of each member (an observed quantity), or its answer (a question settled).
    """
    found = []
    for name, said in evidence.items():
        label, names = _classes(said, weights)
        share = _share(outcome, weights, label)
        rng = np.random.Generator(np.random.Philox(seed))
        again = []
        for _ in range(rounds):
            picked = rng.integers(outcome.size, size=outcome.size)
            again.append(_share(outcome[picked], weights[picked], label[picked]))
        rows = []
        for k, text in enumerate(names):
            own = label == k
            mean = float(weighted_mean(outcome[own], weights[own]))
            rows.append((text, float(weights[own].sum() / weights.sum()), mean))
        found.append(Value(name, share, float(np.std(again, ddof=1)), tuple(rows)))
    return sorted(found, key=lambda v: -v.share)


def _classes(
    said: Floats | npt.NDArray[np.str_], weights: Floats
) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Put each member into a class: its answer, or a range of values of about equal weight."""
    if said.dtype.kind not in "fiu":
        names, label = np.unique(said, return_inverse=True)
        return label.astype(np.int64), [str(n) for n in names]
    values = np.asarray(said, dtype=np.float64)
    many = max(2, min(CLASSES, values.size // MEMBERS_A_CLASS))
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) - 0.5 * weights[order]
    rough = np.empty(values.size, np.int64)
    rough[order] = np.minimum((reached / weights.sum() * many).astype(np.int64), many - 1)
    # equal values belong together: a class that says "none at all" is a class
    distinct, of = np.unique(values, return_inverse=True)
    least = np.full(distinct.size, many)
    np.minimum.at(least, of, rough)
    _, label = np.unique(least[of], return_inverse=True)
    ends = [(values[label == k].min(), values[label == k].max()) for k in range(label.max() + 1)]
    return label.astype(np.int64), [
        f"{low:,.4g}" if low == high else f"{low:,.4g} to {high:,.4g}" for low, high in ends
    ]


def _share(outcome: Floats, weights: Floats, label: npt.NDArray[np.int64]) -> float:
    """Variance between classes over the whole, less what chance alone would give."""
    total = weights.sum()
    mean = float(weights @ outcome) / total
    whole = float(weights @ (outcome - mean) ** 2) / total
    if whole <= 0.0:
        return 0.0
    held = np.bincount(label, weights=weights)
    summed = np.bincount(label, weights=weights * outcome)
    full = held > 0
    between = float((held[full] * (summed[full] / held[full] - mean) ** 2).sum()) / total
    effective = total**2 / float(
        (weights**2).sum()
    )  # members of equal weight that are worth as much
    chance = (np.count_nonzero(full) - 1) / max(effective - 1.0, 1.0)
    share = between / whole
    return max(0.0, (share - chance) / (1.0 - chance)) if chance < 1.0 else 0.0
