"""The parameters of a plan: each with its prior under each answer of each hypothesis, and how
members draw them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from khamsin.draws import uniforms
from khamsin.errors import Fault, nearest
from khamsin.model import Model, ParameterSpec
from khamsin.plan.layout import Instance
from khamsin.priors import Fixed, Prior
from khamsin.units import UnitError, factor

if TYPE_CHECKING:
    from datetime import date

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Parameter:
    """One parameter of one process, with a prior for each of its elements.

    Attributes
    ----------
    answers : dict
        (hypothesis, answer) -> priors that stand in place of `priors` for members who hold that
        answer.
    """

    name: str
    unit: str
    dims: tuple[str, ...]
    elements: tuple[str, ...]
    offset: int
    priors: tuple[Prior, ...]
    source: str
    known_on: "date | None"
    answers: dict[tuple[str, str], tuple[Prior, ...]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Number of elements."""
        return len(self.elements)


def parameters_of(
    model: Model, instances: Sequence[Instance], dims: Mapping[str, list[str]]
) -> tuple[list[Parameter], list[Fault]]:
    """Resolve each parameter of each process: the model's prior, else the process's own."""
    faults: list[Fault] = []
    known = {f"{i.name}.{a.name}" for i in instances for a in i.process.parameters}
    specs: list[tuple[tuple[str, ...], Mapping[str, ParameterSpec]]] = [
        (("parameters",), model.parameters)
    ]
    for question, hypothesis in model.hypotheses.items():
        for answer, given in hypothesis.answers.items():
            specs.append(
                (("hypotheses", question, "answers", answer, "parameters"), given.parameters)
            )
    for keys, given_specs in specs:
        for name in given_specs:
            if name not in known:
                faults.append(_unknown(model, keys, name, known, instances))
    found, offset = [], 0
    for instance in instances:
        for argument in instance.process.parameters:
            name = f"{instance.name}.{argument.name}"
            elements = tuple(dims[argument.dims[0]]) if argument.dims else ("",)
            assert argument.prior is not None

            def resolve(
                spec: ParameterSpec,
                keys: tuple[str, ...],
                below: tuple[Prior, ...],
                name: str = name,
                unit: str = argument.unit,
                elements: tuple[str, ...] = elements,
            ) -> tuple[Prior, ...]:
                where = model.line_of(*keys, name)
                try:
                    scale = factor(spec.unit, unit) if spec.unit else 1.0
                except UnitError as error:
                    faults.append(Fault(*where, f"{name}: {error}"))
                    scale = 1.0
                for element in spec.only:
                    if element not in elements:
                        faults.append(
                            Fault(
                                *where,
                                f"{name} has no element {element!r}",
                                nearest(element, elements),
                            )
                        )
                chosen = []
                given = [spec.default, *spec.only.values()]
                if below_zero(unit, *(p for p in given if p is not None)):
                    faults.append(Fault(*where, f"{name} is a time and cannot be below 0"))
                for element, prior in zip(elements, below, strict=True):
                    own = spec.only.get(element, spec.default)
                    chosen.append(prior if own is None else own.scaled(scale))
                return tuple(chosen)

            priors: tuple[Prior, ...] = (argument.prior,) * len(elements)
            spec = model.parameters.get(name)
            if spec is not None:
                priors = resolve(spec, ("parameters",), priors)
            answers = {}
            for question, hypothesis in model.hypotheses.items():
                for answer, given in hypothesis.answers.items():
                    if name in given.parameters:
                        keys = ("hypotheses", question, "answers", answer, "parameters")
                        answers[question, answer] = resolve(given.parameters[name], keys, priors)
            found.append(
                Parameter(
                    name,
                    argument.unit,
                    argument.dims,
                    elements,
                    offset,
                    priors,
                    spec.source if spec else argument.source,
                    spec.known_on if spec else None,
                    answers,
                )
            )
            offset += len(elements)
    return found, faults


def below_zero(unit: str, *priors: Prior) -> bool:
    """Say whether one of the priors of a time (a lag, a memory, a delay) reaches below 0."""
    try:
        factor(unit, "day")
    except UnitError:
        return False
    return any(prior.support[0] < 0 for prior in priors)


def _unknown(
    model: Model, keys: tuple[str, ...], name: str, known: set[str], instances: Sequence[Instance]
) -> Fault:
    file, line = model.line_of(*keys, name)
    owner, _, last = name.partition(".")
    if owner in {i.name for i in instances}:
        own = {k.partition(".")[2] for k in known if k.startswith(f"{owner}.")}
        alike = nearest(last, own)
        has = "" if alike else f", which has {', '.join(sorted(own)) or 'none'}"
        return Fault(file, line, f"{name} is no parameter of {owner}{has}", alike)
    return Fault(file, line, f"{name}: the model runs no process {owner!r}", nearest(name, known))


def draw_parameters(
    parameters: Sequence[Parameter],
    seed: int,
    members: Ints,
    held: Mapping[str, npt.NDArray[np.str_]],
) -> Floats:
    """Draw each member's parameters from the priors, pinned to seed, member and name.

    Parameters
    ----------
    held : mapping
        Hypothesis -> the answer of each member, dims (member,). The same luck serves all answers,
        so that two answers differ by their priors and by nothing else.

    Returns
    -------
    ndarray, dims (member, parameter element)
    """
    return parameters_at(
        parameters,
        lambda p, element: uniforms(seed, f"parameter {p.name} {element}", members)[:, 0],
        held,
        members.size,
    )


def parameters_at(
    parameters: Sequence[Parameter],
    luck: Callable[[Parameter, str], Floats],
    held: Mapping[str, npt.NDArray[np.str_]],
    members: int,
) -> Floats:
    """Return the parameters of members whose place in each prior is given.

    Parameters
    ----------
    luck : callable
        Of a parameter and one of its elements: the probabilities at which the priors' quantiles are
        taken, dims (member,), strictly between 0 and 1.
    held : mapping
        Hypothesis -> the answer of each member, dims (member,).
    members : int

    Returns
    -------
    ndarray, dims (member, parameter element)
    """
    placed = np.empty((members, sum(p.size for p in parameters)))
    middle = np.full(members, 0.5)
    for parameter in parameters:
        for k, element in enumerate(parameter.elements):
            # A fixed number needs no luck; most elements are fixed.
            drawn = any(
                not isinstance(one[k], Fixed)
                for one in (parameter.priors, *parameter.answers.values())
            )
            u = luck(parameter, element) if drawn else middle
            values = parameter.priors[k].quantile(u)
            for (question, answer), priors in parameter.answers.items():
                if question in held:
                    holders = held[question] == answer
                    values = np.where(holders, priors[k].quantile(u), values)
            placed[:, parameter.offset + k] = values
    return placed
