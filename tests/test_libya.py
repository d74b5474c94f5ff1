"""libya-2016 keeps its head: a quiet map stays quiet, and its numbers change only on purpose."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from recording import recording

import khamsin
from khamsin.describe import numbers_of
from khamsin.engine import compile_plan
from khamsin.model import Model
from khamsin.plan import plan
from khamsin.summary import main_quantities
from khamsin.verbs.run import run

BASELINE = Path(__file__).parent / "baseline.json"
WEEKS = 12


def test_few_places_change_holder_without_an_attack(libya: Model) -> None:
    """Decision 8: in the first 12 weeks of `none`, fewer than one place in ten."""
    engine = compile_plan(plan(recording(libya, "quiet_changes"), "none"), 1)
    members = np.arange(100)
    state, parameters, values = engine.start(members)
    records = engine.advance(state, parameters, values, members, 0, WEEKS)
    changes = records["quiet_changes"][:, :WEEKS].sum(axis=1)
    weight = engine.plan.weights(1, members.size)
    share = (changes > 0).mean(axis=1)
    assert float((weight * share).sum()) < 0.1
    assert np.quantile(share, 0.95) < 0.1


def test_strikes_flown_are_those_planned(libya: Model) -> None:
    """The difference of the two scenarios is Odyssey Lightning: 495 strikes at Sirte, 2016."""
    members = np.arange(40)
    model = recording(libya, "strikes", every="month")
    engines = [compile_plan(plan(model, n), 1) for n in ("as-it-happened", "no-airpower")]
    sirte = engines[0].plan.dims["place"].index("SIRT")
    flown, none = (e.block(members)["strikes"] for e in engines)
    assert none[:, :, sirte].sum() == 0
    assert (flown[:, :8, sirte].sum(axis=1) > 0).all()
    assert flown[:, :8, sirte].sum(axis=1).max() < 1000
    assert np.array_equal(flown[:, :2], none[:, :2])  # May and June: nothing differs yet


def test_every_number_has_a_source(libya: Model) -> None:
    for scenario in libya.scenarios:
        numbers = numbers_of(plan(libya, scenario))
        assert len(numbers) > 200
        assert not [n.name for n in numbers if not n.source.strip()]


def test_the_world_of_january_2015(libya: Model) -> None:
    """IS has no Sirte, half of Libya's governments are recognised, nobody of the West is there."""
    first = plan(libya, since=libya.time.start)
    members = np.arange(60)
    state = first.start(1, members)

    def of(name: str) -> np.ndarray:
        slot = first.slots[name]
        cells = state[:, slot.offset : slot.offset + slot.size]
        return cells.reshape(members.size, *slot.shape)

    place, actor = (first.dims[d].index for d in ("place", "actor"))
    assert not (of("holder")[:, place("SIRT")] == actor("MIS")).any()
    assert (of("holder")[:, place("TIKR")] == actor("ISC")).all()
    assert of("recognised")[0, :2].tolist() == [0, 1]
    assert of("special_forces").sum() == 0
    isl = of("fighters")[:, :, actor("ISL")].sum(axis=1) + of("unplaced")[:, actor("ISL")]
    low, middle, high = np.quantile(isl, [0.05, 0.5, 0.95])
    assert low < 800 and 1000 < middle < 2200 and high > 2500
    # people are displaced from somewhere
    country = np.array(libya.places.columns["country"])
    for c in ("LY", "IQ"):
        assert (of("displaced")[:, country == c].sum(1) == of("away")[:, country == c].sum(1)).all()


def test_it_runs_from_2015_to_the_origin(libya: Model) -> None:
    model = recording(libya, "strength", "holder", every="month")
    engine = compile_plan(plan(model, "none", since=libya.time.start), 1)
    members = np.arange(24)
    state, parameters, values = engine.start(members)
    steps = int((libya.time.origin - libya.time.start).days / libya.time.step_days)
    records = engine.advance(state, parameters, values, members, 0, steps)
    place, actor = (engine.plan.dims[d].index for d in ("place", "actor"))
    sirte = records["holder"][:, 9, place("SIRT")] == actor("ISL")  # October 2015
    assert 0.5 < sirte.mean() <= 1
    grown = records["strength"][:, 14, actor("ISL")] / records["strength"][:, 0, actor("ISL")]
    assert np.median(grown) > 1
    assert np.isfinite(state).all()


def test_what_was_known_of_2015_is_said(libya: Model) -> None:
    from khamsin.model import FromTable

    rows = [
        row
        for state in libya.earlier.values()
        for start in state.values()
        if isinstance(start, FromTable)
        for row in start.rows
    ]
    assert len(rows) > 400
    assert all(row.source and row.known_on <= libya.time.origin for row in rows)
    assert libya.history is not None
    known = [i.known_on for i in libya.history.interventions]
    assert all(day is not None and day <= libya.time.origin for day in known)


def _quantities(libya: Model, folder: Path) -> dict[str, dict[str, float]]:
    done = run(libya, scenarios=["as-it-happened"], members=100, seed=1, folder=folder)
    ds = khamsin.open(done.stores[0])
    lines = {line.quantity: asdict(line) for line in main_quantities(ds)}
    found = {q: {k: v[k] for k in ("low", "median", "high")} for q, v in lines.items()}
    weight = np.asarray(ds.weight)
    for place in ("SIRT", "BENG", "MOSU", "RAQQ", "DERN"):
        holder = np.asarray(ds.holder.isel(time=-1).sel(place=place)).astype(int)
        for k in np.unique(holder):
            name = str(ds.actor.values[k]) if k >= 0 else "nobody"
            share = float(weight[holder == k].sum())
            found[f"{place} held by {name}"] = {"low": share, "median": share, "high": share}
    return found


def test_the_baseline(libya: Model, tmp_path: Path) -> None:
    """Changed only on purpose: `python tests/test_libya.py` writes it anew."""
    if not BASELINE.exists():
        pytest.skip("no baseline has been written yet: python tests/test_libya.py writes it")
    expected = json.loads(BASELINE.read_text(encoding="utf-8"))
    found = _quantities(libya, tmp_path / "run")
    assert list(found) == list(expected)
    far = [
        f"{q} {k}: {found[q][k]:g}, was {value:g}"
        for q, values in expected.items()
        for k, value in values.items()
        if found[q][k] != pytest.approx(value, rel=0.01, abs=0.005)
    ]
    assert not far, "\n".join(far)


if __name__ == "__main__":
    import sys
    import tempfile

    from khamsin.model import find, read

    sys.path.insert(0, str(Path(__file__).parent))
    with tempfile.TemporaryDirectory() as there:
        numbers = _quantities(read(find("libya-2016")), Path(there) / "run")
    BASELINE.write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
    print(f"{BASELINE} is written")
