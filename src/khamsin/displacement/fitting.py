"""Fitting our rules to the first part of a case, and to nothing after it.

Each member draws what is not fitted (reach, danger, how fast a fight fades) from its prior. Its
camps' attractions are then turned, run by run, until the arrivals at each camp are those that were
registered (iterative proportional fitting). Attractions are then drawn towards 1, the more the
fewer days a camp has been filling; what remains is the spread that the last turn leaves, and half
of the prior's. Of twice as many members the better half
is kept, by their error on the days of the fit.
"""

import numpy as np
import numpy.typing as npt

from khamsin.displacement.measures import normal
from khamsin.displacement.running import Case, column, simulate
from khamsin.engine import Engine

Floats = npt.NDArray[np.float64]

TURNS = 6
EVIDENCE = 60.0  # days after which half of what the fit says of a camp is believed
FARTHEST = 20.0  # three standard deviations of the prior: no attraction is farther from 1
SAMPLE = 0.05  # share of the people that the fit moves: shares of camps need no more
LEAST = 0.002  # share of a camp to which nobody came, so that it can be turned at all
SPREAD = 0.5  # of the prior's log-sd that is left on attractions, which the future may move


def fit(
    case: Case, engine: Engine, until: int, members: int, turns: int = TURNS
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Fit attractions to the days before `until`.

    Parameters
    ----------
    case : Case
    engine : Engine
        Of our rules.
    until : int
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
    wanted = np.maximum(case.registered[until - 1] - case.registered[0], 0.0)
    wanted = np.maximum(wanted / max(wanted.sum(), 1.0), LEAST)
    for _ in range(turns):
        come = simulate(engine, tried, parameters, until)["camp_arrivals"][:, :, case.camps].sum(1)
        come = np.maximum(come / np.maximum(come.sum(axis=1, keepdims=True), 1.0), LEAST)
        parameters[:, at] *= np.clip(wanted / come, 0.2, 5.0)
        centre = np.exp(np.log(parameters[:, at]).mean(axis=1, keepdims=True))
        parameters[:, at] = np.clip(parameters[:, at] / centre, 1.0 / FARTHEST, FARTHEST)
    come = simulate(engine, tried, parameters, until)["camp_arrivals"][:, :, case.camps]
    counts = case.registered[0] + come.cumsum(axis=1) / SAMPLE
    error = np.array([normal(each, case.registered[:until]) for each in counts])
    kept = np.sort(np.argsort(error, kind="stable")[:members])
    seen = (case.registered[:until] > case.registered[0]).sum(axis=0)
    parameters[:, at] **= seen / (seen + EVIDENCE)
    parameters[:, at] *= prior**SPREAD
    parameters[:, follow], parameters[:, scale] = census, 1.0
    return tried[kept], parameters[kept]
