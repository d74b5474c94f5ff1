"""A bootstrap particle filter: members are advanced month by month and resampled by the record.

Gordon, Salmond and Smith (1993); weights carry over while the effective number of members is above
half of them. A row is taken in at the end of the first month by which it was known. Parameters and
answers travel with the states; parameters drift (`drifting`). Draws are pinned to the place in the
ensemble, so that two descendants of one member go different ways, and the result does not depend
on the number of threads.

Where a month's rows would leave less than a fifth of the members, they are taken in with a power
below one, the largest that leaves a fifth: the record is discounted, not the members. Of several
series each has a power of its own first, the largest with which it alone leaves an equal share of
that fifth (of n series the n-th root): one that nearly every member misses does not use up what the
others have to say. Each step says its least power; evidence from discounted steps compares models
only roughly.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from khamsin.calibration.drifting import DRIFT, Drifting
from khamsin.calibration.filtered import Assimilated, Filtered
from khamsin.calibration.readings import Reading, reading
from khamsin.calibration.resampling import effective, normalised, systematic
from khamsin.calibration.saved import SavedBlock, SavedStates, clear_block, save_block
from khamsin.engine import Engine, compile_plan
from khamsin.errors import InputError, RunError
from khamsin.hindcast.observed import Observed
from khamsin.hindcast.records import log_likelihood
from khamsin.model import Model, Outputs
from khamsin.plan import Plan, plan

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BLOCK = 200  # members advanced together: calling the driver costs milliseconds, memory megabytes
FEWEST = 5.0  # effective members below which the filter gives up
LEFT = 0.2  # share of effective members that a step leaves, if need be by discounting its rows
LEAST = 0.1  # the least power with which rows are taken in


def plan_up_to(
    model: Model,
    day: date,
    variables: Sequence[str],
    *,
    scenario: str | None = None,
    live: Mapping[str, tuple[str, ...]] | None = None,
    trust: bool = False,
) -> Plan:
    """Plan a run from the model's start to the eve of a day that records some variables by month.

    Raises
    ------
    InputError
        When the day does not lie within the model's time.
    """
    _check_day(model, day)
    shorter = replace(
        model,
        time=replace(model.time, end=day - timedelta(days=1)),
        outputs=Outputs(list(dict.fromkeys(variables)), "month", []),
    )
    return plan(shorter, scenario, since=model.time.start, live=live, trust=trust)


def filter_states(
    model: Model,
    observed: Mapping[str, Observed],
    day: date,
    *,
    members: int = 1000,
    seed: int = 1,
    scenario: str | None = None,
    live: Mapping[str, tuple[str, ...]] | None = None,
    fewest: float = FEWEST,
    drift: float = DRIFT,
    threads: int | None = None,
    trust: bool = False,
    tell: Callable[[str], None] = lambda text: None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Filtered:
    """Filter the states of an ensemble on what was recorded, and known, up to a day.

    Parameters
    ----------
    model : Model
    observed : mapping
        Series; their rows within the fit window that were known on the day are used.
    day : date
        The filtered members stand on the eve of it.
    members, seed, live, threads, trust
        As in `khamsin.verbs.run.run`.
    scenario : str, optional
        What intervened before the day, beside the model's history; nothing when not given.
    fewest : float
        Effective number of members below which the filter gives up.
    drift : float
        How far parameters drift at each resampling, in standard deviations of their priors; with 0
        they stay those of the first ancestors.
    progress : callable
        Called with how many periods are done, and of how many.

    Raises
    ------
    InputError
        When nothing was recorded.
    RunError
        When the weights collapse: at which record, why, and what helps.
    """
    found = None
    for number, found in enumerate(
        filter_on(
            model, observed, day, members=members, seed=seed, scenario=scenario, live=live,
            fewest=fewest, drift=drift, threads=threads, trust=trust, tell=tell,
        )
    ):  # fmt: skip
        progress(number + 1, len(found.plan.calendar.period_end))
    assert found is not None
    return found


def filter_on(
    model: Model,
    observed: Mapping[str, Observed],
    day: date,
    *,
    members: int = 1000,
    seed: int = 1,
    scenario: str | None = None,
    live: Mapping[str, tuple[str, ...]] | None = None,
    fewest: float = FEWEST,
    drift: float = DRIFT,
    threads: int | None = None,
    trust: bool = False,
    tell: Callable[[str], None] = lambda text: None,
) -> Iterator[Filtered]:
    """Filter as `filter_states` does, and yield the members at the end of each month on the way.

    Each is what `filter_states` would give for that day from the same rows, since a row is taken in
    when it was known.
    """
    _check_day(model, day)
    series = {name: one.within(one.fit).known_by(day) for name, one in observed.items() if one.fit}
    series = {name: one for name, one in series.items() if np.isfinite(one.values).any()}
    if not series:
        raise InputError(
            f"{model.name} has no series with values to fit on by {day}: "
            "give an observation a window `use: {fit: [...]}`"
        )
    variables = [v for one in series.values() for v in one.variables]
    made = plan_up_to(model, day, variables, scenario=scenario, live=live, trust=trust)
    readings = {name: reading(made, one) for name, one in series.items()}
    engine = compile_plan(made, seed, tell)
    return _Filter(engine, model, readings, members, threads, fewest, drift).run()


def _check_day(model: Model, day: date) -> None:
    if not model.time.start < day <= model.time.end:
        raise InputError(
            f"{day} lies outside of the model's time, {model.time.start} to {model.time.end}: "
            "filtering needs a time before the day"
        )


class _Filter:
    """The members while they are filtered."""

    def __init__(
        self,
        engine: Engine,
        model: Model,
        readings: dict[str, Reading],
        members: int,
        threads: int | None,
        fewest: float,
        drift: float,
    ) -> None:
        self.engine, self.model, self.readings, self.members = engine, model, readings, members
        self.fewest = fewest
        self.threads = threads or os.cpu_count() or 1
        self.plan = engine.plan
        everyone = np.arange(members)
        self.roots = everyone
        self.first = self.plan.weights(engine.seed, members)
        self.log_weights = np.log(self.first)
        observed = {name: r.observed for name, r in readings.items()}
        self.drifting = Drifting(self.plan, observed, engine.seed, members, drift)
        self.due = {name: _due(self.plan, r) for name, r in readings.items()}
        periods = len(self.plan.calendar.period_start)
        self.totals = {name: np.zeros((members, periods)) for name in readings}
        self.states: SavedStates | None = None
        self.template = self.plan.start(engine.seed, np.arange(1))[0]
        self.buffers: list[tuple[Floats, Floats]] = []

    def run(self) -> Iterator[Filtered]:
        """Filter from the first step to the last; yield the members at the end of each period."""
        calendar = self.plan.calendar
        edges = calendar.edges()
        steps: list[Assimilated] = []
        log_evidence, done = 0.0, 0
        origins = np.arange(self.members)  # of the states that the next advance begins from
        for period, end in enumerate(calendar.period_end):
            days = (end - calendar.first).days
            upto = int(np.searchsorted(edges, days - 1e-9))
            self._advance(origins, done, upto)
            done = upto
            step = self._weigh(period, end)
            origins = np.arange(self.members)
            if step is not None:
                steps.append(step)
                log_evidence += step.log_evidence
            weights, _ = normalised(self.log_weights)
            assert self.states is not None
            yield Filtered(
                self.plan, self.model, self.engine.seed, end, self.states, self.drifting.values,
                self.drifting.reporting, weights, self.roots, self.drifting.held, self.first,
                log_evidence, list(steps),
            )  # fmt: skip
            if step is not None and effective(weights) < self.members / 2:
                origins = self._resample(weights, period)

    def _advance(self, origins: Ints, first: int, last: int) -> None:
        """Advance every member from the state of its origin, in blocks on threads."""
        starts = range(0, self.members, BLOCK)
        before, blocks = self.states, []
        with ThreadPoolExecutor(self.threads) as pool:
            jobs = [
                pool.submit(self._advance_block, slice(k, min(k + BLOCK, self.members)),
                            origins, before, first, last)
                for k in starts
            ]  # fmt: skip
            blocks = [job.result() for job in jobs]
        self.states = SavedStates(self.template, blocks, BLOCK)

    def _advance_block(
        self, which: slice, origins: Ints, before: SavedStates | None, first: int, last: int
    ) -> SavedBlock:
        engine, members = self.engine, np.arange(which.start, which.stop)
        states, record = buffers = self._buffers()
        state, part = states[: members.size], record[: members.size]
        if before is None:
            state[:] = self.plan.start(engine.seed, members)
        else:
            before.taken(origins[members], into=state)
        values = self.plan.draw_values(engine.seed, members)
        parameters = self.drifting.values[members]
        records = engine.advance(state, parameters, values, members, first, last, part)
        touched, ended = self._periods(first, last)
        within = {name: values[:, touched] for name, values in records.items()}
        for name, each in self.readings.items():
            totals = each.totals(within)
            if each.holders is None and each.observed.kind == "flow":
                self.totals[name][which, touched] += totals
            else:  # stocks are read off in the periods that end in these steps alone
                own = self.totals[name][which, touched]
                self.totals[name][which, touched] = np.where(ended[touched], totals, own)
        part[:, touched] = 0.0
        saved = save_block(state, self.template)
        clear_block(state, saved, self.template)
        self.buffers.append(buffers)
        return saved

    def _buffers(self) -> tuple[Floats, Floats]:
        """Take states that are the template, and a record of zeros, that no thread is using: new
        ones would cost more than to fill them. Lists are safe to pop on threads."""
        try:
            return self.buffers.pop()
        except IndexError:
            members = min(BLOCK, self.members)
            return np.tile(self.template, (members, 1)), self.engine.empty_record(members)

    def _periods(self, first: int, last: int) -> tuple[slice, npt.NDArray[np.bool_]]:
        """Return the periods that some steps add to, and which of all periods end in them."""
        c = self.plan.calendar
        use = c.use_period[c.use_start[first] : c.use_start[last]]
        ended = np.zeros(len(c.period_start), dtype=bool)
        ended[-use[use < 0] - 1] = True
        both = np.where(use < 0, -use - 1, use)
        return slice(int(both.min()), int(both.max()) + 1), ended

    def _weigh(self, period: int, day: date) -> Assimilated | None:
        """Weigh the members by the rows that are complete, and known, with a period."""
        due = {n: np.flatnonzero(self.due[n] == period) for n in self.readings}
        due = {name: rows for name, rows in due.items() if rows.size}
        if not due:
            return None
        _, total_before = normalised(self.log_weights)
        told = np.zeros(self.members)  # by the series so far, each with a power of its own
        powers, here = {}, effective(normalised(self.log_weights)[0])
        for name, rows in due.items():
            each = self.readings[name]
            happened = each.truth(self.totals[name])
            own = log_likelihood(each.observed, happened, self.drifting.reporting[name], rows)
            alone = here * LEFT ** (1 / len(due))
            powers[name] = self._power(own, alone) if len(due) > 1 else 1.0
            told += powers[name] * own
            for by in (LEAST * own, LEAST * told):  # a series alone, and with those before it
                weights, _ = normalised(self.log_weights + by)
                if not effective(weights) >= min(self.fewest, self.members / 4):  # also when NaN
                    raise _collapse(each, happened, rows, weights, day)
        power = self._power(told, LEFT * self.members)
        self.log_weights = self.log_weights + power * told
        weights, total = normalised(self.log_weights)
        labels = [(n, self.readings[n].observed.labels[k]) for n, rows in due.items() for k in rows]
        families = int(np.unique(self.roots[weights > 0]).size)
        powers = {name: power * own for name, own in powers.items()}
        gained = total - total_before
        return Assimilated(day, labels, effective(weights), gained, families, powers)

    def _power(self, told: Floats, enough: float) -> float:
        """Return the largest power of a likelihood, up to one, that leaves enough members."""

        def left(power: float) -> float:
            return effective(normalised(self.log_weights + power * told)[0])

        if left(1.0) >= enough:
            return 1.0
        low, high = LEAST, 1.0
        while high - low > 0.005:
            middle = (low + high) / 2
            low, high = (middle, high) if left(middle) >= enough else (low, middle)
        return low

    def _resample(self, weights: Floats, period: int) -> Ints:
        """Put descendants in the place of members; return whose state each begins from."""
        u = np.random.default_rng([self.engine.seed, period]).random()
        ancestors = systematic(weights, self.members, u)
        self.roots = self.roots[ancestors]
        self.totals = {name: values[ancestors] for name, values in self.totals.items()}
        self.drifting.descend(ancestors, period)
        self.log_weights = np.full(self.members, -np.log(self.members))
        return ancestors


def _due(plan: Plan, each: Reading) -> Ints:
    """Return the period at whose end each row is complete and known, dims (row,); -1 for never."""
    ends = np.array(plan.calendar.period_end, "datetime64[D]")
    known = np.searchsorted(ends, each.observed.known_on)
    late = np.maximum(each.last, known)
    return np.where((each.last < 0) | (known >= ends.size), -1, late).astype(np.int64)


def _collapse(each: Reading, happened: Floats, rows: Ints, weights: Floats, day: date) -> RunError:
    """Say at which record the weights collapsed, why, and what helps."""
    one = each.observed
    k = int(rows[-1])
    low, middle, high = np.nanquantile(happened[:, k], (0.0, 0.5, 1.0))
    left = effective(weights)
    why = (
        "no member could have given it: the prior excludes the data"
        if not np.isfinite(left)
        else f"{left:.1f} of {weights.size} members carry all the weight"
    )
    return RunError(
        f"the filter collapsed at observations.{one.name}, {one.labels[k]} (complete by {day}): "
        f"{one.values[k]:g} {one.unit} was recorded, the members have {low:g} to {high:g} with "
        f"median {middle:g}; {why}. What helps: more members (--members); a wider reporting model "
        "or a background in it, if the record may be that wrong; or wider priors of the processes "
        f"that write {' and '.join(one.variables)}, if the model cannot reach it"
    )
