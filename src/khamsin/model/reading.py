"""Read a model folder: everything is checked, and all faults are reported at once."""

from pathlib import Path

from khamsin.model.amounts import Amount
from khamsin.model.bibtex import Reference, read_references
from khamsin.model.claims import Known, read_claims
from khamsin.model.context import Context
from khamsin.model.dims import read_tables, read_variables
from khamsin.model.disk import find_inside
from khamsin.model.documents import Document, read_document
from khamsin.model.faults import Faults
from khamsin.model.installed import find
from khamsin.model.model import Model
from khamsin.model.observations import read_observations, read_outputs
from khamsin.model.parameters import read_hypotheses, read_parameters, read_processes
from khamsin.model.partition import read_parts
from khamsin.model.parts import Time
from khamsin.model.scenarios import read_history, read_scenarios
from khamsin.model.schema import LAST_YEAR, ModelFile
from khamsin.model.starts import read_earlier, read_state
from khamsin.model.validation import validate
from khamsin.model.vocabulary import vocabulary
from khamsin.units import UnitError, factor

STEPS = 1_000_000  # more are a slip of the unit


def read(path: str | Path, trust: bool = False) -> Model:
    """Read a model.

    Parameters
    ----------
    path : str or Path
        A model's folder, or the name of an installed model.
    trust : bool
        Whether Python files beside the model may be run later. Without it, a model that names one
        is refused. Reading runs none either way.

    Returns
    -------
    Model
        What its files say, checked; `resolved()` gives it as plain data.

    Raises
    ------
    ModelError
        With all faults at once, each with file and line.
    InputError
        When there is no such folder or installed model.

    Examples
    --------
    >>> import khamsin
    >>> model = khamsin.read("libya-2016")
    >>> model.title
    'Libya and the war on IS, May 2016'
    """
    folder = find(path)
    faults = Faults()
    document = _document(folder, faults)
    entry = validate(document, ModelFile, faults) if document else None
    if document is None or entry is None:
        raise faults.error()
    context = Context(folder, document, entry, faults, _time(document, entry, faults))
    context.references = _references(folder, faults)
    read_tables(context)
    read_variables(context)
    processes = read_processes(context, trust)
    hypotheses = read_hypotheses(context)
    scenarios = read_scenarios(context)
    parts = read_parts(context, processes)
    model = Model(
        folder,
        folder.resolve().name,
        entry.format,
        entry.title,
        entry.description,
        context.time,
        context.tables,
        context.variables,
        frozenset(context.variables) - frozenset(vocabulary()),
        read_state(context),
        read_earlier(context),
        read_history(context),
        processes,
        read_parameters(context),
        hypotheses,
        scenarios,
        read_observations(context),
        parts,
        read_outputs(context),
        read_claims(context, Known(processes, hypotheses, scenarios, parts)),
        context.references or {},
        document,
    )
    if faults:
        raise faults.error()
    return model


def _document(folder: Path, faults: Faults) -> Document | None:
    path, reason = find_inside(folder, "model.yaml")
    if path is None:
        others = sorted(f.name for f in folder.glob("*model*.y*ml*") if f.name != "model.yaml")
        what = reason + (f", but {others[0]}: rename it" if others else "")
        faults.add(str(folder / "model.yaml"), None, what)
        return None
    return read_document(path, faults)


def _references(folder: Path, faults: Faults) -> dict[str, Reference] | None:
    """Read references.bib, when there is one; None when it is at fault."""
    path = folder / "references.bib"
    if not path.exists() and not path.is_symlink():
        return {}
    inside, reason = find_inside(folder, "references.bib")
    if inside is None:
        faults.add(str(path), None, reason)
        return None
    own = Faults()
    found = read_references(inside, own)
    faults.extend(own)
    return None if own else found


def _time(document: Document, entry: ModelFile, faults: Faults) -> Time:
    given = entry.time
    if given.end < given.start:
        line = document.line("time", "end")
        faults.add(document.file, line, f"time: end {given.end} lies before start {given.start}")
    elif not given.start <= given.origin <= given.end:
        line = document.line("time", "origin")
        what = f"time: origin {given.origin} lies outside of {given.start} to {given.end}"
        faults.add(document.file, line, what)
    step = _days(given.step, document, faults)
    length = (given.end - given.start).days + 1
    if step is not None and (step <= 0 or 0 < length < step):
        what = f"time: a step of {step:g} days must be above 0 and no longer than the whole"
        faults.add(document.file, document.line("time", "step"), what)
    elif step is not None and given.end.year < LAST_YEAR and length / step > STEPS:
        what = f"time: {length / step:,.0f} steps are too many: at most {STEPS:,}"
        faults.add(document.file, document.line("time", "step"), what)
    return Time(given.start, given.origin, given.end, step or 1.0)


def _days(step: Amount, document: Document, faults: Faults) -> float | None:
    line = document.line("time", "step")
    if step.unit is None:
        faults.add(
            document.file, line, f"time: step {step.number:g} has no unit: write it like 7 day"
        )
        return None
    try:
        return step.number * factor(step.unit, "day")
    except UnitError as error:
        faults.add(document.file, line, f"time: step: {error.what}", error.suggestion)
        return None
