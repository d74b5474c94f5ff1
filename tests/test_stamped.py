"""An edit in a source reaches all machine code that it is part of, also that of other files."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import khamsin

ASK = """
import json
import numpy as np
from khamsin import driver, draws
from khamsin.allocation import allocate
moved = np.zeros(3)
allocate(draws.new_stream(), 1000.0, np.ones(3), np.arange(3), 0, 3, moved)
hits = [sum(f.stats.cache_hits.values()) for f in (driver.drive, allocate)]
print(json.dumps([moved.tolist(), hits]))
"""


def ask(home: Path) -> Any:
    """Allocate 1,000 people by the package in a folder; say also what came from the cache."""
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env={**os.environ, "PYTHONPATH": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_an_edit_in_the_draws_reaches_what_calls_them(tmp_path: Path) -> None:
    package = tmp_path / "khamsin"
    shutil.copytree(
        Path(khamsin.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__")
    )
    before, compiled = ask(tmp_path)
    assert sum(before) == 1000.0 and compiled == [0, 0]
    assert ask(tmp_path) == [before, [1, 1]]
    draws = package / "draws.py"
    text = draws.read_text(encoding="utf-8")
    edited = text.replace("    n = math.floor(n)\n", "    return 0.0 * n\n", 1)
    assert edited != text
    draws.write_text(edited, encoding="utf-8")
    after, loaded = ask(tmp_path)
    assert after == [0.0, 0.0, 1000.0]  # no binomial draws anybody: the last link takes all
    assert loaded == [0, 0]
