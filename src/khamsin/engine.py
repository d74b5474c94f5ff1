"""The engine: a plan, compiled; members advanced in blocks on threads; each block handed on as soon
as it is done."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from khamsin import adapters
from khamsin.draws import name_key
from khamsin.driver import drive
from khamsin.errors import RunError
from khamsin.parameter_bounds import refuse_impossible
from khamsin.plan import Plan

if TYPE_CHECKING:
    from khamsin.compiler import Adapter

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Engine:
    """A compiled plan with a seed.

    Attributes
    ----------
    kernels : tuple
        One compiled adapter for each process, in the order of the step; None where it is off.
    keys : ndarray of uint64, dims (process,)
        Hash of seed and instance name: what the draws of a process are pinned to.
    """

    plan: Plan
    seed: int
    kernels: tuple["Adapter | None", ...]
    keys: npt.NDArray[np.uint64]

    def start(self, members: Ints) -> tuple[Floats, Floats, Floats]:
        """Draw state, parameters and interventions' values of these members, each with dims
        (member, ...)."""
        p = self.plan
        return (
            p.start(self.seed, members),
            p.draw_parameters(self.seed, members),
            p.draw_values(self.seed, members),
        )

    def advance(
        self,
        state: Floats,
        parameters: Floats,
        values: Floats,
        members: Ints,
        first: int,
        last: int,
        into: Floats | None = None,
    ) -> dict[str, Floats]:
        """Advance members from step `first` up to (not including) step `last`; `state` is changed
        in place.

        A saved state goes on from where it was: resuming, "from today, four policies" and the
        particle filter are all this call.

        Parameters
        ----------
        state : ndarray, dims (member, cell)
        parameters : ndarray, dims (member, element)
        values : ndarray, dims (member, value)
        members : ndarray of int, dims (member,)
            Numbers of the members, which their draws are pinned to.
        into : ndarray, dims (member, period, cell), optional
            A record to add to, from `empty_record`; a new one when not given.

        Returns
        -------
        dict of ndarray, dims (member, period, cell)
            What these steps add to the record of each recorded variable: flows summed over each
            period, stocks at its end.
        """
        plan = self.plan
        records = self.empty_record(members.size) if into is None else into
        advance_by(
            plan, self.kernels, plan.at, self.keys, state, parameters, values, members, records,
            first, last,
        )  # fmt: skip
        return by_variable(plan, records)

    def empty_record(self, members: int) -> Floats:
        """Return zeros for the record of so many members, dims (member, period, cell)."""
        width = sum(cells.size for cells in self.plan.recorded.values())
        return np.zeros((members, len(self.plan.calendar.period_start), width))

    def block(self, members: Ints) -> dict[str, Floats]:
        """Run members from the first step to the last; return the record of each variable.

        Raises
        ------
        RunError
            When a state is no longer a number, or people stand where the record does not look.
        """
        state, parameters, values = self.start(members)
        records = self.advance(state, parameters, values, members, 0, self.plan.calendar.steps)
        self._check(state, members)
        return records

    def _check(self, state: Floats, members: Ints) -> None:
        for name, slot in self.plan.slots.items():
            cells = state[:, slot.offset : slot.offset + slot.size]
            if not np.isfinite(cells).all():
                member = int(members[np.nonzero(~np.isfinite(cells).all(axis=1))[0][0]])
                raise RunError(
                    f"{name} of member {member} is not a number at the end: "
                    "a process divides by zero or "
                    "overflows; try a shorter time.step in model.yaml"
                )
            if name in self.plan.recorded and slot.variable.kind == "stock":
                seen = state[:, self.plan.recorded[name]]
                if np.count_nonzero(cells) != np.count_nonzero(seen):
                    raise RunError(
                        f"{name} is not zero where no actor can get by the model's routes, "
                        "so the record "
                        "would lose it: add the route, or a starting row for that place and actor"
                    )


def advance_by(
    plan: Plan,
    kernels: Sequence["Adapter | None"],
    at: Ints,
    keys: npt.NDArray[np.uint64],
    state: Floats,
    parameters: Floats,
    values: Floats,
    members: Ints,
    records: Floats,
    first: int,
    last: int,
) -> None:
    """Advance members by these adapters, in place, and add to their records.

    Raises
    ------
    RunError
        When a process of the user's own reaches beyond an array.
    """
    calendar, changes = plan.calendar, plan.changes
    flows, stocks = plan.record_runs
    try:
        drive(
            addresses(kernels),
            at,
            keys,
            new_stream(plan),
            state,
            parameters,
            values,
            members,
            calendar.days,
            plan.zeroed,
            changes.cells,
            changes.bounds,
            changes.start,
            changes.use,
            changes.share,
            changes.touched,
            flows,
            stocks,
            calendar.use_start,
            calendar.use_period,
            calendar.use_share,
            records,
            first,
            last,
        )
    except IndexError:
        own = [i.name for i in plan.instances if not adapters.is_shipped(i.process)]
        raise RunError(
            f"an index lies beyond the end of an array in {' or '.join(own)}: call it from Python "
            "with small arrays, which names the line"
        ) from None


def by_variable(plan: Plan, records: Floats) -> dict[str, Floats]:
    """Cut records, dims (member, period, cell), into those of each recorded variable."""
    bounds = np.cumsum([cells.size for cells in plan.recorded.values()])[:-1]
    return dict(zip(plan.recorded, np.split(records, bounds, axis=2), strict=True))


def addresses(kernels: Sequence["Adapter | None"]) -> Ints:
    """Return where the machine code of adapters lies, dims (process,); 0 stands for none."""
    return np.array([kernel.address if kernel else 0 for kernel in kernels], np.int64)


def new_stream(plan: Plan) -> npt.NDArray[np.uint64]:
    """Return an unpinned stream that knows the plan's actors and places."""
    from khamsin import draws

    return draws.new_stream(plan.dims["actor"], plan.dims["place"])


def compile_plan(
    plan: Plan, seed: int = 1, tell: Callable[[str], None] = lambda text: None
) -> Engine:
    """Compile the processes of a plan, or load them from the cache.

    Parameters
    ----------
    tell : callable
        Called with one line when there is something to wait for.

    Raises
    ------
    ModelError
        When a parameter has a value that cannot be.
    """
    refuse_impossible(plan)
    needed = [(i.process, plan.by_place(i)) for i in plan.instances if i.name not in plan.off]
    missing = [1 for process, by in needed if not adapters.is_compiled(process, by)]
    if missing:
        adapters.make_cache_folder()
        several = "process" if len(missing) == 1 else "processes"
        tell(f"compiling {len(missing)} {several} (once; kept in the cache)")
        adapters.compile_missing(needed)
    kernels = [
        None if i.name in plan.off else adapters.compile_adapter(i.process, plan.by_place(i))
        for i in plan.instances
    ]
    # Members that go on from saved ones begin to count steps anew, and must not have the same luck.
    after = (plan.branch.hash,) if plan.branch else ()
    keys = np.array([name_key(seed, "process", i.name, *after) for i in plan.instances], np.uint64)
    return Engine(plan, seed, tuple(kernels), keys)


def blocks_of(members: int, size: int) -> list[Ints]:
    """Cut the members into blocks."""
    return [np.arange(k, min(k + size, members)) for k in range(0, members, size)]


class Blockwise(Protocol):
    """What can run a block of members: an engine, or one whose members a design has placed."""

    def block(self, members: Ints) -> dict[str, Floats]:
        """Run members from the first step to the last; return the record of each variable."""


def run_blocks(
    engine: Blockwise,
    blocks: list[tuple[int, Ints]],
    threads: int | None = None,
    stop: threading.Event | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> Iterator[tuple[int, dict[str, Floats]]]:
    """Run blocks of members on threads and yield (number of the block, records) as they finish.

    The numbers do not depend on the number of threads, the size of blocks or the order in which
    they finish. When `stop` is set, the blocks under way are finished and yielded, and no further
    one is begun. `meanwhile` is called once, while the first ones run.
    """
    threads = threads or os.cpu_count() or 1
    stop = stop or threading.Event()
    waiting = iter(blocks)
    with ThreadPoolExecutor(threads) as pool:
        under_way: dict[Future[dict[str, Floats]], int] = {}
        while True:
            while len(under_way) <= threads and not stop.is_set():
                block = next(waiting, None)
                if block is None:
                    break
                under_way[pool.submit(engine.block, block[1])] = block[0]
            if not under_way:
                return
            if meanwhile:
                meanwhile()
                meanwhile = None
            for done in wait(under_way, return_when=FIRST_COMPLETED).done:
                yield under_way.pop(done), done.result()
