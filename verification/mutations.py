"""Mutations: each coupling coefficient held at zero must make a sign test fail.

    python -m verification.mutations [COEFFICIENT]...

A mutated coefficient is zero in every run of `tests/effects.py`, as if the line of code that uses
it were not there. The sign test of the coupling must then fail, and so may tests of scenarios
(`--scenarios` runs those too, which takes long).
"""

import os
import subprocess
import sys
from pathlib import Path

from verification.couplings import COUPLINGS

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from effects import MUTATION


def survives(coefficient: str, zero: float) -> bool:
    """Whether all sign tests of a coefficient pass although it is held at zero."""
    os.environ[MUTATION] = f"{coefficient}={zero:g}"
    try:
        own = [c for c in COUPLINGS if c.coefficient == coefficient]
        return all(c.holds(c.effect(8)) for c in own)
    finally:
        del os.environ[MUTATION]


def scenarios_fail(coefficient: str, zero: float) -> bool:
    """Whether a test of a scenario fails with the coefficient at zero."""
    environment = {**os.environ, MUTATION: f"{coefficient}={zero:g}"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "tests/scenarios"]
    return (
        subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 1
    )


def main(arguments: list[str]) -> int:
    """Print which mutations survive; 1 when one does."""
    with_scenarios = "--scenarios" in arguments
    chosen = [a for a in arguments if not a.startswith("--")]
    survivors, count = [], 0
    for coupling in COUPLINGS:
        name, zero = coupling.coefficient, coupling.zero
        if chosen and name not in chosen:
            continue
        count += 1
        alive = survives(name, zero)
        survivors += [name] if alive else []
        line = f"{name}: {'survives' if alive else 'is killed'}"
        if with_scenarios:
            seen = scenarios_fail(name, zero)
            line += f", and {'some' if seen else 'no'} test of a scenario fails"
        print(line, flush=True)
    print(f"mutations_killed: {count - len(survivors)} of {count}")
    return int(bool(survivors))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
