"""Migrants and residents add up to the unit in every step, from what was written (decision 16).

Every migrant who decided to leave is still at home, waits, travels, is held, looks for another way,
or is counted in a named flow out: landed, died, gave up. Residents are at home or hosted.
"""

from typing import TYPE_CHECKING

import numpy as np
import pytest
from recording import recording
from test_conservation import _wild

from khamsin.engine import compile_plan
from khamsin.plan import plan

if TYPE_CHECKING:
    from khamsin.model import Model

MIGRANTS = (
    "origin_pool",
    "diverting",
    "waiting_migrants",
    "travelling_migrants",
    "detained_migrants",
)
GONE = ("arrivals", "sea_deaths", "desert_deaths", "migrant_returns")
RESIDENTS = ("population", "displaced")
OTHER = ("away", "departures", "intercepted", "setting_out", "kept_back", "diverted", "fled")


@pytest.mark.parametrize("scenario", ["as-it-happened", "route-closed"])
@pytest.mark.parametrize("wild", [False, True])
def test_libya_conserves_people(libya: "Model", scenario: str, wild: bool) -> None:
    model = recording(libya, *MIGRANTS, *GONE, *RESIDENTS, *OTHER)
    engine = compile_plan(plan(model, scenario, live={"divert": ("share", "pools")}), 3)
    members = np.arange(4)
    state, parameters, values = engine.start(members)
    if wild:
        parameters = _wild(engine, parameters, np.random.default_rng(5))
        divert = next(p for p in engine.plan.parameters if p.name == "migrant_routes.divert")
        parameters[:, divert.offset : divert.offset + divert.size] = 0.3
    slots = engine.plan.slots

    def held(names: tuple[str, ...]) -> np.ndarray:
        return sum(
            state[:, slots[n].offset : slots[n].offset + slots[n].size].sum(axis=1) for n in names
        )

    migrants, residents, away = held(MIGRANTS), held(RESIDENTS), held(("away",))
    assert np.array_equal(away, held(("displaced",)))
    written = engine.advance(state, parameters, values, members, 0, engine.plan.calendar.steps)
    for name, x in written.items():
        assert (x >= 0).all(), name
        assert np.array_equal(x, np.floor(x)), f"{name}: people are whole"

    def total(names: tuple[str, ...]) -> np.ndarray:
        return sum(written[n].sum(axis=2) for n in names)

    assert np.array_equal(
        total(MIGRANTS) + np.cumsum(total(GONE), axis=1),
        np.broadcast_to(migrants[:, None], total(MIGRANTS).shape),
    )
    assert np.array_equal(
        total(RESIDENTS), np.broadcast_to(residents[:, None], total(RESIDENTS).shape)
    )
    assert np.array_equal(total(("away",)), total(("displaced",)))
    at_sea = total(("departures",)) - total(("intercepted", "sea_deaths", "arrivals"))
    assert not at_sea.any()
    assert written["arrivals"].sum() > 10_000
    assert written["fled"].sum() > 10_000
    assert written["diverted"].sum() > 0
