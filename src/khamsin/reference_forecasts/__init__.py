"""Benchmark forecasts: what a record alone would forecast, without any model.

Every function takes the record up to the origin and the times to forecast, and returns draws.
Nothing after the last time of the record is known to it, so cutting the record at the origin is all
that is needed to keep a benchmark honest.
"""

from khamsin.reference_forecasts.every import all_benchmarks
from khamsin.reference_forecasts.simple import (
    bootstrap,
    conflictology,
    conflictology_widened,
    last_observed,
    seasonal_naive,
    zero,
)
from khamsin.reference_forecasts.zero_inflated import (
    ZeroInflated,
    fit_zero_inflated,
    zero_inflated_negative_binomial,
)

__all__ = [
    "ZeroInflated",
    "all_benchmarks",
    "bootstrap",
    "conflictology",
    "conflictology_widened",
    "fit_zero_inflated",
    "last_observed",
    "seasonal_naive",
    "zero",
    "zero_inflated_negative_binomial",
]
