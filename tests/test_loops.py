"""Loops: what is cut is cut and nothing else, against the solution by hand."""

from pathlib import Path

import numpy as np
import pytest

import khamsin
from khamsin.engine import compile_plan
from khamsin.ensemble import in_memory
from khamsin.errors import InputError, ModelError
from khamsin.loops import respond
from khamsin.model import read
from khamsin.plan import plan
from khamsin.verbs.run import Run

ROOM = '''"""A room that warms what hears it, which warms the room."""

from typing import Annotated

from khamsin.priors import Fixed, LogNormal
from khamsin.process import Array, Days, In, InOut, Out, Param, process


@process(each="place")
def hear(heat: Annotated[float, In("", "1")], heard: Annotated[Array, Out("", "1")]) -> None:
    """Hear how warm it is."""
    heard[0] = 2.0 * heat


@process(each="place")
def warm(
    heat: Annotated[Array, InOut("", "1")],
    heard: Annotated[float, In("", "1")],
    gain: Annotated[float, Param("1/day", LogNormal(0.01, 0.5), "judgement")],
    loss: Annotated[float, Param("1/day", Fixed(0.01), "judgement")],
    dt: Days,
) -> None:
    """Warm the room by what was heard; lose some heat."""
    heat[0] += gain * heard * dt - loss * heat[0] * dt
'''

MODEL = """\
format: 1
title: A room
time: {start: 2020-01-01, origin: 2020-01-01, end: 2020-03-10, step: 7 day}
places: places.csv
variables:
  heat: {dims: [place], unit: "1", kind: stock, meaning: how warm it is}
  heard: {dims: [place], unit: "1", kind: flow, meaning: what is heard of it}
state: {heat: 3}
processes: [./room.py:hear, ./room.py:warm]
outputs: {variables: [heat], every: step}
"""

CLAIMS = """\
loops:
  R1:
    title: Warmth is heard and warms
    push: {variable: heat, add: 1, where: {place: HALL}}
    cut: [{variable: heard, readers: warm}]
    response: heat.end
  B1:
    title: Heat is lost
    sign: "-"
    push: {variable: heat, add: 1, where: {place: HALL}}
    cut: [{variable: heat, readers: [warm]}]
    response: heat.end
"""

STEPS = 10


@pytest.fixture
def room(tmp_path: Path) -> Path:
    folder = tmp_path / "room"
    folder.mkdir()
    places = "id,name,lat,lon,source\nHALL,H,1,1,judgement\nYARD,Y,1,1,judgement\n"
    for name, text in (
        ("model.yaml", MODEL),
        ("claims.yaml", CLAIMS),
        ("room.py", ROOM),
        ("places.csv", places),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_loop_closed_and_cut(room: Path) -> None:
    model = read(room, trust=True)
    gain = compile_plan(plan(model, trust=True)).start(np.arange(20))[1][:, 0]
    growth = 1 + 7 * (2 * gain - 0.01)
    found = respond(model, "R1", members=20, trust=True)
    np.testing.assert_allclose(found.base, (2 * 3 * growth**STEPS).mean(), rtol=1e-5)
    np.testing.assert_allclose(found.closed, (growth**STEPS).mean(), rtol=1e-4)
    assert found.cut == pytest.approx(0.93**STEPS, rel=1e-3)  # only the loss is left
    assert found.cut_error == pytest.approx(0.0, abs=1e-4)
    assert found.word == "feeds itself"
    assert found.gain == pytest.approx(1 - found.cut / found.closed)


def test_what_a_process_changes_survives_the_cut(room: Path) -> None:
    """`warm` loses heat by what it is shown, not by what there is; its own changes are kept."""
    model = read(room, trust=True)
    gain = compile_plan(plan(model, trust=True)).start(np.arange(20))[1][:, 0]
    found = respond(model, "B1", members=20, trust=True)
    np.testing.assert_allclose(found.cut, ((1 + 14 * gain) ** STEPS).mean(), rtol=1e-4)
    assert found.word == "damps"


def test_what_cannot_be_pushed_or_cut_is_refused(room: Path) -> None:
    file = room / "claims.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("readers: warm", "readers: hear"), "utf-8")
    with pytest.raises(InputError, match="hear does not read heard"):
        respond(read(room, trust=True), "R1", trust=True)
    file.write_text(text.replace("add: 1, where: {place: HALL}", "where: {place: HALT}"), "utf-8")
    with pytest.raises(InputError, match="Did you mean HALL"):
        respond(read(room, trust=True), "B1", trust=True)
    with pytest.raises(InputError, match="no loop R2"):
        respond(read(room, trust=True), "R2", trust=True)
    file.write_text(text.replace("push: {variable: heat", "push: {variable: heard"), "utf-8")
    with pytest.raises(ModelError, match="only a stock can be pushed"):
        read(room, trust=True)


def test_an_ensemble_in_memory_is_the_one_on_disk(small_run: Run, small_folder: Path) -> None:
    stored = khamsin.open(small_run.stores[0])
    resolved = plan(read(small_folder), stored.attrs["scenario"])
    records = compile_plan(resolved, 1).block(np.arange(stored.sizes["member"]))
    held = in_memory(resolved, 1, stored.sizes["member"], records)
    for name in stored.data_vars:
        # shares are rounded on their way to disk
        slack = stored[name].attrs.get("precision", 0.0) / 2
        np.testing.assert_allclose(held[name].values, stored[name].values, rtol=0, atol=slack)
        assert held[name].dims == stored[name].dims
    assert set(stored.coords) == set(held.coords)
    for name in stored.coords:
        np.testing.assert_array_equal(held[name].values, stored[name].values)
