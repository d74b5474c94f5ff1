"""Theatres of libya-2016: foreigners are accounted for, step by step, from what was written."""

import numpy as np
from recording import recording

from khamsin.engine import compile_plan
from khamsin.model import Model
from khamsin.plan import plan

PEOPLE = ("fighters", "unplaced", "wounded", "marching")
FOREIGN = ("foreign", "foreign_arrivals", "foreign_losses", "repatriated")


def test_foreigners_add_up_and_are_never_more_than_the_fighters(libya: Model) -> None:
    engine = compile_plan(plan(recording(libya, *PEOPLE, *FOREIGN), "as-it-happened"), 2)
    members = np.arange(12)
    state, parameters, values = engine.start(members)
    record = engine.advance(state, parameters, values, members, 0, engine.plan.calendar.steps)
    actors = len(engine.plan.dims["actor"])
    whole = record["unplaced"] + record["wounded"]
    for a in range(actors):
        whole[:, :, a] += record["fighters"][:, :, engine.plan.pairs[:, 1] == a].sum(axis=2)
    marching = record["marching"]
    whole += marching.reshape(*marching.shape[:2], -1, actors).sum(axis=2)
    foreign = record["foreign"]
    assert foreign.min() >= 0
    assert (foreign <= whole).all()
    assert np.array_equal(foreign, np.floor(foreign))
    change = record["foreign_arrivals"] - record["foreign_losses"] - record["repatriated"]
    assert np.array_equal(np.diff(foreign, axis=1), change[:, 1:])
    libyan = engine.plan.dims["actor"].index("ISL")
    assert 0.3 < (foreign[:, 0, libyan] / whole[:, 0, libyan]).mean() < 0.9
    assert record["repatriated"][:, :, libyan].sum() > 0
