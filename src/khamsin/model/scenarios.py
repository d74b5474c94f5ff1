"""Scenarios: files of interventions, each a change of something, somewhere, for some time."""

import re
from datetime import date
from pathlib import Path
from typing import Literal

from khamsin.errors import nearest
from khamsin.model.amounts import Amount, Belief
from khamsin.model.context import Context, table_of
from khamsin.model.disk import find_inside
from khamsin.model.documents import Document, read_document
from khamsin.model.parts import Intervention, Scenario
from khamsin.model.schema import ID, InterventionEntry, ScenarioFile
from khamsin.model.validation import validate
from khamsin.model.vocabulary import Variable
from khamsin.priors import Prior

Action = Literal["set", "scale", "add"]


def read_scenarios(context: Context) -> dict[str, Scenario]:
    """Read all scenarios/*.yaml of a model, by name; first the one that model.yaml names."""
    found = {}
    folder = context.folder / "scenarios"
    if folder.exists() and not folder.is_dir():
        context.faults.add(str(folder), None, "must be a folder of files like as-it-is.yaml")
    for path in sorted(folder.glob("*.y*ml"))[:1000] if folder.is_dir() else []:
        name = path.stem
        if path.suffix != ".yaml":
            context.faults.add(str(path), None, f"scenarios are files like {name}.yaml")
            continue
        if not re.fullmatch(r"\w[\w-]*", name):
            what = "the name of a scenario may hold only letters, digits, _ and -"
            context.faults.add(str(path), None, what)
            continue
        inside, reason = find_inside(context.folder, f"scenarios/{path.name}")
        if inside is None:
            context.faults.add(str(path), None, reason)
            continue
        scenario = _scenario(context, inside, name)
        if scenario is not None:
            found[name] = scenario
    first = context.entry.scenario
    names = [path.stem for path in folder.glob("*.yaml")]
    if first is not None and first not in names:
        what = f"scenario: there is no scenario {first!r}"
        context.fault(("scenario",), what, nearest(first, names))
    return dict(sorted(found.items(), key=lambda each: each[0] != first))


def read_history(context: Context) -> Scenario | None:
    """Read the file that `history:` names: what intervened before the origin."""
    name = context.entry.history
    if name is None:
        return None
    inside, reason = find_inside(context.folder, name)
    if inside is None:
        context.fault(("history",), f"history: {reason}")
        return None
    found = _scenario(context, inside, "history")
    for each in found.interventions if found else ():
        begun = each.start or each.on
        if begun is None or begun >= context.time.origin:
            what = (
                f"history: {each.change} must begin (`from`, or `on`) on a day before the origin "
                f"{context.time.origin}: what comes later belongs into a scenario"
            )
            context.faults.add(each.file, each.line, what)
    return found


def _scenario(context: Context, path: Path, name: str) -> Scenario | None:
    document = read_document(path, context.faults)
    entry = validate(document, ScenarioFile, context.faults) if document else None
    if entry is None or document is None:
        return None
    interventions = []
    for i, each in enumerate(entry.interventions):
        intervention = _Reader(context, document, i, each).read()
        if intervention is not None:
            interventions.append(intervention)
    return Scenario(name, entry.title, entry.description, interventions)


class _Reader:
    """Reads one intervention."""

    def __init__(
        self, context: Context, document: Document, number: int, entry: InterventionEntry
    ) -> None:
        self.context = context
        self.document = document
        self.number = number
        self.entry = entry
        self.variable: Variable | None = None

    def line(self, key: str = "") -> int | None:
        return self.document.line("interventions", self.number, *([key] if key else []))

    def fault(self, key: str, what: str, suggestion: str | None = None) -> None:
        self.context.faults.add(self.document.file, self.line(key), what, suggestion)

    def read(self) -> Intervention | None:
        entry = self.entry
        known = self._check_change()
        if known:
            self._check_where()
        self._check_days()
        self.context.check_source(
            self.document.file, self.line("source"), entry.source, entry.change
        )
        given: dict[Action, Belief | Amount | None] = {
            "set": entry.set_,
            "scale": entry.scale,
            "add": entry.add,
        }
        actions = [action for action, value in given.items() if value is not None]
        if len(actions) != 1:
            what = f"{entry.change}: write one of set, scale and add, not {len(actions)} of them"
            self.fault("change", what)
            return None
        action = actions[0]
        if known:
            self._check_action(action)
        value = given[action]
        assert value is not None
        where = f"{entry.change}: {action}"
        found = self.context.read_prior(value, self.document.file, self.line(action), where)
        if found is None or not known:
            return None
        self._check_value(action, *found)
        return Intervention(
            entry.change,
            dict(entry.where),
            entry.from_,
            entry.to,
            entry.on,
            action,
            *found,
            entry.source,
            entry.known_on,
            self.document.file,
            self.line() or 1,
        )

    def _check_change(self) -> bool:
        """Find the variable that is changed; a parameter is looked up by the plan."""
        name = self.entry.change
        self.variable = self.context.variables.get(name)
        if self.variable is not None or re.fullmatch(rf"{ID}\.{ID}", name):
            return True
        if name in self.context.excused:
            return False
        what = f"there is no variable or parameter {name}"
        self.fault("change", what, nearest(name, self.context.variables))
        return False

    def _check_where(self) -> None:
        context, entry = self.context, self.entry
        allowed = {*context.tables, *context.broken}
        if self.variable is not None:
            allowed = set(self.variable.dims)
        elif "actor" in allowed:
            allowed.add("other")
        if "place" in allowed:
            allowed.add("country")
        for dim, ids in entry.where.items():
            if dim not in allowed:
                has = ", ".join(sorted(allowed)) or "none: it is a single number"
                what = f"{entry.change}: where cannot name {dim}; it may name {has}"
                self.fault("where", what, nearest(dim, allowed))
                continue
            for id in ids:
                self._check_id(dim, id)

    def _check_id(self, dim: str, id: str) -> None:
        table = self.context.tables.get("place" if dim == "country" else table_of(dim))
        if table is None:
            return  # its own table is at fault
        valid: list[str] = table.ids
        if dim == "country":
            valid = sorted(set(table.columns.get("country", [])) - {""})
        if dim == "link":
            valid = [f"{route}:{way}" for route in table.ids for way in ("ab", "ba")]
        if id not in valid:
            what = f"{self.entry.change}: there is no {dim} {id}"
            line = self.document.line("interventions", self.number, "where", dim)
            self.context.faults.unknown(self.document.file, line, what, id, valid)

    def _check_days(self) -> None:
        time, entry = self.context.time, self.entry
        days: dict[str, date | None] = {"from": entry.from_, "to": entry.to, "on": entry.on}
        for key, day in days.items():
            if day is not None and not time.start <= day <= time.end:
                what = f"{key} {day} lies outside of the model's time, {time.start} to {time.end}"
                self.fault(key, f"{entry.change}: {what}")
        if entry.on and (entry.from_ or entry.to):
            self.fault("on", f"{entry.change}: write `on`, or `from` and `to`, not both")
        if entry.from_ and entry.to and entry.to < entry.from_:
            self.fault("to", f"{entry.change}: to {entry.to} lies before from {entry.from_}")

    def _check_action(self, action: Action) -> None:
        entry, kind = self.entry, self.variable.kind if self.variable else "parameter"
        what = ""
        if kind in ("flow", "table"):
            what = f"is a {kind}: interventions change forcings, stocks and parameters"
        elif kind == "stock" and (action != "add" or entry.on is None):
            what = "is a stock: it is changed by `add`, `on` a day"
        elif kind in ("forcing", "parameter") and entry.on is not None:
            what = f"is a {kind}: it is changed `from` and `to` a day, not `on` one"
        elif kind == "parameter" and action == "add":
            what = "is a parameter: it is changed by `set` or `scale`"
        elif entry.change == "link_open" and action != "scale":
            # a road that the tables shut may lead where nothing is recorded: the plan asked them
            what = "is a road: shut it by `scale: 0`; `uses` in the table of routes opens it"
        if what:
            self.fault("change", f"{entry.change} {what}")

    def _check_value(self, action: Action, prior: Prior, unit: str | None) -> None:
        """Check unit and bounds of the value, as far as they are known without the processes."""
        if action == "scale":
            if unit is not None:
                self.fault(action, f"{self.entry.change}: a factor has no unit")
            if prior.support[0] < 0:
                self.fault(action, f"{self.entry.change}: a factor cannot be below 0")
            return
        if self.variable is None:
            return
        file, line = self.document.file, self.line(action)
        own = self.context.in_unit_of(self.variable, (prior, unit), file, line)
        if own is not None and action == "set":
            self.context.check_bounds(self.variable, own, file, line)
