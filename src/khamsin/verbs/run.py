"""The verb `run`: a model folder becomes an ensemble on disk, scenario by scenario, with the same
luck in each."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from khamsin import ensemble, storage
from khamsin.engine import compile_plan, run_blocks
from khamsin.errors import InputError, RunError
from khamsin.model import Model, Scenario, find, read
from khamsin.plan import Plan, plan
from khamsin.plan.branch import Branch
from khamsin.verbs.command_line import command_line, run_options
from khamsin.verbs.room import refuse_too_much

if TYPE_CHECKING:
    from distributed import Client

    from khamsin.cluster import Workers

BLOCK = 50  # members a block: about a second of work, so that Ctrl-C and a crash cost little


@dataclass(frozen=True)
class Progress:
    """How far a run is."""

    scenario: str
    done: int
    members: int


@dataclass(frozen=True)
class Run:
    """What a run left on disk.

    Attributes
    ----------
    folder : Path
    stores : list of Path
        One a scenario, in the order asked for.
    finished : bool
        False when the run was stopped; the same call goes on from there.
    cached : bool
        True when everything was there already.
    """

    folder: Path
    stores: list[Path]
    finished: bool
    cached: bool


def run(
    model: str | Path | Model,
    *,
    scenarios: Sequence[str | None] = (),
    members: int = 1000,
    seed: int = 1,
    since: str | date | None = None,
    live: Mapping[str, tuple[str, ...]] | None = None,
    without: Sequence[str] = (),
    known_by: str | date | None = None,
    halved: bool = False,
    replay: bool = True,
    branch: Branch | None = None,
    folder: str | Path | None = None,
    threads: int | None = None,
    cluster: str | None = None,
    client: "Client | None" = None,
    trust: bool = False,
    yes: bool = False,
    block: int = BLOCK,
    command: str | None = None,
    stop: threading.Event | None = None,
    progress: Callable[[Progress], None] = lambda p: None,
    tell: Callable[[str], None] = lambda text: None,
    meanwhile: Callable[[], None] = lambda: None,
) -> Run:
    """Run an ensemble, or go on with one that was interrupted.

    Parameters
    ----------
    model : str, Path or Model
        Name of an installed model, a model folder, or a model that was read.
    scenarios : sequence of str
        Scenarios of the model, run with the same luck; None stands for none of them. Without any,
        the model's first (else nothing intervenes).
    members : int
        Number of futures.
    seed : int
        The luck: the same seed gives the same bytes.
    since : "origin", "start" or a date
        First day of the run.
    live : mapping
        Hypothesis -> answers that members hold in turn.
    without : sequence of str
        Parts of the model that are switched off.
    known_by : date or str, optional
        What became known later is replaced by something wide (`khamsin.hindsight`).
    halved : bool
        Take steps of half the model's length.
    replay : bool
        Whether a run from before the origin replays the model's history up to it.
    branch : Branch, optional
        Saved members to go on from, as many as `members` (`khamsin.calibration.filtering`).
    folder : path, optional
        Where to write; `runs/<model>-<hash>` when not given. With the extra `cluster` also a URL
        like ``s3://bucket/run``.
    threads : int, optional
        As many as there are cores when not given. The numbers do not depend on it.
    cluster : str, optional
        Run the blocks on a Dask cluster: the address of its scheduler, ``tcp://host:8786``, or
        ``local:4`` for so many processes of this machine. The bytes do not depend on it.
    client : distributed.Client, optional
        The same, with a client that is connected already.
    trust : bool
        Whether Python files beside the model may be run.
    yes : bool
        Go on although it will need much space.
    block : int
        Members that are run and written at a time; the numbers do not depend on it.
    command : str, optional
        What makes the run again, for its report; `khamsin run` with these arguments when not given.
    stop : threading.Event, optional
        Set it to stop cleanly.
    progress, tell : callable
        Called with how far the run is, and with lines for the user.
    meanwhile : callable
        Called while the first members of each scenario run on this machine.

    Returns
    -------
    Run
        Where everything lies.

    Raises
    ------
    InputError, ModelError, RunError
        A wrong argument; all faults of the model's files at once; a disk or store that fails.

    Examples
    --------
    >>> import khamsin
    >>> run = khamsin.run("lanchester", members=10, folder="run-example")
    >>> run.finished, run.cached, [store.name for store in run.stores]
    (True, False, ['base.zarr'])
    """
    own = model if isinstance(model, Model) else read(find(model), trust=trust)
    own = as_known(own, known_by, scenarios, trust, tell) if known_by is not None else own
    if halved:
        own = replace(own, time=replace(own.time, step_days=own.time.step_days / 2))
    if members < 1:
        raise InputError(f"--members must be at least 1, not {members}")
    if threads is not None and threads < 1:
        raise InputError(f"--threads must be at least 1, not {threads}")
    if block < 1:
        raise InputError(f"a block must have at least 1 member, not {block}")
    names: list[str | None] = list(dict.fromkeys(scenarios)) or [next(iter(own.scenarios), None)]
    first = first_day(own, since)
    plans = [
        plan(
            own, name, since=first, live=live, without=without,
            replay=replay and branch is None, trust=trust,
        )
        for name in names
    ]  # fmt: skip
    for name in names:
        if name is not None and _is_past(own.scenarios[name], first):
            tell(f"{name} changes nothing: all of it ends before the run begins, on {first}")
    if branch is not None and (cluster or client):
        raise InputError(
            "what goes on from saved members runs on this machine: leave --cluster out"
        )
    if branch is not None:
        plans = [replace(each, branch=branch) for each in plans]
    home = (
        storage.place(folder)
        if folder
        else Path("runs") / f"{own.name}-{_run_hash(plans[0], seed, members)[:12]}"
    )
    refuse_too_much(plans, members, yes, home)
    _refuse_foreign(home)
    with storage.locked(home), _workers(cluster, client, tell) as farm:
        more = run_options(since, live, without, known_by, halved)
        command = command or command_line("run", own, names, members=members, seed=seed, more=more)
        _write_request(home, own, names, members, seed, command)
        stop = stop or threading.Event()
        done = []
        for name, each in zip(names, plans, strict=True):
            store = ensemble.find_or_plan(each, home, seed, members, block)
            make = partial(ensemble.make, store, each, seed, command)
            fill: Fill = partial(_fill_here, each, seed, threads, tell, make, meanwhile)
            if farm is not None:
                from khamsin.cluster import Recipe

                make()
                recipe = Recipe(
                    own, name, first, live, tuple(without), replay, trust, seed, each.plan_hash
                )
                fill = partial(farm.fill, recipe)
            done.append(_fill(fill, each.scenario_name, store, stop, progress))
            if stop.is_set():
                break
    stores = [home / f"{p.scenario_name}.zarr" for p in plans]
    return Run(
        home,
        stores,
        len(done) == len(plans) and all(d != "stopped" for d in done),
        all(d == "cached" for d in done),
    )


def _is_past(scenario: Scenario, first: date) -> bool:
    """Say whether a scenario has interventions, and each ends before a day."""
    ends = [i.on or i.end for i in scenario.interventions]
    return bool(ends) and all(end is not None and end < first for end in ends)


def first_day(model: Model, since: str | date | None, option: str = "--from") -> date:
    """Return the first day of a run from "origin", "start" or a date, as an option gives it."""
    if since is None or since == "origin":
        return model.time.origin
    if since == "start":
        return model.time.start
    if isinstance(since, date):
        return since
    try:
        return date.fromisoformat(since)
    except ValueError:
        raise InputError(
            f"{option} takes origin, start or a date like 2016-05-17, not {since!r}"
        ) from None


def as_known(
    model: Model,
    day: str | date,
    scenarios: Sequence[str | None],
    trust: bool,
    tell: Callable[[str], None],
) -> Model:
    """Take hindsight out of a model, and say what was replaced."""
    from khamsin.hindsight import known_by

    known = known_by(model, day, trust=trust)
    for name in scenarios:
        known.refuse(name)
    count = len(known.lines())
    tell(f"--known-by {known.day} replaces or leaves out {count} item{'s' if count != 1 else ''}:")
    for line in known.lines():
        tell(f"  {line}")
    return known.model


@contextmanager
def _workers(
    cluster: str | None, client: "Client | None", tell: Callable[[str], None]
) -> Iterator["Workers | None"]:
    """Workers of a cluster, where one is asked for: only then is there anything to import."""
    if cluster is None and client is None:
        yield None
        return
    from khamsin.cluster import workers

    with workers(cluster, client, tell) as farm:
        yield farm


#: Fills the blocks of a store that have these numbers, and yields each when it is written.
Fill = Callable[[ensemble.Store, list[int], threading.Event], Iterator[int]]


def _fill(
    fill: Fill,
    scenario: str,
    store: ensemble.Store,
    stop: threading.Event,
    progress: Callable[[Progress], None],
) -> str:
    done = set(store.done())
    missing = [k for k in range(store.blocks()) if k not in done]
    count = store.members - sum(store.members_of(k).size for k in missing)
    progress(Progress(scenario, count, store.members))
    if not missing:
        return "cached"
    for number in fill(store, missing, stop):
        count += store.members_of(number).size
        progress(Progress(scenario, count, store.members))
    return "finished" if count == store.members else "stopped"


def _fill_here(
    plan: Plan,
    seed: int,
    threads: int | None,
    tell: Callable[[str], None],
    make: Callable[[], None],
    meanwhile: Callable[[], None],
    store: ensemble.Store,
    numbers: list[int],
    stop: threading.Event,
) -> Iterator[int]:
    def aside() -> None:
        make()
        meanwhile()

    blocks = [(k, store.members_of(k)) for k in numbers]
    engine = compile_plan(plan, seed, tell)
    for number, records in run_blocks(engine, blocks, threads, stop, aside):
        store.write(number, records)
        yield number


def _run_hash(plan: Plan, seed: int, members: int) -> str:
    import hashlib

    return hashlib.sha256(f"{plan.model_hash} {seed} {members}".encode()).hexdigest()


def _refuse_foreign(home: Path) -> None:
    with storage.clear_disk_errors(home):
        if not storage.persistent(home, home.exists):
            return
        if not home.is_dir():
            raise InputError(f"{home} is a file: choose a folder with -o")
        inside = [p.name for p in home.iterdir() if p.name != ".lock" and not _half_written(p)]
    if inside and not (home / "run.json").exists():
        raise InputError(
            f"{home} holds something else ({inside[0]}, ...): nothing is overwritten; "
            "choose another folder with -o"
        )


def _half_written(file: Path) -> bool:
    return file.name.startswith(".run.json.") and file.suffix == ".part"


def _write_request(
    home: Path, model: Model, names: Sequence[str | None], members: int, seed: int, command: str
) -> None:
    file = home / "run.json"
    asked = {
        "khamsin": 1,
        "model": model.name,
        "scenarios": [name or "none" for name in names],
        "members": members,
        "seed": seed,
        "command": command,
    }
    text = json.dumps(asked, indent=1, sort_keys=True) + "\n"
    if storage.persistent(file, file.exists):
        try:
            text = storage.persistent(file, lambda: file.read_text(encoding="utf-8"))
            found = dict(json.loads(text))
        except (ValueError, TypeError):
            raise RunError(f"{file} is damaged: delete it, and the same command goes on") from None
        if any(found.get(k) != asked[k] for k in ("model", "members", "seed")):
            raise InputError(
                f"{home} holds another run ({found.get('command')}): choose another folder with -o"
            )
        return
    with storage.clear_disk_errors(home):
        storage.write_text(file, text)
