"""Proper scores of an ensemble against a record: xarray in, xarray out.

Every result is named by its parameters, keeps them in its attributes, and carries the Monte-Carlo
error that the finite number of members leaves as a coordinate. The coordinate `weight` of an
ensemble is used in every score.
"""

from khamsin.scores.classes import VIEWS_EDGES, brier, log_score, ranked_probability
from khamsin.scores.compared import Compared, difference, skill
from khamsin.scores.distributions import crps, energy_score
from khamsin.scores.intervals import coverage, interval_score
from khamsin.scores.probability_integral import pit, pit_histogram
from khamsin.scores.scored import describe

__all__ = [
    "VIEWS_EDGES",
    "Compared",
    "brier",
    "coverage",
    "crps",
    "describe",
    "difference",
    "energy_score",
    "interval_score",
    "log_score",
    "pit",
    "pit_histogram",
    "ranked_probability",
    "skill",
]
