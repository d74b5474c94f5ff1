"""A submission folder of the ViEWS prediction challenge: write one, check one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin.errors import InputError
from khamsin.scores.views_challenge import DRAWS, month_id, window_times

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import xarray as xr

_UNITS = {"cm": "country_id", "pgm": "priogrid_gid"}
_DETAILS = ("team", "short_title", "even_shorter_identifier", "authors", "contact")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def write_submission(
    folder: str | Path,
    draws: xr.DataArray,
    *,
    team: str,
    short_title: str,
    identifier: str,
    authors: Sequence[str],
    contact: str,
    level: str = "cm",
    units: Iterable[int] | None = None,
) -> Path:
    """Write one window of a submission; call again with the same folder for further windows.

    Layout: `submission_details.yml` and `<level>/window=Y<year>/<identifier>.parquet` with the
    whole-number columns `month_id`, `country_id` (or `priogrid_gid`), `draw` (0 to 999) and
    `outcome`.

    Parameters
    ----------
    folder : path
        The submission; made if it is not there.
    draws : DataArray (member, time, country_id)
        Exactly 1,000 equally weighted draws of counts for January to December of one year. The last
        dim is `priogrid_gid` when `level` is `pgm`.
    team, short_title, identifier, contact : str
        Who and what; `identifier` names the files, `contact` is an e-mail address.
    authors : sequence of str
        Names of the authors.
    level : str
        `cm` (country and month) or `pgm` (grid cell and month).
    units : iterable of int, optional
        The countries (or cells) that the rule asks for; anything missing or extra is an error.

    Returns
    -------
    Path
        The parquet file.

    Raises
    ------
    InputError
        Anything that the compliance test of the organisers would refuse, or pyarrow is not
        installed.
    """
    import pandas as pd

    if level not in _UNITS:
        raise InputError(f"level is {level!r}; the challenge has cm and pgm")
    details: dict[str, Any] = {
        "team": team,
        "short_title": short_title,
        "even_shorter_identifier": identifier,
        "authors": list(authors),
        "contact": contact,
    }
    _check_details(details)
    unit = _UNITS[level]
    if set(draws.dims) != {"member", "time", unit}:
        raise InputError(
            f"draws for {level} have the dims member, time and {unit}, not {draws.dims}"
        )
    draws = draws.transpose("time", unit, "member")
    year = int(str(draws["time"].values[0])[:4])
    _check_draws(draws, year, unit, units)
    months, ids = month_id(draws["time"].values), np.asarray(draws[unit].values, dtype=np.int64)
    table = pd.DataFrame(
        {
            "month_id": np.repeat(months, len(ids) * DRAWS),
            unit: np.tile(np.repeat(ids, DRAWS), len(months)),
            "draw": np.tile(np.arange(DRAWS), len(months) * len(ids)),
            "outcome": draws.values.reshape(-1).astype(np.int64),
        }
    ).astype("int32")
    target = Path(folder) / level / f"window=Y{year}" / f"{identifier}.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        table.to_parquet(target, index=False)
    except ImportError as fault:
        raise InputError(
            "a submission is in parquet: install pyarrow (pip install khamsin[scores])"
        ) from fault
    _write_details(Path(folder) / "submission_details.yml", details)
    return target


def check_submission(folder: str | Path) -> list[str]:
    """Check a submission folder as the organisers' compliance test does, and a little more.

    Parameters
    ----------
    folder : path
        The submission.

    Returns
    -------
    list of str
        What is wrong, one line each with the file; empty when all is well.
    """
    import pandas as pd
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    root, faults = Path(folder), []
    details_file = root / "submission_details.yml"
    if not details_file.is_file():
        faults.append(f"{details_file}: is not there")
    else:
        try:
            found = YAML(typ="safe", pure=True).load(details_file.read_text(encoding="utf-8"))
            _check_details(found if isinstance(found, dict) else {})
        except (InputError, YAMLError, ValueError, RecursionError) as fault:
            faults.append(f"{details_file}: {' '.join(str(fault).split())[:300]}")
    files = sorted(f for f in root.glob("*/window=Y*/*.parquet") if f.parent.parent.name in _UNITS)
    if not files:
        faults.append(f"{root}: no file <cm or pgm>/window=Y<year>/<name>.parquet")
    for file in files:
        unit = _UNITS[file.parent.parent.name]
        year = int(file.parent.name.removeprefix("window=Y"))
        table = pd.read_parquet(file)
        if set(table.columns) != {"month_id", unit, "draw", "outcome"}:
            faults.append(f"{file}: the columns are {', '.join(map(str, table.columns))}")
            continue
        if set(table["month_id"]) != set(month_id(window_times(year)).tolist()):
            faults.append(f"{file}: the months are not January to December of {year}")
        if not all(pd.api.types.is_integer_dtype(kind) for kind in table.dtypes):
            faults.append(f"{file}: not all columns are whole numbers")
        if table["outcome"].isna().any() or (table["outcome"] < 0).any():
            faults.append(f"{file}: missing or negative outcomes")
        sizes = table.groupby(["month_id", unit])["draw"].agg(["size", "nunique"])
        if len(sizes) != table["month_id"].nunique() * table[unit].nunique():
            faults.append(f"{file}: some months lack some of the units")
        if (sizes != DRAWS).any(axis=None):
            faults.append(f"{file}: not every cell has {DRAWS} draws")
    return faults


def filled(
    draws: xr.DataArray, benchmark: xr.DataArray, *, unit: str = "country_id"
) -> xr.DataArray:
    """Put the countries of a model in the place of theirs in a benchmark that has all countries.

    Parameters
    ----------
    draws : DataArray (member, time, country_id)
        The modelled countries.
    benchmark : DataArray (member, time, country_id)
        All countries, with as many members and the same times.
    unit : str
        Name of the dim of countries.

    Returns
    -------
    DataArray (member, time, country_id)
        The benchmark with the modelled countries replaced.

    Raises
    ------
    InputError
        Countries that the benchmark lacks, or other members or times.
    """
    odd = sorted(set(draws[unit].values.tolist()) - set(benchmark[unit].values.tolist()))
    if odd:
        raise InputError(f"the benchmark has no {unit} {', '.join(map(str, odd))}")
    same_times = np.array_equal(
        draws["time"].values.astype("datetime64[M]"),
        benchmark["time"].values.astype("datetime64[M]"),
    )
    if draws.sizes["member"] != benchmark.sizes["member"] or not same_times:
        raise InputError("model and benchmark differ in their members or times")
    result = benchmark.transpose("member", "time", unit).copy(deep=True)
    at = benchmark.indexes[unit].get_indexer(draws.indexes[unit])
    result.values[:, :, at] = draws.transpose("member", "time", unit).values
    return result


def _check_details(details: dict[str, Any]) -> None:
    for key in _DETAILS:
        if not details.get(key):
            raise InputError(f"a submission needs {key}")
    if not isinstance(details["authors"], list):
        raise InputError("authors must be a list of names")
    if not _ADDRESS.fullmatch(str(details["contact"])):
        raise InputError(f"contact {details['contact']!r} is no e-mail address")
    if not re.fullmatch(r"[\w.-]+", str(details["even_shorter_identifier"])):
        raise InputError(
            "the identifier names a file: letters, digits, dot, dash and underscore only"
        )


def _check_draws(draws: xr.DataArray, year: int, unit: str, units: Iterable[int] | None) -> None:
    if draws.sizes["member"] != DRAWS:
        raise InputError(
            f"a submission has exactly {DRAWS} draws, not {draws.sizes['member']}; "
            "see `thousand_draws`"
        )
    if "weight" in draws.coords and float(np.ptp(draws["weight"].values)) > 1e-12:
        raise InputError("draws of a submission are equally weighted; see `thousand_draws`")
    expected = window_times(year).astype("datetime64[M]")
    if not np.array_equal(draws["time"].values.astype("datetime64[M]"), expected):
        raise InputError(f"a window is the twelve months of {year}, in order")
    values = draws.values
    if not np.isfinite(values).all() or (values < 0).any() or (values != np.rint(values)).any():
        raise InputError("draws of a submission are whole numbers, not negative, without gaps")
    if (values > np.iinfo(np.int32).max).any():
        raise InputError("a draw exceeds two thousand million deaths")
    if not draws.indexes[unit].is_unique:
        raise InputError(f"a {unit} is there twice")
    if units is not None:
        odd = sorted(set(units) ^ set(draws[unit].values.tolist()))
        if odd:
            raise InputError(f"missing or extra {unit}: {', '.join(map(str, odd[:10]))}")


def _write_details(file: Path, details: dict[str, Any]) -> None:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.default_flow_style = False
    with file.open("w", encoding="utf-8") as out:
        yaml.dump(details, out)
