"""Broken models: each folder of tests/models/invalid must be refused with the faults it expects.

`expected.txt` is the whole report, with file names relative to the folder: nothing may be missing,
and nothing may be said that is only a consequence of what was said already.
"""

from pathlib import Path

import pytest

from khamsin.errors import ModelError
from khamsin.model import read

INVALID = Path(__file__).parent / "models" / "invalid"
FOLDERS = sorted(path for path in INVALID.iterdir() if path.is_dir())


def test_at_least_forty_faults_are_tested() -> None:
    assert len(FOLDERS) >= 40


def check(folder: Path) -> None:
    model = read(folder)
    # of the folders plan_*, only the signatures of the processes tell the fault
    assert folder.name.startswith("plan_"), "read without a fault"
    from khamsin.plan import plan

    plan(model)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_broken_model_is_refused_with_all_its_faults(folder: Path) -> None:
    with pytest.raises(ModelError) as refused:
        check(folder)
    found = str(refused.value).replace(f"{folder}/", "").splitlines()
    assert found == (folder / "expected.txt").read_text("utf-8").splitlines()
    assert refused.value.exit_code == 2


def test_a_folder_with_several_faults_reports_all() -> None:
    with pytest.raises(ModelError) as refused:
        read(INVALID / "several_faults_at_once")
    assert len({fault.file for fault in refused.value.faults}) == 4
    assert len(refused.value.faults) >= 6
