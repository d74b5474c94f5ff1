"""Parameters that cannot be: a rate, a number of people or a length below zero, a share above one.

A kernel takes whatever it is given, and min and max in it would make something of a negative rate
without a word. What a process declares says what can be: a quantity with a unit whose own prior has
nothing below zero, and a share, whose own prior is a beta distribution.
"""

from collections.abc import Iterator

from khamsin.errors import Fault, ModelError
from khamsin.plan import Plan
from khamsin.plan.parameters import Parameter
from khamsin.priors import Beta, Prior


def refuse_impossible(plan: Plan) -> None:
    """Refuse a plan that gives a parameter a value which its process cannot mean.

    Raises
    ------
    ModelError
        All faults at once, with file and line.
    """
    own = {
        f"{i.name}.{a.name}": a.prior
        for i in plan.instances
        for a in i.process.parameters
        if a.prior is not None
    }
    faults = []
    for parameter in plan.parameters:
        for keys, priors in _given(plan, parameter):
            wrong = next((w for p in priors if (w := _wrong(own, parameter, p))), None)
            if wrong:
                faults.append(Fault(*plan.model.line_of(*keys), f"{parameter.name}: {wrong}"))
    if faults:
        raise ModelError(faults)


def _given(plan: Plan, parameter: Parameter) -> Iterator[tuple[tuple[str, ...], tuple[Prior, ...]]]:
    """The priors that the model's file gives a parameter, with the keys under which they stand."""
    if parameter.name in plan.model.parameters:
        yield ("parameters", parameter.name), parameter.priors
    for (question, answer), priors in parameter.answers.items():
        yield ("hypotheses", question, "answers", answer, "parameters", parameter.name), priors


def _wrong(own: dict[str, Prior], parameter: Parameter, given: Prior) -> str:
    """Say what is wrong with a prior; nothing when it can be."""
    declared = own[parameter.name]
    low, high = given.support
    least, most = declared.support
    share = isinstance(declared, Beta)
    if low < 0 <= least and (share or parameter.unit != "1"):
        return f"{given.describe()} reaches below 0, which it cannot be"
    if share and high > most:
        return f"{given.describe()} reaches above {most:g}, the most that it can be"
    return ""
