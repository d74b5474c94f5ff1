"""Choose the form of our rules of displacement inside the days that a forecast may know.

    python -m scripts.displacement_forms CASE...

Each case of Flee is cut after the first third of its days, as if it ended there, and forecast from
half and from two thirds of what is left, to its end; only camps and days up to a camp's last count
are scored. No count of the days that docs/displacement.md is scored on is looked at, but for the
trend with experience: it sees other cases in whole, never the one that is forecast.

A form is as good as the geometric mean, over cases and origins, of its averaged relative difference
over that of persistence. The best one is `khamsin.displacement.fitting.FORM`.
"""

import sys
import tempfile
from dataclasses import astuple
from itertools import product
from pathlib import Path

import numpy as np

from khamsin.displacement import import_flee
from khamsin.displacement.fitting import Form, fit
from khamsin.displacement.flee_model import read_case
from khamsin.displacement.measures import normal
from khamsin.displacement.running import open_case, simulate

ORIGINS = (1 / 2, 2 / 3)  # of the first third
MEMBERS = 8
FORMS = [Form(*each) for each in product((60, 10_000), (7.0, 30.0), (True, False), (False, True))]
POINTS = {"median": np.median, "mean": np.mean}


def errors(folder: Path, share: float, others: list[np.ndarray]) -> np.ndarray:
    """Return each form's error by each point forecast over persistence's, dims (form, point)."""
    whole = read_case(folder)
    third = whole.length // 3
    with tempfile.TemporaryDirectory() as home:
        origin = int(third * share)
        import_flee(folder, Path(home) / folder.name, days=third, known=origin)
        case = open_case(Path(home) / folder.name)
    last = [max(d for d in whole.counts[name][0] if d < third) for name in case.names]
    there = (np.arange(third)[:, None] <= last)[origin:]
    truth = case.registered[origin:] * there
    base = normal(case.known[-1] * there, truth)
    engine = case.engine("ours", "leak_free")
    found = []
    for form in FORMS:
        members, fitted = fit(case, engine, MEMBERS, form, others)
        counts = simulate(engine, members, fitted, case.days)["in_camps"][:, origin:, case.camps]
        found.append([normal(p(counts, axis=0) * there, truth) / base for p in POINTS.values()])
    return np.array(found)


def main(folders: list[Path]) -> None:
    """Print how each form does, best first."""
    totals = [read_case(folder).daily.sum(axis=1) for folder in folders]
    table, heads = [], []
    for k, folder in enumerate(folders):
        for share in ORIGINS:
            table.append(errors(folder, share, totals[:k] + totals[k + 1 :]))
            heads.append(f"{folder.name} {share:.2f}")
    ratio = np.array(table)  # setting, form, point
    score = np.exp(np.log(np.maximum(ratio, 1e-3)).mean(axis=0))
    print("score  days evidence newness experience point |", " | ".join(heads))
    for form, point in sorted(np.ndindex(score.shape), key=lambda at: score[at]):
        own = " ".join(f"{r:.2f}" for r in ratio[:, form, point])
        print(f"{score[form, point]:.3f}", *astuple(FORMS[form]), list(POINTS)[point], "|", own)


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
