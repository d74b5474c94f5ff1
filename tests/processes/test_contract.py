"""The contract of all processes: one test over the registry. A process that is added is tested here
without being named."""

import ast
import inspect
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from khamsin import adapters, draws, processes
from khamsin.model import vocabulary
from khamsin.process import Argument, Process
from khamsin.units import check_unit, factor

ALL = [processes.find(name) for name in processes.names()]
VOCABULARY = vocabulary()
SIZES = {"place": 4, "actor": 3, "other": 3, "link": 6, "route": 3, "stay": 8, "leg": 64}
PEOPLE = ("person",)

each = pytest.mark.parametrize("process", ALL, ids=lambda p: p.name)


def test_there_are_processes() -> None:
    assert len(ALL) >= 12


@each
def test_declaration(process: Process) -> None:
    documented = inspect.getdoc(process.function) or ""
    assert process.summary.endswith("."), "the docstring begins with one sentence"
    parameters = documented.partition("Parameters")[2]
    for argument in process.arguments:
        if argument.intent in ("days", "stream"):
            continue
        assert argument.name in parameters, f"{argument.name} is not documented"
        check_unit(argument.unit)
        if argument.intent == "parameter":
            assert argument.prior is not None
            assert argument.source
        else:
            variable = VOCABULARY[argument.name]
            own = (
                variable.dims[1:]
                if process.each == "place" and variable.dims[:1] == ("place",)
                else variable.dims
            )
            assert argument.dims == own, f"{argument.name} has dims {own} in the vocabulary"
            assert factor(argument.unit, variable.unit) == 1.0
            assert not (argument.intent != "in" and variable.kind in ("table", "forcing"))


@each
def test_the_module_says_its_formula_and_what_it_leaves_out(process: Process) -> None:
    module = inspect.getmodule(process.function)
    assert module is not None
    assert module.__doc__
    assert "left out" in " ".join(module.__doc__.lower().split())


@each
def test_no_process_knows_another(process: Process) -> None:
    tree = ast.parse(
        Path(inspect.getsourcefile(process.function) or "").read_text(encoding="utf-8")
    )
    imported = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    known = ("allocation", "draws", "presence", "priors", "process")
    assert imported <= {"math", "typing", *(f"khamsin.{leaf}" for leaf in known)}


def _value(argument: Argument, rng: np.random.Generator) -> Any:
    """A plausible random value of an argument, within the bounds of the vocabulary."""
    if argument.intent == "parameter":
        assert argument.prior is not None
        shape = tuple(SIZES.get(d, 3) for d in argument.dims)
        drawn = argument.prior.quantile(rng.uniform(0.01, 0.99, shape or 1))
        return float(drawn[0]) if argument.scalar else np.ascontiguousarray(drawn)
    shape = tuple(SIZES.get(d, 3) for d in argument.dims) or (1,)
    variable = VOCABULARY[argument.name]
    low, high = (float(b) for b in variable.bounds)
    if argument.name in ("link_from", "link_to"):
        values = (
            np.arange(math.prod(shape)) % SIZES["place"]
            if argument.name == "link_from"
            else (np.arange(6) + 1) % 4
        )
    elif variable.index_of:
        values = rng.integers(int(low), SIZES.get(variable.index_of, 3), shape)
    elif argument.name == "link_km":
        values = rng.uniform(20, 500, shape)
    elif math.isfinite(high):
        values = rng.uniform(max(low, -5.0), min(high, 10.0), shape)
        if argument.name == "control":
            values = values / 4.0
    else:
        values = np.floor(rng.lognormal(5, 2, shape)) * (rng.random(shape) < 0.8)
        values = np.maximum(values, low)
    array = np.ascontiguousarray(np.asarray(values, dtype=np.float64).reshape(shape))
    if argument.intent == "out":
        array[:] = 0.0
    return float(array.ravel()[0]) if argument.scalar else array


def _arguments(process: Process, seed: int, days: float = 7.0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    values: dict[str, Any] = {}
    for argument in process.arguments:
        if argument.intent == "days":
            values[argument.name] = days
        elif argument.intent == "stream":
            values[argument.name] = draws.new_stream(["A", "B", "C"], ["W", "X", "Y", "Z"], seed)
        else:
            values[argument.name] = _value(argument, rng)
    return values


def _copy(values: dict[str, Any]) -> dict[str, Any]:
    return {n: v.copy() if isinstance(v, np.ndarray) else v for n, v in values.items()}


@each
@pytest.mark.parametrize("days", [7.0, 1.0, 3650.0])
def test_outputs_stay_in_bounds_and_inputs_are_not_written(process: Process, days: float) -> None:
    for seed in range(20):
        before = _arguments(process, seed, days)
        after = _copy(before)
        process(**after)
        for argument in process.variables:
            values = np.asarray(after[argument.name])
            assert np.isfinite(values).all(), argument.name
            if argument.intent == "in":
                assert np.array_equal(values, np.asarray(before[argument.name])), (
                    f"{argument.name} was written"
                )
                continue
            low, high = (float(b) for b in VOCABULARY[argument.name].bounds)
            assert values.min(initial=low) >= low - 1e-9, argument.name
            assert values.max(initial=low) <= high + 1e-9 or argument.name == "control", (
                argument.name
            )
            if VOCABULARY[argument.name].unit in PEOPLE and argument.name not in (
                "want",
                "enemies",
                "nearby",
                "reference_pool",
            ):
                assert np.array_equal(values, np.floor(values)), (
                    f"{argument.name}: people are whole"
                )


# People who come from outside, and people who leave for good: everyone else must be somewhere.
SOURCES = {
    "recruits": "recruitment",
    "foreign_departures": "foreign_fighters",
    "joined": "insurgent_growth",
}
SINKS = {
    "battle_deaths": 1,
    "strike_deaths": 1,
    "deserters": 1,
    "deserters_unplaced": 1,
    "discharged": 1,
    "gone_home": 1,
    "demobilised": 1,
}
STOCKS = ("fighters", "unplaced", "wounded", "marching", "foreign_under_way", "returnees")


@each
def test_fighters_are_conserved(process: Process) -> None:
    names = [a.name for a in process.variables]
    for seed in range(20):
        before = _arguments(process, seed)
        after = _copy(before)
        process(**after)
        change = sum(
            after[n].sum() - before[n].sum()
            for n in STOCKS
            if n in names and isinstance(after[n], np.ndarray)
        )
        gains = sum(
            after[n].sum() for n, source in SOURCES.items() if n in names and process.name == source
        )
        losses = sum(after[n].sum() - before[n].sum() for n in SINKS if n in names)
        assert change == pytest.approx(gains - losses, abs=1e-6)


@each
def test_compiled_equals_interpreted(process: Process) -> None:
    from numba import njit

    compiled = njit(process.function)
    for seed in range(5):
        plain, fast = _arguments(process, seed), _arguments(process, seed)
        process(**plain)
        compiled(*[fast[a.name] for a in process.arguments])
        for argument in process.variables:
            assert np.array_equal(
                np.asarray(plain[argument.name]), np.asarray(fast[argument.name])
            ), argument.name


@each
def test_nothing_happens_in_no_time(process: Process) -> None:
    values = _arguments(process, 3, days=0.0)
    for argument in process.variables:  # what others did in this step: in no time, nothing
        if argument.intent == "in" and VOCABULARY[argument.name].kind == "flow":
            values[argument.name] = values[argument.name] * 0.0
    before = _copy(values)
    process(**values)
    for argument in process.variables:
        if (
            argument.intent == "inout"
            and VOCABULARY[argument.name].unit in PEOPLE
            and argument.name not in ("reference_pool", "enemies")
        ):
            assert np.array_equal(values[argument.name], before[argument.name]), argument.name


@pytest.mark.parametrize("process", [p for p in ALL if p.each == "place"], ids=lambda p: p.name)
def test_a_change_in_one_place_leaves_others_alone(process: Process) -> None:
    """Through the adapter: two places, of which the second is changed; the first must come out the
    same, bit for bit."""
    by_place = frozenset(
        a.name for a in process.variables if VOCABULARY[a.name].dims[:1] == ("place",)
    )
    adapter = adapters.compile_adapter(process, by_place)

    def run(second: int) -> np.ndarray[Any, Any]:
        state, own = np.zeros(4000), np.zeros(200)
        at = np.zeros(adapters.at_width(process), np.int64)
        at[0] = 2
        offset, parameter_offset, first = 0, 0, []
        for argument, position in adapters.layout_of(process):
            size = math.prod(SIZES.get(d, 3) for d in argument.dims)
            at[position + 1 : position + 1 + len(argument.dims)] = [
                SIZES.get(d, 3) for d in argument.dims
            ]
            if argument.intent == "parameter":
                at[position] = parameter_offset
                own[parameter_offset : parameter_offset + size] = _value(
                    argument, np.random.default_rng(1)
                )
                parameter_offset += size
                continue
            at[position] = offset
            copies = 2 if argument.name in by_place else 1
            for k in range(copies):
                seed = 7 if k == 0 else second
                values = _value(argument, np.random.default_rng([seed, position]))
                state[offset + k * size : offset + (k + 1) * size] = np.ravel(values)
            if copies == 2:
                first.append((offset, size))
            offset += copies * size
        adapter(state, own, at, draws.new_stream(["A", "B", "C"], ["W", "X"], 5), 7.0)
        return np.concatenate([state[o : o + n] for o, n in first])

    assert np.array_equal(run(11), run(12))


def test_registry_finds_and_refuses() -> None:
    assert processes.find("combat").name == "combat"
    with pytest.raises(KeyError):
        processes.find("no_such_process")
