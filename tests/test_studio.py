"""The process that draws charts: same pictures, and what goes wrong there goes well here."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from khamsin.view import comparison_rows, studio

DIFFERENCES = [(np.arange(-20.0, 30.0), np.full(50, 1 / 50)), (np.ones(9) / 7, np.ones(9))]


def test_a_child_draws_what_this_process_draws() -> None:
    with studio.studio() as ask:
        drawn = ask(comparison_rows.draw, DIFFERENCES).result()
    assert drawn == comparison_rows.draw(DIFFERENCES)
    assert all(one.startswith("<svg") for one in drawn)


def test_what_nobody_waited_for_is_still_drawn_by_the_child() -> None:
    with studio.studio() as ask:
        answers = [ask(os.getpid) for _ in range(3)]
    assert os.getpid() not in [answer.result() for answer in answers]


def test_what_fails_in_the_child_fails_here_with_its_own_error() -> None:
    with studio.studio() as ask:
        with pytest.raises(ZeroDivisionError):
            ask(divmod, 1, 0).result()
        assert ask(divmod, 7, 2).result() == (3, 1)


@pytest.mark.parametrize("program", ["/nowhere/python", "", "false"])
def test_without_a_child_it_is_drawn_here(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", program)
    with studio.studio() as ask:
        assert ask(os.getpid).result() == os.getpid()


def test_nothing_is_started_when_it_need_not_be_apart() -> None:
    with studio.studio(apart=False) as ask:
        assert ask is studio.here
        assert ask(os.getpid).result() == os.getpid()


def test_a_child_that_dies_is_replaced_by_this_process() -> None:
    with studio.studio() as ask:
        there = ask(os.getpid).result()
        assert there != os.getpid()
        os.kill(there, signal.SIGKILL)
        assert ask(os.getpid).result() == os.getpid()


def test_a_module_in_the_folder_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "altair.py").write_text("open('imported', 'w')\nraise SystemExit")
    monkeypatch.chdir(tmp_path)
    with studio.studio() as ask:
        assert ask(os.getpid).result() != os.getpid()
    assert not (tmp_path / "imported").exists()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_the_child_ends_with_whoever_started_it() -> None:
    code = (
        "import os, time\nfrom khamsin.view.studio import studio\n"
        "with studio() as ask:\n print(ask(os.getpid).result(), flush=True)\n time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert child != parent.pid
        parent.kill()
    ended = time.monotonic() + 20
    while _lives(child) and time.monotonic() < ended:
        time.sleep(0.05)
    assert not _lives(child)


def _lives(pid: int) -> bool:
    try:  # one that has ended and that nobody waits for is dead, if still in the list
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
