"""A few of the 200 kills of `python -m verification.kills`; those of a run are in test_resume."""

import subprocess
import sys
from pathlib import Path

from verification import kills

ROOT = Path(__file__).parents[1]


def test_a_calibration_and_a_report_that_are_killed_end_with_the_same_bytes() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "verification.kills", "4", "calibrate", "report"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "kills_calibrate: 2" in done.stdout
    assert "kills_report: 2" in done.stdout
    assert "kills_differ: 0" in done.stdout


def test_what_is_kept_of_the_two_hundred_kills() -> None:
    found = kills.recorded()
    assert found.keys() == set(kills.VERBS)
    for verb, each in found.items():
        assert each["kills"] == sum(each["phases"].values()) >= kills.KEPT, verb
        assert each["differ"] == [], verb
        assert each["phases"]["in the middle of a file"] > 0, verb
