"""What the YAML files of a model folder may say."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, PlainValidator, Tag, WithJsonSchema
from pydantic.json_schema import models_json_schema

from khamsin.model.amounts import Amount, Belief, Quantity, Strict, Value
from khamsin.model.tables import read_day

ID = r"[A-Za-z_][A-Za-z0-9_]*"
LAST_YEAR = 9000  # a calendar ends with 9999, and months are counted past the end


def _day(written: Any) -> date:
    found = read_day(written) if isinstance(written, str) else None
    if found is None:
        raise ValueError(f"{str(written)[:40]} is no day: write it like 2016-05-17")
    if found.year > LAST_YEAR:
        raise ValueError(f"{found} lies after the year {LAST_YEAR}")
    return found


Day = Annotated[date, PlainValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Name = Annotated[str, Field(pattern=rf"^{ID}$")]
Text = Annotated[str, Field(min_length=1)]
OneOrMore = Annotated[
    list[str],
    BeforeValidator(lambda written: [written] if isinstance(written, str) else written),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
# a section may be left out, or stand there with nothing under it (see Strict)
_Mapping: Any = Field(default_factory=dict)
_List: Any = Field(default_factory=list)


class TimeEntry(Strict):
    """The days of the model, and the length of its step."""

    start: Day
    origin: Day
    end: Day
    step: Quantity


class VariableEntry(Strict):
    """A variable of this model's own."""

    dims: list[str]
    unit: str = "1"
    kind: Literal["stock", "flow", "forcing", "table"]
    bounds: Annotated[
        list[Annotated[float, Field(allow_inf_nan=True)]],
        Field(min_length=2, max_length=2),
        Field(default_factory=lambda: [0.0, float("inf")]),
    ]
    default: float = 0.0
    meaning: Text


class SourcedPrior(Belief):
    """A prior with its source."""

    source: Text
    known_on: Day | None = None


class TableStart(Strict):
    """Starting values out of a table."""

    file: Text
    column: Text
    unit: str | None = None
    between: Annotated[list[Text], Field(min_length=2, max_length=2)] | None = None
    remainder: str | None = None
    garrison: SourcedPrior | None = None
    symmetric: bool = False


def _start_kind(written: Any) -> str:
    if isinstance(written, TableStart):
        return "<table>"
    if not isinstance(written, dict):
        return "<quantity>" if not isinstance(written, SourcedPrior) else "<prior>"
    return "<table>" if "file" in written or "column" in written else "<prior>"


StateEntry = Annotated[
    Annotated[TableStart, Tag("<table>")]
    | Annotated[SourcedPrior, Tag("<prior>")]
    | Annotated[Quantity, Tag("<quantity>")],
    Discriminator(_start_kind),
]


class ProcessEntry(Strict):
    """A named instance of a process, with its arguments bound to variables."""

    process: Text
    bind: Annotated[dict[str, str], _Mapping]


def _process_kind(written: Any) -> str:
    return "<instance>" if isinstance(written, dict) else "<name>"


ProcessLine = Annotated[
    Annotated[dict[str, ProcessEntry], Field(min_length=1, max_length=1), Tag("<instance>")]
    | Annotated[Text, Tag("<name>")],
    Discriminator(_process_kind),
]


class ParameterMapping(Belief):
    """The prior of a parameter; `only` gives single elements another one."""

    default: Value | None = None
    only: Annotated[dict[str, Value], _Mapping]
    source: Text | None = None
    known_on: Day | None = None


def _parameter_kind(written: Any) -> str:
    return "<prior>" if isinstance(written, (dict, ParameterMapping)) else "<quantity>"


ParameterEntry = Annotated[
    Annotated[ParameterMapping, Tag("<prior>")] | Annotated[Quantity, Tag("<quantity>")],
    Discriminator(_parameter_kind),
]


class AnswerEntry(Strict):
    """An answer to a hypothesis: what it sets, and how likely it is held to be."""

    weight: Annotated[float, Field(gt=0)]
    parameters: Annotated[dict[str, ParameterEntry], _Mapping]
    source: Text


class HypothesisEntry(Strict):
    """A question with rival answers; each member holds one."""

    question: Text
    live: bool = True
    answers: Annotated[dict[Name, AnswerEntry], Field(min_length=1)]


class UseEntry(Strict):
    """The first and the last month that fitting and testing use."""

    fit: Annotated[list[str], Field(min_length=2, max_length=2)] | None = None
    test: Annotated[list[str], Field(min_length=2, max_length=2)] | None = None


class ObservationEntry(Strict):
    """A series that the ensemble is held against."""

    title: Text
    file: Text
    column: Text
    variable: str
    plus: Annotated[list[str], _List]
    where: Annotated[list[str], _List]
    every: Literal["month", "step"] = "month"
    unit: Text | None = None
    reporting: Annotated[dict[str, dict[str, Value]], _Mapping]
    against: Text | None = None
    use: UseEntry = UseEntry()
    source: Text
    known_on: Day | None = None


class PartEntry(Strict):
    """A part of the system: the processes that make it, and what is observed of it."""

    number: Annotated[int, Field(ge=1)]
    title: Text
    processes: Annotated[OneOrMore, Field(min_length=1)]
    series: Annotated[OneOrMore, Field(min_length=1)]


class OutputsEntry(Strict):
    """What a run records."""

    variables: list[str]
    every: Literal["month", "step"] = "month"
    watch: list[str] = Field(default_factory=list)


class ModelFile(Strict):
    """model.yaml"""

    format: Literal[1]
    title: Text
    description: str = ""
    time: TimeEntry
    places: Text
    routes: Text | None = None
    actors: Text | None = None
    tables: Annotated[dict[Name, Text], _Mapping]
    variables: Annotated[dict[Name, VariableEntry], _Mapping]
    state: Annotated[dict[str, StateEntry], _Mapping]
    earlier: Annotated[dict[str, dict[str, StateEntry]], _Mapping]  # day -> what stood otherwise
    history: Text | None = None  # what intervened before the origin, in the form of a scenario
    processes: Annotated[list[ProcessLine], _List]
    parameters: Annotated[dict[str, ParameterEntry], _Mapping]
    hypotheses: Annotated[dict[Name, HypothesisEntry], _Mapping]
    observations: Annotated[dict[Name, ObservationEntry], _Mapping]
    scenario: Text | None = None  # what runs when nothing is asked for
    parts: Annotated[dict[Name, PartEntry], _Mapping]
    outputs: OutputsEntry


class InterventionEntry(Strict):
    """One change: of what, where, when and by how much."""

    change: Text
    where: Annotated[dict[str, OneOrMore], _Mapping]
    from_: Day | None = Field(None, alias="from")
    to: Day | None = None
    on: Day | None = None
    set_: Value | None = Field(None, alias="set")
    scale: Value | None = None
    add: Value | None = None
    source: Text
    known_on: Day | None = None


class ScenarioFile(Strict):
    """scenarios/NAME.yaml"""

    title: Text
    description: str = ""
    interventions: Annotated[list[InterventionEntry], _List]


def schema() -> dict[str, Any]:
    """Return the JSON Schema of model.yaml; that of a scenario is ``$defs/ScenarioFile``."""
    _, found = models_json_schema([(ModelFile, "validation"), (ScenarioFile, "validation")])
    definitions = found["$defs"]
    main = definitions.pop("ModelFile")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **main, "$defs": definitions}


__all__ = ["Amount", "ModelFile", "ScenarioFile", "schema"]
