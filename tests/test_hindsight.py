"""--known-by: what became known later is replaced, listed, or the command fails."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from khamsin.errors import InputError, ModelError
from khamsin.hindsight import known_by, widened
from khamsin.model import FromTable, Model, read
from khamsin.plan import plan
from khamsin.priors import Beta, Fixed, LogNormal, SplitLogNormal, Uniform
from khamsin.verbs.run import run

DAY = "2016-05-17"
VALID = Path(__file__).parent / "models" / "valid"


def test_priors_become_wider() -> None:
    assert widened(LogNormal(2, 0.5)) == LogNormal(2, 1.0)
    assert widened(SplitLogNormal(1, 2, 4)) == SplitLogNormal(0.5, 2, 8)
    assert widened(Beta(8, 4)) == Beta(2, 1)
    for alone in (Fixed(3.0), SplitLogNormal(3, 3, 3)):
        assert widened(alone) == LogNormal(3, 0.7)
    assert widened(Fixed(0.25), share=True) == Beta(1, 3)
    for hopeless in (Fixed(0.0), Fixed(-1.0)):
        assert widened(hopeless) is None
    assert widened(Fixed(1.0), share=True) == Uniform(0, 1)


def test_nothing_later_is_left_in_libya(libya: Model) -> None:
    known = known_by(libya, DAY)
    day = date.fromisoformat(DAY)
    for start in known.model.state.values():
        if isinstance(start, FromTable):
            assert all(row.known_on <= day for row in start.rows)
    assert all((s.known_on or day) <= day for s in known.model.parameters.values())
    for scenario in known.model.scenarios.values():
        assert all((i.known_on or day) <= day for i in scenario.interventions)
    for hypothesis in known.model.hypotheses.values():
        assert hypothesis.live
        assert len({a.weight for a in hypothesis.answers.values()}) == 1
    assert "as-it-happened" in known.left_out
    with pytest.raises(InputError, match="as-it-happened rests on"):
        known.refuse("as-it-happened")
    known.refuse("none")
    sirte = next(r for r in known.replaced if r.name == "start of fighters SIRT ISL")
    assert sirte.known_on == date(2016, 7, 18)
    assert known.model.content_hash() != libya.content_hash()
    assert np.allclose(plan(known.model, "none").weights(1, 120), 1 / 120)


def test_once_is_enough(libya: Model) -> None:
    again = known_by(known_by(libya, DAY).model, DAY)
    assert [r for r in again.replaced if not r.name.startswith("weights")] == []
    assert again.left_out == {}


def test_a_parameter_is_known_from_its_own_day_or_its_source(
    changed: Callable[..., Path],
) -> None:
    def priors(line: str) -> dict[str, object]:
        folder = changed(
            ("parameters:\n", f"parameters:\n  {line}\n"),
            files={"references.bib": "@misc{late, title={T}, author={A}, year={2031}}\n"},
        )
        return dict(known_by(read(folder), "2030-01-01").model.parameters)

    name = "combat.lull_begins"
    late = priors(f"{name}: {{lognormal: {{median: 1, sigma: 0.2}}, source: late}}")
    own = priors(
        f"{name}: {{lognormal: {{median: 1, sigma: 0.2}}, source: judgement, known_on: 2030-01-02}}"
    )
    early = priors(f"{name}: {{lognormal: {{median: 1, sigma: 0.2}}, source: judgement}}")
    assert late[name].default == own[name].default == LogNormal(1, 0.4)  # type: ignore[attr-defined]
    assert early[name].default == LogNormal(1, 0.2)  # type: ignore[attr-defined]
    with pytest.raises(ModelError, match=r"model.yaml:\d+: combat.lull_begins: fixed at 0 became"):
        priors(f"{name}: {{default: 0, source: late}}")


def test_run_says_what_it_replaced_and_pairs_with_nothing_else(
    small_folder: Path, tmp_path: Path
) -> None:
    said: list[str] = []
    done = run(
        small_folder, members=4, known_by="2030-01-01", folder=tmp_path / "a", tell=said.append
    )
    assert any("--known-by 2030-01-01 replaces" in line for line in said)
    assert "--known-by 2030-01-01" in (tmp_path / "a" / "run.json").read_text()
    assert done.finished
    with pytest.raises(InputError, match="takes a date"):
        run(small_folder, members=4, known_by="yesterday", folder=tmp_path / "b")
