"""Cases of Flee: read whole, or refused with file and line; never half read in silence."""

from pathlib import Path

import numpy as np
import pytest
from flee_case import DAYS, FILES, day, write_case
from typer.testing import CliRunner

from khamsin.cli import app
from khamsin.displacement import import_flee
from khamsin.displacement.flee_model import read_case
from khamsin.errors import InputError, KhamsinError, ModelError
from khamsin.model import read
from khamsin.plan import plan


def _text(name: str, old: str, new: str) -> str:
    text = next(t for n, t in FILES.items() if Path(n).stem == name)
    assert text.count(old) == 1
    return text.replace(old, new)


def test_counts_between_days_are_cut_and_corrected(tmp_path: Path) -> None:
    case = read_case(write_case(tmp_path))
    alba, bora = case.daily[:, 0], case.daily[:, 1]
    # 2000 were held before the registration of day 20 found 1500: all before it is times 3/4
    assert alba[0] == 150 and alba[10] == 1500 and alba[15] == 1500 and alba[20] == 1500
    assert alba[5] == 825
    assert bora[20] == int(2500 * 10 / 21) and bora[9] == 0
    assert case.first_total == 100
    assert case.conflict[:, 0].sum() == DAYS and case.conflict[:, 1].sum() == DAYS - 20


def test_whatever_is_not_read_is_named(tmp_path: Path) -> None:
    wide = _text("sim_period", "Length,60", "Length,60,weeks")
    more = _text("registration_corrections", "normalize", "normalize,by hand")
    case = write_case(tmp_path, sim_period=wide, registration_corrections=more)
    unread = read_case(case).unread
    assert "sim_period.csv: columns after the first 2, without a name" in unread
    assert "registration_corrections.csv: columns after the third" in unread
    assert "locations.csv: column spare" in unread
    assert any(u.startswith("refugees.csv") for u in unread)
    assert "notes.txt: not named in data_layout.csv" in unread


def test_the_model_that_is_written_can_be_planned(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    import_flee(write_case(tmp_path / "case"), folder)
    model = read(folder)
    assert model.time.start == day(0) and model.time.end == day(DAYS - 1)
    assert set(model.observations) == {"Alba", "Bora"}
    resolved = plan(model, "as-recorded")
    assert resolved.calendar.steps == DAYS
    with pytest.raises(InputError, match="there already"):
        import_flee(tmp_path / "case", folder)


BAD = {
    "a misspelt place": ("routes", "East,Alba", "Eats,Alba", "routes.csv", 2, "Did you mean East"),
    "a route to nowhere": ("routes", "West,Bora", "West,", "routes.csv", 4, "there is no place"),
    "a route to itself": ("routes", "East,West", "East,East", "routes.csv", 3, "to itself"),
    "a negative distance": ("routes", ",120,", ",-120,", "routes.csv", 2, "at least 0"),
    "no distance": ("routes", ",120,", ",,", "routes.csv", 2, "missing"),
    "a redirection of 3": ("routes", "90,1", "90,3", "routes.csv", 4, "0, 1 or 2"),
    "an unknown type": (
        "locations",
        "Alba,N,Away,11.0,20.0,camp",
        "Alba,N,Away,11.0,20.0,kamp",
        "locations.csv",
        4,
        "location type 'kamp'. Did you mean camp",
    ),
    "a type like no other": (
        "locations",
        "20.0,camp",
        "20.0,battlezone",
        "locations.csv",
        4,
        "there are conflict_zone, town",
    ),
    "a place twice": ("locations", "West,W", "East,W", "locations.csv", 3, "here twice"),
    "a conflict zone without a date": (
        "locations",
        "zone,20,",
        "zone,,",
        "locations.csv",
        3,
        "date",
    ),
    "a closure that ends first": ("closures", ",0,10", ",20,10", "closures.csv", 2, "before it st"),
    "an unknown closure": ("closures", "location,", "locatoin,", "closures.csv", 2, "location"),
    "a closure of nothing": ("closures", "Bora", "Boar", "closures.csv", 2, "Did you mean Bora"),
    "a missing camp file": (
        "data_layout",
        "bora.csv",
        "boar.csv",
        "data_layout.csv",
        3,
        "bora.csv",
    ),
    "a camp without counts": (
        "data_layout",
        "Bora,bora.csv\n",
        "",
        "data_layout.csv",
        None,
        "Bora",
    ),
    "an unknown camp": ("data_layout", "Bora,", "Boar,", "data_layout.csv", 3, "Did you mean Bora"),
    "a date in another format": ("alba", "2020-01-11", "11/01/2020", "alba.csv", 2, "2012-02-29"),
    "a count that is no number": ("alba", ",2000", ",2k", "alba.csv", 2, "no number"),
    "a negative count": ("alba", ",2000", ",-1", "alba.csv", 2, "at least 0"),
    "a day counted twice": ("alba", "2020-01-21", "2020-01-11", "alba.csv", 3, "here twice"),
    "a place off the globe": ("locations", "10.0,18.0", "95.0,18.0", "locations.csv", 3, "90 at"),
    "half a day": ("closures", ",0,10", ",0,9.5", "closures.csv", 2, "whole number"),
    "a start in another format": (
        "sim_period",
        "2020-01-01",
        "1.1.2020",
        "sim_period.csv",
        1,
        "day",
    ),
    "an unknown period": ("sim_period", "Length", "Lenght", "sim_period.csv", 2, "Length"),
    "a million days": ("sim_period", ",60", ",1000000", "sim_period.csv", 2, "36525 at most"),
    "too few days": ("sim_period", ",60", ",61", "conflicts.csv", 61, "ends after 60"),
    "a correction on no day": (
        "registration_corrections",
        "2020-01-21",
        "2020-01-22",
        "registration_corrections.csv",
        1,
        "no day on which",
    ),
    "a correction of nothing": (
        "registration_corrections",
        "Alba",
        "Abla",
        "registration_corrections.csv",
        1,
        "Did you mean Alba",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_with_file_and_line(name: str, tmp_path: Path) -> None:
    stem, old, new, file, line, said = BAD[name]
    write_case(tmp_path, **{stem: _text(stem, old, new)})
    with pytest.raises(ModelError) as error:
        read_case(tmp_path)
    assert any(
        Path(f.file).name == file and f.line == line and said in str(f) for f in error.value.faults
    ), str(error.value)
    assert error.value.exit_code == 2


@pytest.mark.parametrize("name", ["locations", "routes", "conflicts", "sim_period", "data_layout"])
def test_a_missing_file_is_named(name: str, tmp_path: Path) -> None:
    write_case(tmp_path, **{name: ""})
    with pytest.raises(ModelError, match=rf"{name}\.csv: there is no such file"):
        read_case(tmp_path)


def test_places_that_cannot_be_read_are_the_only_fault(tmp_path: Path) -> None:
    """Not one more for every name in every other file."""
    case = write_case(tmp_path)
    file = next(case.rglob("locations.csv"))
    file.write_bytes(b"\xff\xfe\x00\xd8")
    with pytest.raises(ModelError, match="cannot be read as text") as error:
        read_case(tmp_path)
    assert len(error.value.faults) == 1


def test_a_model_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    write_case(tmp_path / "case")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"cannot write .*: Not a directory"):
        import_flee(tmp_path / "case", tmp_path / "file" / "model")


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    write_case(
        tmp_path,
        routes=_text("routes", "East,Alba,120", "Eats,Alba,-120"),
        closures=_text("closures", ",0,10", ",20,10"),
    )
    with pytest.raises(ModelError) as error:
        read_case(tmp_path)
    assert len(error.value.faults) == 3


def test_settings_are_read_or_named_or_refused(tmp_path: Path) -> None:
    write_case(tmp_path / "case")
    settings = tmp_path / "simsetting.yml"
    settings.write_text(
        "log_levels: {agent: 0}\nmove_rules:\n  max_move_speed: 420.0\n  fancy: 3\n", "utf-8"
    )
    case = import_flee(tmp_path / "case", tmp_path / "model", settings=settings)
    assert "simsetting.yml: move_rules.fancy" in case.unread
    resolved = plan(read(tmp_path / "model"), "as-recorded")
    speed = next(p for p in resolved.parameters if p.name == "daily_journey.vehicle_speed")
    assert speed.priors[0].quantile(np.array([0.5]))[0] == 420.0
    settings.write_text("move_rules:\n  awareness_level: 2\n", "utf-8")
    with pytest.raises(ModelError, match=r"simsetting\.yml:2: awareness_level"):
        import_flee(tmp_path / "case", tmp_path / "other", settings=settings)


def test_the_command_names_what_it_wrote_and_fails_clearly(tmp_path: Path) -> None:
    write_case(tmp_path / "case")
    command = ["import", "flee", str(tmp_path / "case"), "-o", str(tmp_path / "model")]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0
    assert done.output.strip().splitlines()[-1] == str(tmp_path / "model")
    assert "not read: locations.csv: column spare" in done.output
    again = CliRunner().invoke(app, command)
    assert isinstance(again.exception, KhamsinError)
    with pytest.raises(InputError):
        read_case(tmp_path / "nowhere")
