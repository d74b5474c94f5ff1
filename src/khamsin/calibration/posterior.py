"""The posterior as a file that ArviZ opens, with diagnostics, odds and posterior-predictive checks.

posterior.zarr   groups posterior, prior, posterior_predictive, observed_data, log_likelihood,
                 sample_stats; dims (chain, draw), as `arviz.from_zarr` expects
odds.json        evidence, odds of hypotheses, diagnostics
"""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from khamsin.calibration.resampling import error_of_mean
from khamsin.calibration.simulating import Simulator
from khamsin.calibration.tempering import Particles, Tempered
from khamsin.hindcast.records import draw_record
from khamsin.storage import write_text

if TYPE_CHECKING:
    import xarray as xr

Floats = npt.NDArray[np.float64]


def write_posterior(folder: Path, sim: Simulator, chains: Sequence[Tempered]) -> dict[str, Any]:
    """Write posterior.zarr and odds.json; return what odds.json says."""
    found = summarise(sim, chains)
    path, part = folder / "posterior.zarr", folder / ".posterior.part"
    shutil.rmtree(part, ignore_errors=True)
    for group, ds in _groups(sim, chains).items():
        ds.attrs["odds"] = json.dumps(found["odds"])
        ds.to_zarr(part, group=group, mode="a", consolidated=False)
    shutil.rmtree(path, ignore_errors=True)
    part.rename(path)
    write_text(folder / "odds.json", json.dumps(found, indent=1, allow_nan=False) + "\n")
    return found


def summarise(sim: Simulator, chains: Sequence[Tempered]) -> dict[str, Any]:
    """Return evidence, odds with Monte-Carlo errors, diagnostics, predictive checks; for JSON."""
    evidence = np.array([c.log_evidence for c in chains])
    values = np.stack([sim.values(c.particles) for c in chains])
    parameters = []
    for k, unknown in enumerate(sim.unknowns):
        drawn = values[:, :, k]
        low, middle, high = np.quantile(drawn, (0.05, 0.5, 0.95))
        before = unknown.parameter.priors[unknown.element].quantile(np.array([0.05, 0.5, 0.95]))
        parameters.append(
            {
                "name": unknown.name,
                "prior": [float(b) for b in before],
                "posterior": [float(low), float(middle), float(high)],
                "r_hat": _number(r_hat(drawn)),
            }
        )
    return {
        "log_evidence": float(np.logaddexp.reduce(evidence) - np.log(evidence.size)),
        "log_evidence_error": _number(
            float(evidence.std(ddof=1) / np.sqrt(evidence.size)) if evidence.size > 1 else np.nan
        ),
        "chains": len(chains),
        "particles": int(chains[0].roots.size),
        "ancestors_left": [int(np.unique(c.roots).size) for c in chains],
        "distinct": [_distinct(c) for c in chains],
        "steps": [
            [{"power": p, "effective": e, "accepted": a} for p, e, a in c.history] for c in chains
        ],
        "odds": _odds(sim, chains),
        "parameters": parameters,
        "predictive": _predictive(sim, chains),
    }


def r_hat(drawn: Floats) -> float:
    """Return the potential scale reduction of draws (chain, draw) (Gelman and Rubin 1992).

    For independent runs of a sampler rather than Markov chains: above 1.05 they disagree.
    """
    chains, count = drawn.shape
    within = float(drawn.var(axis=1, ddof=1).mean())
    if chains < 2 or within == 0:
        return float("nan")
    between = count * float(drawn.mean(axis=1).var(ddof=1))
    return float(np.sqrt(((count - 1) / count * within + between / count) / within))


def _odds(sim: Simulator, chains: Sequence[Tempered]) -> list[dict[str, Any]]:
    """Return prior and posterior of each answer; chains count by their evidence."""
    evidence = np.array([c.log_evidence for c in chains])
    share = np.exp(evidence - np.logaddexp.reduce(evidence))
    found = []
    for k, question in enumerate(sim.questions):
        for a, answer in enumerate(sim.plan.live[question]):
            prior = float(sim.weights[k][a])
            means = [float((c.particles.answers[:, k] == a).mean()) for c in chains]
            own = [_error(c, k, a) for c in chains]
            posterior = float(np.clip(share @ means, 0.0, 1.0))  # the shares are rounded
            inside = float(np.sqrt(np.sum((share * np.array(own)) ** 2)))
            spread = np.std(means, ddof=1) / np.sqrt(len(means)) if len(means) > 1 else np.nan
            error = float(np.fmax(inside, spread))
            factor = np.inf
            if posterior < 1.0:
                factor = posterior / (1 - posterior) / (prior / (1 - prior))
            found.append(
                {
                    "question": question,
                    "answer": answer,
                    "prior": prior,
                    "posterior": posterior,
                    "error": _number(error),
                    "factor": _number(factor),
                    "families": sum(
                        int(np.unique(c.roots[c.particles.answers[:, k] == a]).size) for c in chains
                    ),
                }
            )
    return found


def _error(chain: Tempered, question: int, answer: int) -> float:
    """Return the error of one chain's probability: by ancestry, at least that of plain draws."""
    holds = (chain.particles.answers[:, question] == answer).astype(np.float64)
    count = holds.size
    family = error_of_mean(holds, np.full(count, 1.0 / count), chain.roots)
    plain = _distinct(chain)
    share = (holds.mean() * plain + 1.0) / (plain + 2.0)  # never sure, by Laplace's rule
    return float(np.fmax(family, np.sqrt(share * (1.0 - share) / plain)))


def _distinct(chain: Tempered) -> int:
    """Return how many particles differ in parameters, answers or luck."""
    p = chain.particles
    return int(np.unique(np.column_stack([p.scores, p.answers, p.luck]), axis=0).shape[0])


def _predictive(sim: Simulator, chains: Sequence[Tempered]) -> list[dict[str, Any]]:
    """Hold the record against draws of it from the posterior: the sum, the peak, the 90 % range."""
    found, first = [], 0
    for name, each in sim.readings.items():
        rows = np.flatnonzero(each.last >= 0)
        truth = np.concatenate([c.truth[:, first : first + rows.size] for c in chains])
        first += rows.size
        one = each.observed.only(np.isin(np.arange(len(each.observed)), rows))
        drawn = draw_record(one, truth, sim.engine.seed + 1, np.arange(truth.shape[0]))
        low, high = np.quantile(drawn, (0.05, 0.95), axis=0)
        inside = (one.values >= low) & (one.values <= high)
        found.append(
            {
                "series": name,
                "rows": int(rows.size),
                "inside_90": float(inside.mean()),
                "p_sum": float((drawn.sum(axis=1) >= one.values.sum()).mean()),
                "p_peak": float((drawn.max(axis=1) >= one.values.max()).mean()),
            }
        )
    return found


def _groups(sim: Simulator, chains: Sequence[Tempered]) -> "dict[str, xr.Dataset]":
    import xarray as xr

    dims = ("chain", "draw")
    count, parameters = chains[0].roots.size, len(sim.unknowns)
    coords: dict[str, Any] = {"chain": np.arange(len(chains)), "draw": np.arange(count)}
    values = np.stack([sim.values(c.particles) for c in chains])
    posterior = xr.Dataset(
        {u.name: (dims, values[:, :, k], _attrs(u)) for k, u in enumerate(sim.unknowns)}, coords
    )
    for k, question in enumerate(sim.questions):
        held = np.stack([c.particles.answers[:, k] for c in chains])
        meaning = {"answers": list(sim.plan.live[question])}  # a number is a place in this list
        posterior[f"hypothesis_{question}"] = (dims, held, meaning)
    rng = np.random.default_rng([sim.engine.seed, 7])
    before = Particles(
        rng.standard_normal((count, parameters)),
        np.column_stack([rng.choice(w.size, count, p=w) for w in sim.weights]).astype(np.int64)
        if sim.questions
        else np.zeros((count, 0), np.int64),
        np.arange(count),
    )
    prior_values = sim.values(before)
    prior = xr.Dataset(
        {u.name: (dims, prior_values[None, :, k]) for k, u in enumerate(sim.unknowns)},
        {"chain": [0], "draw": np.arange(count)},
    )
    predictive, recorded = xr.Dataset(coords=coords), xr.Dataset()
    first = 0
    for name, each in sim.readings.items():
        rows = np.flatnonzero(each.last >= 0)
        one = each.observed.only(np.isin(np.arange(len(each.observed)), rows))
        truth = np.stack([c.truth[:, first : first + rows.size] for c in chains])
        first += rows.size
        drawn = draw_record(
            one, truth.reshape(-1, rows.size), sim.engine.seed + 1, np.arange(len(chains) * count)
        )
        when = {f"when_{name}": one.start.astype("datetime64[ns]")}
        own = (*dims, f"when_{name}")
        predictive = predictive.assign_coords(when)
        predictive[name] = (own, drawn.reshape(truth.shape))
        recorded = recorded.assign_coords(when)
        recorded[name] = ((f"when_{name}",), one.values)
    stats = xr.Dataset(
        {"power": (("chain", "step"), _padded(chains, 0)),
         "effective": (("chain", "step"), _padded(chains, 1)),
         "accepted": (("chain", "step"), _padded(chains, 2))},
        {"chain": np.arange(len(chains))},
    )  # fmt: skip
    likelihood = np.stack([c.log_likelihood for c in chains])
    return {
        "posterior": posterior,
        "prior": prior,
        "posterior_predictive": predictive,
        "observed_data": recorded,
        "log_likelihood": xr.Dataset({"record": (dims, likelihood)}, coords),
        "sample_stats": stats,
    }


def _attrs(unknown: Any) -> dict[str, str]:
    p = unknown.parameter
    return {
        "units": p.unit,
        "source": p.source,
        "prior": p.priors[unknown.element].describe(),
    }


def _padded(chains: Sequence[Tempered], column: int) -> Floats:
    longest = max(len(c.history) for c in chains)
    found = np.full((len(chains), longest), np.nan)
    for k, chain in enumerate(chains):
        found[k, : len(chain.history)] = [step[column] for step in chain.history]
    return found


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
