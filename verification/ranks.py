"""Simulation-based calibration: ranks of the truth among posterior draws are uniform.

Talts, Betancourt, Simpson, Vehtari, Gelman 2018. A parameter is drawn from its prior, data from the
parameter, a posterior from the data by `khamsin.calibration.tempering`; over many rounds the rank
of the parameter among draws of its posterior is uniform if, and only if, the sampler is right. The
model is small and plain, with luck inside the likelihood as in khamsin's own use.
"""

from typing import Any

import numpy as np

from khamsin.calibration.tempering import Particles, temper
from khamsin.reporting import reporting_model

ROUNDS, PARTICLES, DRAWS, BINS = 400, 200, 19, 10
WEIGHTS = np.array([0.6, 0.4])
NOISE = np.random.default_rng(9).gamma(20.0, 1 / 20.0, (4, 1_000_003))  # by piece of luck


def happened(score: Any, answer: Any, luck: Any) -> np.ndarray[Any, Any]:
    """Return four counts of each particle: a log-normal rate, twice under the second answer, and
    luck (particle, count)."""
    rate = np.exp(2.0 + 0.8 * score) * np.where(answer == 0, 1.0, 2.0)
    noise = NOISE[np.arange(luck.shape[1]), luck % NOISE.shape[1]]
    return np.asarray(rate[:, None] * noise)


def ranks(rounds: int = ROUNDS) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return ranks of the score among DRAWS posterior draws, and (posterior, truth) of answers."""
    law, size = reporting_model("negative_binomial"), {"size": 10.0, "background": 0.1}
    found, answers = [], []
    for k in range(rounds):
        rng = np.random.default_rng([20160517, k])
        score, answer = rng.standard_normal(), int(rng.random() > WEIGHTS[0])
        luck = rng.integers(NOISE.shape[1], size=(1, NOISE.shape[0]))
        truth = happened(np.array([score]), np.array([answer]), luck)
        seen = law.sample(truth, size, rng)

        def simulate(
            p: Particles, seen: Any = seen
        ) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
            each = happened(p.scores[:, 0], p.answers[:, 0], p.luck)
            return law.log_likelihood(seen, each, size).sum(axis=1), each

        done = temper(
            simulate, [WEIGHTS], 1,
            particles=PARTICLES, seed=k, moves=4, pieces=NOISE.shape[0],
        )  # fmt: skip
        drawn = rng.choice(done.particles.scores[:, 0], DRAWS, replace=False)
        found.append(int((drawn < score).sum()))
        answers.append((float((done.particles.answers[:, 0] == 1).mean()), answer))
    return np.array(found), np.array(answers)


def check(rounds: int = ROUNDS) -> dict[str, float]:
    """Return the chi-squared p of the ranks, and how far answers are from their probabilities."""
    from scipy.stats import chisquare

    found, answers = ranks(rounds)
    counts = np.bincount(found * BINS // (DRAWS + 1), minlength=BINS)
    said, true = answers.T
    off = (true - said).sum() / np.sqrt((said * (1 - said)).sum())
    return {
        "rounds": float(rounds),
        "ranks_p": float(chisquare(counts).pvalue),
        "answers_errors": float(abs(off)),
    }


def passes(found: dict[str, float]) -> bool:
    """Return whether ranks are uniform and answers as frequent as was said."""
    return found["ranks_p"] > 1e-3 and found["answers_errors"] < 4.0


if __name__ == "__main__":
    print(check())
