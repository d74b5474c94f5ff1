"""Scores of a case, each given twice: as Flee does it, and free of what nobody could know.

As Flee does it: the capacity of a camp is the greatest count that it is going to have, and the true
total of each day is handed to the model. Leak-free: after a third of the days no count is looked
at, no capacity, no total; camps start from their last registered count, and totals are forecast.
The benchmarks are told exactly as much; in the leak-free half their totals are ours.
"""

import csv
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from khamsin.displacement import measures
from khamsin.displacement.benchmarks import BENCHMARKS, FROZEN_ON, Known
from khamsin.displacement.fitting import fit
from khamsin.displacement.running import Case, simulate
from khamsin.displacement.widths import widen
from khamsin.errors import InputError

Floats = npt.NDArray[np.float64]

OURS = "our rules, fitted"


@dataclass(frozen=True)
class Row:
    """The scores of one forecast.

    Attributes
    ----------
    half : {"as in Flee", "leak-free"}
    normal, total_error, rescaled : float
        The averaged relative difference by its three denominators, of the mean of the members; of
        our rules, of their median before they are widened (`measures.middle`, `widths.widen`).
    crps : float
        Over the registered people; that of a forecast without spread is its normal.
    skill : float
        One minus the CRPS over that of persistence.
    cover50, cover90 : float or None
        Share of counts inside the central intervals.
    spread : float or None
        Standard deviation of normal over runs of Flee.
    from_flee : float or None
        How far the mean is from the mean of Flee's own runs (`agreement`), where there are any.
    """

    case: str
    half: str
    forecast: str
    normal: float
    total_error: float
    rescaled: float
    crps: float
    skill: float
    cover50: float | None = None
    cover90: float | None = None
    spread: float | None = None
    from_flee: float | None = None


def score_case(
    case: Case,
    members: int,
    seed: int = 1,
    flee_output: Path | None = None,
    tell: Callable[[str], None] = lambda text: None,
) -> list[Row]:
    """Score Flee's rules, ours and all benchmarks on a case, in both halves.

    Parameters
    ----------
    case : Case
    members : int
    flee_output : Path, optional
        Folder of what Flee itself printed (`*flee3_default*.csv`), to be scored beside.
    """
    numbers = np.arange(members)
    rows: list[Row] = []
    later = slice(case.origin, case.days)
    given: dict[str, Floats] = {}
    flight = np.zeros(len(case.model.tables["place"]))
    for rules in ("flee", "corrected"):
        tell(f"{case.model.name}: rules {rules}, as in Flee")
        engine = case.engine(rules, "as_flee", seed)
        drawn = engine.plan.draw_parameters(seed, numbers)
        found = simulate(engine, numbers, drawn, case.days)
        given[f"rules of Flee, {'emulated' if rules == 'flee' else 'corrected'}"] = found[
            "in_camps"
        ][:, :, case.camps]
        flight = found["newly_displaced"].sum(axis=(0, 1))
    flight = flight / max(flight.sum(), 1.0)
    if flee_output is not None:
        given = {"Flee itself": read_flee(flee_output, case), **given}
    everything = slice(0, case.days)
    known = Known(
        case.registered[: FROZEN_ON + 1],
        case.registered.sum(axis=1),
        case.capacity,
        case.distance,
        flight,
    )
    rows += _rows(case, "as in Flee", everything, given, known)
    free = _leak_free(case, members, seed, tell)
    total = np.median(free[OURS].sum(axis=2), axis=0)[later]
    middle = measures.middle(free[OURS][:, later])
    free[OURS][:, later] = _widened(case, free[OURS][:, later], seed)
    before = case.known
    known = Known(before, total, before.max(axis=0), case.distance, flight)
    if flee_output is not None:
        free["Flee itself, with its leaks"] = given["Flee itself"]
    rows += _rows(case, "leak-free", later, free, known, {OURS: middle})
    return rows


def _leak_free(
    case: Case, members: int, seed: int, tell: Callable[[str], None]
) -> dict[str, Floats]:
    tell(f"{case.model.name}: our rules, fitted to the first {case.origin} of {case.days} days")
    engine = case.engine("ours", "leak_free", seed)
    numbers, fitted = fit(case, engine, members)
    counts = simulate(engine, numbers, fitted, case.days)["in_camps"][:, :, case.camps]
    found = {OURS: counts}
    engine = case.engine("flee", "leak_free", seed)
    numbers = np.arange(members)
    drawn = engine.plan.draw_parameters(seed, numbers)
    found["rules of Flee, leak-free"] = simulate(engine, numbers, drawn, case.days)["in_camps"][
        :, :, case.camps
    ]
    return found


def _widened(case: Case, ahead: Floats, seed: int) -> Floats:
    """Widen the days ahead, dims (member, day, camp)."""
    days = np.arange(case.origin, case.days)[:, None]
    since = (days - np.maximum(case.last_count, 0)) / case.origin
    return widen(ahead, since, seed=seed)


def _rows(
    case: Case,
    half: str,
    days: slice,
    ensembles: dict[str, Floats],
    known: Known,
    middles: dict[str, Floats] | None = None,
) -> list[Row]:
    """Score ensembles and benchmarks; the point forecast is the mean, or what `middles` holds."""
    registered, raw = case.registered[days], case.raw_total[days]
    forecasts = {name: each[:, days] for name, each in ensembles.items()}
    forecasts |= {name: rule(known)[None] for name, rule in BENCHMARKS.items()}
    base = measures.crps(forecasts["persistence"], registered)
    rows = []
    for name, members in forecasts.items():
        middle = (middles or {}).get(name, members.mean(axis=0))
        many = len(members) > 1
        score = measures.crps(members, registered)
        spread = None
        if name.startswith("Flee itself") and many:
            spread = float(np.std([measures.normal(m, registered) for m in members], ddof=1))
        from_flee = None
        if "Flee itself" in forecasts and name.startswith("rules of Flee"):
            from_flee = agreement(members, forecasts["Flee itself"])
        rows.append(
            Row(
                case.model.name,
                half,
                name,
                measures.normal(middle, registered),
                measures.total_error(middle, registered, raw),
                measures.rescaled(middle, registered),
                score,
                1.0 - score / base if base > 0 else 0.0,
                measures.coverage(members, registered, 0.5) if many else None,
                measures.coverage(members, registered, 0.9) if many else None,
                spread,
                from_flee,
            )
        )
    return rows


def read_flee(folder: Path, case: Case, pattern: str = "*flee3_default*.csv") -> Floats:
    """Read the camps' counts of Flee's own runs, dims (run, day, camp), person.

    Runs named `_h10` have one agent for ten people.
    """
    runs = []
    for path in sorted(folder.glob(pattern)):
        with path.open(encoding="utf-8") as file:
            rows = list(csv.reader(file))
        if len(rows) < case.days + 1:
            continue
        columns = [rows[0].index(f"{name} sim") for name in case.names]
        scale = 10.0 if "_h10" in path.name else 1.0
        runs.append([[scale * float(row[k]) for k in columns] for row in rows[1 : case.days + 1]])
    if not runs:
        raise InputError(f"{folder} holds no complete output of Flee ({pattern})")
    return np.array(runs)


def agreement(members: Floats, runs: Floats) -> float:
    """Return how far the mean of an ensemble is from the mean of Flee's runs: the mean over days of
    the sum of absolute differences over the total in camps."""
    return measures.normal(members.mean(axis=0), runs.mean(axis=0))


def as_table(rows: list[Row]) -> str:
    """Write scores as Markdown, a table a case and half."""
    lines: list[str] = []
    last = ("", "")
    for row in rows:
        if (row.case, row.half) != last:
            last = (row.case, row.half)
            lines += [
                "",
                f"### {row.case}, {row.half}",
                "",
                "| forecast | normal | total error | rescaled | CRPS | skill | 50 % | 90 % |",
                "|---|---|---|---|---|---|---|---|",
            ]
        spread = f" ± {row.spread:.3f}" if row.spread is not None else ""
        cover = [f"{c:.2f}" if c is not None else "" for c in (row.cover50, row.cover90)]
        lines.append(
            f"| {row.forecast} | {row.normal:.3f}{spread} | {row.total_error:.3f} | "
            f"{row.rescaled:.3f} | {row.crps:.3f} | {row.skill:+.2f} | {cover[0]} | {cover[1]} |"
        )
    return "\n".join(lines).strip() + "\n"


def as_json(rows: list[Row]) -> list[dict[str, object]]:
    """Return scores as plain dicts."""
    return [asdict(row) for row in rows]
