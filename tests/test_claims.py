"""Claims: a verdict follows the model, flips with it, and is computed only from what is there."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from khamsin.claims import judge
from khamsin.claims.futures import needed, open_futures, run_futures, with_variants
from khamsin.claims.records import record
from khamsin.cli import main
from khamsin.model import read
from khamsin.plan import plan

ECHO = '''"""An echo: what is called comes back, larger, smaller, or turned around."""

from typing import Annotated

from khamsin.draws import normal
from khamsin.priors import Fixed
from khamsin.process import Array, Days, In, InOut, Param, Stream, process


@process(each="place")
def echo(
    heat: Annotated[Array, InOut("", "1")],
    call: Annotated[float, In("", "1")],
    gain: Annotated[float, Param("1", Fixed(1.0), "judgement")],
    dt: Days,
    rng: Stream,
) -> None:
    """Warm a place that is called."""
    heat[0] += gain * call * dt + 0.01 * normal(rng)
'''

MODEL = """\
format: 1
title: An echo
time: {start: 2020-01-01, origin: 2020-01-01, end: 2020-03-31, step: 7 day}
places: places.csv
variables:
  heat: {dims: [place], unit: "1", kind: stock, bounds: [-.inf, .inf], meaning: how warm it is}
  call: {dims: [place], unit: "1", kind: forcing, default: 0, meaning: whether it is called}
state: {heat: 0}
processes: [./echo.py:echo]
parameters:
  echo.gain: {default: GAIN, source: judgement}
outputs: {variables: [heat], every: month}
"""

CLAIMS = """\
future: quiet
variants:
  deaf: {scenario: called, set: {echo.gain: 0}}
claims:
  - {id: E1, sentence: 1, quote: calls warm, says: Calls warm., type: causal claim,
     measure: "heat.end", pair: [quiet, called], sign: +, refuted_by: a fall}
  - {id: E2, sentence: 2, quote: nothing else, says: Nothing else does., type: hypothesis,
     measure: "heat.end", pair: [quiet, deaf], sign: +, refuted_by: a rise}
  - {id: E3, sentence: 3, quote: will warm, says: It will warm., type: forecast, future: called,
     event: "heat.end > 10", stated: [0.6, 0.8], happened: true, refuted_by: none}
  - {id: E4, sentence: 4, quote: about ninety, says: By about ninety., type: quantity,
     future: called, measure: "heat.end", range: [80, 100], refuted_by: other numbers}
  - {id: E5, sentence: 5, quote: heat, says: There is heat., type: entity, measure: "heat.end",
     refuted_by: none, linked: "variable:heat"}
  - {id: E6, sentence: 6, quote: a pity, says: It is a pity., type: normative,
     not_modelled: a value}
  - {id: E7, sentence: 7, quote: colder, says: It will not cool., type: forecast, future: quiet,
     event: "1 / (heat.end - heat.end) > 0", refuted_by: none}
"""


@pytest.fixture
def echo(tmp_path: Path) -> Callable[[float], Path]:
    def make(gain: float) -> Path:
        folder = tmp_path / f"echo{gain:g}".replace("-", "minus")
        (folder / "scenarios").mkdir(parents=True)
        files = {
            "model.yaml": MODEL.replace("GAIN", f"{gain:g}"),
            "claims.yaml": CLAIMS,
            "echo.py": ECHO,
            "places.csv": "id,name,lat,lon,source\nHILL,The hill,1,1,judgement\n",
            "scenarios/quiet.yaml": "title: Quiet\n",
            "scenarios/called.yaml": "title: Called\ninterventions:\n"
            "  - {change: call, set: 1, source: judgement}\n",
        }
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        return folder

    return make


def _words(folder: Path, runs: Path) -> dict[str, str]:
    model = read(folder, trust=True)
    home = run_futures(model, needed(model), members=12, folder=runs, trust=True)
    return {v.claim.id: v.word for v in judge(model.claims.claims, open_futures(home))}


def test_a_causal_verdict_flips_with_the_sign(
    echo: Callable[[float], Path], tmp_path: Path
) -> None:
    common = {"E2": "fails", "E5": "in the model", "E6": "not modelled", "E7": "not computed"}
    assert _words(echo(1.0), tmp_path / "up") == {
        **common,
        "E1": "holds",
        "E3": "holds",
        "E4": "holds",
    }
    assert _words(echo(-1.0), tmp_path / "down") == {
        **common,
        "E1": "fails",
        "E3": "fails",
        "E4": "fails",
    }
    found = _words(echo(0.0), tmp_path / "none")
    assert found["E1"] == "fails"  # nothing moves


def test_a_verdict_carries_its_numbers(echo: Callable[[float], Path], tmp_path: Path) -> None:
    folder = echo(1.0)
    model = read(folder, trust=True)
    home = run_futures(model, needed(model), members=12, folder=tmp_path / "runs", trust=True)
    verdicts = {v.claim.id: v for v in judge(model.claims.claims, open_futures(home))}
    days = 91.0
    assert verdicts["E1"].median == pytest.approx(days)
    assert verdicts["E1"].probability == 1.0
    assert verdicts["E1"].error == pytest.approx(0.0, abs=1e-4)
    assert verdicts["E4"].low < days < verdicts["E4"].high
    assert "Brier score of the model 0.00; of the text 0.09" in verdicts["E3"].note
    assert "called minus quiet" in verdicts["E1"].measured
    json.dumps([record(v) for v in verdicts.values()])


def test_a_handful_of_members_decides_nothing(
    echo: Callable[[float], Path], tmp_path: Path
) -> None:
    model = read(echo(1.0), trust=True)
    home = run_futures(model, ["quiet", "called"], members=2, folder=tmp_path / "runs", trust=True)
    verdicts = {v.claim.id: v for v in judge(model.claims.claims, open_futures(home))}
    assert verdicts["E1"].word == verdicts["E3"].word == "open"
    assert "too few members: worth 2.0 equal ones, 10 are needed" in verdicts["E1"].note
    assert verdicts["E1"].probability == 1.0
    assert verdicts["E1"].probability_error == pytest.approx((2 / 3 * 1 / 3 / 6) ** 0.5)


def test_only_what_is_there_is_computed(
    echo: Callable[[float], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = echo(1.0)
    model = read(folder, trust=True)
    home = run_futures(model, ["quiet"], members=4, folder=tmp_path / "runs", trust=True)
    with pytest.raises(SystemExit) as done:
        main(["claims", str(folder), str(home), "--trust", "--json"])
    assert done.value.code in (0, None)
    found = {c["id"]: c for c in json.loads(capsys.readouterr().out)["claims"]}
    assert found["E5"]["verdict"] == "in the model"
    assert found["E1"]["verdict"] == "not computed"
    assert found["E1"]["note"] == "needs the futures of called"
    with pytest.raises(SystemExit) as wrong:
        main(["claims", str(folder), str(home), "--trust", "--only", "E11"])
    assert wrong.value.code == 2
    assert "Did you mean E1" in capsys.readouterr().err


def test_claims_change_no_hash_and_variants_are_checked(
    echo: Callable[[float], Path],
) -> None:
    folder = echo(1.0)
    before = read(folder, trust=True)
    file = folder / "claims.yaml"
    file.write_text(file.read_text("utf-8").replace("Calls warm.", "They warm."), "utf-8")
    after = read(folder, trust=True)
    assert before.content_hash() == after.content_hash()
    assert set(with_variants(after).scenarios) == {"quiet", "called", "deaf"}
    file.write_text(file.read_text("utf-8").replace("echo.gain: 0", "echo.gian: 0"), "utf-8")
    with pytest.raises(Exception, match=r"claims.yaml:3: .*'echo.gian'. Did you mean echo.gain"):
        plan(read(folder, trust=True), trust=True)
