"""A model for other people's tools: the EMA Workbench and SALib."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from khamsin.errors import InputError
from khamsin.exploration.factors import Space, space
from khamsin.exploration.futures import measure, parse_outcomes, variables_of
from khamsin.exploration.sensitivity import problem
from khamsin.model import Model, find, read

Floats = npt.NDArray[np.float64]


def to_salib(
    model: str | Model,
    outcomes: Sequence[str],
    scenario: str | None = None,
    *,
    seed: int = 1,
    trust: bool = False,
) -> tuple[dict[str, Any], Callable[[Floats], Floats]]:
    """Return a model as a problem of SALib, and the function that evaluates its samples.

    Parameters
    ----------
    model : str or Model
        Name of an installed model, a model folder, or a model that was read.
    outcomes : sequence of str
        In the language of `khamsin.measures`.
    scenario : str, optional
        The model's first when not given.
    seed : int
        The luck, the same in each evaluation.
    trust : bool
        Whether Python files beside the model may be run.

    Returns
    -------
    problem : dict
        Each factor on [0, 1]: a parameter in quantiles of its prior, an answer by its share.
    evaluate : callable
        Samples, dims (row, factor) -> outcomes, dims (row, outcome).

    Raises
    ------
    InputError, ModelError
        A wrong argument; all faults of the model's files at once.

    Examples
    --------
    >>> import khamsin, numpy
    >>> problem, evaluate = khamsin.to_salib("lanchester", ["battle_deaths.total"])
    >>> problem["names"]
    ['combat_law', 'starting stocks', 'chance']
    >>> evaluate(numpy.full((3, 3), 0.5)).shape
    (3, 1)
    """
    spaced, expressions = _resolved(model, outcomes, scenario, trust)

    def evaluate(samples: Floats) -> Floats:
        rows = np.atleast_2d(samples)
        if rows.shape[1] != len(spaced.names):
            raise InputError(f"a sample has {len(spaced.names)} factors, not {rows.shape[1]}")
        return measure(spaced, rows, expressions, seed=seed)

    return problem(spaced.names), evaluate


def to_ema(
    model: str | Model,
    outcomes: Sequence[str],
    scenarios: Sequence[str | None] = (),
    *,
    seed: int = 1,
    trust: bool = False,
) -> Any:
    """Return a model of the EMA Workbench: factors as uncertainties, scenarios as its lever.

    Parameters
    ----------
    model : str or Model
        Name of an installed model, a model folder, or a model that was read.
    outcomes : sequence of str
        In the language of `khamsin.measures`; the Workbench knows them as outcome_0, outcome_1 ...
    scenarios : sequence of str, optional
        The lever; without any, nothing intervenes.
    seed : int
        The luck, the same in each experiment.
    trust : bool
        Whether Python files beside the model may be run.

    Returns
    -------
    ema_workbench.Model
        Factors on 0 to 1 or by answer, one lever, scalar outcomes.

    Raises
    ------
    InputError, ModelError
        ImportError when the extra `explore` is not installed.

    Examples
    --------
    >>> import khamsin
    >>> model = khamsin.to_ema("lanchester", ["battle_deaths.total"])
    >>> [u.name for u in model.uncertainties]
    ['combat_law', 'starting_stocks', 'chance']
    """
    import ema_workbench as ema

    chosen = list(scenarios) or [None]
    ready = {str(s): _resolved(model, outcomes, s, trust) for s in chosen}
    first = next(iter(ready.values()))[0]
    plain = {f.name.replace(".", "__").replace(" ", "_"): f for f in first.factors}

    def run(intervention: str = next(iter(ready)), **values: Any) -> dict[str, float]:
        spaced, expressions = ready[intervention]
        row = np.array([[_place(spaced, f.name, values[n]) for n, f in plain.items()]])
        numbers = measure(spaced, row, expressions, seed=seed, threads=1)[0]
        return {f"outcome_{k}": float(v) for k, v in enumerate(numbers)}

    name = first.model.name.replace("-", "").replace("_", "")
    built = ema.Model(name, function=run)
    built.uncertainties = [
        ema.CategoricalParameter(n, list(first.model.hypotheses[f.name].answers))
        if f.kind == "hypothesis"
        else ema.RealParameter(n, 0.0, 1.0)
        for n, f in plain.items()
    ]
    if len(ready) > 1:
        built.levers = [ema.CategoricalParameter("intervention", list(ready))]
    built.outcomes = [ema.ScalarOutcome(f"outcome_{k}") for k in range(len(outcomes))]
    return built


def _place(spaced: Space, name: str, value: Any) -> float:
    """The place of a value on its axis: of an answer, the middle of its share."""
    hypothesis = spaced.model.hypotheses.get(name)
    if hypothesis is None:
        return float(value)
    weight = np.array([a.weight for a in hypothesis.answers.values()], dtype=np.float64)
    ends = np.cumsum(weight) / weight.sum()
    k = list(hypothesis.answers).index(str(value))
    return float(ends[k] - weight[k] / weight.sum() / 2.0)


def _resolved(
    model: str | Model, outcomes: Sequence[str], scenario: str | None, trust: bool
) -> tuple[Space, list[Any]]:
    own = model if isinstance(model, Model) else read(find(model), trust=trust)
    expressions = parse_outcomes(outcomes)
    chosen = [scenario] if scenario else []
    return space(own, chosen, record=variables_of(expressions), trust=trust), list(expressions)
