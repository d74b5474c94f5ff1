"""What a model is: a folder of plain files, read and checked."""

from khamsin.model.installed import find, installed
from khamsin.model.model import Model
from khamsin.model.parts import (
    Answer,
    Constant,
    Drawn,
    FromTable,
    Hypothesis,
    Intervention,
    Observation,
    Outputs,
    ParameterSpec,
    Part,
    ProcessUse,
    Scenario,
    StartingValue,
    StartRow,
    Time,
)
from khamsin.model.reading import read
from khamsin.model.schema import schema
from khamsin.model.tables import Table
from khamsin.model.vocabulary import Variable, vocabulary

__all__ = [
    "Answer",
    "Constant",
    "Drawn",
    "FromTable",
    "Hypothesis",
    "Intervention",
    "Model",
    "Observation",
    "Outputs",
    "ParameterSpec",
    "Part",
    "ProcessUse",
    "Scenario",
    "StartRow",
    "StartingValue",
    "Table",
    "Time",
    "Variable",
    "find",
    "installed",
    "read",
    "schema",
    "vocabulary",
]
