"""Streams of random bits for kernels: counter-based, pinned to who is drawing.

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
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from khamsin.stamped import stamped

if TYPE_CHECKING:
    from collections.abc import Iterable

Stream = np.ndarray[Any, np.dtype[np.uint64]]

SOURCES = ("streams.py", "normal_quantile.py", "draws.py")  # the code of a draw

HEAD = 6
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_ODD = np.uint64(0xD1342543DE82EF95)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_ONE, _ZERO = np.uint64(1), np.uint64(0)

# No draw makes an array, and to count references to the stream, as Numba does for every call that
# may, costs as much as a small draw. Not inlined with the kernel that calls it, as Numba would.
_compiled = njit(cache=True, error_model="numpy", forceinline=False, _nrt=False)  # type: ignore[call-overload]


def draw(function):  # type: ignore[no-untyped-def]
    """Compile a draw, or what is made of draws."""
    return stamped(_compiled(function), *SOURCES)


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


@draw
def _fill(key, members, out):  # type: ignore[no-untyped-def]
    for m in range(members.size):
        member = np.uint64(members[m])
        a = mix(key + member * GOLDEN)
        b = mix(mix(key ^ _ODD) ^ member)
        for n in range(out.shape[1]):
            bits = mix(mix(a + np.uint64(n) * GOLDEN) ^ b)
            out[m, n] = (np.float64(bits >> _S11) + 0.5) * 1.1102230246251565e-16


def uniforms(
    seed: int, name: str, members: "np.ndarray[Any, np.dtype[np.int64]]", count: int = 1
) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Return uniforms in (0, 1), shape (member, count), pinned to seed, name and member.

    The j-th column of a name does not change when more columns are asked for.
    """
    out = np.empty((members.size, count))
    _fill(name_key(seed, name), members, out)
    return out
