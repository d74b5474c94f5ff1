"""How a process is declared: one annotated function, whose signature is the only declaration.

    @process(each="place", references=("lanchester_1916",))
    def attrition(
        fighters: Annotated[Array, InOut("actor", "person")],
        kill_rate: Annotated[float, Param("1/day", LogNormal(2e-4, 1.0), "judgement")],
        dt: Days,
        rng: Stream,
    ) -> None:

`In` is read and not written, `Out` starts each step from zero, `InOut` changes in place. The dims
are those of the vocabulary; in a process for each place the leading `place` is left out. A `float`
is a single number; a number for one place that is written is an `Array` of size one with dims "".
The function itself is the compiled kernel, and can be called in a test with small arrays.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import numpy as np

from khamsin.priors import Prior

Array = np.ndarray[Any, np.dtype[np.float64]]
Stream = np.ndarray[Any, np.dtype[np.uint64]]


@dataclass(frozen=True)
class In:
    """A variable that the process reads."""

    dims: str
    unit: str


@dataclass(frozen=True)
class Out:
    """A variable that the process alone sets; zero at the start of each step."""

    dims: str
    unit: str


@dataclass(frozen=True)
class InOut:
    """A variable that the process changes in place; a flow starts each step from zero, and several
    processes may add to it."""

    dims: str
    unit: str


@dataclass(frozen=True)
class Param:
    """A parameter: unit, prior, source of the prior, and dims when there is one value for each of
    something."""

    unit: str
    prior: Prior
    source: str
    dims: str = ""


@dataclass(frozen=True)
class _Clock:
    """Length of the step, in days."""


Days = Annotated[float, _Clock()]

Intent = Literal["in", "out", "inout", "parameter", "days", "stream"]
Each = Literal["place", "model"]


@dataclass(frozen=True)
class Argument:
    """One argument of a process, as its signature declares it."""

    name: str
    intent: Intent
    dims: tuple[str, ...] = ()
    unit: str = "1"
    scalar: bool = False
    prior: Prior | None = None
    source: str = ""


@dataclass(frozen=True)
class Process:
    """A declared process. Calling it calls the kernel as plain Python."""

    name: str
    function: Callable[..., None]
    each: Each
    arguments: tuple[Argument, ...]
    references: tuple[str, ...]

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        self.function(*args, **kwargs)

    @property
    def summary(self) -> str:
        """First sentence of the docstring."""
        return " ".join((inspect.getdoc(self.function) or "").partition("\n\n")[0].split())

    @property
    def variables(self) -> tuple[Argument, ...]:
        """The arguments that are state variables."""
        return tuple(a for a in self.arguments if a.intent in ("in", "out", "inout"))

    @property
    def parameters(self) -> tuple[Argument, ...]:
        """The arguments that are parameters."""
        return tuple(a for a in self.arguments if a.intent == "parameter")


def process(
    *, each: Each, references: tuple[str, ...] = ()
) -> Callable[[Callable[..., None]], Process]:
    """Declare a process: its function is called for each place of a member, or once for the whole
    map.

    Parameters
    ----------
    each : {"place", "model"}
    references : tuple of str
        Keys of the literature that the formula comes from.

    Returns
    -------
    callable
        A decorator that makes a `Process` of the function.

    Raises
    ------
    TypeError
        When an argument is not annotated as a variable, a parameter, `Days` or `Stream`; the
        message names it.

    Examples
    --------
    >>> from typing import Annotated
    >>> import numpy as np
    >>> from khamsin.priors import LogNormal
    >>> from khamsin.process import Array, Days, InOut, Param, process
    >>> @process(each="place")
    ... def fade(
    ...     fear: Annotated[Array, InOut("", "1")],
    ...     memory: Annotated[float, Param("day", LogNormal(30.0, 0.5), "judgement")],
    ...     dt: Days,
    ... ) -> None:
    ...     '''Let fear fade.'''
    ...     fear[0] -= fear[0] * dt / memory
    >>> fear = np.array([1.0])
    >>> fade(fear, 28.0, 7.0)
    >>> fear
    array([0.75])
    >>> fade.name, fade.summary
    ('fade', 'Let fear fade.')
    """
    if each not in ("place", "model"):
        raise TypeError(f'each must be "place" or "model", not {each!r}')

    def declare(function: Callable[..., None]) -> Process:
        hints = get_type_hints(function, include_extras=True)
        hints.pop("return", None)
        names = list(inspect.signature(function).parameters)
        arguments = tuple(_argument(function.__name__, name, hints.get(name)) for name in names)
        return Process(function.__name__, function, each, arguments, references)

    return declare


def _argument(process_name: str, name: str, hint: Any) -> Argument:
    if hint == Stream:
        return Argument(name, "stream")
    if get_origin(hint) is not Annotated:
        raise TypeError(
            f"{process_name}.{name} says neither In, Out, InOut, Param, Days nor Stream"
        )
    kind, mark = get_args(hint)[:2]
    scalar = kind is float
    match mark:
        case _Clock():
            return Argument(name, "days", unit="day", scalar=True)
        case Param(unit, prior, source, dims):
            return Argument(name, "parameter", tuple(dims.split()), unit, scalar, prior, source)
        case In(dims, unit):
            return Argument(name, "in", tuple(dims.split()), unit, scalar)
        case Out(dims, unit) | InOut(dims, unit):
            if scalar:
                raise TypeError(
                    f"{process_name}.{name} is written, so it must be an Array, not a float"
                )
            return Argument(
                name, "out" if isinstance(mark, Out) else "inout", tuple(dims.split()), unit
            )
    raise TypeError(
        f"{process_name}.{name}: {mark!r} is none of In, Out, InOut, Param, Days, Stream"
    )
