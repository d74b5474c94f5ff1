"""The futures that claims ask for: scenarios, and variants of them, run with the same luck."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from khamsin.claims.verdicts import Future
from khamsin.ensemble import open_ensemble, open_parameters, stores_in
from khamsin.errors import InputError

if TYPE_CHECKING:
    from khamsin.model import Model
    from khamsin.verbs.run import Progress


def needed(model: Model, ids: Iterable[str] | None = None) -> list[str]:
    """Scenarios and variants that the claims of a model name, in their order."""
    chosen = set(model.claims.claims if ids is None else ids)
    names = [
        name
        for id, claim in model.claims.claims.items()
        if id in chosen and not claim.not_modelled
        for name in (claim.pair or (claim.future,))
    ]
    return list(dict.fromkeys(names))


def with_variants(model: Model) -> Model:
    """The model with its claims' variants among its scenarios."""
    variants = {name: v.scenario for name, v in model.claims.variants.items()}
    return replace(model, scenarios={**model.scenarios, **variants})


def run_futures(
    model: Model,
    names: Iterable[str],
    *,
    members: int,
    seed: int = 1,
    since: str | date | None = None,
    known_by: str | date | None = None,
    folder: Path | None = None,
    trust: bool = False,
    threads: int | None = None,
    progress: Callable[[Progress], None] = lambda p: None,
    tell: Callable[[str], None] = lambda text: None,
) -> Path:
    """Run the futures that are not there yet; return the folder that holds them all.

    Parameters
    ----------
    names : iterable of str
        Scenarios of the model and variants of its claims. A scenario that --known-by leaves out is
        not run, and neither is a variant of it.
    folder : Path, optional
        `runs/<model>-claims-<hash>` when not given.
    """
    from khamsin.hindsight import known_by as as_known
    from khamsin.verbs.command_line import command_line
    from khamsin.verbs.run import run

    whole = with_variants(model)
    if known_by is not None:
        known = as_known(whole, known_by, trust=trust)
        for line in known.lines():
            tell(line)
        whole = known.model
    digest = _hash(whole, members, seed, since, trust)
    home = folder or Path("runs") / f"{model.name}-claims-{digest}"
    more = ["--known-by", str(known_by)] if known_by is not None else []
    command = command_line("claims", model, members=members, seed=seed, more=more)
    for name in names:
        if name not in whole.scenarios:
            tell(f"{name} is left out: it rests on what became known later")
            continue
        variant = model.claims.variants.get(name)
        done = run(
            whole,
            scenarios=[name],
            members=members,
            seed=seed,
            since=since,
            live={q: (a,) for q, a in variant.answers.items()} if variant else None,
            without=variant.without if variant else (),
            folder=home,
            command=command,
            trust=trust,
            threads=threads,
            progress=progress,
            tell=tell,
        )
        home = done.folder
    return home


def open_futures(folder: Path) -> dict[str, Future]:
    """Open all futures of a run's folder.

    Raises
    ------
    InputError
        When there is none.
    """
    stores = stores_in(folder)
    if not stores:
        raise InputError(f"there is no ensemble in {folder}")
    return {s.stem: Future(open_ensemble(s), open_parameters(s)) for s in stores}


def _hash(model: Model, members: int, seed: int, since: str | date | None, trust: bool) -> str:
    from khamsin.plan import plan

    hashes = [model.content_hash(), plan(model, trust=trust).source_hash, members, seed, str(since)]
    return hashlib.sha256(json.dumps(hashes).encode()).hexdigest()[:12]
