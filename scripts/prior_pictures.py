"""Draw what the priors say of each process: python -m scripts.prior_pictures [--members N]

One run of libya-2016 without any scenario and without hindsight taken out, every picture from the
same futures, and one run of an invented case with the daily rules of displacement. Each picture
shows the variable that docs/science/processes.toml names for the process: median, 50 and 90 %.
"""

import argparse
import dataclasses
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tests.flee_case import write_case

from khamsin import series
from khamsin.displacement import import_flee
from khamsin.engine import compile_plan, run_blocks
from khamsin.ensemble import in_memory
from khamsin.model import Model, find, read
from khamsin.plan import plan
from khamsin.view.charts import ribbons
from khamsin.view.pictures import svg

if TYPE_CHECKING:
    import xarray as xr

DOCS = Path(__file__).parents[1] / "docs"
PICTURES = DOCS / "images" / "processes"
MEMBERS = 200
SIZE = (420, 130)


def shown() -> dict[str, str]:
    """Return for each process what its picture shows."""
    pages = tomllib.loads((DOCS / "science" / "processes.toml").read_text(encoding="utf-8"))
    return {name: what for page in pages.values() for name, what in page.items() if what}


def measured(model: Model, variables: set[str], members: int) -> "xr.Dataset":
    """Run members of a model without a scenario, and record these variables alone."""
    own = dataclasses.replace(
        model, outputs=dataclasses.replace(model.outputs, variables=sorted(variables))
    )
    resolved = plan(own, None)
    blocks = [(k, np.arange(k, min(k + 20, members))) for k in range(0, members, 20)]
    found = dict(run_blocks(compile_plan(resolved, 1), blocks))
    whole = {
        name: np.concatenate([found[k][name] for k, _ in blocks]) for name in found[blocks[0][0]]
    }
    return in_memory(resolved, 1, members, whole)


def picture(ds: "xr.Dataset", what: str) -> str:
    """Return the SVG of a variable of an ensemble."""
    name, *ids = what.split()
    where = {kind: [one] for kind, _, one in (text.partition(":") for text in ids)}
    of = "".join(f" of {one}" for several in where.values() for one in several)
    total = series.total(ds, name, where)
    chart = ribbons(
        [ds["time"].values],
        [series.band(ds, total)],
        title=series.title(ds, name) + of,
        unit=series.unit(ds, name),
        size=SIZE,
    )
    return svg(chart)


def main() -> None:
    """Draw every picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=MEMBERS)
    members = parser.parse_args().members
    wanted = shown()
    ensembles: dict[str, xr.Dataset] = {}
    libya = read(find("libya-2016"))
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "case"
        import_flee(write_case(case), Path(folder) / "model")
        flee = read(Path(folder) / "model")
        for model in (libya, flee):
            own = {use.process for use in model.processes} - set(ensembles)
            variables = {wanted[name].split()[0] for name in own if name in wanted}
            ensembles |= dict.fromkeys(own, measured(model, variables, members))
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, what in wanted.items():
        (PICTURES / f"{name}.svg").write_text(picture(ensembles[name], what), encoding="utf-8")
        print(PICTURES / f"{name}.svg")


if __name__ == "__main__":
    main()
