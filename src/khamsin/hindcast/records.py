"""Truth becomes record: draws of the reporting models, and the likelihood of what was recorded.

Draws are pinned to (seed, series, member): one more series or member leaves the others alone. Each
member has reporting parameters of its own, from their priors.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from khamsin.errors import RunError
from khamsin.hindcast.observed import Floats, Observed

Ints = npt.NDArray[np.int64]


def reporting_parameters(observed: Observed, seed: int, members: Ints) -> dict[str, Floats]:
    """Draw the reporting parameters of members, each with dims (member,)."""
    from khamsin.draws import uniforms

    luck = {
        name: uniforms(seed, f"reporting {observed.name} {name}", members)[:, 0]
        for name in observed.parameters
    }
    return reporting_parameters_at(observed, luck)


def reporting_parameters_at(observed: Observed, luck: dict[str, Floats]) -> dict[str, Floats]:
    """Return the reporting parameters whose place in each prior is given, dims (member,)."""
    known = {p.name: p for p in observed.reporting.parameters} if observed.reporting else {}
    return {
        name: np.clip(prior.quantile(luck[name]), known[name].low, known[name].high)
        for name, prior in observed.parameters.items()
    }


def draw_record(
    observed: Observed,
    truth: Floats,
    seed: int,
    members: Ints,
    given: Mapping[str, Floats] | None = None,
) -> Floats:
    """Draw what would be recorded of each member's truth, dims (member, row).

    Parameters
    ----------
    truth : ndarray, dims (member, row)
        Rows that are NaN stay so.
    seed : int
    members : ndarray of int, dims (member,)
    given : mapping, optional
        The reporting parameters of the members; from their priors when not given.
    """
    if observed.reporting is None:
        return truth
    from khamsin.draws import name_key

    parameters = given or reporting_parameters(observed, seed, members)
    covered = np.isfinite(truth).all(axis=0)
    happened = np.clip(truth[:, covered], None if observed.reporting.signed else 0.0, None)
    key = int(name_key(seed, "record", observed.name))
    found = np.full(truth.shape, np.nan)
    for row, member in enumerate(members.tolist()):
        rng = np.random.Generator(np.random.Philox(key=[key, member]))
        own = {name: values[row] for name, values in parameters.items()}
        found[row, covered] = observed.reporting.sample(happened[row], own, rng)
    return found


def log_likelihood(
    observed: Observed, truth: Floats, parameters: dict[str, Floats], rows: Ints | None = None
) -> Floats:
    """Return the log-likelihood of the recorded rows, summed, dims (member,).

    Parameters
    ----------
    truth : ndarray, dims (member, row)
    parameters : dict
        From `reporting_parameters`.
    rows : ndarray of int, optional
        The rows that count; all when not given.

    Raises
    ------
    RunError
        For a series without a reporting model: there is nothing to weigh a miss by.
    """
    if observed.reporting is None:
        raise RunError(
            f"observations.{observed.name} has no reporting model, so no future can be weighed by "
            "it: say how truth becomes record (reporting: ...), or leave its window `fit` out"
        )
    chosen = np.arange(len(observed)) if rows is None else rows
    recorded = observed.values[chosen]
    happened = truth[:, chosen]
    if observed.reporting.counts:
        recorded = np.rint(recorded)  # a table may hold 3.5 thousand
    there = np.isfinite(recorded)
    happened = np.clip(happened[:, there], None if observed.reporting.signed else 0.0, None)
    own = {name: values[:, None] for name, values in parameters.items()}
    found = observed.reporting.log_likelihood(recorded[there][None, :], happened, own)
    return np.asarray(found.sum(axis=1))
