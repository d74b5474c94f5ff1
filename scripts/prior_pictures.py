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


def measured(model: Model, scenario: str | None, variables: set[str], members: int) -> "xr.Dataset":
    """Run members of a model and record these variables alone."""
    own = dataclasses.replace(
        model, outputs=dataclasses.replace(model.outputs, variables=sorted(variables))
    )
    resolved = plan(own, scenario)
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
    """Draw every picture, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--members", type=int, default=MEMBERS)
    asked = parser.parse_args()
    wanted = {n: what for n, what in shown().items() if not asked.names or n in asked.names}
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "case"
        import_flee(write_case(case), Path(folder) / "model")
        # nobody intervenes in libya-2016; who flees from what is a scenario of the case
        for model, scenario in (
            (find("libya-2016"), None),
            (Path(folder) / "model", "as-recorded"),
        ):
            own_model = read(model)
            own = {use.process for use in own_model.processes} & set(wanted)
            if not own:
                continue
            variables = {wanted[name].split()[0] for name in own}
            ds = measured(own_model, scenario, variables, asked.members)
            for name in own:
                file = PICTURES / f"{name}.svg"
                file.write_text(picture(ds, wanted.pop(name)), encoding="utf-8")
                print(file)


if __name__ == "__main__":
    main()
