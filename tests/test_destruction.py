"""Buildings of libya-2016 are conserved to the unit in every step, from what was written."""

import numpy as np
from recording import recording

from khamsin.engine import compile_plan
from khamsin.model import Model
from khamsin.plan import plan

CITIES = ("buildings_damaged", "newly_damaged", "repaired")


def test_buildings_are_conserved_and_wrecked_where_there_is_war(libya: Model) -> None:
    engine = compile_plan(plan(recording(libya, *CITIES), "as-it-happened"), 2)
    members = np.arange(16)
    state, parameters, values = engine.start(members)
    slot, whole = engine.plan.slots["buildings_damaged"], engine.plan.slots["buildings"]
    start = state[:, slot.offset : slot.offset + slot.size].copy()
    record = engine.advance(state, parameters, values, members, 0, engine.plan.calendar.steps)
    damaged = np.concatenate([start[:, None], record["buildings_damaged"]], axis=1)
    assert np.array_equal(damaged, np.floor(damaged))
    assert np.array_equal(np.diff(damaged, axis=1), record["newly_damaged"] - record["repaired"])
    buildings = state[:, whole.offset : whole.offset + whole.size]
    assert (damaged <= buildings[:, None]).all() and damaged.min() >= 0

    place = engine.plan.dims["place"]
    hit = np.median(record["newly_damaged"].sum(axis=1), axis=0)
    for city in ("MOSU", "RAQQ", "SIRT"):
        assert hit[place.index(city)] > 100, city
    for city in ("TUNI", "PARI", "CAIR"):
        assert hit[place.index(city)] == 0, city
