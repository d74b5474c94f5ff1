"""Which member holds which answer: balanced over members, weighted afterwards (decision 17 of the
design)."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from khamsin.draws import uniforms
from khamsin.model import Hypothesis

Ints = npt.NDArray[np.int64]


def likeliest(hypothesis: Hypothesis) -> str:
    """Return the answer with the largest weight (the first of equals)."""
    return max(hypothesis.answers, key=lambda a: hypothesis.answers[a].weight)


def answers_of(
    hypotheses: Mapping[str, Hypothesis],
    live: Mapping[str, tuple[str, ...]],
    seed: int,
    members: Ints,
) -> dict[str, npt.NDArray[np.str_]]:
    """Return the answer of each member to each question, dims (member,).

    Members are dealt answers in rounds: in each round of as many members as there are live answers
    everyone gets another one, in an order of its own. So each answer is held equally often,
    whatever the number of members, give or take one.
    """
    held = {}
    for question, hypothesis in hypotheses.items():
        names = live.get(question, (likeliest(hypothesis),))
        n = len(names)
        rounds, seat = np.divmod(members, n)
        u = uniforms(seed, f"answers {question}", np.unique(rounds), n)
        order = np.argsort(u, axis=1)[np.searchsorted(np.unique(rounds), rounds)]
        held[question] = np.array(names)[order[np.arange(members.size), seat]]
    return held


def weights_of(
    hypotheses: Mapping[str, Hypothesis], held: Mapping[str, npt.NDArray[np.str_]]
) -> npt.NDArray[np.float64]:
    """Return the weight of each member, dims (member,), adding up to one.

    Answers are held equally often; their weights in the model enter here, as a product over
    questions.
    """
    size = next(iter(held.values())).size if held else 0
    weight = np.ones(size)
    for question, answers in held.items():
        given = hypotheses[question].answers
        total = np.zeros(size)
        for name in np.unique(answers):
            holders = answers == name
            total[holders] = given[str(name)].weight / holders.sum()
        weight *= total
    weight /= weight.sum()
    return weight
