"""The layout of a store: one array a recorded variable, its coordinates, the members' parameters,
and everything about the run in the attributes."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin.ensemble.coordinates import coordinates, dims_on_disk
from khamsin.ensemble.packing import COMPRESSION, LEVEL, SHARE_PRECISION
from khamsin.ensemble.parameters import write_parameters

if TYPE_CHECKING:
    from khamsin.model import Variable
    from khamsin.plan import Plan


def lay_out(path: Path, plan: "Plan", seed: int, members: int, block: int, command: str) -> None:
    """Make the store of a scenario without any record: its arrays, coordinates and attributes."""
    import zarr
    from zarr.codecs import BloscCodec, TransposeCodec

    coords = coordinates(plan, seed, members)
    used = {"member", "time", *(d for name in plan.recorded for d in dims_on_disk(plan, name))}
    coords = {n: c for n, c in coords.items() if c[0] in used or c[0] in ("place", "actor")}
    group = zarr.create_group(path, zarr_format=3)
    compressor = BloscCodec(cname=COMPRESSION, clevel=LEVEL, shuffle="shuffle")
    periods = plan.calendar.period_start
    sizes = {
        "time": len(periods),
        "pair": len(plan.pairs),
        **{d: len(ids) for d, ids in plan.dims.items()},
    }
    for name, cells in plan.recorded.items():
        variable = plan.slots[name].variable
        dims = ("pair",) if variable.dims == ("place", "actor") else variable.dims
        shape = (members, len(periods), *(sizes[d] for d in dims))
        group.create_array(
            name,
            shape=shape,
            chunks=(min(block, members), *shape[1:]),
            dtype="float32",
            fill_value=float("nan"),
            filters=[TransposeCodec(order=(*range(2, len(shape)), 0, 1))],
            compressors=compressor,
            dimension_names=("member", "time", *dims),
            attributes={
                "units": variable.unit,
                "long_name": variable.meaning,
                "kind": variable.kind,
                **({"precision": SHARE_PRECISION} if _is_share(variable) else {}),
            },
        )
        assert cells.size == np.prod(shape[2:], dtype=int)
    for name, (dim, values, attributes) in coords.items():
        group.create_array(
            name,
            data=values,
            chunks=(max(len(values), 1),),
            compressors=compressor,
            dimension_names=(dim,),
            attributes=attributes,
        )
    write_parameters(group, plan, seed, members, compressor)
    about = _about(plan, seed, members, block, command)
    about["coordinates"] = " ".join(n for n, c in coords.items() if n != c[0])
    group.update_attributes(about)  # all at once and last: zarr writes or reads them at each step


def _about(plan: "Plan", seed: int, members: int, block: int, command: str) -> dict[str, Any]:
    """What stands in the attributes of a store about its run."""
    import khamsin

    return {
        "khamsin_version": khamsin.__version__,
        "title": plan.model.title,
        "scenario": plan.scenario_name,
        "scenario_title": plan.scenario.title if plan.scenario else "No scenario",
        "seed": seed,
        "members": members,
        "block": block,
        "from_date": str(plan.calendar.first),
        "plan_hash": plan.plan_hash,
        "source_hash": plan.source_hash,
        "without": json.dumps(list(plan.without)),
        "hypotheses_live": json.dumps({q: list(a) for q, a in plan.live.items() if len(a) > 1}),
        "model": json.dumps(plan.model.resolved(), ensure_ascii=False, sort_keys=True, default=str),
        "command": command,
        "variables": json.dumps(list(plan.recorded)),
    }


def _is_share(variable: "Variable") -> bool:
    return variable.unit == "1" and variable.kind == "stock" and variable.bounds == (0.0, 1.0)
