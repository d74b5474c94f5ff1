"""Random draws for kernels: exact samplers, on streams that are pinned to who is drawing.

What a process needs of streams (`khamsin.streams`) is imported from here too.
"""

import math

import numpy as np

from khamsin.normal_quantile import normal_quantile
from khamsin.streams import (
    GOLDEN,
    HEAD,
    Stream,
    draw,
    mix,
    name_key,
    new_stream,
    pin,
    pin_member,
    pin_number,
    pin_pair,
    pin_place,
    uniform,
    uniforms,
)

__all__ = [
    "GOLDEN",
    "HEAD",
    "Stream",
    "bernoulli",
    "beta",
    "binomial",
    "draw",
    "gamma",
    "hypergeometric",
    "mix",
    "multinomial",
    "name_key",
    "negative_binomial",
    "new_stream",
    "normal",
    "normal_quantile",
    "pin",
    "pin_member",
    "pin_number",
    "pin_pair",
    "pin_place",
    "poisson",
    "uniform",
    "uniforms",
]


@draw
def bernoulli(rng, p):  # type: ignore[no-untyped-def]
    """Return True with probability p."""
    return uniform(rng) < p


@draw
def normal(rng):  # type: ignore[no-untyped-def]
    """Draw a standard normal by inversion: one uniform, monotone: paired runs stay close."""
    return normal_quantile(uniform(rng))


@draw
def _stirling(k):  # type: ignore[no-untyped-def]
    """Return log k! minus Stirling's approximation (series of Hormann 1993; exact table for k <
    10)."""
    if k == 0.0:
        return 0.08106146679532726
    if k == 1.0:
        return 0.04134069595540929
    if k == 2.0:
        return 0.02767792568499834
    if k == 3.0:
        return 0.02079067210376509
    if k == 4.0:
        return 0.01664469118982119
    if k == 5.0:
        return 0.01387612882307075
    if k == 6.0:
        return 0.01189670994589177
    if k == 7.0:
        return 0.01041126526197209
    if k == 8.0:
        return 0.009255462182712733
    if k == 9.0:
        return 0.008330563433362871
    r = 1.0 / (k + 1.0)
    s = r * r
    return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - s / 1680) * s) * s) * r


@draw
def _log_factorial(k):  # type: ignore[no-untyped-def]
    return (k + 0.5) * math.log(k + 1.0) - (k + 1.0) + 0.9189385332046728 + _stirling(k)


@draw
def poisson(rng, mean):  # type: ignore[no-untyped-def]
    """Draw a Poisson count (exact: inversion below a mean of 10, Hormann's PTRS above).

    Parameters
    ----------
    rng : Stream
    mean : float
        Zero or negative gives 0.
    """
    if not mean > 0.0:
        return 0.0
    if mean < 10.0:
        u = uniform(rng)
        if u <= 1.0 - mean:  # exp(-mean) >= 1 - mean: nothing happens, and no exponential is needed
            return 0.0
        p = math.exp(-mean)
        k = 0.0
        while u > p and k < 1000.0:
            u -= p
            k += 1.0
            p *= mean / k
        return k
    return _poisson_large(rng, mean)


@draw
def _poisson_large(rng, mean):  # type: ignore[no-untyped-def]
    # Apart from `poisson`: inlined there it would cost every small draw 25 ns of preparation.
    b = 0.931 + 2.53 * math.sqrt(mean)
    a = -0.059 + 0.02483 * b
    inv_alpha = 1.1239 + 1.1328 / (b - 3.4)
    v_r = 0.9277 - 3.6224 / (b - 2.0)
    while True:
        u = uniform(rng) - 0.5
        v = uniform(rng)
        us = 0.5 - abs(u)
        k = math.floor((2.0 * a / us + b) * u + mean + 0.43)
        if us >= 0.07 and v <= v_r:
            return k
        if k < 0.0 or (us < 0.013 and v > us):
            continue
        if math.log(v * inv_alpha / (a / (us * us) + b)) <= -mean + k * math.log(
            mean
        ) - _log_factorial(k):
            return k


@draw
def _power(q, n):  # type: ignore[no-untyped-def]
    """Return q ** n by squaring, for a whole n."""
    result = 1.0
    e = np.int64(n)
    while e > 0:
        result *= q if e & 1 else 1.0  # written without a branch: it would be guessed wrongly
        q *= q
        e >>= 1
    return result


@draw
def binomial(rng, n, p):  # type: ignore[no-untyped-def]
    """Draw a binomial count (exact: inversion while n p < 10, Hormann's BTRS above).

    Parameters
    ----------
    rng : Stream
    n : float
        Whole number of trials; a fraction is cut off.
    p : float
        Chance of each; held to [0, 1].
    """
    n = math.floor(n)
    if n <= 0.0 or not p > 0.0:
        return 0.0
    if p >= 1.0:
        return n
    if p > 0.5:
        return n - _binomial_low(rng, n, 1.0 - p)
    return _binomial_low(rng, n, p)


@draw
def _binomial_low(rng, n, p):  # type: ignore[no-untyped-def]
    mean = n * p
    q = 1.0 - p
    if mean < 10.0:
        u = uniform(rng)
        if u <= 1.0 - mean:  # (1 - p) ** n >= 1 - n p
            return 0.0
        f = _power(q, n) if n < 1024.0 else math.exp(n * math.log1p(-p))
        ratio = p / q
        k = 0.0
        while u > f and k < n:
            u -= f
            k += 1.0
            f *= ratio * (n - k + 1.0) / k
        return k
    return _binomial_large(rng, n, p)


@draw
def _binomial_large(rng, n, p):  # type: ignore[no-untyped-def]
    mean, q = n * p, 1.0 - p
    spq = math.sqrt(mean * q)
    b = 1.15 + 2.53 * spq
    a = -0.0873 + 0.0248 * b + 0.01 * p
    c = mean + 0.5
    v_r = 0.92 - 4.2 / b
    while True:
        u = uniform(rng) - 0.5
        v = uniform(rng)
        us = 0.5 - abs(u)
        k = math.floor((2.0 * a / us + b) * u + c)
        if us >= 0.07 and v <= v_r:
            return k
        if k < 0.0 or k > n:
            continue
        ratio = p / q
        alpha = (2.83 + 5.1 / b) * spq
        m = math.floor((n + 1.0) * p)
        v = math.log(v * alpha / (a / (us * us) + b))
        bound = (
            (m + 0.5) * math.log((m + 1.0) / (ratio * (n - m + 1.0)))
            + (n + 1.0) * math.log((n - m + 1.0) / (n - k + 1.0))
            + (k + 0.5) * math.log(ratio * (n - k + 1.0) / (k + 1.0))
            + _stirling(m)
            + _stirling(n - m)
            - _stirling(k)
            - _stirling(n - k)
        )
        if v <= bound:
            return k


@draw
def hypergeometric(rng, marked, unmarked, drawn):  # type: ignore[no-untyped-def]
    """Draw how many of `drawn` people, taken without return, are among the `marked` (exact: one
    uniform, inversion upwards from where the chances below come to nothing).

    Parameters
    ----------
    rng : Stream
    marked, unmarked : float
        Whole numbers of either kind.
    drawn : float
        Whole number; more than there are takes them all.
    """
    marked, unmarked = math.floor(marked), math.floor(unmarked)
    whole = marked + unmarked
    drawn = min(math.floor(drawn), whole)
    low, high = max(0.0, drawn - unmarked), min(marked, drawn)
    if high <= low:
        return low
    u = uniform(rng)
    mode = min(high, max(low, math.floor((drawn + 1.0) * (marked + 1.0) / (whole + 2.0))))
    at_mode = math.exp(
        _log_choose(marked, mode) + _log_choose(unmarked, drawn - mode) - _log_choose(whole, drawn)
    )
    k, chance = mode, at_mode
    while k > low and chance > at_mode * 1e-17:
        chance *= k * (unmarked - drawn + k) / ((marked - k + 1.0) * (drawn - k + 1.0))
        k -= 1.0
    while k < high and u > chance:
        u -= chance
        chance *= (marked - k) * (drawn - k) / ((k + 1.0) * (unmarked - drawn + k + 1.0))
        k += 1.0
    return k


@draw
def _log_choose(n, k):  # type: ignore[no-untyped-def]
    return _log_factorial(n) - _log_factorial(k) - _log_factorial(n - k)


@draw
def multinomial(rng, n, weights, out):  # type: ignore[no-untyped-def]
    """Share n among cells in proportion to `weights` (conditional binomials); write the counts into
    `out`.

    Weights need not add up to one; when all are zero nothing is shared out and `out` is zero.
    """
    left = math.floor(n)
    total = 0.0
    for i in range(weights.size):
        out[i] = 0.0
        total += weights[i]
    for i in range(weights.size):
        if left <= 0.0 or not total > 0.0:
            return
        if weights[i] > 0.0:
            out[i] = left if weights[i] >= total else binomial(rng, left, weights[i] / total)
            left -= out[i]
            total -= weights[i]


@draw
def gamma(rng, shape, scale):  # type: ignore[no-untyped-def]
    """Draw from a gamma distribution (Marsaglia and Tsang 2000)."""
    boost = 1.0
    if shape < 1.0:
        boost = uniform(rng) ** (1.0 / shape)
        shape += 1.0
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x = normal(rng)
        v = 1.0 + c * x
        if v <= 0.0:
            continue
        v = v * v * v
        u = uniform(rng)
        if math.log(u) < 0.5 * x * x + d - d * v + d * math.log(v):
            return d * v * scale * boost


@draw
def beta(rng, a, b):  # type: ignore[no-untyped-def]
    """Draw from a beta distribution."""
    x = gamma(rng, a, 1.0)
    return x / (x + gamma(rng, b, 1.0))


@draw
def negative_binomial(rng, mean, dispersion):  # type: ignore[no-untyped-def]
    """Draw a count with variance mean + mean ** 2 / dispersion (a Poisson with a gamma mean)."""
    if not mean > 0.0:
        return 0.0
    return poisson(rng, gamma(rng, dispersion, mean / dispersion))
