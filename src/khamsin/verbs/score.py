"""The verb `score`: a model is run from an origin, or a run is taken, and held against the record.

Only what was known at the origin enters: benchmarks see the rows that were on record then, and the
model's priors are those of that day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from khamsin.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

    from khamsin.hindcast.observed import Floats
    from khamsin.hindcast.scoring import Table
    from khamsin.model import Model


def score(
    what: str | Path,
    *,
    origin: str | date | None = None,
    scenario: str | None = None,
    members: int = 1000,
    seed: int = 1,
    filtered: bool = False,
    particles: int | None = None,
    folder: Path | None = None,
    trust: bool = False,
    tell: Callable[[str], None] = lambda text: None,
) -> tuple[xr.Dataset, Table]:
    """Score a model's hindcast from an origin, or a run that is there.

    Parameters
    ----------
    what : str or Path
        An installed model's name, a model folder, a run's folder, or a scenario's store.
    origin : date, optional
        First day of the hindcast; the model's own when not given. A run is scored from its own
        first day.
    scenario : str, optional
        Which scenario is run or taken. When not given, none is: nothing is assumed or replayed, and
        whoever intervenes does so by the model's own rules.
    members, seed : int
        As in `khamsin.run`.
    filtered : bool
        Filter the states on the record up to the origin first, and go on from there.
    particles : int, optional
        Members that are filtered; as many as `members` when not given.
    folder : Path, optional
        As in `khamsin.run`.
    trust : bool
        As in `khamsin.run`.
    tell : callable
        Called with lines for the user.

    Returns
    -------
    (Dataset, Table)
        The ensemble, and its scores.

    Raises
    ------
    InputError
        When there is nothing to hold it against, or an origin outside of the model's time.

    Examples
    --------
    >>> import khamsin
    >>> from pathlib import Path
    >>> ensemble, table = khamsin.score("three-towns", members=40, folder=Path("score"), trust=True)
    >>> {each.series for each in table.scores}
    {'deaths'}
    """
    from khamsin.ensemble import open_ensemble
    from khamsin.hindcast.observed import observed_of
    from khamsin.hindcast.scoring import score_ensemble

    stores = stores_of(Path(what), scenario)
    reporting: dict[str, dict[str, Floats]] = {}
    if not stores:
        stores, reporting = _hindcast(
            what, origin, scenario, members, seed, filtered, particles, folder, trust, tell
        )
    elif origin is not None:
        raise InputError(f"{what} is a run: it is scored from its own first day, without --origin")
    ds = open_ensemble(stores[0])
    observed = observed_of(ds)
    if not observed:
        raise InputError(f"{ds.attrs['title']!r} has no observations: to score it, name some")
    return ds, score_ensemble(ds, observed, reporting=reporting)


def stores_of(path: Path, scenario: str | None) -> Sequence[Path]:
    """Return the store that a path means, if there is an ensemble; of several, the scenario's.

    Raises
    ------
    InputError
        When the run holds several scenarios and none of them is asked for, or not the one that is.
    """
    from khamsin.ensemble import stores_in

    if (path / "zarr.json").exists():
        found: Sequence[Path] = [path]
    else:
        found = stores_in(path) if path.is_dir() and (path / "run.json").exists() else []
    if scenario is not None and found:
        names = ", ".join(s.stem for s in found)
        found = [s for s in found if s.stem == scenario]
        if not found:
            raise InputError(f"{path} holds no scenario {scenario!r}. It has: {names}.")
    if len(found) > 1:
        names = ", ".join(s.stem for s in found)
        raise InputError(f"{path} holds {len(found)} scenarios: choose with --scenario ({names})")
    return found


def _hindcast(
    what: str | Path,
    origin: str | date | None,
    scenario: str | None,
    members: int,
    seed: int,
    filtered: bool,
    particles: int | None,
    folder: Path | None,
    trust: bool,
    tell: Callable[[str], None],
) -> tuple[Sequence[Path], dict[str, dict[str, Floats]]]:
    from khamsin.model import find, read
    from khamsin.verbs.command_line import command_line
    from khamsin.verbs.run import first_day, run

    model = read(find(what), trust=trust)
    day = first_day(model, origin, "--origin")
    if not model.time.start <= day <= model.time.end:
        raise InputError(
            f"the origin {day} lies outside of the model's time, "
            f"{model.time.start} to {model.time.end}"
        )
    if not model.observations:
        raise InputError(f"{model.name} has no observations: to score it, name some")
    if day != model.time.origin and not filtered:
        tell(
            f"the tables of {model.name} are as of {model.time.origin}: a hindcast from {day} "
            "starts from figures that were not known then (--filter begins earlier and filters)"
        )
    later = _known_later(model, scenario, day)
    if later:
        tell(f"{scenario} replays {later} interventions that were known only later: no forecast")
    more = ["--origin", str(day)] if day != model.time.origin else []
    more += ["--filter", "--particles", str(particles or members)] if filtered else []
    command = command_line("score", model, [scenario], members=members, seed=seed, more=more)
    if filtered:
        from khamsin.verbs.forecast import forecast

        found = forecast(
            model,
            day,
            scenarios=[scenario],
            members=members,
            particles=particles,
            seed=seed,
            known_by=None if later else day,
            folder=folder,
            trust=trust,
            command=command,
            tell=tell,
        )
        return found.run.stores, found.filtered.reporting_of(members)
    done = run(
        model,
        scenarios=[scenario],
        members=members,
        seed=seed,
        since=day,
        known_by=None if later else day,
        replay=False,
        folder=folder,
        trust=trust,
        command=command,
        tell=tell,
    )
    return done.stores, {}


def _known_later(model: Model, scenario: str | None, day: date) -> int:
    given = model.scenarios[scenario].interventions if scenario in model.scenarios else ()
    return sum(1 for i in given if i.known_on is not None and i.known_on > day)
