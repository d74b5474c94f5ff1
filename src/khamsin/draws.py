"""Random draws for kernels: counter-based streams pinned to who is drawing, and exact samplers.

A stream is a small `uint64` array. Its first three words are the two halves of a 128-bit key and a
counter; draw number n is a hash of (key, n), so nothing is carried over from one draw to the next,
and the order of evaluation does not matter:

    bits(n) = mix(mix(key0 + n * GOLDEN) ^ key1)

with `mix` the finaliser of SplitMix64 (Steele, Lea, Flood 2014). The key is hashed from seed, name
of the process, member and step by the engine, then from the place, then, by `pin`, from the actor
or whatever else is drawn for. Names, not positions, enter the hash: a new process, place or actor
leaves everyone else's luck alone. Two 64-bit halves, because a single one would make streams of
very large ensembles overlap by the birthday bound (docs/decisions/0002-random-draws.md).

Layout of a stream: 0-1 key in use, 2 counter, 3-4 key that `pin` starts from, 5 number of actors,
then the hashes of the actors' ids, then those of the places'.
"""

import hashlib
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from collections.abc import Iterable

Stream = np.ndarray[Any, np.dtype[np.uint64]]

HEAD = 6
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_ODD = np.uint64(0xD1342543DE82EF95)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_ONE, _ZERO = np.uint64(1), np.uint64(0)

# No draw makes an array, and to count references to the stream, as Numba does for every call that
# may, costs as much as a small draw. Not inlined with the kernel that calls it, as Numba would.
draw = njit(cache=True, error_model="numpy", forceinline=False, _nrt=False)  # type: ignore[call-overload]


@njit(inline="always", error_model="numpy")
def mix(x):  # type: ignore[no-untyped-def]
    """Scramble 64 bits (finaliser of SplitMix64)."""
    x = (x ^ (x >> _S30)) * _M1
    x = (x ^ (x >> _S27)) * _M2
    return x ^ (x >> _S31)


@njit(inline="always", error_model="numpy")
def _enter(rng, key):  # type: ignore[no-untyped-def]
    rng[0] = mix(rng[3] ^ key)
    rng[1] = mix(rng[4] + key * _ODD)
    rng[2] = _ZERO


@draw
def pin_member(rng, key, member, step):  # type: ignore[no-untyped-def]
    """Key the stream to a process of a run (`key`), a member and a step; used by the engine."""
    a = mix(key + np.uint64(member) * GOLDEN)
    b = mix(mix(key ^ _ODD) ^ np.uint64(member))
    rng[3] = mix(a ^ np.uint64(step))
    rng[4] = mix(b + np.uint64(step) * GOLDEN)
    rng[0], rng[1], rng[2] = rng[3], rng[4], _ZERO


@draw
def pin_place(rng, process_key_0, process_key_1, place):  # type: ignore[no-untyped-def]
    """Key the stream to a place; used by the engine for processes of one place."""
    key = rng[HEAD + np.int64(rng[5]) + place]
    rng[3] = mix(process_key_0 ^ key)
    rng[4] = mix(process_key_1 + key * _ODD)
    rng[0], rng[1], rng[2] = rng[3], rng[4], _ZERO


@draw
def pin(rng, actor):  # type: ignore[no-untyped-def]
    """Give an actor draws of its own, so that one actor's number of draws never shifts another's.

    Parameters
    ----------
    rng : Stream
    actor : int
        Position of the actor in the model's table; its id enters the key.
    """
    _enter(rng, rng[HEAD + actor])


@draw
def pin_pair(rng, place, actor):  # type: ignore[no-untyped-def]
    """Give (place, actor) draws of its own, in a process written for the whole map."""
    key = mix(rng[HEAD + np.int64(rng[5]) + place] + GOLDEN)
    _enter(rng, key ^ rng[HEAD + actor])


@draw
def pin_number(rng, number):  # type: ignore[no-untyped-def]
    """Give anything that is counted (a link, a facility, a purpose) draws of its own, by its
    number."""
    _enter(rng, mix(np.uint64(number) + GOLDEN))


@draw
def uniform(rng):  # type: ignore[no-untyped-def]
    """Draw from (0, 1), never 0 and never 1."""
    bits = mix(mix(rng[0] + rng[2] * GOLDEN) ^ rng[1])
    rng[2] += _ONE
    return (np.float64(bits >> _S11) + 0.5) * 1.1102230246251565e-16


@draw
def bernoulli(rng, p):  # type: ignore[no-untyped-def]
    """Return True with probability p."""
    return uniform(rng) < p


@draw
def normal_quantile(p):  # type: ignore[no-untyped-def]
    """Return the standard normal quantile (Wichura 1988, algorithm AS 241, error 1e-16)."""
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        num = (
            (
                (
                    (
                        (
                            (2509.0809287301226727 * r + 33430.575583588128105) * r
                            + 67265.770927008700853
                        )
                        * r
                        + 45921.953931549871457
                    )
                    * r
                    + 13731.693765509461125
                )
                * r
                + 1971.5909503065514427
            )
            * r
            + 133.14166789178437745
        ) * r + 3.387132872796366608
        den = (
            (
                (
                    (
                        (
                            (5226.495278852545925 * r + 28729.085735721942674) * r
                            + 39307.89580009271061
                        )
                        * r
                        + 21213.794301586595867
                    )
                    * r
                    + 5394.1960214247511077
                )
                * r
                + 687.1870074920579083
            )
            * r
            + 42.313330701600911252
        ) * r + 1.0
        return q * num / den
    r = p if q < 0 else 1.0 - p
    r = math.sqrt(-math.log(r))
    if r <= 5.0:
        r -= 1.6
        num = (
            (
                (
                    (
                        (
                            (7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r
                            + 0.24178072517745061177
                        )
                        * r
                        + 1.27045825245236838258
                    )
                    * r
                    + 3.64784832476320460504
                )
                * r
                + 5.7694972214606914055
            )
            * r
            + 4.6303378461565452959
        ) * r + 1.42343711074968357734
        den = (
            (
                (
                    (
                        (
                            (1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r
                            + 0.0151986665636164571966
                        )
                        * r
                        + 0.14810397642748007459
                    )
                    * r
                    + 0.68976733498510000455
                )
                * r
                + 1.6763848301838038494
            )
            * r
            + 2.05319162663775882187
        ) * r + 1.0
    else:
        r -= 5.0
        num = (
            (
                (
                    (
                        (
                            (2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r
                            + 0.0012426609473880784386
                        )
                        * r
                        + 0.026532189526576123093
                    )
                    * r
                    + 0.29656057182850489123
                )
                * r
                + 1.7848265399172913358
            )
            * r
            + 5.4637849111641143699
        ) * r + 6.6579046435011037772
        den = (
            (
                (
                    (
                        (
                            (2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r
                            + 1.8463183175100546818e-5
                        )
                        * r
                        + 7.868691311456132591e-4
                    )
                    * r
                    + 0.0148753612908506148525
                )
                * r
                + 0.13692988092273580531
            )
            * r
            + 0.59983220655588793769
        ) * r + 1.0
    x = num / den
    return -x if q < 0 else x


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
    ratio = p / q
    alpha = (2.83 + 5.1 / b) * spq
    m = math.floor((n + 1.0) * p)
    while True:
        u = uniform(rng) - 0.5
        v = uniform(rng)
        us = 0.5 - abs(u)
        k = math.floor((2.0 * a / us + b) * u + c)
        if us >= 0.07 and v <= v_r:
            return k
        if k < 0.0 or k > n:
            continue
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


# The same hash, outside kernels: keys of names, and uniforms for priors and starting values.


def name_key(*parts: object) -> np.uint64:
    """Return the 64-bit hash of a name, the same on every machine and in every Python."""
    text = "\x1f".join(str(part) for part in parts).encode()
    return np.uint64(int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little"))


def new_stream(actors: "Iterable[str]" = (), places: "Iterable[str]" = (), seed: int = 0) -> Stream:
    """Return a stream that knows the ids of actors and places; a test may draw from it at once."""
    actor_keys = [name_key("actor", a) for a in actors]
    place_keys = [name_key("place", p) for p in places]
    head = [0, 0, 0, 0, 0, len(actor_keys)]
    stream = np.array([np.uint64(h) for h in head] + actor_keys + place_keys, dtype=np.uint64)
    pin_member(stream, name_key("test", seed), 0, 0)
    return stream


def _mix_array(x: "np.ndarray[Any, np.dtype[np.uint64]]") -> "np.ndarray[Any, np.dtype[np.uint64]]":
    x = (x ^ (x >> _S30)) * _M1
    x = (x ^ (x >> _S27)) * _M2
    mixed: np.ndarray[Any, np.dtype[np.uint64]] = x ^ (x >> _S31)
    return mixed


def uniforms(
    seed: int, name: str, members: "np.ndarray[Any, np.dtype[np.int64]]", count: int = 1
) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Return uniforms in (0, 1), shape (member, count), pinned to seed, name and member.

    The j-th column of a name does not change when more columns are asked for.
    """
    key = np.array([name_key(seed, name)])
    member = members.astype(np.uint64)[:, None]
    a = _mix_array(key + member * GOLDEN)
    b = _mix_array(_mix_array(key ^ _ODD) ^ member)
    n = np.arange(count, dtype=np.uint64)[None, :]
    bits = _mix_array(_mix_array(a + n * GOLDEN) ^ b)
    return ((bits >> _S11).astype(np.float64) + 0.5) * 1.1102230246251565e-16
