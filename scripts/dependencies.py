"""Write docs/dependencies.md: every package of constraints.txt with its version and licence.

python scripts/dependencies.py          # writes the page, from what is installed
python scripts/dependencies.py --check  # says whether it is that of constraints.txt
"""

import re
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "dependencies.md"
LONGEST = 40  # characters: some packages give the whole text of their licence as its name
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)
ROW = re.compile(r"^\| ([^ |]+) \| ([^ |]+) \| ([^|]+) \|$", re.MULTILINE)

HEAD = """\
# Dependencies

All packages that `make` installs, as constraints.txt pins them with hashes: what khamsin needs,
what its extras need, and what tests and documentation need. Made by
`python scripts/dependencies.py`; a test holds it against constraints.txt.

`make audit` asks pip-audit, where it is installed and the network is there, for holes that are
known of these versions. Where it is not, this page is what to look up; it goes with each release.

| package | version | licence |
|---|---|---|
"""


def pinned() -> dict[str, str]:
    """Return package -> version of constraints.txt."""
    return dict(PINNED.findall((ROOT / "constraints.txt").read_text(encoding="utf-8")))


def listed() -> dict[str, str]:
    """Return package -> version of the page."""
    if not PAGE.exists():
        return {}
    found = ROW.findall(PAGE.read_text(encoding="utf-8"))
    return {name: version for name, version, _ in found if name != "package"}


def licence(name: str) -> str:
    """Return the licence of an installed package as it gives it."""
    about = metadata(name)
    classified = [
        line.rpartition(" :: ")[2]
        for line in about.get_all("Classifier") or []
        if line.startswith("License :: ")
    ]
    given = [about.get("License-Expression"), about.get("License"), *classified]
    short = [" ".join(text.split()) for text in given if text and text != "UNKNOWN"]
    if not short:
        return "named in its files only"
    found = next((text for text in short if len(text) <= LONGEST), short[0][:LONGEST])
    return found.replace("|", "/")


def page(packages: dict[str, str]) -> str:
    """Return the page."""
    rows = (f"| {name} | {version} | {licence(name)} |" for name, version in packages.items())
    return HEAD + "\n".join(rows) + "\n"


def main() -> int:
    """Write the page, or check it; 1 when it is another's or a package is not installed."""
    packages = pinned()
    if "--check" in sys.argv:
        same = listed() == packages
        print(f"{len(packages)} packages; {PAGE.name} is {'' if same else 'not '}theirs")
        return int(not same)
    try:
        PAGE.write_text(page(packages), encoding="utf-8")
    except PackageNotFoundError as missing:
        print(f"{missing.name} is not installed: make .venv/installed", file=sys.stderr)
        return 1
    print(PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
