"""Fitting our rules to the first part of a case, and to nothing after it.

Each member draws what is not fitted (reach, danger, how fast a fight and the trend of flight fade)
from its prior. Its camps' attractions are then turned, run by run, until the arrivals at each camp
in the 60 days before its last count are those that were counted (iterative proportional fitting).
Attractions are then drawn towards 1, the more the fewer days on which people could come to a camp
before that count: what opened later keeps its prior. Half of the prior's spread stays. Of twice as
many members the better half is kept, by their error on the days of the fit.
"""

import numpy as np
import numpy.typing as npt

from khamsin.displacement.measures import normal
from khamsin.displacement.running import Case, column, simulate
from khamsin.engine import Engine

Floats = npt.NDArray[np.float64]

RECENT = 60  # days of arrivals before its last count that a camp's attraction is fitted to
EVIDENCE = 30.0  # days after which half of what the fit says of a camp is believed
TURNS = 6
FARTHEST = 20.0  # three standard deviations of the prior: no attraction is farther from 1
SAMPLE = 0.05  # share of the people that the fit moves: shares of camps need no more
LEAST = 0.002  # share of a camp to which nobody came, so that it can be turned at all
SPREAD = 0.5  # of the prior's log-sd that is left on attractions, which the future may move


def fit(
    case: Case,
    engine: Engine,
    members: int,
    turns: int = TURNS,
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Fit attractions to what is known after a third of the days.

    Parameters
    ----------
    case : Case
    engine : Engine
        Of our rules.
    members : int
        Number to return; twice as many are tried.

    Returns
    -------
    ndarray of int, dims (member,)
        Numbers of the members that were kept.
    ndarray, dims (member, element)
        Their parameters.
    """
    tried = np.arange(2 * members)
    parameters = engine.plan.draw_parameters(engine.seed, tried)
    first = column(engine, "road_choice.attraction")
    at = first + np.array(case.camps)
    prior = parameters[:, at].copy()
    parameters[:, at] = 1.0
    follow = column(engine, "camps.follow_days")
    census = parameters[:, follow].copy()
    parameters[:, follow] = 0.0
    scale = column(engine, "daily_flight.scale")
    parameters[:, scale] = SAMPLE
    seen = _arrivals(case, engine, tried, parameters).sum(axis=0) > 0
    counted = np.arange(case.origin)[:, None] <= case.last_count
    days = seen.sum(axis=0)  # on which people could come to a camp, up to its last count
    open_camps = days > 0
    recent = np.arange(case.origin)[:, None] > case.last_count - RECENT
    wanted = (np.diff(case.known, axis=0, prepend=case.known[:1]) * recent * counted).sum(axis=0)
    wanted = np.maximum(wanted, 0.0) * open_camps
    wanted = np.maximum(wanted / max(wanted.sum(), 1.0), LEAST)
    for _ in range(turns if open_camps.any() else 0):
        come = (_arrivals(case, engine, tried, parameters) * recent).sum(axis=1)
        come = np.maximum(come / np.maximum(come.sum(axis=1, keepdims=True), 1.0), LEAST)
        turn = np.clip(wanted / come, 0.2, 5.0)
        parameters[:, at] *= np.where(open_camps, turn, 1.0)
        centre = np.log(parameters[:, at])[:, open_camps].mean(axis=1, keepdims=True)
        held = np.clip(parameters[:, at] / np.exp(centre), 1.0 / FARTHEST, FARTHEST)
        parameters[:, at] = np.where(open_camps, held, 1.0)
    come = _arrivals(case, engine, tried, parameters)
    counts = (case.known[0] + come.cumsum(axis=1) / SAMPLE) * counted
    error = np.array([normal(each, case.known * counted) for each in counts])
    kept = np.sort(np.argsort(error, kind="stable")[:members])
    parameters[:, at] **= days / np.maximum(days + EVIDENCE, 1.0)
    parameters[:, at] *= prior**SPREAD
    parameters[:, follow], parameters[:, scale] = census, 1.0
    return tried[kept], parameters[kept]


def _arrivals(
    case: Case, engine: Engine, members: npt.NDArray[np.int64], parameters: Floats
) -> Floats:
    """Return arrivals at each camp up to its last count, dims (member, day, camp)."""
    come = simulate(engine, members, parameters, case.origin)["camp_arrivals"][:, :, case.camps]
    counted: Floats = come * (np.arange(case.origin)[:, None] <= case.last_count)
    return counted
