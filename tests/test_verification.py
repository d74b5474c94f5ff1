"""The statistical verification was run, passed, and holds for the sources as they are (decision
21)."""

import numpy as np
import pytest
from verification import draws, sources


def test_the_results_hold_for_these_sources() -> None:
    stored = sources.stored()
    assert stored, "nothing is verified yet: make verify"
    assert stored["source_hash"] == sources.source_hash(), (
        "draws, processes, driver or plan changed since they were verified: make verify"
    )
    passed = stored["passed"]
    assert isinstance(passed, dict)
    assert set(passed) == {"draws", "sirte", "ranks", "recovery"}
    assert all(passed.values())


def test_the_hash_covers_what_it_should() -> None:
    names = {f.name for f in sources.files()}
    assert {"draws.py", "process.py", "driver.py", "combat.py", "build.py"} <= names
    assert all(f.exists() for f in sources.files())


def test_a_small_verification_passes() -> None:
    found = draws.check(20_000)
    assert len(found) > 30
    assert draws.passes(found), found


@pytest.mark.parametrize("bias", [0.0, 0.02])
def test_the_checks_can_fail(bias: float) -> None:
    from scipy import stats

    x = np.random.default_rng(1).poisson(4.0 + bias, 1_000_000)
    p = draws._counts(x.astype(float), stats.poisson(4.0).cdf)
    assert (p > 1e-4) == (bias == 0.0)
