"""A road that a scenario shuts: nobody marches along it for that time."""

from collections.abc import Callable
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
