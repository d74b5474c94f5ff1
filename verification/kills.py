"""kill -9 at random moments of run, calibrate, score and report: the same command again gives the
bytes of one that nothing interrupted. `python -m verification.kills [NUMBER [VERB...]]`, 200 if
not given.

A process is forked that has imported everything already, so that moments fall into the work and not
into the start of Python.
"""

import hashlib
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

AT_MOST = 5  # kills before a command is let through to its end
MODEL, SEED = "three-towns", 7
VERBS = ("run", "calibrate", "score", "report")


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


def kill_after(command: list[str], folder: Path, seconds: float) -> bool:
    """Start a verb and kill it after a while; False when it was over before."""
    child = begin(command, folder)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def contents(folder: Path) -> dict[str, str]:
    """Every file with the hash of its bytes; locks and logs of the moment are left out."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != ".lock"
    }


def check(
    kills: int,
    luck: random.Random,
    home: Path,
    verbs: Sequence[str] = (),
    say: Callable[[str], None] = lambda text: None,
) -> dict[str, tuple[int, int, list[str]]]:
    """Kill verbs, all four when none is named, in equal shares.

    Returns
    -------
    dict
        Verb -> kills that fell into its work, how often it was finished, and the files that then
        differed from those of a command that nothing interrupted.
    """
    import khamsin.calibration.tempering
    import khamsin.cli
    import khamsin.verbs.calibrate
    import khamsin.verbs.run
    import khamsin.verbs.score
    import khamsin.view.report  # noqa: F401

    finished = home / "finished"
    finish([*commands(finished)["run"][:-1], str(finished)], home)
    found = {}
    share = kills // len(verbs or VERBS)
    for verb in verbs or VERBS:
        command = commands(finished)[verb]
        calm, hit, ends, differ = home / f"{verb}-calm", 0, 0, list[str]()
        calm.mkdir()
        finish(command, calm)
        again = home / f"{verb}-again"  # the second time everything is compiled
        again.mkdir()
        length = finish(command, again)
        differ += unlike(contents(calm), contents(again))
        while hit < share:
            folder = home / f"{verb}-{ends}"
            folder.mkdir()
            for _ in range(min(luck.randint(1, AT_MOST), share - hit)):
                hit += kill_after(command, folder, luck.uniform(0, length))
            finish(command, folder)
            ends += 1
            differ += unlike(contents(calm), contents(folder))
        found[verb] = (hit, ends, sorted(set(differ)))
        say(f"{verb}: {hit} kills, finished {ends} times, {len(found[verb][2])} files differ")
    return found


def unlike(calm: dict[str, str], other: dict[str, str]) -> list[str]:
    """Names of the files that only one has, or that differ."""
    return [n for n in calm.keys() | other.keys() if calm.get(n) != other.get(n)]


def main() -> int:
    """Kill so many times, print what was found; 1 when a file differed."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with TemporaryDirectory(prefix="khamsin-kills-") as folder:
        luck, home = random.Random(SEED), Path(folder)
        found = check(kills, luck, home, sys.argv[2:], lambda text: print(text, flush=True))
    for verb, (hit, _, differ) in found.items():
        print(f"kills_{verb}: {hit}")
        for name in differ:
            print(f"  {verb} left {name} other than it should be")
    print(f"kills_differ: {sum(len(f[2]) for f in found.values())}")
    return int(any(f[2] for f in found.values()))


if __name__ == "__main__":
    sys.exit(main())
