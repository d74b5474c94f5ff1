"""Which sources the verified results hold for: a hash over draws, processes, driver, plan and
calibration, and over the subsystems and simulators that calibration is tried on."""

import hashlib
import json
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "khamsin"
RESULTS = Path(__file__).parent / "results.json"


def files() -> list[Path]:
    """Return the sources that the results depend on."""
    names = ("streams", "normal_quantile", "draws", "allocation", "presence", "process", "driver")
    found = [PACKAGE / f"{name}.py" for name in names]
    for folder in ("processes", "plan", "calibration"):
        found += sorted((PACKAGE / folder).glob("*.py"))
    found += [ROOT / "verification" / "recovery.py", ROOT / "models/libya-2016/identifiable.csv"]
    for folder in ("simulators", "subsystems"):
        every = (ROOT / "verification" / folder).rglob("*.*")
        found += sorted(f for f in every if f.suffix in (".py", ".csv", ".yaml"))
    return found


def source_hash() -> str:
    """Return the hash of names and contents of these sources."""
    digest = hashlib.sha256()
    for file in files():
        digest.update(str(file.relative_to(ROOT)).replace("\\", "/").encode() + b"\0")
        digest.update(file.read_bytes() + b"\0")
    return digest.hexdigest()


def stored() -> dict[str, object]:
    """Return what the last verification wrote, or nothing."""
    if not RESULTS.exists():
        return {}
    found: dict[str, object] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found
