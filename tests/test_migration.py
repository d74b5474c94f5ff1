"""Migration of libya-2016 against the months that were known at the origin."""

import csv
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest
from recording import recording

from khamsin.engine import compile_plan
from khamsin.plan import plan

if TYPE_CHECKING:
    from khamsin.model import Model

START, END = date(2015, 1, 1), date(2016, 4, 30)


@pytest.fixture(scope="module")
def arrivals(libya: "Model") -> dict[str, np.ndarray]:
    """Arrivals in Italy and in Spain, dims (member, month), from 2015-01 to 2016-04."""
    from dataclasses import replace

    model = recording(libya, "arrivals", every="month")
    model = replace(model, time=replace(model.time, end=END))
    engine = compile_plan(plan(model, "as-it-happened", since=START), 4)
    members = np.arange(100)
    state, parameters, values = engine.start(members)
    record = engine.advance(state, parameters, values, members, 0, engine.plan.calendar.steps)
    country = model.tables["place"].columns["country"]
    return {
        name: record["arrivals"][:, :, [c == name for c in country]].sum(axis=2)
        for name in ("IT", "ES")
    }


def _record(libya: "Model", column: str) -> np.ndarray:
    with (libya.folder / "observations/migration.csv").open(encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if str(START)[:7] <= r["month"] <= str(END)[:7]]
    assert all(r["known_on"] < "2016-05-17" for r in rows)
    return np.array([float(r[column]) for r in rows])


@pytest.mark.parametrize(("country", "column"), [("IT", "italy"), ("ES", "spain")])
def test_the_months_before_the_origin_lie_in_the_prior_band(
    libya: "Model", arrivals: dict[str, np.ndarray], country: str, column: str
) -> None:
    recorded = _record(libya, column)
    low, high = np.quantile(arrivals[country], [0.05, 0.95], axis=0)
    inside = (low <= recorded) & (recorded <= high)
    assert inside.sum() >= 13, f"{inside.sum()} of {inside.size}"
    year = arrivals[country][:, :12].sum(axis=1)
    assert np.quantile(year, 0.05) < recorded[:12].sum() < np.quantile(year, 0.95)
    # decision 25: the range spans the record about twofold, not tenfold
    assert np.quantile(year, 0.95) / np.quantile(year, 0.05) < 8.0
