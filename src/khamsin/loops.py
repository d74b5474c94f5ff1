"""Feedback loops: the response to a small push, with the loop closed and with it cut.

A loop is cut by replaying: the processes named are shown a variable as it was, in the same step, in
the paired member that was not pushed (decision 27 of the design). Everything else goes on as it
would. What the loop adds is the difference of the two responses, member by member.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from khamsin.engine import Engine, advance_by, by_variable, compile_plan
from khamsin.ensemble import in_memory
from khamsin.errors import InputError, nearest
from khamsin.measures import parse
from khamsin.outcomes import evaluate
from khamsin.plan import Plan, plan
from khamsin.plan.hypotheses import likeliest

if TYPE_CHECKING:
    from khamsin.model import Model
    from khamsin.model.loops import Cut, Loop, Push

Floats = npt.NDArray[np.float64]
HORIZON = timedelta(days=364)  # after the origin, where a loop names no day


@dataclass(frozen=True)
class Response:
    """What a loop does with a small push.

    Attributes
    ----------
    base : float
        Mean of the response without the push.
    closed, cut : float
        Mean difference that the push makes, with the loop closed and cut.
    loop : float
        Mean of their difference: what the loop adds.
    closed_error, cut_error, loop_error : float
        Standard errors.
    """

    name: str
    title: str
    sign: str
    measure: str
    base: float
    closed: float
    closed_error: float
    cut: float
    cut_error: float
    loop: float
    loop_error: float

    @property
    def gain(self) -> float:
        """Share of the closed response that the loop carries, 1 - cut / closed; NaN where the
        closed response is within twice its error, and a share of it would mean nothing."""
        seen = abs(self.closed) > 2.0 * self.closed_error
        return 1.0 - self.cut / self.closed if seen else float("nan")

    @property
    def word(self) -> str:
        """'feeds itself', 'damps', or 'not seen' within twice the error.

        Against the response with the loop cut; where there is none, all of the closed response
        goes through the loop.
        """
        if abs(self.loop) <= 2.0 * self.loop_error or self.loop == 0.0:
            return "not seen"
        direct = self.cut if abs(self.cut) > 2.0 * self.cut_error else self.closed
        return "feeds itself" if (self.loop > 0) == (direct > 0) else "damps"


def respond(
    model: "Model", name: str, *, members: int = 40, seed: int = 1, trust: bool = False
) -> Response:
    """Push a loop of the model, closed and cut.

    Parameters
    ----------
    name : str
        A loop of the model's claims.yaml.
    members : int
        They hold the loop's own answers, and the likeliest ones to all other questions.

    Raises
    ------
    InputError
        When there is no such loop, or it pushes or cuts what the model does not have.
    """
    loops = model.claims.loops
    if name not in loops:
        hint = nearest(name, loops)
        raise InputError(
            f"{model.name} has no loop {name}" + (f". Did you mean {hint}?" if hint else "")
        )
    loop = loops[name]
    resolved = _plan(model, loop, trust)
    engine = compile_plan(resolved, seed)
    everyone = np.arange(members)
    readers = [(cut.variable, reader) for cut in loop.cuts for reader in cut.readers]
    _check_readers(resolved, loop.cuts)
    expression = parse(loop.response)

    def measured(pushed: bool, seen: Floats | None) -> tuple[Floats, Floats]:
        records, noted = _advance(engine, everyone, loop.push if pushed else None, readers, seen)
        return evaluate(expression, in_memory(resolved, seed, members, records)), noted

    base, noted = measured(False, None)
    closed = measured(True, None)[0] - base
    cut = measured(True, noted)[0] - base
    return Response(
        name,
        loop.title,
        loop.sign,
        loop.response,
        float(base.mean()),
        *_mean_and_error(closed),
        *_mean_and_error(cut),
        *_mean_and_error(closed - cut),
    )


def _plan(model: "Model", loop: "Loop", trust: bool) -> Plan:
    end = loop.until or min(model.time.origin + HORIZON, model.time.end)
    own = replace(model, time=replace(model.time, end=end))
    live = {q: (likeliest(h),) for q, h in own.hypotheses.items()}
    live |= {question: (answer,) for question, answer in loop.answers.items()}
    return plan(own, loop.future or None, live=live, trust=trust)


def _check_readers(resolved: Plan, cuts: "Iterable[Cut]") -> None:
    instances = {i.name: i for i in resolved.instances}
    for cut in cuts:
        for reader in cut.readers:
            one = instances[reader]
            seen = [one.variable(a) for a in one.process.variables if a.intent != "out"]
            if cut.variable not in seen:
                hint = nearest(cut.variable, seen)
                raise InputError(
                    f"{reader} does not read {cut.variable}, so it cannot be cut there"
                    + (f". Did you mean {hint}?" if hint else f": it reads {', '.join(seen)}")
                )


def _advance(
    engine: Engine,
    members: npt.NDArray[np.int64],
    push: "Push | None",
    readers: list[tuple[str, str]],
    seen: Floats | None,
) -> tuple[dict[str, Floats], Floats]:
    """Run step by step, noting what the readers see, or showing them what was `seen`.

    Returns
    -------
    records
        As `Engine.advance` gives them.
    noted : ndarray, dims (step, member, cell)
        What the readers saw.
    """
    from khamsin.splice import COPY, KEPT, SIZE, VARIABLE, note, restore, show

    resolved = engine.plan
    state, parameters, values = engine.start(members)
    if push is not None:
        _push(resolved, state, push)
    sizes = [resolved.slots[variable].size for variable, _ in readers]
    width = sum(sizes)
    first_copy, first_kept = state.shape[1], state.shape[1] + width
    state = np.concatenate([state, np.zeros((members.size, 2 * width))], axis=1)
    spliced: dict[str, list[npt.NDArray[np.int64]]] = {}
    offset = 0
    for (variable, reader), size in zip(readers, sizes, strict=True):
        row = np.zeros(max(resolved.at.shape[1], SIZE + 1), np.int64)
        row[[VARIABLE, COPY, KEPT, SIZE]] = (
            resolved.slots[variable].offset,
            first_copy + offset,
            first_kept + offset,
            size,
        )
        spliced.setdefault(reader, []).append(row)
        offset += size
    kernels, rows, keys = [], [], []
    for k, instance in enumerate(resolved.instances):
        here = spliced.get(instance.name, [])
        padded = np.zeros(max(resolved.at.shape[1], SIZE + 1), np.int64)
        padded[: resolved.at.shape[1]] = resolved.at[k]
        after = here if seen is not None else []
        rows += [*here, padded, *after]
        kernels += [*[show if seen is not None else note] * len(here), engine.kernels[k]]
        kernels += [restore] * len(after)
        keys += [engine.keys[k]] * (1 + len(here) + len(after))
    at, all_keys = np.array(rows), np.array(keys, np.uint64)
    steps = resolved.calendar.steps
    records = engine.empty_record(members.size)
    noted = np.zeros((steps, members.size, width))
    for step in range(steps):
        if seen is not None:
            state[:, first_copy:first_kept] = seen[step]
        advance_by(
            resolved, kernels, at, all_keys, state, parameters, values, members, records,
            step, step + 1,
        )  # fmt: skip
        noted[step] = state[:, first_copy:first_kept]
    return by_variable(resolved, records), noted


def _push(resolved: Plan, state: Floats, push: "Push") -> None:
    if push.variable not in resolved.slots:
        raise InputError(f"{push.variable} is used by no process of this model: nothing to push")
    slot = resolved.slots[push.variable]
    cells = state[:, slot.offset : slot.offset + slot.size]
    grid = cells.reshape(state.shape[0], *slot.shape)
    picks = [np.arange(n) for n in slot.shape]
    for dim, ids in push.where.items():
        own = "place" if dim == "country" else dim
        if own not in slot.variable.dims:
            raise InputError(f"{push.variable} has no dim {dim}: {', '.join(slot.variable.dims)}")
        if dim == "country":
            ids = [p for country in ids for p in resolved.model.places_of(country)]
        known = resolved.dims[own]
        for one in ids:
            if one not in known:
                hint = nearest(one, known)
                raise InputError(
                    f"there is no {own} {one}" + (f". Did you mean {hint}?" if hint else "")
                )
        picks[slot.variable.dims.index(own)] = np.array([known.index(i) for i in ids])
    index = np.ix_(np.arange(state.shape[0]), *picks)
    grid[index] = grid[index] * push.scale + push.add
    if slot.variable.whole:
        grid[index] = np.floor(grid[index])
    cells[:] = grid.reshape(cells.shape)


def _mean_and_error(values: Floats) -> tuple[float, float]:
    error = values.std(ddof=1) / values.size**0.5 if values.size > 1 else float("nan")
    return float(values.mean()), float(error)


def as_record(response: Response) -> Mapping[str, object]:
    """One response as plain data."""
    from dataclasses import asdict

    return {**asdict(response), "gain": response.gain, "word": response.word}
