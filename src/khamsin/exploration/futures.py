"""Run the futures that a design asks for, and measure them."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

from khamsin import ensemble
from khamsin.engine import Engine, blocks_of, compile_plan, run_blocks
from khamsin.errors import InputError
from khamsin.exploration.factors import Members, Space
from khamsin.measures import Expression, Measured, Parameter, leaves, parse
from khamsin.outcomes import evaluate

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BLOCK = 50  # members a block, as in a run


def variables_of(expressions: Sequence[Expression]) -> list[str]:
    """Return the variables that outcomes measure.

    Raises
    ------
    InputError
        For an outcome that names a parameter: a parameter is a factor, it explains itself.
    """
    found = []
    for leaf in (leaf for one in expressions for leaf in leaves(one)):
        if isinstance(leaf, Parameter):
            raise InputError(
                f"parameter:{leaf.name} is a factor of the exploration, no outcome of it"
            )
        assert isinstance(leaf, Measured)
        found.append(leaf.variable)
    if not found:
        raise InputError("an outcome must measure a variable, like battle_deaths.total")
    return list(dict.fromkeys(found))


def parse_outcomes(texts: Sequence[str]) -> list[Expression]:
    """Read outcomes in the language of `khamsin.measures`.

    Raises
    ------
    InputError
        Says what cannot be read, and the nearest word.
    """
    try:
        return [parse(text) for text in texts]
    except ValueError as error:
        raise InputError(str(error)) from None


@dataclass(frozen=True)
class _Designed:
    """An engine whose members are those of a design."""

    engine: Engine
    members: Members

    def block(self, members: Ints) -> dict[str, Floats]:
        engine, own = self.engine, self.members
        state = engine.plan.start(engine.seed, own.start[members])
        chance = own.chance[members]
        values = engine.plan.draw_values(engine.seed, chance)
        parameters = np.ascontiguousarray(own.parameters[members])
        steps = engine.plan.calendar.steps
        return engine.advance(state, parameters, values, chance, 0, steps)


def measure(
    space: Space,
    design: Floats,
    outcomes: Sequence[Expression],
    *,
    seed: int = 1,
    threads: int | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
    tell: Callable[[str], None] = lambda text: None,
) -> Floats:
    """Run a design and measure outcomes.

    Parameters
    ----------
    design : ndarray, dims (row, factor)
        Points of the unit cube of the factors of `space`.
    outcomes : sequence of Expression
    progress : callable
        Called with the members done and the members in all.

    Returns
    -------
    ndarray, dims (row, outcome)

    Raises
    ------
    InputError
        When an outcome asks for something that is not recorded, or is no number in some future.
    """
    found = np.full((len(design), len(outcomes)), np.nan)
    done = 0
    for scenario, own in enumerate(space.plans):
        members = space.members(design, scenario)
        if not members.rows.size:
            continue
        designed = _Designed(compile_plan(own, seed, tell), members)
        with TemporaryDirectory(prefix="khamsin-explore-") as folder:
            store = ensemble.create(own, Path(folder), seed, members.rows.size, BLOCK)
            blocks = list(enumerate(blocks_of(members.rows.size, BLOCK)))
            for number, records in run_blocks(designed, blocks, threads or os.cpu_count()):
                store.write(number, records)
                done += len(next(iter(records.values())))
                progress(done, len(design))
            ds = ensemble.open_ensemble(store.path)
            for k, one in enumerate(outcomes):
                found[members.rows, k] = evaluate(one, ds)
    if not np.isfinite(found).all():
        raise InputError("the outcome is no number in some futures: does it divide by zero?")
    return found
