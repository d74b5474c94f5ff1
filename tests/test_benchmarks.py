"""The yardstick in C is the same model as the one that khamsin runs: equal bit for bit."""

import numpy as np
import pytest
from benchmarks.yardstick import native
from benchmarks.yardstick.engine import engine


def test_the_yardstick_equals_the_engine_bit_for_bit() -> None:
    if reason := native.missing():
        pytest.skip(reason)
    assert native.same(engine(steps=8), np.array([0, 1, 7]))
