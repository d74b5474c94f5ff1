"""Where everything lies: dims, and each variable's place in a member's one buffer of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from khamsin.errors import Fault, nearest
from khamsin.model import FromTable, Model, Variable
from khamsin.process import Argument, Process
from khamsin.units import UnitError, factor

DERIVED = (
    "link_from",
    "link_to",
    "link_km",
    "link_open",
    "holder",
    "latitude",
    "longitude",
    "country",
    "day_of_year",
)  # what the planner sets itself (starts.py)


@dataclass(frozen=True)
class Instance:
    """A process at its place in the order of the step, with its arguments bound to variables."""

    name: str
    process: Process
    bind: dict[str, str]
    line: int

    def variable(self, argument: Argument) -> str:
        """Return the name of the variable that an argument stands for."""
        return self.bind.get(argument.name, argument.name)


@dataclass(frozen=True)
class Slot:
    """A variable's place in the buffer."""

    variable: Variable
    shape: tuple[int, ...]
    offset: int
    base: int | None  # forcings only: where the value without interventions is kept

    @property
    def size(self) -> int:
        """Number of cells."""
        size = 1
        for n in self.shape:
            size *= n
        return size


def dims_of(model: Model) -> dict[str, list[str]]:
    """Return each dim with its ids, in the order of the tables; links are directed routes.

    A dim of the vocabulary for which the model has no table is empty: what it spans does not exist
    in this model.
    """
    dims = {name: list(table.ids) for name, table in model.tables.items()}
    dims.setdefault("place", [])
    dims.setdefault("actor", [])
    dims.setdefault("route", [])
    dims["other"] = dims["actor"]
    dims["link"] = [f"{r}:{way}" for r in dims["route"] for way in ("ab", "ba")]
    for variable in model.variables.values():
        for dim in variable.dims:
            dims.setdefault(dim, [])
    return dims


def remainders(model: Model) -> list[str]:
    """Return the variables that take what the places of a total do not hold."""
    tables = [s for s in model.state.values() if isinstance(s, FromTable)]
    return [s.remainder for s in tables if s.remainder]


def slots_of(
    model: Model, instances: Sequence[Instance], dims: dict[str, list[str]]
) -> tuple[dict[str, Slot], int]:
    """Give each variable that is used a place in the buffer; return the slots and the buffer's
    size."""
    names = [i.variable(a) for i in instances for a in i.process.variables]
    names += [*model.state, *model.outputs.variables]
    wanted = [name for name in dict.fromkeys(names) if name in model.variables]
    wanted += remainders(model)
    slots: dict[str, Slot] = {}
    offset = 0
    for name in dict.fromkeys(wanted):
        variable = model.variables[name]
        shape = tuple(len(dims[d]) for d in variable.dims)
        slot = Slot(variable, shape, offset, None)
        offset += slot.size
        if variable.kind == "forcing":
            slot = Slot(variable, shape, slot.offset, offset)
            offset += slot.size
        slots[name] = slot
    return slots, offset


def signature_faults(model: Model, instances: Sequence[Instance]) -> list[Fault]:
    """Hold each signature against the vocabulary: names, dims, units."""
    faults = []
    file = str(model.folder / "model.yaml")
    for instance in instances:
        for argument in instance.process.variables:
            name = instance.variable(argument)
            where = f"{instance.name}.{argument.name}"
            if name not in model.variables:
                faults.append(
                    Fault(
                        file,
                        instance.line,
                        f"{where}: there is no variable {name!r}",
                        nearest(name, model.variables),
                    )
                )
                continue
            variable = model.variables[name]
            dims = variable.dims
            own = dims[1:] if instance.process.each == "place" and dims[:1] == ("place",) else dims
            if argument.dims not in (dims, own) or (
                instance.process.each == "place" and argument.dims != own
            ):
                faults.append(
                    Fault(
                        file,
                        instance.line,
                        f"{where} has dims ({' '.join(argument.dims)}), but {name} has "
                        f"({' '.join(dims)}) in the vocabulary",
                    )
                )
            faults += _unit_fault(
                file,
                instance.line,
                f"{where} is in {argument.unit}, but {name} is in "
                f"{variable.unit} in the vocabulary",
                argument.unit,
                variable.unit,
            )
            if argument.intent != "in" and variable.kind in ("table", "forcing"):
                faults.append(
                    Fault(
                        file,
                        instance.line,
                        f"{where} writes {name}, which is a {variable.kind} and is "
                        "written by no process",
                    )
                )
    return faults


def _unit_fault(file: str, line: int, what: str, declared: str, known: str) -> list[Fault]:
    try:
        if abs(factor(declared, known) - 1.0) < 1e-12:
            return []
    except UnitError:
        pass
    return [Fault(file, line, what)]


def _adds(model: Model, instance: Instance, argument: Argument) -> bool:
    """Say whether the argument is a flow that the process adds to."""
    variable = model.variables.get(instance.variable(argument))
    return argument.intent == "inout" and variable is not None and variable.kind == "flow"


def _remedy(model: Model, name: str) -> str:
    """Say what can set a variable: nothing gives a flow a starting value, it starts from zero."""
    if model.variables[name].kind == "flow":
        return "put a process earlier in `processes:` that does"
    return "give it a starting value under `state:`"


def order_faults(model: Model, instances: Sequence[Instance]) -> list[Fault]:
    """Check the intents in the order of the step: one writer an `Out`, nothing read that nothing
    sets.

    A flow that processes declare InOut starts each step from zero and is added to by each.
    """
    file = str(model.folder / "model.yaml")
    faults = []
    sole: dict[str, str] = {}
    starts = set(model.state) | set(DERIVED)
    starts |= set(remainders(model))
    starts |= {n for n, v in model.variables.items() if v.optional}
    outs = {
        i.variable(a): i.name
        for i in reversed(instances)
        for a in i.process.variables
        if a.intent == "out" or _adds(model, i, a)
    }
    sums = {i.variable(a) for i in instances for a in i.process.variables if _adds(model, i, a)} - {
        i.variable(a) for i in instances for a in i.process.variables if a.intent == "out"
    }
    done: set[str] = set()
    nowhere = {"route", "link"} if "route" not in model.tables else set()
    for instance in instances:
        for argument in instance.process.variables:
            name = instance.variable(argument)
            where = f"{instance.name}.{argument.name}"
            if name not in model.variables:
                continue
            if argument.intent == "out":
                if name in sole:
                    faults.append(
                        Fault(
                            file,
                            instance.line,
                            f"both {sole[name]} and {instance.name} set {name}: "
                            "only one process may declare it Out",
                        )
                    )
                if name in model.state:
                    faults.append(
                        Fault(
                            *model.line_of("state", name),
                            f"{name} has a starting value, but {instance.name} "
                            "sets it from zero in each step",
                        )
                    )
                sole[name] = instance.name
            elif argument.intent == "inout" and name in sums:
                continue  # it adds to what started from zero
            elif nowhere & set(model.variables[name].dims):
                continue  # a model without routes has nobody on the road
            elif name not in starts and name not in outs:
                faults.append(
                    Fault(
                        file,
                        instance.line,
                        f"{where} reads {name}, which nothing sets: " + _remedy(model, name),
                    )
                )
            elif name in outs and name not in done and name not in starts:
                faults.append(
                    Fault(
                        file,
                        instance.line,
                        f"{where} reads {name} before {outs[name]} has set it: "
                        f"put {outs[name]} earlier in `processes:`",
                    )
                )
        done |= {
            instance.variable(a)
            for a in instance.process.variables
            if a.intent == "out" or (a.intent == "inout" and instance.variable(a) in sums)
        }
    for name in model.outputs.variables:
        if name in model.variables and name not in starts and name not in outs:
            faults.append(
                Fault(*model.line_of("outputs", "variables"), f"outputs: nothing sets {name}")
            )
    return faults
