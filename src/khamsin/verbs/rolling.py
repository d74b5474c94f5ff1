"""The verb `score --rolling`: from each month's end, filter, forecast some months, and score them.

Development only: priors are those of the model's origin, and no record from after the last month of
the range is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from khamsin.errors import InputError
from khamsin.model.periods import read_period

if TYPE_CHECKING:
    from khamsin.calibration.filtered import Filtered
    from khamsin.hindcast.observed import Floats, Observed
    from khamsin.hindcast.rolling import Point, Rolled
    from khamsin.hindcast.scoring import Table
    from khamsin.model import Model
    from khamsin.plan import Plan

AHEAD = 6  # months


def roll(
    what: str | Path | Model,
    months: str,
    *,
    ahead: int = AHEAD,
    members: int = 200,
    particles: int | None = None,
    seed: int = 1,
    threads: int | None = None,
    trust: bool = False,
    tell: Callable[[str], None] = lambda text: None,
) -> Rolled:
    """Score forecasts from the end of each month of a range.

    Parameters
    ----------
    what : str, Path or Model
    months : str
        `2015-01..2016-04`: the first and the last month by whose end a forecast is made. Records
        after the last are neither filtered on nor scored.
    ahead : int
        Months of each forecast.
    members : int
        Futures of each forecast.
    particles : int, optional
        Members that are filtered; as many as `members` when not given.

    Returns
    -------
    Rolled

    Raises
    ------
    InputError
        When the range is none, or lies outside of the time before the model's origin.
    RunError
        When the filter collapses.
    """
    from khamsin.calibration.filtering import filter_on
    from khamsin.hindcast.observed import observed_in
    from khamsin.hindcast.rolling import Rolled
    from khamsin.hindcast.scoring import Table
    from khamsin.hindsight import known_by
    from khamsin.model import Model, find, read

    model = what if isinstance(what, Model) else read(find(what), trust=trust)
    first, last = _range(model, months)
    if ahead < 1:
        raise InputError(f"a forecast must look at least 1 month ahead, not {ahead}")
    model = known_by(model, model.time.origin, trust=trust).model
    observed = observed_in(model.resolved())
    if not observed:
        raise InputError(f"{model.name} has no observations: to score it, name some")
    until = np.datetime64(str(last), "D")
    series = {name: one.only(one.end <= until) for name, one in observed.items()}
    series = {name: one for name, one in series.items() if np.isfinite(one.values).any()}
    found, notes = Rolled([], members, particles or members), Table(str(first))
    for now in filter_on(
        model, series, last, members=particles or members, seed=seed, threads=threads,
        trust=trust, tell=tell,
    ):  # fmt: skip
        step = now.steps[-1] if now.steps else None
        if step is not None and step.day == now.day:
            found.steps.append(
                {
                    "day": str(now.day),
                    "rows": len(step.rows),
                    "effective": step.effective,
                    "power": step.power,
                    "families": step.families,
                }
            )
        if first <= now.day < last:
            tell(f"forecast from {now.day}")
            found.origins.append(str(now.day))
            found.points += _forecast(now, model, series, ahead, members, seed, threads, notes)
    found.notes = _told_once(notes.notes)
    return found


def _told_once(notes: list[str]) -> list[str]:
    """Return notes that differ by more than dates and numbers, each as it was first told."""
    alike = {re.sub(r"[0-9-]+", "#", note): note for note in reversed(notes)}
    return list(reversed(alike.values()))


def _range(model: Model, months: str) -> tuple[date, date]:
    """Return the first day after the first month, and after the last."""
    begin, dots, end = months.partition("..")
    one, two = read_period(begin), read_period(end)
    if not dots or one is None or two is None or two[1] <= one[1]:
        raise InputError(f"--rolling takes two months like 2015-01..2016-04, not {months!r}")
    time = model.time
    if not time.start < one[1] or two[1] > time.origin:
        raise InputError(
            f"--rolling {months}: forecasts are made from ends of months after {time.start} and "
            f"not after the model's origin {time.origin}"
        )
    return one[1], two[1]


def _forecast(
    now: Filtered,
    model: Model,
    series: Mapping[str, Observed],
    ahead: int,
    members: int,
    seed: int,
    threads: int | None,
    notes: Table,
) -> list[Point]:
    """Run the filtered members on, and score what they say of each series."""
    from khamsin.engine import blocks_of, compile_plan, run_blocks
    from khamsin.hindcast.records import draw_record
    from khamsin.hindcast.rolling import points_of
    from khamsin.model import Outputs
    from khamsin.plan import plan

    ahead_of = {name: _rows(one, now.day, ahead) for name, one in series.items()}
    ahead_of = {name: one for name, one in ahead_of.items() if len(one)}
    variables = list(dict.fromkeys(v for one in ahead_of.values() for v in one.variables))
    stop = max(one.end.max() for one in ahead_of.values()).astype(object) - timedelta(days=1)
    shorter = replace(
        model, time=replace(model.time, end=stop), outputs=Outputs(variables, "month", [])
    )
    made = plan(shorter, None, since=now.day, live=now.plan.live, replay=False)
    made = replace(made, branch=now.branch(members))
    engine = compile_plan(made, seed)
    parts = dict(run_blocks(engine, list(enumerate(blocks_of(members, 50))), threads))
    truths: dict[str, Floats] = {}
    for name, one in ahead_of.items():
        truths[name] = _truth(made, one, [parts[k] for k in sorted(parts)])
    reporting = now.reporting_of(members)
    points = []
    for name, later in ahead_of.items():
        record = draw_record(later, truths[name], seed, np.arange(members), reporting.get(name))
        origin = np.datetime64(str(now.day), "D")
        points += points_of(series[name], later, record, origin, seed, notes)
    return points


def _rows(one: Observed, day: date, ahead: int) -> Observed:
    """Return the rows of the months after a day."""
    first = np.datetime64(str(day), "D")
    stop = (first.astype("datetime64[M]") + ahead).astype("datetime64[D]")
    begun = one.start >= first if one.kind == "flow" else one.end > first
    return one.only(begun & (one.end <= stop) & np.isfinite(one.values))


def _truth(made: Plan, one: Observed, parts: list[dict[str, Floats]]) -> Floats:
    from khamsin.calibration.readings import reading

    each = reading(made, one)
    return np.concatenate([each.truth(each.totals(records)) for records in parts])
