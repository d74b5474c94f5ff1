"""The draws against SciPy, with samples too large for every test run.

Each check gives a p-value; with n checks the smallest should not lie below 0.001 / n. Beside the
shape of each distribution: independence along each of the things that a draw is pinned to (member,
step, process, place, actor, number), since a shared stretch of two streams is what a pinned
generator gets wrong.
"""

import math
from collections.abc import Iterator

import numpy as np
from numba import njit
from scipy import stats

from khamsin import draws

SAMPLE = 2_000_000
LEAST = 0.001  # for all checks together


@njit  # type: ignore[untyped-decorator]
def _many(kind, rng, a, b, n):  # type: ignore[no-untyped-def]
    out = np.empty(n)
    for i in range(n):
        draws.pin_number(rng, i)
        if kind == 0:
            out[i] = draws.poisson(rng, a)
        elif kind == 1:
            out[i] = draws.binomial(rng, a, b)
        elif kind == 2:
            out[i] = draws.negative_binomial(rng, a, b)
        elif kind == 3:
            out[i] = draws.gamma(rng, a, b)
        elif kind == 4:
            out[i] = draws.beta(rng, a, b)
        elif kind == 5:
            out[i] = draws.normal(rng)
        else:
            out[i] = draws.uniform(rng)
    return out


@njit  # type: ignore[untyped-decorator]
def _grid(key, members, steps, places, actors):  # type: ignore[no-untyped-def]
    """One uniform for each (member, step, place, actor)."""
    actor_keys = np.arange(1, actors + 1).astype(np.uint64) * draws.GOLDEN
    place_keys = np.arange(7, places + 7).astype(np.uint64) * draws.GOLDEN
    rng = np.zeros(draws.HEAD + actors + places, np.uint64)
    rng[5] = np.uint64(actors)
    rng[draws.HEAD : draws.HEAD + actors] = actor_keys
    rng[draws.HEAD + actors :] = place_keys
    out = np.empty((members, steps, places, actors))
    for m in range(members):
        for s in range(steps):
            draws.pin_member(rng, key, m, s)
            k0, k1 = rng[3], rng[4]
            for p in range(places):
                draws.pin_place(rng, k0, k1, p)
                for a in range(actors):
                    draws.pin(rng, a)
                    out[m, s, p, a] = draws.uniform(rng)
    return out


def _counts(x: np.ndarray, cdf: object) -> float:
    """The p-value of a chi-square test of counts, tails pooled to at least 20 expected."""
    top = int(x.max())
    p = np.diff(np.concatenate([[0.0], cdf(np.arange(top + 1))]))  # type: ignore[operator]
    expected = np.append(p, max(1.0 - p.sum(), 0.0)) * x.size
    observed = np.append(np.bincount(x.astype(np.int64), minlength=top + 1), 0)
    cells_o, cells_e, o, e = [], [], 0.0, 0.0
    for one_o, one_e in zip(observed, expected, strict=True):
        o, e = o + one_o, e + one_e
        if e >= 20:
            cells_o.append(o)
            cells_e.append(e)
            o = e = 0.0
    cells_o[-1] += o
    cells_e[-1] += e
    if len(cells_o) < 2:
        return 1.0
    scaled = np.array(cells_e) * (sum(cells_o) / sum(cells_e))
    return float(stats.chisquare(cells_o, scaled).pvalue)


def _shapes(n: int) -> Iterator[tuple[str, float]]:
    rng = draws.new_stream()
    for mean in (0.003, 0.3, 4.0, 9.99, 10.01, 55.0, 3000.0):
        x = _many(0, rng, mean, 0.0, n)
        yield f"poisson {mean:g}", _counts(x, stats.poisson(mean).cdf)
    trials = ((1, 0.3), (7, 0.5), (100, 0.02), (1023, 0.009), (1025, 0.009), (3000, 0.4))
    for size, p in (*trials, (40, 0.97), (100_000, 0.0001), (100_000, 0.2)):
        x = _many(1, rng, float(size), p, n)
        yield f"binomial {size} {p:g}", _counts(x, stats.binom(size, p).cdf)
    for mean, k in ((0.2, 0.5), (12.0, 3.0), (150.0, 5.0)):
        x = _many(2, rng, mean, k, n)
        yield f"negative_binomial {mean:g} {k:g}", _counts(x, stats.nbinom(k, k / (k + mean)).cdf)
    for shape in (0.3, 1.0, 5.0, 80.0):
        x = _many(3, rng, shape, 2.0, n)
        yield f"gamma {shape:g}", float(stats.kstest(x, stats.gamma(shape, scale=2.0).cdf).pvalue)
    x = _many(4, rng, 2.0, 6.0, n)
    yield "beta 2 6", float(stats.kstest(x, stats.beta(2.0, 6.0).cdf).pvalue)
    x = _many(5, rng, 0.0, 0.0, n)
    yield "normal", float(stats.kstest(x, stats.norm.cdf).pvalue)
    x = _many(6, rng, 0.0, 0.0, n)
    yield "uniform", float(stats.kstest(x, "uniform").pvalue)


def _independence(n: int) -> Iterator[tuple[str, float]]:
    members = max(4, n // 40_000)
    u = _grid(draws.name_key(1, "process", "combat"), members, 50, 20, 20)
    other = _grid(draws.name_key(1, "process", "march"), members, 50, 20, 20)
    again = _grid(draws.name_key(2, "process", "combat"), members, 50, 20, 20)
    z = u - 0.5
    for axis, name in enumerate(("member", "step", "place", "actor")):
        for lag in (1, 2):
            a = np.moveaxis(z, axis, 0)
            r = 12.0 * float(np.mean(a[lag:] * a[:-lag]))
            size = a[lag:].size
            yield f"lag {lag} over {name}", float(2 * stats.norm.sf(abs(r) * math.sqrt(size)))
    for name, that in (("process", other), ("seed", again)):
        r = 12.0 * float(np.mean(z * (that - 0.5)))
        yield (
            f"between two {name}es".replace("seedes", "seeds"),
            float(2 * stats.norm.sf(abs(r) * math.sqrt(z.size))),
        )
    pairs = np.histogram2d(u[:, :-1].ravel(), u[:, 1:].ravel(), bins=50)[0].ravel()
    yield "pairs of steps in squares", float(stats.chisquare(pairs).pvalue)
    # Any shared stretch of two streams would repeat a number of 53 bits.
    seen = np.concatenate([x.ravel() for x in (u, other, again)])
    expected = seen.size**2 / 2.0**54
    repeats = seen.size - np.unique(seen).size
    yield "repeated numbers", float(stats.poisson.sf(repeats - 1, max(expected, 1e-12)))


def check(sample: int = SAMPLE) -> dict[str, float]:
    """Return the p-value of each check."""
    return dict([*_shapes(sample), *_independence(sample)])


def passes(found: dict[str, float]) -> bool:
    """Say whether the smallest p-value is large enough for so many checks."""
    return min(found.values()) >= LEAST / len(found)
