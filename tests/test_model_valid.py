"""Valid models: each folder of tests/models/valid reads as its resolved twin, resolved.json."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from khamsin.errors import InputError, ModelError
from khamsin.model import (
    Constant,
    Drawn,
    FromTable,
    Model,
    find,
    installed,
    read,
    schema,
    vocabulary,
)
from khamsin.priors import Beta, Fixed, LogNormal, SplitLogNormal

VALID = Path(__file__).parent / "models" / "valid"
FOLDERS = sorted(path.parent for path in VALID.glob("*/model.yaml"))


def without_vocabulary(resolved: dict) -> dict:
    """Leave out the vocabulary's variables: their words may change without changing a model."""
    own = {k: v for k, v in resolved["variables"].items() if k not in vocabulary()}
    return {**resolved, "variables": own}


@pytest.fixture(scope="module")
def small() -> Model:
    return read(VALID / "small")


def test_there_are_valid_models() -> None:
    assert len(FOLDERS) >= 3


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_model_reads_as_its_twin(folder: Path) -> None:
    found = json.loads(json.dumps(read(folder).resolved(), allow_nan=False))
    twin = json.loads((folder / "resolved.json").read_text("utf-8"))
    assert without_vocabulary(found) == twin


def test_starting_values(small: Model) -> None:
    assert small.state["wounded"] == Constant(0.0)
    assert small.state["rumours"] == Drawn(Beta(2, 8), "nobody_2015", date(2015, 6, 1))
    fighters = small.state["fighters"]
    assert isinstance(fighters, FromTable)
    assert fighters.remainder == "unplaced"
    assert fighters.garrison == LogNormal(150, 0.7)
    assert [row.index for row in fighters.rows if row.total] == [("ISL",)]
    sirte = next(row for row in fighters.rows if row.index == ("SIRT", "ISL"))
    assert sirte.prior == SplitLogNormal(1500, 2800, 4000)
    assert (sirte.known_on, sirte.line) == (date(2016, 7, 18), 3)
    assert fighters.rows[-1].prior == Fixed(0)
    assert fighters.rows[-1].known_on == small.time.origin


def test_a_row_of_routes_starts_both_of_its_links(small: Model) -> None:
    start = small.state["link_open"]
    assert isinstance(start, FromTable)
    assert [row.index[0] for row in start.rows][:2] == ["SIRT-MISR:ab", "SIRT-MISR:ba"]


def test_tables(small: Model) -> None:
    assert small.places.ids == ["SIRT", "MISR", "LAMP"]
    assert small.places.index("LAMP") == 2
    assert small.places.line(2) == 4
    assert small.places.numbers("population") == [80000, 280000, 6000]
    assert small.places.extra == ["note"]
    assert small.routes.ids == ["SIRT-MISR", "MISR-LAMP"]
    assert small.routes.numbers("km", "km") == [240, 430]
    assert set(small.tables) == {"place", "route", "actor", "power"}
    assert small.places_of("LY") == ["SIRT", "MISR"]
    with pytest.raises(ModelError, match=r"places.csv:2: name: 'Sirte' is no number"):
        small.places.numbers("name")


def test_missing_tables_have_no_rows() -> None:
    least = read(VALID / "least")
    assert least.routes.ids == least.actors.ids == []
    assert least.outputs.every == "step"


def test_interventions_keep_their_words(small: Model) -> None:
    first, second, third, fourth = small.scenarios["as-it-happened"].interventions
    assert (first.action, first.value, first.unit) == ("set", Fixed(24.6), "1/week")
    assert (first.start, first.end) == (date(2016, 8, 1), date(2016, 12, 19))
    assert (second.change, second.action, second.start) == ("combat.kill_rate", "scale", None)
    assert third.where == {"country": ["LY"], "actor": ["MIS"]}
    assert (third.on, third.line) == (date(2016, 6, 15), 5)
    assert fourth.unit == "USD/week"
    assert small.scenarios["none"].interventions == []


def test_parameters_and_hypotheses(small: Model) -> None:
    rate = small.parameters["combat.kill_rate"]
    assert (rate.default, rate.unit) == (LogNormal(0.01, 0.45), "1/week")
    skill = small.parameters["combat.skill"]
    assert (skill.default, skill.only) == (Fixed(1), {"ISL": LogNormal(1.2, 0.2)})
    law = small.hypotheses["combat_law"]
    assert law.live
    assert law.answers["mixed"].parameters["combat.exponent"].source == "judgement"


def test_lines_are_kept(small: Model) -> None:
    file, line = small.line_of("parameters", "combat.kill_rate")
    text = Path(file).read_text("utf-8").splitlines()
    assert line is not None
    assert text[line - 1].strip().startswith("combat.kill_rate")
    assert small.line_of("parameters", "no such thing")[1] == line - 1
    for use in small.processes:
        assert use.instance in text[use.line - 1]


def test_units_of_tables_and_parameters_are_converted_or_kept() -> None:
    model = read(VALID / "from_windows")
    lengths = model.state["link_km"]
    assert isinstance(lengths, FromTable)
    assert [row.prior for row in lengths.rows] == [Fixed(14)] * 2 + [Fixed(12.5)] * 2
    assert model.parameters["growth.noise"].unit == "1/week"
    assert model.places.line(1) == 4  # the first name goes over two lines
    assert model.time.step_days == 7


def test_the_content_hash_follows_the_content(small: Model, tmp_path: Path) -> None:
    shutil.copytree(VALID / "small", tmp_path / "small")
    assert read(tmp_path / "small").content_hash() == small.content_hash()
    file = tmp_path / "small" / "model.yaml"
    file.write_text(file.read_text("utf-8") + "\n# a comment\n", "utf-8")
    assert read(tmp_path / "small").content_hash() == small.content_hash()
    file.write_text(file.read_text("utf-8").replace("sigma: 0.45", "sigma: 0.46"), "utf-8")
    assert read(tmp_path / "small").content_hash() != small.content_hash()


def test_python_beside_a_model_is_named_only_with_trust(tmp_path: Path) -> None:
    shutil.copytree(VALID / "least", tmp_path / "least")
    file = tmp_path / "least" / "model.yaml"
    file.write_text(file.read_text("utf-8").replace("# none", "- ./own.py:growth"), "utf-8")
    (tmp_path / "least" / "own.py").write_text("raise SystemExit('reading must not run this')")
    with pytest.raises(ModelError, match="--trust"):
        read(tmp_path / "least")
    (use,) = read(tmp_path / "least", trust=True).processes
    assert (use.instance, use.process, use.file) == ("growth", "growth", "own.py")


def test_models_are_found_by_folder_file_and_name() -> None:
    assert find(VALID / "small") == VALID / "small"
    assert find(VALID / "small" / "model.yaml") == VALID / "small"
    for name, title, folder in installed():
        assert title
        assert find(name) == folder
        with pytest.raises(InputError, match=f"Did you mean {name}"):
            find(name + "x")


def test_the_schema_is_json_and_names_every_section() -> None:
    found = schema()
    json.dumps(found)
    assert {"time", "state", "processes", "parameters", "outputs"} <= set(found["properties"])
    assert found["additionalProperties"] is False
    assert "interventions" in found["$defs"]["ScenarioFile"]["properties"]


def test_the_vocabulary_is_complete() -> None:
    for name, variable in vocabulary().items():
        assert variable.name == name
        assert variable.meaning
        assert variable.bounds[0] < variable.bounds[1]
        assert variable.bounds[0] <= variable.default <= variable.bounds[1]
