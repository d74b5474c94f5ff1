"""What a disk, a quota, a clock or a second process may do: one clear line, and nothing lost."""

import errno
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_run import tree

from khamsin import storage
from khamsin.cli import main
from khamsin.ensemble import store as stores
from khamsin.errors import RunError
from khamsin.verbs.calibrate import calibrate
from khamsin.verbs.run import Run, run

BOTH = ["as-it-is", "air-campaign"]
CALIBRATED = {"until": "2024-07-01", "only": ["attack.most"], "particles": 8, "chains": 1}


def again(small_folder: Path, folder: Path) -> Run:
    """Run what `small_run` ran."""
    return run(small_folder, scenarios=BOTH, members=40, folder=folder, block=10)


def said(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Run a command; return its exit code and what it said on stderr."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    return int(end.value.code or 0), capsys.readouterr().err


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "khamsin_test", str(place)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("mounting a small file system needs root")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_said_by_every_verb(
    small_run: Run, full_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--only", "attack.most", "--until", "2024-07-01", "--particles", "8"]
    commands = [
        ["report", str(small_run.folder), "-o", str(full_disk / "report.html")],
        ["calibrate", "three-towns", "--trust", *options, "-o", str(full_disk / "calibrated")],
        ["score", "three-towns", "--trust", "--members", "8", "-o", str(full_disk / "scored")],
        ["new", str(full_disk / "new")],
    ]
    for name in ("filler", "rest"):  # to the last byte
        try:
            (full_disk / name).write_bytes(b"x" * 60_000 if name == "filler" else b"x" * 8_000)
        except OSError:
            continue
    for command in commands:
        code, err = said(*command, capsys=capsys)
        lines = [line for line in err.splitlines() if "cannot write" in line or "are free" in line]
        assert code == (2 if "are free" in err else 1), (command, err)
        assert len(lines) == 1 and "Traceback" not in err, (command, err)


def test_a_limit_on_the_size_of_files(small_folder: Path, small_run: Run, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "khamsin", "run", str(small_folder), "--members", "40"]
    command += [f for s in BOTH for f in ("--scenario", s)]
    command += ["--block", "10", "--no-report", "-o", str(tmp_path / "run")]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (6_000, 6_000)),
    )
    assert done.returncode == 1
    assert "the limit on the size of a file is reached" in done.stderr
    assert "Traceback" not in done.stderr
    again(small_folder, tmp_path / "run")
    assert tree(tmp_path / "run") == tree(small_run.folder)


def test_a_quota_that_is_used_up_in_the_middle(
    small_folder: Path, small_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, written = storage.write_text, []

    def refuse(file: Path, text: str) -> None:
        written.append(file)
        if len(written) > 4:
            raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))
        usual(file, text)

    monkeypatch.setattr(stores, "write_text", refuse)
    with pytest.raises(RunError, match="the disk quota is used up"):
        again(small_folder, tmp_path / "run")
    monkeypatch.undo()
    again(small_folder, tmp_path / "run")
    assert tree(tmp_path / "run") == tree(small_run.folder)


@pytest.mark.parametrize("days", [-10_000, 10_000])
def test_a_clock_that_goes_wrong(
    small_folder: Path, small_run: Run, tmp_path: Path, days: int
) -> None:
    """Files from the future, or from long ago: what is finished is known by its bytes."""
    folder = Path(shutil.copytree(small_run.folder, tmp_path / "run"))
    (folder / "air-campaign.blocks" / "000002").unlink()
    for file in folder.rglob("*"):
        os.utime(file, (time.time() + days * 86_400,) * 2)
    done = again(small_folder, folder)
    assert done.finished and not done.cached
    assert tree(folder) == tree(small_run.folder)
    assert again(small_folder, folder).cached


def test_a_report_from_before_the_clock_was_set_back_is_written_again(
    small_folder: Path, finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["run", str(small_folder), "--members", "40", "-o", str(finished)]
    command += [f for s in BOTH for f in ("--scenario", s)]
    page = finished / "report.html"
    page.write_text("of another run")
    os.utime(page, (time.time() + 86_400,) * 2)
    assert said(*command, capsys=capsys)[0] == 0
    assert "of another run" not in page.read_text("utf-8")


def test_two_calibrations_in_one_folder(tmp_path: Path) -> None:
    options: dict[str, Any] = {**CALIBRATED, "folder": tmp_path / "home", "trust": True}
    with (
        storage.locked(tmp_path / "home"),
        pytest.raises(RunError, match="another process is writing to"),
    ):
        calibrate("three-towns", **options)
