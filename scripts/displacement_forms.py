"""Choose the form of our rules of displacement for each case by all but the days it is scored on.

    python -m scripts.displacement_forms CASE... -o FORMS.json

Two kinds of trial, each with the days up to an origin known and the days from it on forecast:

    inside   the case ends after its first third; origins at half, two thirds and five sixths of
             that; camps and days up to a camp's last count are scored; void where more than half of
             those counted are elsewhere by our rules (`enrolled`)
    whole    the origin is at a third of the days: what docs/displacement.md scores

The form for a case is the one with the least geometric mean of the averaged relative difference
over that of persistence, in its own trials inside and the other cases' whole ones, weighed alike.
So no count that a case is scored on has a say in its form. Also printed: what the trials inside
alone would choose for all cases.
"""

import json
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, astuple, replace
from itertools import product
from pathlib import Path

import numpy as np

from khamsin.displacement import import_flee
from khamsin.displacement.fitting import fit, set_trend
from khamsin.displacement.flee_model import read_case
from khamsin.displacement.form import ALL_DAYS, POINTS, Form
from khamsin.displacement.measures import normal
from khamsin.displacement.running import open_case, simulate

INSIDE = (1 / 2, 2 / 3, 5 / 6)  # origins inside the first third
ASTRAY = 0.5  # share of those counted whom our rules have elsewhere: from here on a trial is void
MEMBERS = 8
FITS = [Form(*each) for each in product((60, ALL_DAYS), (7.0, 30.0), (True, False))]
TRENDS = (False, True)  # shrunk
ENDS = list(product((0.0, 0.5), POINTS))  # anchor, point
FORMS = [
    replace(each, shrunk=shrunk, anchor=anchor, point=point)
    for each in FITS
    for shrunk in TRENDS
    for anchor, point in ENDS
]


def trial(folder: Path, days: int | None, origin: int) -> list[float]:
    """Return each form's error over persistence's, in a case that ends after `days`.

    NaN for all in a trial that is void.
    """
    with tempfile.TemporaryDirectory() as home:
        import_flee(folder, Path(home) / folder.name, days=days, known=origin)
        case = open_case(Path(home) / folder.name)
    there = np.ones((case.days - origin, len(case.camps)))
    if days is not None:  # after its last count a camp is not known
        counts = read_case(folder).counts
        last = [max(d for d in counts[name][0] if d < days) for name in case.names]
        there = (np.arange(origin, days)[:, None] <= last) * 1.0
    truth, known = case.registered[origin:] * there, case.known[-1]
    base = normal(known * there, truth)
    engine = case.engine("ours", "leak_free")
    found = []
    for each in FITS:
        members, fitted = fit(case, engine, MEMBERS, each)
        for shrunk in TRENDS:
            own = set_trend(case, engine, fitted, replace(each, shrunk=shrunk))
            flows = simulate(engine, members, own, case.days)
            astray = flows["enrolled"][:, :origin].sum(axis=(1, 2)).mean() / max(known.sum(), 1.0)
            if days is not None and astray > ASTRAY:
                print(f"{folder.name} {days} {origin}: void, {astray:.2f} astray", file=sys.stderr)
                return [float("nan")] * len(FORMS)
            counts = flows["in_camps"][:, origin:, case.camps]
            for anchor, point in ENDS:
                form = replace(each, shrunk=shrunk, anchor=anchor, point=point)
                middle = form.middle(form.combine(counts, known))
                found.append(normal(middle * there, truth) / base)
    print(folder.name, days, origin, [round(f, 3) for f in found], file=sys.stderr, flush=True)
    return found


def main(folders: list[Path], output: Path) -> None:
    """Write the form of each case."""
    tasks: list[tuple[Path, int | None, int]] = []
    for folder in folders:
        third = read_case(folder).length // 3
        tasks += [(folder, third, int(third * share)) for share in INSIDE]
        tasks.append((folder, None, third))
    with ProcessPoolExecutor() as pool:
        done = list(pool.map(trial, *zip(*tasks, strict=True)))
    errors = np.log(np.array(done).reshape(len(folders), len(INSIDE) + 1, len(FORMS)))
    own, others = errors[:, :-1], errors[:, -1]  # (case, origin, form), (case, form)
    everywhere = np.exp(np.nanmean(own, axis=(0, 1)))
    for form in np.argsort(everywhere):
        print(f"{everywhere[form]:.3f} inside, of all cases:", *astuple(FORMS[form]))
    chosen = {}
    for k, folder in enumerate(folders):
        score = np.nanmean(np.concatenate([own[k], np.delete(others, k, axis=0)]), axis=0)
        form = FORMS[int(score.argmin())]
        print(f"{folder.name}: {np.exp(score.min()):.3f}", *astuple(form))
        chosen[folder.name] = asdict(form)
    output.write_text(json.dumps(chosen, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    *names, option, file = sys.argv[1:]
    if option != "-o":
        sys.exit(__doc__)
    main([Path(name) for name in names], Path(file))
