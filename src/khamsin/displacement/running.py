"""Runs of an imported case in memory, by rules and information, for fitting and scoring."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from khamsin.displacement.benchmarks import road_distances
from khamsin.engine import Engine, compile_plan
from khamsin.errors import InputError
from khamsin.model import FromTable, Model, find, read
from khamsin.plan import plan

Floats = npt.NDArray[np.float64]

SCENARIO = "as-recorded"
BLOCK = 10  # members at a time: what a day leaves of each is kept until the block is done


@dataclass(frozen=True)
class Case:
    """An imported case, ready to run.

    Attributes
    ----------
    camps : list of int
        Positions of the places with registered counts.
    registered : ndarray, dims (day, camp), person
    raw_total : ndarray, dims (day,), person
        Flee's count of all people, with the total of day 0 twice.
    capacity : ndarray, dims (camp,), person
    known : ndarray, dims (day, camp), person
        What a leak-free forecast knows: counts before its first day, carried on to that day.
    last_count : ndarray of int, dims (camp,)
        Day of each camp's last count before that, -1 for none.
    """

    model: Model
    camps: list[int]
    registered: Floats
    raw_total: Floats
    capacity: Floats
    known: Floats
    last_count: npt.NDArray[np.int64]

    @property
    def names(self) -> list[str]:
        """Names of the camps."""
        return [self.model.tables["place"].columns["name"][k] for k in self.camps]

    @property
    def days(self) -> int:
        """Number of days."""
        return len(self.registered)

    @property
    def origin(self) -> int:
        """The first day that a leak-free forecast does not know."""
        return len(self.known)

    def engine(self, rules: str, information: str, seed: int = 1) -> Engine:
        """Compile the case for rules and information."""
        live = {"rules": (rules,), "information": (information,)}
        return compile_plan(plan(self.model, SCENARIO, live=live), seed)

    @cached_property
    def distance(self) -> Floats:
        """Shortest ways from places to camps, dims (place, camp), km."""
        places, routes = self.model.tables["place"], self.model.tables["route"]
        ends = [
            [places.index(a), places.index(b)]
            for a, b in zip(routes.columns["a"], routes.columns["b"], strict=True)
        ]
        km = np.array(routes.numbers("km"))
        return road_distances(len(places), np.array(ends, float), km, self.camps)


def open_case(name: str | Path) -> Case:
    """Open a model folder that `khamsin import flee` wrote.

    Raises
    ------
    InputError
        When the model is of another kind.
    """
    model = read(find(name))
    if "day" not in model.tables or "rules" not in model.hypotheses:
        raise InputError(f"{name} is no imported case: khamsin import flee FOLDER -o {name}")
    places, days = model.tables["place"], model.tables["day"]
    counted = places.numbers("counted")
    camps = [k for k, n in enumerate(counted) if n > 0]
    registered = _by_day(model, "registered", camps)
    known = _by_day(model, "carried", camps)[: _known_days(model)]
    capacity = np.array(places.numbers("capacity"))[camps]
    last = np.array(places.numbers("last_count"))[camps].astype(np.int64)
    raw = np.array(days.numbers("raw_total"))
    return Case(model, camps, registered, raw, capacity, known, last)


def _by_day(model: Model, name: str, camps: list[int]) -> Floats:
    places, days = model.tables["place"], model.tables["day"]
    at = {places.ids[k]: j for j, k in enumerate(camps)}
    found = np.zeros((len(days), len(camps)))
    start = model.state[name]
    assert isinstance(start, FromTable)
    for row in start.rows:
        place, day = row.index
        found[days.index(day), at[place]] = row.prior.quantile(np.array([0.5]))[0]
    return found


def _known_days(model: Model) -> int:
    start = model.state["carried"]
    assert isinstance(start, FromTable)
    return 1 + max(model.tables["day"].index(row.index[1]) for row in start.rows)


def column(engine: Engine, name: str) -> int:
    """Return where a parameter begins among a member's parameters."""
    return next(p.offset for p in engine.plan.parameters if p.name == name)


def simulate(
    engine: Engine, members: npt.NDArray[np.int64], parameters: Floats, last: int
) -> dict[str, Floats]:
    """Run members from the first day up to (not including) day `last`.

    Parameters
    ----------
    parameters : ndarray, dims (member, element)

    Returns
    -------
    dict of ndarray, dims (member, day, place)
    """

    def block(first: int) -> dict[str, Floats]:
        here = slice(first, first + BLOCK)
        state, _, values = engine.start(members[here])
        own = np.ascontiguousarray(parameters[here])
        found = engine.advance(state, own, values, members[here], 0, last)
        return {name: record[:, :last] for name, record in found.items()}

    with ThreadPoolExecutor() as pool:
        parts = list(pool.map(block, range(0, members.size, BLOCK)))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
