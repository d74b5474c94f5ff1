"""The statistical verification was run, passed, and holds for the sources as they are (decision
21)."""

import numpy as np
import pytest
from verification import draws, exact, sources


def test_the_results_hold_for_these_sources() -> None:
    stored = sources.stored()
    assert stored, "nothing is verified yet: make verify"
    assert stored["source_hash"] == sources.source_hash(), (
        "draws, processes, driver or plan changed since they were verified: make verify"
    )
    passed = stored["passed"]
    assert isinstance(passed, dict)
    assert set(passed) == {"draws", "sirte", "exact", "ranks", "recovery", "displacement"}
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


def test_the_textbook_models_are_near_their_exact_results() -> None:
    """With few members; `make verify` takes thousands."""
    found = exact.rows(60)
    assert len(found) == 25
    assert exact.passes(found), [row for row in found if row["errors"] > exact.FARTHEST]
    wrong = [{**row, "errors": 5.0} for row in found[:1]]
    assert not exact.passes(wrong)


def test_exact_results_known_by_hand() -> None:
    assert exact.strength("square", 1e3) == pytest.approx(60_000)  # R^2 - B^2 stays
    assert exact.strength("linear", 1e3) == pytest.approx(20_000)  # R - B stays
    assert exact.odds_of_red("linear", 1, 1) == pytest.approx(0.5)
    assert exact.odds_of_red("square", 2, 1) == pytest.approx(2 / 3 + 1 / 3 * 0.5)
    assert exact.final_size(2.0, 0.0) == pytest.approx(0.7968121, abs=1e-6)
    sizes = exact.sizes_of_hamlet(2.0)
    assert sizes.sum() == pytest.approx(1.0)
    assert sizes[0] == pytest.approx(1 / (1 + 2.0 * 49 / 50))
