"""What filtered members say of hypotheses: posterior probability and odds, with their errors."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from khamsin.calibration.filtered import Filtered
from khamsin.calibration.resampling import by_root, error_of_log_evidence, error_of_mean


@dataclass(frozen=True)
class Odds:
    """One answer to one question.

    Attributes
    ----------
    prior, posterior : float
        Probability before and after the record.
    error : float
        Monte-Carlo standard error of the posterior, from ancestry alone; NaN when all members
        descend from one.
    factor : float
        Bayes factor against all other answers together: posterior odds over prior odds.
    families : int
        First ancestors with this answer that still have descendants: below ten the error means
        little.
    """

    question: str
    answer: str
    prior: float
    posterior: float
    error: float
    factor: float
    families: int

    def to_dict(self) -> dict[str, Any]:
        """Return all fields."""
        return asdict(self)


def odds_of(filtered: Filtered) -> list[Odds]:
    """Return prior and posterior of each answer of each live hypothesis."""
    count = filtered.weights.size
    held = filtered.plan.answers(filtered.seed, np.arange(count))
    families = by_root(filtered.weights, filtered.roots, count) > 0
    found = []
    for question, answers in filtered.plan.live.items():
        if len(answers) < 2:
            continue
        for answer in answers:
            holds = held[question] == answer
            prior = float(filtered.first[holds].sum())
            now = (filtered.answers[question] == answer).astype(np.float64)
            posterior = float(filtered.weights @ now)
            error = error_of_mean(now, filtered.weights, filtered.roots)
            found.append(
                Odds(
                    question,
                    answer,
                    prior,
                    posterior,
                    error,
                    _odds(posterior) / _odds(prior),
                    int(families[holds].sum()),
                )
            )
    return found


def summary(filtered: Filtered) -> dict[str, Any]:
    """Return the evidence, the effective numbers and the odds, ready for JSON."""
    error = error_of_log_evidence(filtered.weights, filtered.roots, filtered.first)
    return {
        "day": str(filtered.day),
        "members": int(filtered.weights.size),
        "log_evidence": filtered.log_evidence,
        "log_evidence_error": error if np.isfinite(error) else None,
        "steps": [
            {
                "day": str(step.day),
                "rows": [f"{name} {label}" for name, label in step.rows],
                "effective": round(step.effective, 1),
                "log_evidence": step.log_evidence,
                "families": step.families,
                "powers": {name: round(power, 3) for name, power in step.powers.items()},
            }
            for step in filtered.steps
        ],
        "odds": [
            {k: (None if v != v or v == float("inf") else v) for k, v in each.to_dict().items()}
            for each in odds_of(filtered)
        ],
    }


def _odds(probability: float) -> float:
    return probability / (1.0 - probability) if probability < 1.0 else float("inf")
