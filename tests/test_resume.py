"""kill -9 at any moment, Ctrl-C, a second process: the same command again, the same bytes."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from test_run import tree

from khamsin.cli.printed_run import _noting_ctrl_c

KHAMSIN = [sys.executable, "-c", "from khamsin.cli import main; main()"]
MEMBERS = 500  # 10 blocks: seconds of work, so that a kill falls into the middle


def _command(model: Path, folder: Path) -> list[str]:
    options = ["--members", str(MEMBERS), "--seed", "7", "--threads", "2", "--no-report"]
    return [*KHAMSIN, "run", str(model), *options, "-o", str(folder)]


def _begin(model: Path, folder: Path) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PYTHONWARNINGS": "error::RuntimeWarning"}
    return subprocess.Popen(
        _command(model, folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def _blocks(folder: Path) -> int:
    return len(list(folder.glob("*.blocks/0*")))


def _wait_for_blocks(process: "subprocess.Popen[str]", folder: Path, blocks: int) -> None:
    began = time.monotonic()
    while _blocks(folder) < blocks and process.poll() is None:
        assert time.monotonic() - began < 120
        time.sleep(0.002)


@pytest.fixture(scope="module")
def uninterrupted(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("resume") / "uninterrupted"
    process = _begin(small_folder, folder)
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    assert out.rstrip().splitlines()[-1].strip() == str(folder)
    return folder


def test_kill_at_random_moments(small_folder: Path, uninterrupted: Path, tmp_path: Path) -> None:
    folder, luck, kills = tmp_path / "killed", random.Random(), 0
    for least in (0, 1, 3, 7):
        process = _begin(small_folder, folder)
        # The first falls anywhere from start-up to laying out the store, the others among writes.
        if least:
            _wait_for_blocks(process, folder, least)
            time.sleep(luck.uniform(0, 0.05))
        else:
            while not folder.exists():
                time.sleep(0.001)
            time.sleep(luck.uniform(0, 0.3))
        process.kill()
        process.communicate()
        kills += process.returncode == -signal.SIGKILL
        assert _blocks(folder) >= least
    assert kills >= 3
    process = _begin(small_folder, folder)
    _, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    assert tree(folder) == tree(uninterrupted)


def test_ctrl_c_stops_cleanly_and_a_second_process_is_refused(
    small_folder: Path, uninterrupted: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "stopped"
    process = _begin(small_folder, folder)
    _wait_for_blocks(process, folder, 2)
    process.send_signal(signal.SIGSTOP)  # so that it is still there when the other one comes
    other = subprocess.run(
        [*KHAMSIN, "run", str(small_folder), "--members", "3", "--no-report", "-o", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGCONT)
    out, err = process.communicate(timeout=240)
    assert other.returncode == 1
    assert "another process is writing to" in other.stderr
    assert "Traceback" not in err + other.stderr
    if process.returncode == 0:
        pytest.skip("the run was over before Ctrl-C came")
    assert process.returncode == 130, err
    assert "The same command goes on from there" in err
    assert str(folder) in err
    assert not out.strip()
    again = _begin(small_folder, folder)
    _, err = again.communicate(timeout=240)
    assert again.returncode == 0, err
    assert tree(folder) == tree(uninterrupted)


def test_ctrl_c_while_starting_up(small_folder: Path, tmp_path: Path) -> None:
    process = _begin(small_folder, tmp_path / "early")
    time.sleep(random.Random().uniform(0.6, 1.2))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=240)
    if process.returncode == 0:
        pytest.skip("the run was over before Ctrl-C came")
    assert process.returncode in (130, -signal.SIGINT)
    assert process.returncode == 130 or "khamsin" not in err  # before khamsin could say anything


def test_ctrl_c_that_an_import_swallows_still_ends_the_command() -> None:
    swallowed = []

    def import_something() -> None:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        swallowed.append(True)

    with pytest.raises(KeyboardInterrupt), _noting_ctrl_c():
        import_something()
    assert swallowed
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
