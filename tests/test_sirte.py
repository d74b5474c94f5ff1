"""The design's consistency check of Sirte comes out of khamsin's own processes (decision 26)."""

from verification.sirte_check import VARIANTS, rows, simulate


def test_the_table_is_reproduced() -> None:
    found = rows(1000)
    assert len(found) == 15 * len(VARIANTS)
    far = [r for r in found if not r["errors"] <= 4.0]
    assert not far, "\n".join(str(r) for r in far)


def test_air_power_shortens_the_siege_in_the_same_luck() -> None:
    import numpy as np

    with_air, without = (simulate(v, 300)["weeks"] for v in VARIANTS[:2])
    assert np.median(with_air) < np.median(without)
