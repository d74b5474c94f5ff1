"""Sequential Monte Carlo from prior to posterior, over parameters, hypotheses and luck at once.

Particles carry standard normal scores of their parameters, an answer to each question, and the
numbers that their luck is pinned to, one for each piece of time. The likelihood of a simulated
future enters with a power that rises from 0 to 1 in steps that keep half of the effective number
(Del Moral, Doucet, Jasra 2006; Jasra et al. 2011). Between steps particles move by proposals that
leave the prior alone: scores by the preconditioned Crank-Nicolson step (Cotter et al. 2013),
answers and luck drawn anew; so a move is accepted with min(1, (L'/L)^power). Parameters, answers
and luck have one joint posterior, whose margin is exact in the parameters (Andrieu and Roberts
2009). A proposal renews parameters, or luck, or both, and of the luck one piece, some or all: where
a year of weeks has to fit the record, all new luck would never be taken (block updates of states:
Shephard and Pitt 1997).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from khamsin.calibration.resampling import effective, normalised, systematic
from khamsin.errors import RunError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

KEPT = 0.5  # of the effective number, in each step of the power
NEW_ANSWER = 0.3  # share of proposals that draw an answer anew
MOST_STEPS = 200


@dataclass(frozen=True)
class Particles:
    """Where particles are: scores (particle, parameter), answers (particle, question), luck
    (particle, piece)."""

    scores: Floats
    answers: Ints
    luck: Ints


# Particles -> log-likelihood (particle,) and what happened (particle, row).
Simulate = Callable[[Particles], tuple[Floats, Floats]]


@dataclass
class Tempered:
    """Particles at some power of the likelihood; at power 1, the posterior, equally weighted.

    Attributes
    ----------
    log_likelihood : ndarray, dims (particle,)
    truth : ndarray, dims (particle, row)
    roots : ndarray of int, dims (particle,)
        The particle of the beginning that each descends from.
    log_evidence : float
    reach : float
        Length of a step in scores, 0 to 1; adapted to the share taken of the moves that make one.
    history : list of (power, effective number, share accepted)
    """

    particles: Particles
    log_likelihood: Floats
    truth: Floats
    roots: Ints
    power: float = 0.0
    log_evidence: float = 0.0
    reach: float = 0.6
    history: list[tuple[float, float, float]] = field(default_factory=list)


def temper(
    simulate: Simulate,
    weights: Sequence[Floats],
    parameters: int,
    *,
    particles: int,
    seed: int,
    moves: int = 2,
    pieces: int = 1,
    checkpoint: Path | None = None,
    progress: Callable[[Tempered], None] = lambda t: None,
) -> Tempered:
    """Bring particles from the prior to the posterior.

    Parameters
    ----------
    simulate : callable
        Particles -> (log-likelihood, truth); must depend on scores, answers and luck alone.
    weights : sequence of ndarray
        Prior probabilities of the answers to each question.
    parameters : int
        Number of scores.
    particles, seed : int
    moves : int
        Moves at each power; each simulates all particles once.
    pieces : int
        Into which luck is cut; a particle has a number for each.
    checkpoint : path, optional
        Where to save after each step, and to go on from; the bytes at the end are the same.
    progress : callable
        Called after each step.

    Raises
    ------
    RunError
        When no particle of the prior can give the data, or moves are never accepted.
    """
    now = _load(checkpoint)
    if now is None:
        now = _begin(simulate, weights, parameters, particles, seed, pieces)
    while now.power < 1.0:
        if len(now.history) >= MOST_STEPS:
            raise RunError(
                f"after {MOST_STEPS} steps the power of the likelihood is {now.power:.3f}: "
                "a single future says too much; use fewer or wider reporting models, or more "
                "particles"
            )
        _step(now, simulate, weights, seed, moves)
        _save(checkpoint, now)
        progress(now)
    return now


def _begin(
    simulate: Simulate,
    weights: Sequence[Floats],
    parameters: int,
    count: int,
    seed: int,
    pieces: int,
) -> Tempered:
    rng = np.random.default_rng([seed, 0])
    answers = np.empty((count, len(weights)), np.int64)
    for question, prior in enumerate(weights):
        # Stratified: each answer as often as its weight says, give or take one.
        answers[:, question] = rng.permutation(systematic(prior, count, rng.random()))
    luck = np.repeat(np.arange(count)[:, None], pieces, axis=1)
    start = Particles(rng.standard_normal((count, parameters)), answers, luck)
    log_likelihood, truth = simulate(start)
    if not np.isfinite(log_likelihood).any():
        raise RunError(
            "no particle of the prior could have given the data: the prior excludes it. Give the "
            "reporting models a background, or the processes wider priors"
        )
    return Tempered(start, log_likelihood, truth, np.arange(count))


def _step(
    now: Tempered, simulate: Simulate, weights: Sequence[Floats], seed: int, moves: int
) -> None:
    """Raise the power, resample, move."""
    count, number = now.roots.size, len(now.history) + 1
    rng = np.random.default_rng([seed, number])
    power = _next_power(now.log_likelihood, now.power)
    gain = (power - now.power) * now.log_likelihood
    gain = np.where(np.isfinite(now.log_likelihood), gain, -np.inf)
    normal, total = normalised(gain)
    now.log_evidence += total - float(np.log(count))
    chosen = systematic(normal, count, rng.random())
    p = now.particles
    now.particles = Particles(p.scores[chosen], p.answers[chosen], p.luck[chosen])
    now.log_likelihood, now.truth = now.log_likelihood[chosen], now.truth[chosen]
    now.roots, now.power = now.roots[chosen], power
    accepted, learnt = 0.0, 0.0
    for move in range(moves):
        base = count * (1 + (number - 1) * moves + move)
        taken, moved = _move(now, simulate, weights, base, rng)
        accepted += float(taken.mean()) / moves
        learnt += float(taken[moved].mean()) / moves if moved.any() else 0.25 / moves
    now.history.append((power, effective(normal), accepted))
    now.reach = float(np.clip(now.reach * np.exp(2.0 * (learnt - 0.25)), 0.05, 1.0))


def _move(
    now: Tempered,
    simulate: Simulate,
    weights: Sequence[Floats],
    base: int,
    rng: np.random.Generator,
) -> tuple[Bools, Bools]:
    """Propose a move of every particle; return which moves were taken, and which were of more than
    luck."""
    old, count = now.particles, now.roots.size
    moved = rng.random(count) < 0.5
    proposed = Particles(
        _new_scores(old.scores, moved, now.reach, rng),
        _new_answers(old.answers, moved, weights, rng),
        _new_luck(old.luck, moved, base + np.arange(count), rng),
    )
    log_likelihood, truth = simulate(proposed)
    with np.errstate(invalid="ignore"):
        ratio = now.power * (log_likelihood - now.log_likelihood)
    taken = np.log(rng.random(count)) < np.where(np.isnan(ratio), -np.inf, ratio)
    keep = taken[:, None]
    now.particles = Particles(
        np.where(keep, proposed.scores, old.scores),
        np.where(keep, proposed.answers, old.answers),
        np.where(keep, proposed.luck, old.luck),
    )
    now.log_likelihood = np.where(taken, log_likelihood, now.log_likelihood)
    now.truth = np.where(keep, truth, now.truth)
    return taken, moved


def _new_scores(old: Floats, moved: Bools, reach: float, rng: np.random.Generator) -> Floats:
    noise = rng.standard_normal(old.shape)
    return np.where(moved[:, None], np.sqrt(1.0 - reach**2) * old + reach * noise, old)


def _new_answers(
    old: Ints, moved: Bools, weights: Sequence[Floats], rng: np.random.Generator
) -> Ints:
    answers, count = old.copy(), moved.size
    for question, prior in enumerate(weights):
        fresh = np.searchsorted(np.cumsum(prior) / prior.sum(), rng.random(count), side="right")
        anew = (rng.random(count) < NEW_ANSWER) & moved
        answers[anew, question] = np.minimum(fresh[anew], prior.size - 1)
    return answers


def _new_luck(old: Ints, moved: Bools, fresh: Ints, rng: np.random.Generator) -> Ints:
    """Renew one piece, some or all, how many by an even chance of each order of magnitude; none in
    half of the moves that are of more than luck."""
    count, pieces = old.shape
    many = np.ceil(pieces ** rng.random(count))
    many[moved & (rng.random(count) < 0.5)] = 0
    rank = rng.random(old.shape).argsort(axis=1).argsort(axis=1)
    return np.where(rank < many[:, None], fresh[:, None], old)


def _next_power(log_likelihood: Floats, power: float) -> float:
    """Return the power at which KEPT of the effective number is left; at most 1."""
    alive = np.isfinite(log_likelihood)

    def left(to: float) -> float:
        weights, _ = normalised(np.where(alive, (to - power) * log_likelihood, -np.inf))
        return effective(weights)

    wanted = KEPT * left(power + 1e-12)
    if left(1.0) >= wanted:
        return 1.0
    low, high = power, 1.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if left(middle) >= wanted else (low, middle)
    return max(low, power + 1e-9)


def _save(file: Path | None, now: Tempered) -> None:
    if file is None:
        return
    part = file.with_name(f".{file.name}.part.npz")
    p = now.particles
    np.savez(
        part,
        scores=p.scores, answers=p.answers, luck=p.luck, log_likelihood=now.log_likelihood,
        truth=now.truth, roots=now.roots, history=np.array(now.history),
        numbers=np.array([now.power, now.log_evidence, now.reach]),
    )  # fmt: skip
    part.replace(file)


def _load(file: Path | None) -> Tempered | None:
    if file is None or not file.exists():
        return None
    try:
        with np.load(file) as saved:
            return _read(saved)
    except (BadZipFile, EOFError, KeyError, ValueError) as error:
        raise RunError(
            f"{file} cannot be read ({error}): delete it, and the same command begins anew"
        ) from error


def _read(saved: Mapping[str, Floats]) -> Tempered:
    numbers = saved["numbers"]
    return Tempered(
        Particles(
            saved["scores"], saved["answers"].astype(np.int64), saved["luck"].astype(np.int64)
        ),
        saved["log_likelihood"],
        saved["truth"],
        saved["roots"].astype(np.int64),
        float(numbers[0]),
        float(numbers[1]),
        float(numbers[2]),
        [(float(a), float(b), float(c)) for a, b, c in saved["history"]],
    )
