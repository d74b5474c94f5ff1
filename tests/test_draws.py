"""Draws: exact distributions, pinned streams, and the same numbers compiled or interpreted."""

import math
import os
import subprocess
import sys

import numpy as np
import pytest
from numba import njit
from scipy import stats

from khamsin import draws

N = 100_000


@njit
def _many(kind, rng, a, b, n):  # type: ignore[no-untyped-def]
    out = np.empty(n)
    for i in range(n):
        draws.pin_number(rng, i)
        if kind == 0:
            out[i] = draws.poisson(rng, a)
        elif kind == 1:
            out[i] = draws.binomial(rng, a, b)
        elif kind == 2:
            out[i] = draws.normal(rng)
        elif kind == 3:
            out[i] = draws.gamma(rng, a, b)
        elif kind == 4:
            out[i] = draws.negative_binomial(rng, a, b)
        elif kind == 5:
            out[i] = draws.beta(rng, a, b)
        else:
            out[i] = draws.uniform(rng)
    return out


def _chi_square(x: np.ndarray, pmf: np.ndarray) -> float:
    observed = np.bincount(x.astype(int), minlength=pmf.size)[: pmf.size]
    expected = pmf * x.size
    enough = expected > 10
    o = np.append(observed[enough], x.size - observed[enough].sum())
    e = np.append(expected[enough], x.size - expected[enough].sum())
    if e[-1] < 1:
        o, e = o[:-1], e[:-1] * o[:-1].sum() / e[:-1].sum()
    return float(stats.chisquare(o, e).pvalue)


@pytest.mark.parametrize("mean", [0.02, 0.5, 3.0, 9.99, 10.01, 37.0, 1000.0])
def test_poisson_is_exact(mean: float) -> None:
    x = _many(0, draws.new_stream(), mean, 0.0, N)
    k = np.arange(int(mean + 12 * math.sqrt(mean) + 20))
    assert _chi_square(x, stats.poisson.pmf(k, mean)) > 1e-4


@pytest.mark.parametrize(
    ("n", "p"),
    [
        (1, 0.3),
        (20, 0.05),
        (100, 0.3),
        (5000, 0.001),
        (2000, 0.004),
        (10_000, 0.01),
        (50_000, 0.3),
        (40, 0.9),
    ],
)
def test_binomial_is_exact(n: int, p: float) -> None:
    x = _many(1, draws.new_stream(), float(n), p, N)
    assert x.max() <= n and x.min() >= 0
    assert _chi_square(x, stats.binom.pmf(np.arange(n + 1), n, p)) > 1e-4


@njit
def _taken(rng, marked, unmarked, drawn, n):  # type: ignore[no-untyped-def]
    out = np.empty(n)
    for i in range(n):
        draws.pin_number(rng, i)
        out[i] = draws.hypergeometric(rng, marked, unmarked, drawn)
    return out


@pytest.mark.parametrize(
    ("marked", "unmarked", "drawn"),
    [(5, 5, 3), (3000, 2000, 40), (3000, 2000, 4000), (7, 100_000, 5000), (4000, 100, 1500)],
)
def test_hypergeometric_is_exact(marked: int, unmarked: int, drawn: int) -> None:
    x = _taken(draws.new_stream(), float(marked), float(unmarked), float(drawn), N)
    assert x.max() <= min(marked, drawn) and x.min() >= max(0, drawn - unmarked)
    pmf = stats.hypergeom.pmf(np.arange(marked + 1), marked + unmarked, marked, drawn)
    assert _chi_square(x, pmf) > 1e-4


def test_hypergeometric_takes_no_more_than_there_are() -> None:
    rng = draws.new_stream()
    assert draws.hypergeometric(rng, 3.0, 4.0, 100.0) == 3.0
    assert draws.hypergeometric(rng, 0.0, 4.0, 2.0) == 0.0
    assert draws.hypergeometric(rng, 3.0, 0.0, 2.0) == 2.0
    assert draws.hypergeometric(rng, 3.0, 4.0, 0.0) == 0.0


@pytest.mark.parametrize(("mean", "k"), [(0.3, 0.5), (12.0, 3.0), (200.0, 5.0)])
def test_negative_binomial_is_exact(mean: float, k: float) -> None:
    x = _many(4, draws.new_stream(), mean, k, N)
    grid = np.arange(int(mean * 40 + 60))
    assert _chi_square(x, stats.nbinom.pmf(grid, k, k / (k + mean))) > 1e-4


@pytest.mark.parametrize(
    ("kind", "a", "b", "law"),
    [
        (2, 0.0, 0.0, stats.norm()),
        (3, 0.4, 2.0, stats.gamma(0.4, scale=2)),
        (3, 7.0, 0.5, stats.gamma(7, scale=0.5)),
        (5, 2.0, 5.0, stats.beta(2, 5)),
        (6, 0.0, 0.0, stats.uniform()),
    ],
)
def test_continuous_draws(kind: int, a: float, b: float, law: object) -> None:
    assert stats.kstest(_many(kind, draws.new_stream(), a, b, N), law.cdf).pvalue > 1e-4  # type: ignore[attr-defined]


def test_normal_quantile_against_scipy() -> None:
    p = np.concatenate([10.0 ** -np.arange(1, 16), np.linspace(0.001, 0.999, 500)])
    ours = np.array([draws.normal_quantile(x) for x in p])
    assert np.allclose(ours, stats.norm.ppf(p), rtol=1e-13, atol=1e-15)


def test_multinomial_shares_out_everyone() -> None:
    rng, out = draws.new_stream(), np.empty(4)
    weights = np.array([1.0, 0.0, 2.0, 1.0])
    total = np.zeros(4)
    for i in range(4000):
        draws.pin_number(rng, i)
        draws.multinomial(rng, 10.0, weights, out)
        assert out.sum() == 10 and out[1] == 0
        total += out
    assert np.allclose(total / total.sum(), weights / 4, atol=0.01)
    draws.multinomial(rng, 10.0, np.zeros(4), out)
    assert out.sum() == 0


def test_degenerate_arguments() -> None:
    rng = draws.new_stream()
    assert (
        draws.poisson(rng, 0.0) == 0
        and draws.poisson(rng, -1.0) == 0
        and draws.poisson(rng, math.nan) == 0
    )
    assert (
        draws.binomial(rng, 5.0, 0.0) == 0
        and draws.binomial(rng, 5.0, 1.0) == 5
        and draws.binomial(rng, 0.0, 0.5) == 0
    )
    assert draws.binomial(rng, 7.0, 2.0) == 7 and draws.negative_binomial(rng, 0.0, 3.0) == 0


def test_an_actors_draws_do_not_shift_anothers() -> None:
    rng = draws.new_stream(actors=["A", "B"], places=["X"])
    draws.pin(rng, 0)
    for _ in range(3):
        draws.uniform(rng)
    draws.pin(rng, 1)
    after_three = draws.uniform(rng)
    rng = draws.new_stream(actors=["A", "B"], places=["X"])
    draws.pin(rng, 1)
    assert draws.uniform(rng) == after_three


def test_names_not_positions_enter_the_key() -> None:
    few = draws.new_stream(actors=["A", "B"], places=["X"])
    more = draws.new_stream(actors=["Z", "A", "B"], places=["W", "X"])
    draws.pin_pair(few, 0, 1)
    draws.pin_pair(more, 1, 2)
    assert draws.uniform(few) == draws.uniform(more)


def test_streams_of_neighbours_are_uncorrelated() -> None:
    members, steps = 400, 50
    rng = draws.new_stream()
    key = draws.name_key(1, "process", "combat")
    u = np.empty((members, steps))
    for m in range(members):
        for s in range(steps):
            draws.pin_member(rng, key, m, s)
            u[m, s] = draws.uniform(rng)
    for a, b in ((u[:-1], u[1:]), (u[:, :-1], u[:, 1:])):
        r = np.corrcoef(a.ravel(), b.ravel())[0, 1]
        assert abs(r) < 4 / math.sqrt(a.size)
    assert stats.kstest(u.ravel(), "uniform").pvalue > 1e-3


def test_uniforms_for_priors_are_pinned() -> None:
    members = np.arange(50)
    u = draws.uniforms(3, "parameter combat.skill", members, 4)
    assert np.array_equal(draws.uniforms(3, "parameter combat.skill", members[20:], 2), u[20:, :2])
    assert not np.allclose(draws.uniforms(4, "parameter combat.skill", members, 4), u)
    many = draws.uniforms(3, "x", np.arange(20_000))
    assert stats.kstest(many[:, 0], "uniform").pvalue > 1e-3


SAMPLE = """
import warnings
warnings.simplefilter("ignore", RuntimeWarning)  # interpreted, uint64 scalars warn when they wrap
from khamsin import draws
rng = draws.new_stream(actors=["A", "B"], places=["X"])
for i in range(40):
    draws.pin_pair(rng, 0, i % 2)
    draws.pin_number(rng, i)
    drawn = [draws.uniform(rng), draws.poisson(rng, 0.4 * i), draws.binomial(rng, 40.0 * i, 0.3)]
    drawn += [draws.gamma(rng, 0.5 + i, 2.0), draws.normal(rng)]
    print(*(float(x).hex() for x in drawn))
"""


def test_compiled_equals_interpreted() -> None:
    def run(disabled: str) -> str:
        env = {**os.environ, "NUMBA_DISABLE_JIT": disabled}
        return subprocess.run(
            [sys.executable, "-c", SAMPLE], env=env, check=True, capture_output=True, text=True
        ).stdout

    compiled = run("0")
    assert len(compiled.split()) == 200
    assert compiled == run("1")
