"""Countries by Gleditsch-Ward number, ISO codes, and the names of UCDP, ACLED and ViEWS."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from khamsin.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd


@cache
def _table() -> tuple[dict[str, str], dict[str, str]]:
    by_number: dict[str, str] = {}
    by_name: dict[str, str] = {}
    text = files("khamsin.readers").joinpath("countries.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        three = row["iso3"]
        by_number[row["gw"]] = three
        for name in (row["name"], *row["other_names"].split("|"), row["iso2"], three):
            if name:
                by_name.setdefault(name.casefold(), three)
    return by_number, by_name


def iso3(country: str | int | None) -> str:
    """Return the ISO 3166 alpha-3 code of a country, or "" when it is not known.

    Parameters
    ----------
    country : str or int
        A name as UCDP, ACLED or ViEWS writes it, an ISO code of two or three letters, or a
        Gleditsch-Ward number (as in the `country_id` of UCDP GED; the `country_id` of ViEWS is
        another number).

    Returns
    -------
    str
        Kosovo is XKX. UCDP counts events in Gaza and the West Bank under Israel.
    """
    if country is None or country != country:
        return ""
    if isinstance(country, int):
        return _table()[0].get(str(country), "")
    return _table()[1].get(str(country).strip().casefold(), "")


def wanted(countries: Iterable[str]) -> set[str]:
    """Return the ISO alpha-3 codes of a choice of countries.

    Parameters
    ----------
    countries : iterable of str
        Names or ISO codes.

    Returns
    -------
    set of str

    Raises
    ------
    InputError
        A country that is not known.
    """
    names = list(countries)
    unknown = [str(name) for name in names if not iso3(name)]
    if unknown:
        raise InputError(f"no such country: {', '.join(unknown)}; give ISO codes such as LBY")
    return {iso3(name) for name in names}


def iso3_of_rows(names: pd.Series, numbers: pd.Series | None = None) -> pd.Categorical:
    """Return the ISO code of each row's country, missing where it is not known.

    Parameters
    ----------
    names : Series of category
        Names of countries.
    numbers : Series of float, optional
        Gleditsch-Ward numbers, for the rows whose name is not known.

    Returns
    -------
    Categorical
    """
    from khamsin.readers.table import categorical

    codes = [iso3(name) for name in names.cat.categories]
    known: list[str] = []
    if numbers is not None:
        known = [iso3(int(n)) for n in np.unique(numbers.dropna())]
    kinds = sorted({*codes, *known} - {""})
    place = {code: at for at, code in enumerate(kinds)}
    found = np.array([*(place.get(code, -1) for code in codes), -1])[names.cat.codes.to_numpy()]
    if numbers is not None:
        for at in np.flatnonzero((found < 0) & numbers.notna().to_numpy()):
            found[at] = place.get(iso3(int(numbers.iloc[at])), -1)
    return categorical(found, kinds)
