"""The verbs of exploration: explore, discover, rank, evidence, each from a model to its answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from khamsin.errors import InputError
from khamsin.exploration import discovery, ranking, sensitivity
from khamsin.exploration import evidence as evidences
from khamsin.exploration.factors import Factor, Space, space
from khamsin.exploration.futures import measure, parse_outcomes, variables_of
from khamsin.exploration.sentences import Sentence, sentences
from khamsin.model import Model, find, read
from khamsin.outcomes import evaluate
from khamsin.quantiles import weighted_quantile
from khamsin.verbs.run import Run

if TYPE_CHECKING:
    import xarray as xr

Floats = npt.NDArray[np.float64]
Say = Callable[[str], None]
Done = Callable[[int, int], None]

#: how far an outcome lies open
BAND = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class AnswerMean:
    """The mean of the outcome in futures that hold one answer, with its standard error."""

    question: str
    answer: str
    mean: float
    error: float
    futures: int


@dataclass(frozen=True)
class Explored:
    """What carries one outcome.

    Attributes
    ----------
    band : tuple of float
        The outcome at 5, 50 and 95 %.
    factors : tuple of Factor
        What was varied, and what each rests on.
    screened : list of Screened
        All factors, the strongest first.
    shares : list of Share
        The strongest, luck, and all others together.
    answers : list of AnswerMean
    sentences : list of Sentence
        Claims of the model, by how far what they rest on moves the outcome.
    """

    outcome: str
    band: tuple[float, ...]
    factors: tuple[Factor, ...]
    screened: list[sensitivity.Screened]
    shares: list[sensitivity.Share]
    answers: list[AnswerMean]
    sentences: list[Sentence]
    runs: int


def explore(
    model: str | Model,
    outcome: str,
    scenarios: Sequence[str] = (),
    *,
    trajectories: int = 8,
    strongest: int = 8,
    size: int = 64,
    seed: int = 1,
    trust: bool = False,
    progress: Done = lambda done, of: None,
    tell: Say = lambda text: None,
) -> Explored:
    """Find out which assumption carries an outcome.

    All factors are screened by Morris's method; the variance is then shared out among the strongest
    of them, luck, and all others as one, by Sobol's indices.

    Parameters
    ----------
    model : str or Model
        Name of an installed model, a model folder, or a model that was read.
    outcome : str
        In the language of `khamsin.measures`: "battle_deaths.total[actor:MIS]".
    scenarios : sequence of str
        The model's first when not given; of several, the scenario is a factor too.
    trajectories : int
        Of the screening: each costs as many futures as there are factors, and one.
    strongest : int
        How many factors get a share of their own.
    size : int
        A power of two: of the Sobol design, which costs `size` x (`strongest` + 5) futures.
    seed : int
        Of the design and of the luck.
    trust : bool
        Whether Python files beside the model may be run.
    progress, tell : callable
        Called with how many futures are done, and with lines for the user.

    Returns
    -------
    Explored
        The screening of all factors, shares of the variance, and means under each answer.

    Raises
    ------
    InputError, ModelError, RunError
        A wrong argument; all faults of the model's files; a run that fails.

    Examples
    --------
    >>> import khamsin
    >>> found = khamsin.explore(
    ...     "three-towns", "battle_deaths.total", ["as-it-is"],
    ...     trajectories=2, strongest=2, size=4, trust=True,
    ... )
    >>> type(found).__name__
    'Explored'
    """
    if trajectories < 2 or strongest < 1:
        raise InputError("a screening needs at least two trajectories and one strongest factor")
    expressions = parse_outcomes([outcome])
    own = model if isinstance(model, Model) else read(find(model), trust=trust)
    spaced = space(own, scenarios, record=variables_of(expressions), trust=trust)
    first = sensitivity.screening_design(spaced, trajectories, seed)
    groups_after = min(strongest, len(spaced.factors)) + 3
    runs = len(first) + size * (groups_after + 2)
    tell(f"{len(spaced.factors)} factors; about {runs} futures")
    screened_outcome = measure(
        spaced, first, expressions, seed=seed, tell=tell, progress=lambda k, of: progress(k, runs)
    )[:, 0]
    screened = sensitivity.screen(spaced, first, screened_outcome, seed)
    luck = {f.name for f in spaced.factors if f.kind == "luck"}
    top = [s.name for s in screened if s.name not in luck][:strongest]
    groups = sensitivity.grouping(spaced, top)
    second = sensitivity.apportioning_design(spaced, groups, size, seed)
    shared_outcome = measure(
        spaced,
        second,
        expressions,
        seed=seed,
        progress=lambda k, of: progress(min(len(first) + k, runs), runs),
    )[:, 0]
    base = sensitivity.base_rows(groups, len(second))
    plain = shared_outcome[base]
    shares = sensitivity.apportion(spaced, groups, shared_outcome, seed)
    return Explored(
        outcome,
        tuple(float(v) for v in weighted_quantile(plain, None, BAND)),
        spaced.factors,
        screened,
        shares,
        _answer_means(spaced, second[base], plain),
        sentences(own, screened, shares),
        len(first) + len(second),
    )


def _answer_means(spaced: Space, design: Floats, outcome: Floats) -> list[AnswerMean]:
    found = []
    for question, held in spaced.answers(design).items():
        for answer in spaced.model.hypotheses[question].answers:
            own = outcome[held == answer]
            if own.size > 1:
                error = float(own.std(ddof=1) / own.size**0.5)
                found.append(AnswerMean(question, answer, float(own.mean()), error, own.size))
    return found


@dataclass(frozen=True)
class Discovered:
    """Where an intervention does the opposite of what is wanted.

    Attributes
    ----------
    cases : float
        Share of the futures in which it does.
    """

    outcome: str
    cases: float
    futures: int
    boxes: list[discovery.Box]


def discover(
    model: str | Model,
    outcome: str,
    scenario: str,
    against: str,
    *,
    wanted: ranking.Better,
    members: int = 500,
    seed: int = 1,
    trust: bool = False,
    progress: Done = lambda done, of: None,
    tell: Say = lambda text: None,
) -> Discovered:
    """Find the futures in which a scenario backfires against another, and what they share.

    Parameters
    ----------
    model : str or Model
        Name of an installed model, a model folder, or a model that was read.
    outcome : str
        In the language of `khamsin.measures`.
    scenario, against : str
        The intervention, and what it is held against.
    wanted : {"high", "low"}
        What is hoped of the outcome. It backfires where the paired difference goes the other way.
    members : int
        Number of paired futures.
    seed : int
        Of the design and of the luck.
    trust : bool
        Whether Python files beside the model may be run.
    progress, tell : callable
        Called with how many futures are done, and with lines for the user.

    Returns
    -------
    Discovered
        How often it backfires, and boxes and a tree of what those futures share.

    Raises
    ------
    InputError, ModelError, RunError
        A wrong argument; all faults of the model's files; a run that fails.

    Examples
    --------
    >>> import khamsin
    >>> found = khamsin.discover(
    ...     "three-towns", "fighters.end[actor:ARMY]", "ceasefire", "as-it-is",
    ...     wanted="high", members=60, trust=True,
    ... )
    >>> type(found).__name__
    'Discovered'
    """
    from scipy.stats import qmc

    expressions = parse_outcomes([outcome])
    own = model if isinstance(model, Model) else read(find(model), trust=trust)
    record = variables_of(expressions)
    spaces = [space(own, [s], record=record, trust=trust) for s in (against, scenario)]
    design = qmc.LatinHypercube(len(spaces[0].factors), rng=seed).random(members)
    before, after = (
        measure(
            spaced,
            design,
            expressions,
            seed=seed,
            tell=tell,
            progress=lambda k, of, n=n: progress(n * members + k, 2 * members),  # type: ignore[misc]
        )[:, 0]
        for n, spaced in enumerate(spaces)
    )
    cases = after < before if wanted == "high" else after > before
    boxes = discovery.discover(discovery.table_of(spaces[0], design), cases)
    return Discovered(outcome, float(cases.mean()), members, boxes)


def rank(
    run: Run,
    outcomes: Sequence[str],
    better: Sequence[ranking.Better],
    enough: Sequence[float | None] = (),
) -> list[ranking.Standing]:
    """Rank the scenarios of a run on outcomes, by regret and by satisficing.

    Parameters
    ----------
    run : Run
        Scenarios that were run with the same luck.
    outcomes : sequence of str
        In the language of `khamsin.measures`.
    better : sequence of {"high", "low"}
        For each outcome, which is better.
    enough : sequence of float or None
        For each outcome, from where on it is good enough.

    Returns
    -------
    list of Standing
        The scenarios with their regret on each outcome.

    Raises
    ------
    InputError
        Fewer than two scenarios, or an outcome that the run does not have.

    Examples
    --------
    >>> import khamsin
    >>> scenarios = ["as-it-is", "ceasefire"]
    >>> run = khamsin.run(
    ...     "three-towns", scenarios=scenarios, members=20, folder="rank-example", trust=True
    ... )
    >>> standings = khamsin.rank(run, ["battle_deaths.total"], ["low"])
    >>> sorted({s.scenario for s in standings})
    ['as-it-is', 'ceasefire']
    """
    from khamsin.ensemble import open_ensemble

    if len(run.stores) < 2:
        raise InputError("ranking needs at least two scenarios")
    expressions = parse_outcomes(outcomes)
    opened = {store.stem: open_ensemble(store) for store in run.stores}
    first = next(iter(opened.values()))
    numbers = {
        text: {name: evaluate(one, ds) for name, ds in opened.items()}
        for text, one in zip(outcomes, expressions, strict=True)
    }
    return ranking.rank(
        numbers,
        np.asarray(first.weight.values, dtype=np.float64),
        _held(first),
        dict(zip(outcomes, better, strict=True)),
        {t: e for t, e in zip(outcomes, enough, strict=False) if e is not None},
    )


def evidence(
    run: Run, outcome: str, observations: Sequence[str] = (), *, seed: int = 1
) -> list[evidences.Value]:
    """Value what could be found out: each question settled, each quantity observed.

    Parameters
    ----------
    run : Run
        Its first scenario is looked at.
    outcome : str
        What one wants to know, in the language of `khamsin.measures`.
    observations : sequence of str
        Quantities that could be observed, in the language of `khamsin.measures`; restrict them to
        days before the outcome, or they are the outcome itself.
    seed : int
        Of the resampling that gives the errors.

    Returns
    -------
    list of Value
        How much of the outcome's variance each would take away.

    Raises
    ------
    InputError
        An outcome or a quantity that the run does not have.

    Examples
    --------
    >>> import khamsin
    >>> run = khamsin.run("three-towns", members=60, folder="evidence-example", trust=True)
    >>> found = khamsin.evidence(run, "battle_deaths.total")
    >>> len(found) >= 1
    True
    """
    from khamsin.ensemble import open_ensemble

    expressions = parse_outcomes([outcome, *observations])
    ds = open_ensemble(run.stores[0])
    numbers = [evaluate(one, ds) for one in expressions]
    known: dict[str, Floats | npt.NDArray[np.str_]] = {}
    known |= _held(ds)
    known |= dict(zip(observations, numbers[1:], strict=True))
    weights = np.asarray(ds.weight.values, dtype=np.float64)
    return evidences.value_of(numbers[0], weights, known, seed=seed)


def _held(ds: "xr.Dataset") -> dict[str, npt.NDArray[np.str_]]:
    """Question -> the answers of the members, of the questions on which they differ."""
    found = {
        str(name).removeprefix("hypothesis_"): np.asarray(values.values).astype(str)
        for name, values in ds.coords.items()
        if str(name).startswith("hypothesis_")
    }
    return {q: a for q, a in found.items() if len(set(a.tolist())) > 1}
