"""What a model consists of, read and checked: starting values, processes, parameters, scenarios."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from khamsin.priors import Prior


@dataclass(frozen=True)
class Time:
    """The days of a model (all included), and the length of its step in days."""

    start: date
    origin: date
    end: date
    step_days: float


@dataclass(frozen=True)
class Constant:
    """A starting value that is the same everywhere, in the variable's unit."""

    value: float


@dataclass(frozen=True)
class Drawn:
    """A starting value drawn for each member and element, in the variable's unit."""

    prior: Prior
    source: str
    known_on: date | None = None


@dataclass(frozen=True)
class StartRow:
    """One row of starting values.

    Attributes
    ----------
    index : tuple of str
        One id a dim of the variable; of a total, only those of the dims after the place.
    prior : Prior
        In the variable's unit; `Fixed` when the row gives no range.
    total : bool
        Whether this is a national row (a place such as ``*LIBYA``).
    """

    index: tuple[str, ...]
    prior: Prior
    total: bool
    source: str
    known_on: date
    line: int


@dataclass(frozen=True)
class FromTable:
    """Starting values out of a table; what has no row starts at the variable's default.

    Attributes
    ----------
    remainder : str or None
        The variable that takes what national rows hold and places do not.
    garrison : Prior or None
        The strength of a holder without fighters at its place.
    symmetric : bool
        Whether a row (a, b) stands for (b, a) as well.
    """

    rows: list[StartRow]
    remainder: str | None = None
    garrison: Prior | None = None
    symmetric: bool = False
    source_of_garrison: str | None = None
    file: str = ""
    column: str = ""


StartingValue = Constant | Drawn | FromTable


@dataclass(frozen=True)
class ProcessUse:
    """A process in the order of the step, under the name of this instance of it."""

    instance: str
    process: str
    bind: dict[str, str]
    file: str | None
    line: int


@dataclass(frozen=True)
class ParameterSpec:
    """The prior of a parameter in `unit` (None: in the unit that its process declares)."""

    default: Prior | None
    only: dict[str, Prior]
    unit: str | None
    source: str
    known_on: date | None
    line: int


@dataclass(frozen=True)
class Answer:
    """An answer to a hypothesis."""

    weight: float
    parameters: dict[str, ParameterSpec]
    source: str


@dataclass(frozen=True)
class Hypothesis:
    """A question with rival answers."""

    question: str
    live: bool
    answers: dict[str, Answer]


@dataclass(frozen=True)
class Intervention:
    """A change of a forcing or parameter over a time, or of a stock on a day.

    Attributes
    ----------
    change : str
        A variable, or ``instance.parameter``.
    where : dict
        Dim (or ``country``) -> ids, as written; a dim that is left out means all of it.
    start, end : date or None
        First and last day; None is from the start, or to the end.
    value : Prior
        In `unit` (None: in the unit of what is changed).
    """

    change: str
    where: dict[str, list[str]]
    start: date | None
    end: date | None
    on: date | None
    action: Literal["set", "scale", "add"]
    value: Prior
    unit: str | None
    source: str
    known_on: date | None
    file: str
    line: int


@dataclass(frozen=True)
class Scenario:
    """A named list of interventions."""

    name: str
    title: str
    description: str
    interventions: list[Intervention]


@dataclass(frozen=True)
class ObservedRow:
    """What was recorded of a period: `start` is its first day, `end` the first day after it."""

    label: str
    start: date
    end: date
    value: float | None
    known_on: date
    line: int


@dataclass(frozen=True)
class Reporting:
    """How truth becomes record: a model of `khamsin.reporting`, and priors of its parameters."""

    model: str
    parameters: dict[str, Prior]


@dataclass(frozen=True)
class Observation:
    """A series in a file that the ensemble is held against.

    `plus` names variables that are added to `variable` (civilians killed, to fighters killed);
    `where` holds ids with their kind (``country:IT``); `unit` is that of the record; `fit` and
    `test` are the first and the last month, such as ``2016-05``; `against` names the benchmark
    forecast that was chosen for it beforehand.
    """

    name: str
    title: str
    file: str
    column: str
    variable: str
    plus: list[str]
    where: list[str]
    every: str
    unit: str
    reporting: Reporting | None
    against: str
    fit: tuple[str, str] | None
    test: tuple[str, str] | None
    rows: tuple[ObservedRow, ...]
    source: str
    known_on: date | None
    line: int


@dataclass(frozen=True)
class Part:
    """A part of the system that can be switched off, with the processes that make it.

    Attributes
    ----------
    number : int
        Its place in the order in which the model's text describes its parts.
    processes : list of str
        Names of instances; one that several parts share is off when any of them is.
    series : list of str
        What is observed of it: measures (see `khamsin.measures`) of recorded variables, which move
        when the part is switched off.
    """

    name: str
    number: int
    title: str
    processes: list[str]
    series: list[str]
    line: int


@dataclass(frozen=True)
class Outputs:
    """What a run records, by month or by step; and the places that its table names first."""

    variables: list[str] = field(default_factory=list)
    every: Literal["month", "step"] = "month"
    watch: list[str] = field(default_factory=list)
