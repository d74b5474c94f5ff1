"""The calendar: steps, months, and the share of each step that falls into each month."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recording import recording

from khamsin.engine import compile_plan
from khamsin.model import read
from khamsin.plan import plan
from khamsin.plan.calendar import Calendar, calendar

DAY = st.dates(date(1990, 1, 1), date(2040, 12, 31))
STEP = st.sampled_from([0.25, 0.5, 1.0, 2.5, 7.0, 10.0, 28.0, 30.4375, 365.0])


def _of(c: Calendar, step: int) -> list[tuple[int, float]]:
    """The periods and shares of a step."""
    used = range(int(c.use_start[step]), int(c.use_start[step + 1]))
    return [(int(c.use_period[k]), float(c.use_share[k])) for k in used]


@settings(max_examples=150, deadline=None)
@given(first=DAY, days=st.integers(0, 800), step=STEP, every=st.sampled_from(["month", "step"]))
def test_steps_and_periods_cover_the_run(first: date, days: int, step: float, every: str) -> None:
    last = first + timedelta(days=days)
    c = calendar(first, last, step, every)
    assert c.days.sum() == pytest.approx(days + 1)
    assert (c.days > 0).all()
    assert c.days.max() <= step + 1e-9
    assert c.period_start[0] == first
    if every == "month":
        assert c.period_end[-1] == last + timedelta(days=1)
        assert c.period_start[1:] == c.period_end[:-1]
        assert all(d.day == 1 for d in c.period_start[1:])
    read_off = []
    for s in range(c.steps):
        uses = _of(c, s)
        assert sum(share for p, share in uses if p >= 0) == pytest.approx(1.0, abs=1e-9)
        assert all(0 <= share <= 1 + 1e-12 for _, share in uses)
        read_off += [-p - 1 for p, _ in uses if p < 0]
    assert read_off == list(range(len(c.period_start)))  # each period's stocks, once, in order
    flow = np.zeros(len(c.period_start))
    for s in range(c.steps):  # a flow of one a day fills each period with its length
        for p, share in _of(c, s):
            if p >= 0:
                flow[p] += share * c.days[s]
    lengths = [(e - b).days for b, e in zip(c.period_start, c.period_end, strict=True)]
    if every == "month":
        assert flow == pytest.approx(lengths)


def test_a_week_across_two_months_is_prorated_by_day() -> None:
    c = calendar(date(2016, 5, 17), date(2016, 7, 31), 7.0, "month")
    assert _of(c, 2) == [(0, pytest.approx(1 / 7)), (1, pytest.approx(6 / 7)), (-1, 0.0)]
    assert c.step_start(2) == date(2016, 5, 31)
    assert c.period_start == [date(2016, 5, 17), date(2016, 6, 1), date(2016, 7, 1)]
    assert c.period_end[-1] == date(2016, 8, 1)
    assert c.days[-1] == 6.0  # the last step is short


def test_leap_days_count() -> None:
    c = calendar(date(2024, 2, 1), date(2024, 2, 29), 7.0, "month")
    assert c.days.tolist() == [7.0, 7.0, 7.0, 7.0, 1.0]


def test_one_day_is_a_run() -> None:
    c = calendar(date(2024, 1, 1), date(2024, 1, 1), 7.0, "month")
    assert c.days.tolist() == [1.0]
    assert c.period_end == [date(2024, 1, 2)]


def test_monthly_flows_add_up_to_the_flows_of_steps(small_folder: Path) -> None:
    model = read(small_folder)
    names = ("battle_deaths", "assaults", "recruits", "deserters", "fighters")
    members = np.arange(20)
    month, step = (
        compile_plan(plan(recording(model, *names, every=every), "air-campaign"))
        for every in ("month", "step")
    )
    by_month, by_step = month.block(members), step.block(members)
    for name in names[:-1]:
        assert by_step[name].sum() > 0
        assert by_month[name].sum(axis=1) == pytest.approx(by_step[name].sum(axis=1))
    # Stocks of a month are those at the end of the step in which it ends.
    c = month.plan.calendar
    for s in range(c.steps):
        for p, _ in _of(c, s):
            if p < 0:
                assert np.array_equal(by_month["fighters"][:, -p - 1], by_step["fighters"][:, s])
