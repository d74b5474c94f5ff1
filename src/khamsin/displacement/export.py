"""Export: conflicts.csv of Flee out of an ensemble, for Flee's users to run on."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from khamsin.displacement.output import writing
from khamsin.errors import InputError
from khamsin.spreadsheet import write_rows

if TYPE_CHECKING:
    import xarray as xr


def write_conflicts(
    ensemble: "xr.Dataset",
    output: Path,
    *,
    member: int,
    variable: str = "battle_deaths",
    threshold: float = 1.0,
    names: str = "place_name",
) -> Path:
    """Write the fighting of one member as Flee reads it: a row a day, a column a place, 0 or 1.

    Parameters
    ----------
    ensemble : Dataset, dims (member, time, place or pair)
    output : Path
    member : int
    variable : str
        A flow by place, or by pair of place and actor, which is added up over actors.
    threshold : float
        A place is a conflict zone in a period in which the variable reaches this.
    names : str
        Coordinate whose texts name the places.

    Raises
    ------
    InputError
        When there is no such member or variable, or it does not run over places; when the
        threshold is not above 0, or nothing can be written.
    """
    if variable not in ensemble.data_vars:
        by_place = [
            str(name)
            for name, values in ensemble.data_vars.items()
            if "time" in values.dims and {"place", "pair"} & set(values.dims)
        ]
        raise InputError(
            f"the ensemble has no variable {variable!r}; by place it has "
            f"{', '.join(by_place) or 'none'}: name one by --variable"
        )
    if not 0.0 < threshold < np.inf:
        raise InputError(f"the threshold must be above 0, not {threshold:g}")
    if not 0 <= member < ensemble.sizes["member"]:
        raise InputError(f"the ensemble has members 0 to {ensemble.sizes['member'] - 1}")
    values = ensemble[variable].isel(member=member)
    ids = [str(p) for p in ensemble["place"].values]
    if "pair" in values.dims:
        own = values.transpose("time", "pair").values
        at = [ids.index(str(p)) for p in ensemble["pair_place"].values]
        grid = np.zeros((own.shape[0], len(ids)))
        np.add.at(grid.T, at, np.nan_to_num(own.T))
    elif "place" in values.dims:
        grid = np.nan_to_num(values.transpose("time", "place").values)
    else:
        raise InputError(f"{variable} does not run over places")
    begin = ensemble["period_start"].values.astype("datetime64[D]")
    end = ensemble["period_end"].values.astype("datetime64[D]")
    shown = [str(n).replace(",", " ") for n in ensemble[names].values]
    with writing(output):
        output.parent.mkdir(parents=True, exist_ok=True)
        with output.open("w", encoding="utf-8", newline="") as file:
            write_rows(file, [["#Day", *shown]])
            lengths = (end - begin).astype(int)
            flags = (grid >= threshold).astype(int)
            write_rows(file, ([d, *row] for d, row in enumerate(np.repeat(flags, lengths, axis=0))))
    return output
