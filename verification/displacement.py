"""Flee's rules in counts against Flee's own runs: the camps' totals, and the error of both.

The cases and what Flee printed lie outside the repository: where they are not at hand nothing is
checked, and the results say so.
"""

import tempfile
from pathlib import Path

import numpy as np

from khamsin.displacement import import_flee
from khamsin.displacement.measures import normal
from khamsin.displacement.running import open_case, simulate
from khamsin.displacement.scoring import agreement, read_flee

CASES = Path(__file__).parents[2] / "shared" / "cases" / "flee"
MEMBERS = 12
FARTHEST = 0.02  # of the total, mean over days
SPREADS = 2.5  # standard deviations of Flee's runs between the two mean errors


def rows() -> list[dict[str, float | str]]:
    """Return how far camps and error are from Flee's, one row a case."""
    found: list[dict[str, float | str]] = []
    folders = sorted(p for p in CASES.iterdir() if p.is_dir()) if CASES.is_dir() else []
    for folder in folders:
        with tempfile.TemporaryDirectory() as home:
            import_flee(folder, Path(home) / folder.name)
            case = open_case(Path(home) / folder.name)
        engine = case.engine("flee", "as_flee")
        members = np.arange(MEMBERS)
        drawn = engine.plan.draw_parameters(engine.seed, members)
        ours = simulate(engine, members, drawn, case.days)["in_camps"][:, :, case.camps]
        runs = read_flee(folder / "flee_output", case)
        errors = [normal(run, case.registered) for run in runs]
        mean = float(np.mean([normal(run, case.registered) for run in ours]))
        off = (mean - np.mean(errors)) / np.std(errors, ddof=1)
        found.append(
            {
                "case": folder.name,
                "camps_off": round(agreement(ours, runs), 4),
                "error": round(mean, 4),
                "error_of_flee": round(float(np.mean(errors)), 4),
                "spreads_off": round(float(off), 2),
            }
        )
    return found


def passes(found: list[dict[str, float | str]]) -> bool:
    """Say whether every case that is at hand is near enough."""
    return all(
        float(row["camps_off"]) < FARTHEST and abs(float(row["spreads_off"])) < SPREADS
        for row in found
    )
