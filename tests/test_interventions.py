"""What scenarios do to roads, to hostility and to stocks."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from recording import recording

from khamsin.engine import compile_plan
from khamsin.model import read
from khamsin.plan import plan

MEMBERS = np.arange(60)
SHUT = """\
title: Both roads are shut from April to August
interventions:
  - {change: link_open, from: 2024-04-01, to: 2024-08-31, scale: 0, source: judgement}
"""


def test_nobody_marches_on_a_road_that_is_shut(changed: Callable[..., Path]) -> None:
    folder = changed(files={"scenarios/shut.yaml": SHUT})
    model = recording(read(folder), "assaults", "link_open")
    usual, shut = (compile_plan(plan(model, n)).block(MEMBERS) for n in ("as-it-is", "shut"))
    assert (usual["link_open"] == 1).all()
    road = shut["link_open"][0]
    assert set(np.unique(road)) == {0.0, *np.unique(road[(road > 0) & (road < 1)]), 1.0}
    shut_steps = (road < 0.5).all(axis=1)
    assert 20 <= shut_steps.sum() <= 23
    assert usual["assaults"][:, shut_steps].sum() > 0
    assert shut["assaults"][:, shut_steps].sum() == 0
    before = int(np.argmax(road[:, 0] < 1))
    assert np.array_equal(usual["assaults"][:, :before], shut["assaults"][:, :before])
    assert shut["assaults"][:, ~shut_steps].sum() > 0


PEACE = """\
title: A peace between the two from April to August
interventions:
  - change: hostility
    where: {actor: [GOV, REB], other: [GOV, REB]}
    from: 2024-04-01
    to: 2024-08-31
    set: 0
    source: judgement
"""


def test_those_at_peace_do_not_fight(changed: Callable[..., Path]) -> None:
    folder = changed(files={"scenarios/peace.yaml": PEACE})
    model = recording(read(folder), "battle_deaths", "hostility")
    usual, peace = (compile_plan(plan(model, n)).block(MEMBERS) for n in ("as-it-is", "peace"))
    quiet = (peace["hostility"][0] == 0).all(axis=1)
    assert 20 <= quiet.sum() <= 23
    assert usual["battle_deaths"][:, quiet].sum() > 0
    assert peace["battle_deaths"][:, quiet].sum() == 0
    assert np.array_equal(peace["hostility"][:, -1], usual["hostility"][:, -1])


GONE = """\
title: More rebels go than there are
interventions:
  - change: fighters
    where: {place: SOUTH, actor: REB}
    on: 2024-05-01
    add: {uniform: {low: -9000, high: -500}}
    source: judgement
"""


def test_nobody_goes_who_is_not_there(changed: Callable[..., Path]) -> None:
    folder = changed(files={"scenarios/gone.yaml": GONE})
    model = recording(read(folder), "fighters")
    found = compile_plan(plan(model, "gone")).block(MEMBERS)["fighters"]
    assert found.min() == 0
    assert (found == np.floor(found)).all()


SHARES = """\
title: The government gains an uncertain share of the south, and all of the north
interventions:
  - change: control
    where: {place: SOUTH, actor: GOV}
    on: 2024-05-01
    add: {uniform: {low: 0.1, high: 0.3}}
    source: judgement
  - change: control
    where: {place: NORTH, actor: GOV}
    on: 2024-05-01
    add: 0.9
    source: judgement
"""


def test_a_share_is_added_as_it_is_and_never_passes_one(changed: Callable[..., Path]) -> None:
    model = read(changed(files={"scenarios/shares.yaml": SHARES}))
    usual, shares = plan(model, "as-it-is"), plan(model, "shares")
    engine = compile_plan(shares)
    state, parameters, values = engine.start(MEMBERS)
    assert 0.1 < values[:, 0].min() < values[:, 0].max() < 0.3
    step = int(np.flatnonzero(np.diff(shares.changes.start))[0])
    off = replace(engine, kernels=tuple(None for _ in engine.kernels))  # nothing but the change
    off.advance(state, parameters, values, MEMBERS, 0, step + 1)
    slot = usual.slots["control"]
    control = state[:, slot.offset : slot.offset + slot.size].reshape(MEMBERS.size, *slot.shape)
    place, actor = usual.dims["place"], usual.dims["actor"].index("GOV")
    before = compile_plan(usual).start(MEMBERS)[0]
    was = before[:, slot.offset : slot.offset + slot.size].reshape(control.shape)
    north, south = place.index("NORTH"), place.index("SOUTH")
    assert np.allclose(control[:, south, actor], was[:, south, actor] + values[:, 0])
    assert (was[:, north, actor] > 0.1).all() and (control[:, north, actor] == 1).all()
