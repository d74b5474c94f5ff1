"""The members' parameters on disk: one table, a row for each member, a column for each element.

An array for each parameter would be hundreds of small files. What the columns mean stands in the
attributes of the table, and `open_parameters` gives each parameter under its name again.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin.ensemble.bounds import refuse_too_large
from khamsin.ensemble.finding import find_store
from khamsin.errors import InputError
from khamsin.storage import for_zarr, place

if TYPE_CHECKING:
    import xarray as xr

    from khamsin.plan import Plan

MEMBERS_A_CHUNK = 50_000


def write_parameters(group: Any, plan: "Plan", seed: int, members: int, compressor: Any) -> None:
    """Write each member's parameters, at the start: they are known, and few chunks are fast."""
    from zarr.codecs import TransposeCodec

    many = min(members, MEMBERS_A_CHUNK)
    width = sum(p.size for p in plan.parameters)
    columns = [
        {
            "name": p.name,
            "first": p.offset,
            "dims": list(p.dims),
            "shape": [p.size] if p.dims else [],
            "units": p.unit,
            "source": p.source,
            "prior": _prior_text(p.priors),
        }
        for p in plan.parameters
    ]
    table = group.create_group("parameters").create_array(
        "table",
        shape=(members, width),
        chunks=(many, max(width, 1)),
        dtype="float64",
        fill_value=float("nan"),
        filters=[TransposeCodec(order=(1, 0))],  # a column is alike: a sixth less to store
        compressors=compressor,
        dimension_names=("member", "parameter_element"),
        attributes={"columns": json.dumps(columns, ensure_ascii=False)},
    )
    for first in range(0, members, many):
        those = np.arange(first, min(first + many, members))
        table[first : first + those.size] = plan.draw_parameters(seed, those)


def _prior_text(priors: tuple[Any, ...]) -> str:
    texts = list(dict.fromkeys(p.describe() for p in priors))
    return texts[0] if len(texts) == 1 else f"{len(texts)} priors"


def open_parameters(path: str | Path) -> "xr.Dataset":
    """Open the parameters of each member: "process.parameter", dims (member[, actor]).

    Parameters
    ----------
    path : str or Path
        A store `<scenario>.zarr`, or a run's folder that holds exactly one.

    Returns
    -------
    xarray.Dataset
        One variable a parameter, in the parameter's unit.

    Raises
    ------
    InputError
        When there is no ensemble.

    Examples
    --------
    >>> import khamsin
    >>> run = khamsin.run("lanchester", members=10, folder="parameters-example")
    >>> sorted(set(khamsin.open_parameters(run.stores[0])["combat.exponent"].values.tolist()))
    [0.0, 0.5, 1.0]
    """
    store = find_store(place(path))
    refuse_too_large(store, ["parameters/table"])
    try:
        return _parameters(store)
    except Exception as error:  # metadata at fault trip zarr in many ways
        what = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise InputError(f"{store} holds no parameters of this version ({what})") from None


def _parameters(store: Path) -> "xr.Dataset":
    import xarray as xr
    import zarr

    where, options = for_zarr(store / "parameters" / "table")
    table = zarr.open_array(where, mode="r", storage_options=options)
    columns = json.loads(str(table.attrs["columns"]))
    values = np.asarray(table[:])
    found = {}
    for column in columns:
        about = {key: column[key] for key in ("units", "source", "prior")}
        part = values[:, column["first"] : column["first"] + int(np.prod(column["shape"]))]
        part = part.reshape(len(values), *column["shape"])
        found[column["name"]] = (("member", *column["dims"]), part, about)
    return xr.Dataset(found)
