"""The verb `calibrate`: posterior over parameters and hypotheses from the record in its fit window.

Tempered sequential Monte Carlo on the whole ensemble at once (`khamsin.calibration.tempering`), in
a few independent chains. Stopped, the same command goes on and ends with the same bytes.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from khamsin.calibration.filtering import plan_up_to
from khamsin.calibration.posterior import write_posterior
from khamsin.calibration.simulating import Simulator, simulator
from khamsin.calibration.tempering import Tempered, temper
from khamsin.errors import InputError, nearest
from khamsin.hindcast.observed import Observed, observed_in
from khamsin.model import Model, find, read
from khamsin.storage import clear_disk_errors, locked, write_text
from khamsin.verbs.run import first_day


@dataclass(frozen=True)
class Calibration:
    """A posterior on disk.

    Attributes
    ----------
    folder : Path
        With posterior.zarr and odds.json.
    found : dict
        What odds.json says.
    """

    folder: Path
    found: dict[str, Any]


def calibrate(
    model: str | Path | Model,
    *,
    until: str | date | None = None,
    only: Sequence[str] = (),
    series: Sequence[str] = (),
    live: Mapping[str, tuple[str, ...]] | None = None,
    scenario: str | None = None,
    particles: int = 1000,
    chains: int = 2,
    moves: int = 2,
    seed: int = 1,
    folder: str | Path | None = None,
    threads: int | None = None,
    trust: bool = False,
    progress: Callable[[int, Tempered], None] = lambda chain, now: None,
) -> Calibration:
    """Learn parameters and hypotheses from the record.

    Parameters
    ----------
    model : str, Path or Model
        Name of an installed model, a model folder, or a model that was read.
    until : date, optional
        Only what was known on this day is used; the model's origin when not given.
    only : sequence of str
        Parameters to learn, or patterns such as `combat.*`: a subsystem. The others keep their
        priors and are drawn anew in each future.
    series : sequence of str
        Observations to fit on; all that have a fit window when empty.
    live : mapping, optional
        Hypothesis -> answers.
    scenario : str, optional
        What intervened meanwhile: observed inputs.
    particles, chains, moves, seed : int
        See `khamsin.calibration.tempering.temper`.
    folder : path, optional
        Where to write; `runs/<model>-calibrated-<hash>` when not given.
    threads : int, optional
        As many as there are cores when not given. The numbers do not depend on it.
    trust : bool
        Whether Python files beside the model may be run.
    progress : callable
        Called after each step of each chain.

    Returns
    -------
    Calibration
        The posterior on disk, and what odds.json says.

    Raises
    ------
    InputError, ModelError
        A wrong argument; all faults of the model's files at once.
    RunError
        When the prior excludes the data.

    Examples
    --------
    >>> import khamsin
    >>> done = khamsin.calibrate(
    ...     "three-towns", until="2024-07-01", only=["attack.most"], particles=20, chains=1,
    ...     folder="calibrate-example", trust=True,
    ... )
    >>> [each["name"] for each in done.found["parameters"]]
    ['attack.most']
    """
    own = model if isinstance(model, Model) else read(find(model), trust=trust)
    if particles < 4 or chains < 1 or moves < 1:
        raise InputError("calibration needs at least 4 particles, 1 chain and 1 move")
    day = first_day(own, until, "--until")
    observed = _chosen(own, series, day)
    variables = [v for one in observed.values() for v in one.variables]
    made = plan_up_to(own, day, variables, scenario=scenario, live=live, trust=trust)
    sims = [
        simulator(made, observed, only=only, seed=seed + 1000 * chain, threads=threads)
        for chain in range(chains)
    ]
    request = {
        "plan": made.plan_hash, "only": list(only), "series": sorted(observed), "moves": moves,
        "particles": particles, "chains": chains, "seed": seed, "pieces": sims[0].pieces,
    }  # fmt: skip
    digest = hashlib.sha256(json.dumps(request).encode()).hexdigest()
    home = Path(folder) if folder else Path("runs") / f"{own.name}-calibrated-{digest[:12]}"
    text = json.dumps(request, indent=1) + "\n"
    _refuse_foreign(home, text)
    with locked(home), clear_disk_errors(home):
        write_text(home / "calibration.json", text)
        done = []
        for chain, sim in enumerate(sims):

            def tell(now: Tempered, chain: int = chain) -> None:
                progress(chain, now)

            done.append(
                temper(
                    sim,
                    sim.weights,
                    len(sim.unknowns),
                    particles=particles,
                    seed=seed + 1000 * chain,
                    moves=moves,
                    pieces=sim.pieces,
                    checkpoint=home / f"chain-{chain}.npz",
                    progress=tell,
                )
            )
        return Calibration(home, write_posterior(home, _one(sims), done))


def _one(sims: Sequence[Simulator]) -> Simulator:
    return sims[0]  # they differ in their luck alone


def _chosen(model: Model, series: Sequence[str], day: date) -> dict[str, Observed]:
    """Return the series to fit on: their rows within the fit window, known on the day."""
    every = observed_in(model.resolved())
    for name in series:
        if name not in every:
            hint = nearest(name, every)
            raise InputError(
                f"{model.name} has no observation {name!r}."
                + (f" Did you mean {hint}?" if hint else "")
            )
        if every[name].fit is None:
            raise InputError(f"observations.{name} has no window to fit on: use: {{fit: [...]}}")
    found = {
        name: one.within(one.fit).known_by(day)
        for name, one in every.items()
        if one.fit and (not series or name in series)
    }
    if not found:
        raise InputError(f"{model.name} has no observation with a window to fit on")
    if not any(np.isfinite(one.values).any() for one in found.values()):
        raise InputError(
            f"nothing of {', '.join(found)} was known by {day}: take a later day with --until"
        )
    return found


def _refuse_foreign(home: Path, text: str) -> None:
    """Refuse a folder that holds something else: nothing is overwritten."""
    with clear_disk_errors(home):
        if not home.exists():
            return
        inside = [f for f in home.iterdir() if f.name != ".lock" and f.suffix != ".part"]
        note = home / "calibration.json"
        if note.exists() and note.read_text(encoding="utf-8") != text:
            raise InputError(
                f"{home} holds another calibration (another model, seed or choice): "
                "choose another folder with -o"
            )
        if not note.exists() and inside:
            raise InputError(f"{home} holds something else: choose another folder with -o")
