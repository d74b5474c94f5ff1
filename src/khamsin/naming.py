"""What a word means in an ensemble: an id, a name, or the name of a country."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from khamsin import series
from khamsin.errors import InputError, nearest

if TYPE_CHECKING:
    import xarray as xr

KINDS = ("place", "actor", "country")


def meant(ds: xr.Dataset, words: Sequence[str]) -> dict[str, list[str]]:
    """Ids by dim, as `khamsin.series.select` takes them.

    Parameters
    ----------
    ds : Dataset
        An opened ensemble.
    words : sequence of str
        Each KIND:ID, or an id or a name of a place, an actor or a country, in capitals or not.

    Raises
    ------
    InputError
        If a word means nothing here, or several things.
    """
    found: dict[str, list[str]] = {}
    for word in words:
        kind, colon, name = word.partition(":")
        if not colon:
            kind, name = _looked_up(ds, word)
        found.setdefault(kind, []).append(name)
    return found


def _looked_up(ds: xr.Dataset, word: str) -> tuple[str, str]:
    from khamsin.readers import iso3

    names = [(kind, one, text) for kind in KINDS for one, text in _names(ds, kind).items()]
    wanted, country = word.strip().casefold(), iso3(word)
    same = {(k, one) for k, one, text in names if wanted in (one.casefold(), text.casefold())}
    same |= {(k, one) for k, one, _ in names if k == "country" and country and iso3(one) == country}
    if len(same) == 1:
        return same.pop()
    if same:
        several = " or ".join(f"{kind}:{one}" for kind, one in sorted(same))
        raise InputError(f"{word!r} may mean {several}: say which")
    hint = nearest(word, [text or one for _, one, text in names])
    raise InputError(
        f"{word!r} is no place, actor or country of this ensemble"
        + (f". Did you mean {hint}?" if hint else "; others are written KIND:ID, like route:A-B")
    )


def _names(ds: xr.Dataset, kind: str) -> dict[str, str]:
    """Ids of places, actors or countries, with their names if they have some."""
    if kind not in ds.coords:
        return {}
    ids = [one for one in dict.fromkeys(series.text(ds, kind)) if one]
    return {one: series.name_of(ds, kind, one) for one in ids}
