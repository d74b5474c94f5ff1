"""The wheel in empty environments: python -m verification.install [PYTHON...]

Builds the wheel without isolation, installs it with what it depends on into a new environment of
each interpreter (3.11, 3.12 and 3.13 where they are found), measures time and size without pip and
setuptools, runs libya-2016 there, and types the pages of a newcomer's first hour, so that none of
them needs what only developers have. Needs a package index and a gigabyte of disk; not a part of
`make verify`, which needs no network. Exit code 1 when something fails or is too large.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
LARGEST = 720.0  # MB, of the core without pip and setuptools
PAGES = ("README.md", "docs/start.md", "docs/how-to/scenario.md", "docs/how-to/own-data.md")
TYPE = """\
import sys, tempfile
from pathlib import Path
root = Path(sys.argv[1])
sys.path.insert(0, str(root))
from tests.typed import Typist
for page in sys.argv[2:]:
    with tempfile.TemporaryDirectory() as folder:
        for said in Typist(Path(folder)).type_page(root / page):
            assert said.same, (page, said.first, said.found)
"""
WITHOUT = ("pip", "setuptools", "_distutils_hack", "pkg_resources")


def interpreters() -> list[str]:
    """Return the interpreters on the path and those of pyenv, one a version."""
    found = {}
    for version in ("3.11", "3.12", "3.13"):
        home = Path.home() / ".pyenv" / "versions"
        several = [shutil.which(f"python{version}"), *home.glob(f"{version}.*/bin/python")]
        for there in map(str, filter(None, several)):  # a shim may be there and not work
            tried = subprocess.run([there, "-V"], capture_output=True, check=False)
            if tried.returncode == 0:
                found[version] = there
    return list(found.values())


def build(folder: Path) -> Path:
    """Build the wheel into a folder."""
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("khamsin-*.whl")
    return wheel


def megabytes(packages: Path) -> float:
    """Return the size of installed packages without pip and setuptools, in MB of 10^6 bytes."""
    total = 0
    for entry in packages.iterdir():
        if not entry.name.startswith(WITHOUT):
            files = entry.rglob("*") if entry.is_dir() else [entry]
            total += sum(f.stat().st_size for f in files if f.is_file())
    return total / 1e6


def install(python: str, wheel: Path, home: Path) -> bool:
    """Install into a new environment and run there; print what was measured."""
    version = subprocess.run([python, "-V"], capture_output=True, text=True, check=True).stdout
    name = version.split()[1]
    # what the caller has on its path must not help
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    subprocess.run([python, "-m", "venv", str(home)], check=True, env=clean)
    bin_ = home / ("Scripts" if os.name == "nt" else "bin")
    began = time.perf_counter()
    pip = [str(bin_ / "python"), "-m", "pip", "install", "--quiet", "--no-compile", str(wheel)]
    done = subprocess.run(pip, check=False, env=clean, capture_output=True, text=True)
    seconds = time.perf_counter() - began
    if done.returncode != 0:
        print(f"python {name}: pip failed\n{done.stderr[-2000:]}", file=sys.stderr)
        return False
    (packages,) = (home / "lib").glob("python*/site-packages")
    size = megabytes(packages)
    command = [str(bin_ / "khamsin"), "run", "libya-2016", "--members", "20", "-o", "run"]
    began = time.perf_counter()
    run = subprocess.run(command, cwd=home, check=False, env=clean, capture_output=True, text=True)
    first = time.perf_counter() - began
    page = home / "run" / "report.html"
    well = run.returncode == 0 and page.exists() and page.stat().st_size > 100_000
    print(f"install_s_{name}: {seconds:.0f}")
    print(f"install_mb_{name}: {size:.0f}")
    print(f"run_s_{name}: {first:.0f}")
    print(f"runs_{name}: {int(well)}", flush=True)
    python_there = str(bin_ / "python")
    typed = subprocess.run(
        [python_there, "-c", TYPE, str(ROOT), *PAGES],
        cwd=home, check=False, env=clean, capture_output=True, text=True,
    )  # fmt: skip
    print(f"pages_{name}: {int(typed.returncode == 0)}", flush=True)
    if typed.returncode != 0:
        print(typed.stderr[-1000:], file=sys.stderr)
    if not well:
        print(run.stdout[-1000:] + run.stderr[-1000:], file=sys.stderr)
    return well and typed.returncode == 0 and size <= LARGEST


def main(pythons: list[str]) -> int:
    """Try every interpreter."""
    found = pythons or interpreters()
    if not found:
        print("no interpreter found", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as there:
        wheel = build(Path(there))
        passed = [install(p, wheel, Path(there) / f"env{k}") for k, p in enumerate(found)]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
