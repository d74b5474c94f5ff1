"""Choose the form of our rules of displacement for each case by all but the days it is scored on.

    python -m scripts.displacement_forms CASE... -o FORMS.json

Two kinds of trial, each with the days up to an origin known and the days from it on forecast:

    inside   the case ends after its first third; origins at half and at two thirds of that; camps
             and days up to a camp's last count are scored
    whole    the origin is at a third of the days: what docs/displacement.md scores

The form for a case is the one with the least geometric mean of the averaged relative difference
over that of persistence, in its own trials inside and the other cases' whole ones, weighed alike.
So no count that a case is scored on has a say in its form. Also printed: what the trials inside
alone would choose for all cases.
"""

import json
import sys
import tempfile
from dataclasses import asdict, astuple
from itertools import product
from pathlib import Path

import numpy as np

from khamsin.displacement import import_flee
from khamsin.displacement.fitting import ALL_DAYS, Form, fit
from khamsin.displacement.flee_model import read_case
from khamsin.displacement.measures import normal
from khamsin.displacement.running import open_case, simulate

INSIDE = (1 / 2, 2 / 3)  # origins inside the first third
MEMBERS = 8
FITS = list(product((60, ALL_DAYS), (7.0, 30.0), (True, False)))
FORMS = [Form(*each, point) for each in FITS for point in ("median", "mean")]


def trial(folder: Path, days: int | None, origin: int) -> list[float]:
    """Return each form's error over persistence's, in a case that ends after `days`."""
    with tempfile.TemporaryDirectory() as home:
        import_flee(folder, Path(home) / folder.name, days=days, known=origin)
        case = open_case(Path(home) / folder.name)
    there = np.ones((case.days - origin, len(case.camps)))
    if days is not None:  # after its last count a camp is not known
        counts = read_case(folder).counts
        last = [max(d for d in counts[name][0] if d < days) for name in case.names]
        there = (np.arange(origin, days)[:, None] <= last) * 1.0
    truth = case.registered[origin:] * there
    base = normal(case.known[-1] * there, truth)
    engine = case.engine("ours", "leak_free")
    found = []
    for each in FITS:
        members, fitted = fit(case, engine, MEMBERS, Form(*each))
        counts = simulate(engine, members, fitted, case.days)["in_camps"][:, origin:, case.camps]
        found += [normal(np.median(counts, axis=0) * there, truth) / base]
        found += [normal(counts.mean(axis=0) * there, truth) / base]
    print(folder.name, days, origin, [round(f, 3) for f in found], file=sys.stderr, flush=True)
    return found


def main(folders: list[Path], output: Path) -> None:
    """Write the form of each case."""
    inside, whole = [], []
    for folder in folders:
        third = read_case(folder).length // 3
        inside.append([trial(folder, third, int(third * share)) for share in INSIDE])
        whole.append(trial(folder, None, third))
    own, others = np.log(inside), np.log(whole)  # (case, origin, form), (case, form)
    everywhere = np.exp(own.mean(axis=(0, 1)))
    for form in np.argsort(everywhere):
        print(f"{everywhere[form]:.3f} inside, of all cases:", *astuple(FORMS[form]))
    chosen = {}
    for k, folder in enumerate(folders):
        score = np.concatenate([own[k], np.delete(others, k, axis=0)]).mean(axis=0)
        form = FORMS[int(score.argmin())]
        print(f"{folder.name}: {np.exp(score.min()):.3f}", *astuple(form))
        chosen[folder.name] = asdict(form)
    output.write_text(json.dumps(chosen, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    *names, option, file = sys.argv[1:]
    if option != "-o":
        sys.exit(__doc__)
    main([Path(name) for name in names], Path(file))
