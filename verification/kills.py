"""kill -9 at random moments of run, calibrate, score and report: the same command again gives the
bytes of one that nothing interrupted. `python -m verification.kills [NUMBER [VERB...]]`, 200 if
not given; of a verb that was killed 50 times kills.json keeps what became of it.

A process is forked that has imported everything already, so that moments fall into the work and not
into the start of Python. Every other kill waits for a change of the folder, a random one, since a
moment drawn by the clock seldom falls into the writing of a file.
"""

import hashlib
import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

AT_MOST = 5  # kills before a command is let through to its end
MODEL, SEED = "three-towns", 7
VERBS = ("run", "calibrate", "score", "report")
RESULTS = Path(__file__).parent / "kills.json"
KEPT = 50  # kills of a verb from which on its result is kept
WRITING = 0.003  # seconds within which a kill follows the change that it waited for


@dataclass(frozen=True)
class Killed:
    """What became of one verb.

    Attributes
    ----------
    kills : int
        That fell into its work.
    phases : dict
        Phase -> how many of them.
    finished : int
        How often it was let through to its end.
    differ : list of str
        Files that then differed from those of a command that nothing interrupted.
    """

    kills: int
    phases: dict[str, int]
    finished: int
    differ: list[str]


def commands(finished: Path) -> dict[str, list[str]]:
    """Return the command of each verb, which writes here; `finished` is a run that is there."""
    few = ["--members", "24", "--seed", str(SEED), "--trust"]
    return {
        "run": ["run", MODEL, *few, "--block", "4", "--no-report", "-o", "run"],
        "calibrate": [
            *("calibrate", MODEL, "--only", "attack.most", "--until", "2024-07-01"),
            *("--particles", "12", "--chains", "2", "--trust", "-o", "calibrated"),
        ],
        "score": [
            *("score", MODEL, *few, "-o", "scored"),
            *("--page", "page.md", "--report", "scored.html"),
        ],
        "report": ["report", str(finished), "-o", "report.html"],
    }  # fmt: skip


def begin(command: list[str], folder: Path) -> int:
    """Start a verb in a forked process that stands in a folder; return its number."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        os.chdir(folder)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        from khamsin.cli import main

        main(command)
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        os._exit(code)


def finish(command: list[str], folder: Path) -> float:
    """Run a verb to its end; return the seconds that it took."""
    began = time.monotonic()
    code = os.waitstatus_to_exitcode(os.waitpid(begin(command, folder), 0)[1])
    if code != 0:
        raise RuntimeError(f"khamsin {' '.join(command)}: exit code {code}")
    return time.monotonic() - began


def kill_after(command: list[str], folder: Path, times: int, then: float) -> bool:
    """Start a verb, kill it after so many changes and seconds; False when it was over before."""
    child = begin(command, folder)
    _await_changes(child, folder, times)
    time.sleep(then)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def _await_changes(child: int, folder: Path, times: int) -> None:
    """Wait until files came or went in a folder so many times, or the process ended."""
    before, count = _names(folder), 0
    look = os.WEXITED | os.WNOHANG | os.WNOWAIT  # what is over is left for its parent to bury
    while count < times and os.waitid(os.P_PID, child, look) is None:
        time.sleep(0.0005)
        now = _names(folder)
        count += now != before
        before = now


def _names(folder: Path) -> set[str]:
    return {f"{home}/{name}" for home, _, files in os.walk(folder) for name in files}


def phase(left: dict[str, str], calm: dict[str, str]) -> str:
    """Say what a killed command was about, by what it left."""
    if any(".part" in name for name in left):
        return "in the middle of a file"
    if not left:
        return "before the first file"
    return "after the last file" if calm.keys() <= left.keys() else "between two files"


def contents(folder: Path) -> dict[str, str]:
    """Every file with the hash of its bytes; locks and logs of the moment are left out."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != ".lock"
    }


def check(
    kills: int,
    home: Path,
    verbs: Sequence[str] = (),
    say: Callable[[str], None] = lambda text: None,
) -> dict[str, Killed]:
    """Kill verbs, all four when none is named, in equal shares."""
    import khamsin.calibration.tempering
    import khamsin.cli
    import khamsin.verbs.calibrate
    import khamsin.verbs.run
    import khamsin.verbs.score
    import khamsin.view.report  # noqa: F401

    finished = home / "finished"
    finish([*commands(finished)["run"][:-1], str(finished)], home)
    found = {}
    for verb in verbs or VERBS:
        command, luck = commands(finished)[verb], random.Random(f"{SEED} {verb}")
        found[verb] = _kill(kills // len(verbs or VERBS), command, home / verb, luck)
        say(f"{verb}: {found[verb].kills} kills, {found[verb].phases}, {found[verb].differ}")
    return found


def _kill(share: int, command: list[str], home: Path, luck: random.Random) -> Killed:
    """Kill one command so many times."""
    calm_folder, again = home / "calm", home / "again"
    calm_folder.mkdir(parents=True)
    finish(command, calm_folder)
    calm = contents(calm_folder)
    again.mkdir()  # the second time everything is compiled
    length = finish(command, again)
    differ = unlike(calm, contents(again))
    phases, ends = Counter[str](), 0
    while phases.total() < share:
        folder = home / str(ends)
        folder.mkdir()
        for k in range(min(luck.randint(1, AT_MOST), share - phases.total())):
            times = luck.randint(1, max(2, len(calm))) if k % 2 else 0
            then = luck.uniform(0, WRITING if k % 2 else length)
            if kill_after(command, folder, times, then):
                phases[phase(contents(folder), calm)] += 1
        finish(command, folder)
        ends += 1
        differ += unlike(calm, contents(folder))
        shutil.rmtree(folder)
    return Killed(phases.total(), dict(sorted(phases.items())), ends, sorted(set(differ)))


def unlike(calm: dict[str, str], other: dict[str, str]) -> list[str]:
    """Names of the files that only one has, or that differ."""
    return [n for n in calm.keys() | other.keys() if calm.get(n) != other.get(n)]


def recorded() -> dict[str, dict[str, Any]]:
    """Return what is kept of each verb."""
    if not RESULTS.exists():
        return {}
    found: dict[str, dict[str, Any]] = json.loads(RESULTS.read_text(encoding="utf-8"))["verbs"]
    return found


def main() -> int:
    """Kill so many times, print what was found; 1 when a file differed."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with TemporaryDirectory(prefix="khamsin-kills-") as folder:
        found = check(kills, Path(folder), sys.argv[2:], lambda text: print(text, flush=True))
    for verb, each in found.items():
        print(f"kills_{verb}: {each.kills}")
        for name in each.differ:
            print(f"  {verb} left {name} other than it should be")
    print(f"kills_differ: {sum(len(each.differ) for each in found.values())}")
    whole = {verb: asdict(each) for verb, each in found.items() if each.kills >= KEPT}
    if whole:
        kept = {"model": MODEL, "seed": SEED, "verbs": {**recorded(), **whole}}
        RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return int(any(each.differ for each in found.values()))


if __name__ == "__main__":
    sys.exit(main())
