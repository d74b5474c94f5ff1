"""The verb `forecast`: filter the states up to a day on the record, then go on by scenario.

All scenarios branch from the same filtered members and have the same luck afterwards.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from khamsin.calibration.evidence import summary
from khamsin.calibration.filtered import Filtered
from khamsin.calibration.filtering import filter_states
from khamsin.errors import InputError
from khamsin.hindcast.observed import observed_in
from khamsin.model import Model, find, read
from khamsin.verbs.command_line import command_line
from khamsin.verbs.run import Progress, Run, as_known, first_day, run


@dataclass(frozen=True)
class Forecast:
    """A filtered ensemble, and what came of it.

    Attributes
    ----------
    run : Run
        The ensembles from the day on.
    evidence : dict
        Evidence, effective numbers of members and odds, as in `evidence.json` beside them.
    """

    filtered: Filtered
    run: Run
    evidence: dict[str, Any]


def forecast(
    model: str | Path | Model,
    since: str | date,
    *,
    scenarios: Sequence[str | None] = (),
    members: int = 1000,
    particles: int | None = None,
    seed: int = 1,
    live: Mapping[str, tuple[str, ...]] | None = None,
    known_by: str | date | None = None,
    folder: str | Path | None = None,
    threads: int | None = None,
    trust: bool = False,
    command: str | None = None,
    tell: Callable[[str], None] = lambda text: None,
    filtering: Callable[[int, int], None] = lambda done, of: None,
    progress: Callable[[Progress], None] = lambda p: None,
) -> Forecast:
    """Filter up to a day, and run the scenarios from there.

    Parameters
    ----------
    model : str, Path or Model
        Name of an installed model, a model folder, or a model that was read.
    since : date
        First day of the forecast; nothing known later is used.
    scenarios : sequence of str
        As in `run`.
    members : int
        Futures of each scenario.
    particles : int, optional
        Members that are filtered; as many as `members` when not given.
    seed : int
        The luck: the same seed gives the same bytes.
    live : mapping, optional
        Hypothesis -> answers that members hold in turn.
    known_by : date, optional
        What became known later is replaced by something wide (`khamsin.hindsight`).
    folder : path, optional
        Where to write; `runs/<model>-<hash>` when not given.
    threads : int, optional
        As many as there are cores when not given. The numbers do not depend on it.
    trust : bool
        Whether Python files beside the model may be run.
    command : str, optional
        As in `run`.
    tell : callable
        Called with lines for the user.
    filtering, progress : callable
        Called with how far the filter, and a scenario, is.

    Returns
    -------
    Forecast
        The run, and what the record says of the hypotheses.

    Raises
    ------
    InputError, ModelError
        A wrong argument; all faults of the model's files at once.
    RunError
        When the weights collapse.

    Examples
    --------
    >>> import khamsin
    >>> done = khamsin.forecast(
    ...     "three-towns", "2024-07-01", scenarios=["as-it-is"], members=20, particles=300,
    ...     folder="forecast-example", trust=True,
    ... )
    >>> khamsin.open(done.run.stores[0]).sizes["time"]
    6
    """
    own = model if isinstance(model, Model) else read(find(model), trust=trust)
    if members < 1 or (particles is not None and particles < 1):
        raise InputError("a forecast needs at least 1 member")
    day = first_day(own, since)
    if known_by is not None:
        own = as_known(own, known_by, scenarios, trust, tell)
    filtered = filter_states(
        own,
        observed_in(own.resolved()),
        day,
        members=particles or members,
        seed=seed,
        live=live,
        threads=threads,
        trust=trust,
        tell=tell,
        progress=filtering,
    )
    branch = filtered.branch(members)
    more = ["--from", str(day), "--particles", str(particles or members)]
    more += ["--known-by", str(known_by)] if known_by is not None else []
    done = run(
        own,
        scenarios=scenarios,
        members=members,
        seed=seed,
        since=day,
        live=filtered.plan.live,
        branch=branch,
        folder=folder,
        threads=threads,
        trust=trust,
        tell=tell,
        progress=progress,
        command=command
        or command_line("forecast", own, scenarios, members=members, seed=seed, more=more),
    )
    found = summary(filtered)
    text = json.dumps(found, indent=1)
    (done.folder / "evidence.json").write_text(text + "\n", encoding="utf-8")
    return Forecast(filtered, done, found)
