"""Interventions, resolved: which cells of the buffer change, how, for what share of a step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from khamsin.draws import uniforms
from khamsin.errors import Fault, nearest
from khamsin.model import Intervention, Model, Scenario
from khamsin.plan.calendar import Calendar
from khamsin.plan.layout import Slot
from khamsin.plan.parameters import Parameter, below_zero
from khamsin.priors import Fixed, Prior
from khamsin.units import UnitError, factor

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

IN_STATE, IN_PARAMETERS = 0, 1
ACTIONS = {"set": 0, "scale": 1, "add": 2}


@dataclass(frozen=True)
class Changes:
    """What a scenario changes, in the form that the driver reads (driver.py says what is what)."""

    cells: Ints  # (change, [where, offset, action, value, base])
    bounds: Floats  # (change, [least, greatest]): a change goes no further
    start: Ints  # (step + 1,)
    use: Ints  # (use, [change, 0])
    share: Floats  # (use,)
    touched: Ints  # (touched, [where, offset, base])
    names: tuple[str, ...]
    priors: tuple[Prior, ...]
    whole: tuple[bool, ...]  # (value,): whether people, buildings or arms are added, all whole
    standing: Floats  # (window, [offset, first day, day after]): set by history without an end


def changes_of(
    model: Model,
    scenario: Scenario | None,
    slots: Mapping[str, Slot],
    dims: Mapping[str, list[str]],
    parameters: Sequence[Parameter],
    calendar: Calendar,
    history: Scenario | None = None,
) -> tuple[Changes, list[Fault]]:
    """Resolve the interventions of a scenario; without one nothing changes.

    With a history, which is replayed up to the model's origin, the scenario begins at the origin.
    What history set without an end stands until history or the scenario sets it again.
    """
    faults: list[Fault] = []
    opening = float((model.time.origin - calendar.first).days) if history else -np.inf
    cells: list[tuple[int, int, int, int, int]] = []
    bounds: list[tuple[float, float]] = []
    days: dict[tuple[int, int], list[tuple[float, float]]] = {}
    uses: list[tuple[int, int, float]] = []
    touched: dict[tuple[int, int], int] = {}
    names: list[str] = []
    priors: list[Prior] = []
    whole: list[bool] = []
    by_name = {p.name: p for p in parameters}
    later = scenario.interventions if scenario else []
    past = history.interventions if history else []
    known: list[tuple[Intervention, list[int], int, float]] = []
    for intervention in [*later, *past]:
        offsets, where, scale = _targets(model, intervention, slots, dims, by_name, faults)
        if offsets:
            known.append((intervention, offsets, where, scale))
    following = _starts(past, known, calendar)
    standing: list[tuple[float, float, float]] = []
    for intervention, offsets, where, scale in known:
        ours = any(intervention is each for each in past)
        value = len(priors)
        names.append(_name(intervention))
        priors.append(intervention.value.scaled(scale) if scale != 1.0 else intervention.value)
        variable = model.variables.get(intervention.change) if where == IN_STATE else None
        whole.append(intervention.action == "add" and variable is not None and variable.whole)
        span = _span(intervention, calendar)
        if not ours:
            span = (max(span[0], opening), span[1])
        double = False
        day = intervention.on
        usual = _on(day, calendar) if day is not None else _shares([span], calendar)
        for offset in offsets:
            own, taken = [span], days.get((where, offset), [])
            if ours and intervention.action == "set":
                ends = [s for s in following.get((where, offset), ()) if s > span[0]]
                if intervention.end is None:
                    own = [(span[0], min([span[1], *ends]))]
                    standing.append((offset, *own[0]))
                own = _without(own, taken)
            elif intervention.action == "set":
                double = double or any(a < span[1] and span[0] < b for a, b in taken)
                days.setdefault((where, offset), []).append(span)
            change = len(cells)
            base = offset if day is not None or where == IN_PARAMETERS else _base(offset, slots)
            cells.append((where, offset, ACTIONS[intervention.action], value, base))
            bounds.append(variable.bounds if variable else (-np.inf, np.inf))
            shares = usual if own == [span] else _shares(own, calendar)
            uses += [(step, change, share) for step, share in shares]
            if day is None:
                touched[where, offset] = base
        if double:
            what = f"{intervention.change} is set twice at the same place and time"
            faults.append(Fault(intervention.file, intervention.line, what))
    uses.sort(key=lambda u: u[:2])
    steps = np.array([u[0] for u in uses], np.int64)
    return (
        Changes(
            np.array(cells, np.int64).reshape(-1, 5),
            np.array(bounds, np.float64).reshape(-1, 2),
            np.searchsorted(steps, np.arange(calendar.steps + 1)).astype(np.int64),
            np.array([(u[1], 0) for u in uses], np.int64).reshape(-1, 2),
            np.array([u[2] for u in uses], np.float64),
            np.array([(*key, base) for key, base in touched.items()], np.int64).reshape(-1, 3),
            tuple(names),
            tuple(priors),
            tuple(whole),
            np.array(standing, np.float64).reshape(-1, 3),
        ),
        faults,
    )


def draw_values(changes: Changes, seed: int, members: Ints) -> Floats:
    """Draw the uncertain sizes of the interventions, dims (member, value); the same in each
    scenario that has them."""
    values = np.empty((members.size, max(len(changes.priors), 1)))
    values[:] = 0.0
    for k, (name, prior) in enumerate(zip(changes.names, changes.priors, strict=True)):
        if isinstance(prior, Fixed):
            values[:, k] = prior.value
        else:
            values[:, k] = prior.quantile(uniforms(seed, name, members)[:, 0])
        if changes.whole[k]:
            values[:, k] = np.floor(values[:, k])
    return values


def _name(i: Intervention) -> str:
    return f"intervention {i.change} {sorted(i.where.items())} {i.start} {i.end} {i.on}"


def _base(offset: int, slots: Mapping[str, Slot]) -> int:
    for slot in slots.values():
        if slot.base is not None and slot.offset <= offset < slot.offset + slot.size:
            return slot.base + offset - slot.offset
    raise AssertionError("an intervention over time on something that is no forcing")


def _span(intervention: Intervention, calendar: Calendar) -> tuple[float, float]:
    """Return the first day, and the day after the last, counted from the first day of the run."""
    start, end = intervention.start, intervention.end
    first = (start - calendar.first).days if start else -np.inf
    stop = (end + timedelta(days=1) - calendar.first).days if end else np.inf
    return float(first), float(stop)


def _starts(
    past: Sequence[Intervention],
    known: Sequence[tuple[Intervention, list[int], int, float]],
    calendar: Calendar,
) -> dict[tuple[int, int], list[float]]:
    """Return the days on which history sets each cell."""
    found: dict[tuple[int, int], list[float]] = {}
    for intervention, offsets, where, _ in known:
        if intervention.action == "set" and any(intervention is each for each in past):
            for offset in offsets:
                found.setdefault((where, offset), []).append(_span(intervention, calendar)[0])
    return found


def _without(
    spans: list[tuple[float, float]], taken: Sequence[tuple[float, float]]
) -> list[tuple[float, float]]:
    """Cut out of spans of time what others have taken."""
    for first, stop in taken:
        spans = [
            part
            for a, b in spans
            for part in ((a, min(b, first)), (max(a, stop), b))
            if part[0] < part[1]
        ]
    return spans


def _on(day: date, calendar: Calendar) -> list[tuple[int, float]]:
    """Return the step that a day falls into."""
    edges, after = calendar.edges(), float((day - calendar.first).days)
    step = int(np.searchsorted(edges, after, side="right")) - 1
    return [(step, 1.0)] if 0 <= step < calendar.steps and after >= 0 else []


def _shares(spans: Sequence[tuple[float, float]], calendar: Calendar) -> list[tuple[int, float]]:
    """Return (step, share of the step that some spans of days cover)."""
    edges = calendar.edges()
    share = np.zeros(calendar.steps)
    for first, stop in spans:
        overlap = np.minimum(edges[1:], stop) - np.maximum(edges[:-1], first)
        share += np.clip(overlap / calendar.days, 0.0, 1.0)
    return [(int(k), float(share[k])) for k in np.nonzero(share > 1e-9)[0]]


def _targets(
    model: Model,
    i: Intervention,
    slots: Mapping[str, Slot],
    dims: Mapping[str, list[str]],
    parameters: Mapping[str, Parameter],
    faults: list[Fault],
) -> tuple[list[int], int, float]:
    def fault(what: str, hint: str | None = None) -> tuple[list[int], int, float]:
        faults.append(Fault(i.file, i.line, what, hint))
        return [], 0, 1.0

    if i.change in parameters:
        parameter = parameters[i.change]
        chosen = list(range(parameter.size))
        if i.where:
            dim = parameter.dims[0] if parameter.dims else ""
            if set(i.where) != {dim}:
                return fault(
                    f"{i.change} has dims ({' '.join(parameter.dims)}), "
                    f"so `where` cannot name {', '.join(i.where)}"
                )
            unknown = [x for x in i.where[dim] if x not in parameter.elements]
            if unknown:
                return fault(
                    f"{i.change} has no element {unknown[0]!r}",
                    nearest(unknown[0], parameter.elements),
                )
            chosen = [parameter.elements.index(x) for x in i.where[dim]]
        unit, targets, where = parameter.unit, [parameter.offset + k for k in chosen], IN_PARAMETERS
        if i.action == "set" and below_zero(unit, i.value):
            return fault(f"{i.change} is a time and cannot be below 0")
        if i.on is not None:
            return fault(
                f"{i.change} is a parameter: it is changed `from` and `to` a date, not `on` one"
            )
    elif i.change in slots:
        slot = slots[i.change]
        kind = slot.variable.kind
        if kind == "stock" and (i.on is None or i.action != "add"):
            return fault(f"{i.change} is a stock: it can be changed by `add`, `on` a date")
        if kind in ("flow", "table"):
            return fault(
                f"{i.change} is a {kind}: an intervention changes forcings, stocks and parameters"
            )
        if kind == "forcing" and i.on is not None:
            return fault(
                f"{i.change} is a forcing: it is changed `from` and `to` a date, not `on` one"
            )
        picks = [_pick(model, i, d, dims) for d in slot.variable.dims]
        extra = [
            k
            for k in i.where
            if k not in slot.variable.dims
            and not (k == "country" and "place" in slot.variable.dims)
        ]
        if extra:
            return fault(
                f"{i.change} has dims ({' '.join(slot.variable.dims)}), "
                f"so `where` cannot name {', '.join(extra)}"
            )
        grid = np.arange(slot.size).reshape(slot.shape or (1,))
        chosen_cells = grid[np.ix_(*picks)].ravel() if picks else grid.ravel()
        unit, targets, where = (
            slot.variable.unit,
            [slot.offset + int(c) for c in chosen_cells],
            IN_STATE,
        )
    elif i.change in model.variables:
        return fault(
            f"{i.change} is used by no process of this model, so changing it would do nothing"
        )
    else:
        return fault(
            f"there is no variable or parameter {i.change!r}",
            nearest(i.change, [*slots, *parameters]),
        )
    if i.action == "scale":
        return targets, where, 1.0
    try:
        return targets, where, factor(i.unit, unit) if i.unit else 1.0
    except UnitError as error:
        return fault(f"{i.change}: {error}")


def _pick(model: Model, i: Intervention, dim: str, dims: Mapping[str, list[str]]) -> list[int]:
    ids = dims[dim]
    chosen = list(range(len(ids)))
    if dim in i.where:
        chosen = [ids.index(x) for x in i.where[dim] if x in ids]
    if dim == "place" and "country" in i.where:
        country = model.tables["place"].columns["country"]
        chosen = [k for k in chosen if country[k] in i.where["country"]]
    return chosen
