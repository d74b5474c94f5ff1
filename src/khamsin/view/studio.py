"""A second process that draws charts while this one counts.

vl-convert holds the interpreter while it draws, so that threads do not help, and Altair and
vl-convert take a second to import.  A large report leaves both to a child, which is asked through
its stdin and answers on its stdout.  It ends when its stdin does: with the process that started it,
whatever that one dies of.  Where no child can be started, or it fails, the work is done here.

python -m khamsin.view.studio
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

#: Has a function and what it is given worked out, and returns what is to come of it.
Ask = Callable[..., "Future[Any]"]


def here(work: Callable[..., Any], *given: Any) -> Future[Any]:
    """Work it out at once, in this process."""
    done: Future[Any] = Future()
    done.set_result(work(*given))
    return done


@contextmanager
def studio(apart: bool = True) -> Iterator[Ask]:
    """Give something to ask for charts, in a process of its own if `apart`.

    Functions that are asked for are named by their module: none that is made on the way.
    """
    child = _started() if apart and (os.cpu_count() or 1) > 1 else None
    if child is None:
        yield here
        return
    pool = ThreadPoolExecutor(1)  # one at a time: answers come in the order of the questions
    try:
        yield lambda work, *given: pool.submit(_asked, child, work, given)
        pool.shutdown()  # what was asked for and is not there yet
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        child.kill()
        child.wait()
        pool.shutdown()
        for pipe in (child.stdin, child.stdout):
            if pipe:
                with suppress(OSError):  # what was not taken any more
                    pipe.close()


def _started() -> subprocess.Popen[bytes] | None:
    # -P: what lies in the folder where khamsin was called is not imported
    command = [sys.executable, "-P", "-m", "khamsin.view.studio"]
    try:
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except (OSError, ValueError):
        return None


def _asked(child: subprocess.Popen[bytes], work: Callable[..., Any], given: Any) -> Any:
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        pickle.dump((work, given), child.stdin)
        child.stdin.flush()
        well, answer = pickle.load(child.stdout)
    except (OSError, EOFError, pickle.UnpicklingError):
        well, answer = False, None
    # what went wrong over there shows what it is here
    return answer if well else work(*given)


def _serve() -> None:
    """Answer until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of Ctrl-C the parent knows, and ends this too
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not stand between the answers
    _warm_up()

    while True:
        try:
            work, given = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            answer = (True, work(*given))
        except Exception:
            answer = (False, None)
        pickle.dump(answer, answers)
        answers.flush()


def _warm_up() -> None:
    """While the first question is being prepared: import what draws, and start what it draws with
    by an empty chart."""
    import altair

    from khamsin.view import comparison_rows, map_panel, panels, sensitivity_rows  # noqa: F401
    from khamsin.view.pictures import svg

    svg(altair.Chart({"values": []}).mark_point())


if __name__ == "__main__":
    _serve()
