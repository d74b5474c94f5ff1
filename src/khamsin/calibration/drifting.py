"""Parameters and answers of particles drift a little at each resampling, so descendants differ.

Each parameter, of processes and of reporting, is kept as its place under its prior, on the scale of
a standard normal, and moves as an autoregression that leaves the standard normal, so the prior,
as it is (the Crank-Nicolson proposal of Cotter and others 2013, without its acceptance step). Now
and then an answer to a hypothesis is taken anew from its prior. What is estimated is then a model
whose parameters change slowly; with a drift of 0 it is the fixed one, and a few hundred particles
are soon left with the parameters of two or three ancestors.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from khamsin.draws import uniforms
from khamsin.hindcast.observed import Observed
from khamsin.hindcast.records import reporting_parameters, reporting_parameters_at
from khamsin.plan import Plan
from khamsin.plan.parameters import Parameter
from khamsin.priors import Fixed

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DRIFT = 0.15  # of the prior's standard deviation, at each resampling
ANEW = 3.0  # an answer is taken anew with this times the square of the drift: 7 in 100


class Drifting:
    """The parameters of particles.

    Attributes
    ----------
    values : ndarray, dims (particle, element)
        Of the processes.
    reporting : dict
        Series -> parameter -> ndarray, dims (particle,).
    held : dict
        Hypothesis -> the answer of each particle, dims (particle,).
    """

    def __init__(
        self, plan: Plan, observed: Mapping[str, Observed], seed: int, members: int, drift: float
    ) -> None:
        self.plan, self.observed, self.seed, self.drift = plan, observed, seed, drift
        everyone = np.arange(members)
        self.values = plan.draw_parameters(seed, everyone)
        self.reporting = {n: reporting_parameters(o, seed, everyone) for n, o in observed.items()}
        self.held = plan.answers(seed, everyone)
        self.scores: dict[str, Floats] = {}
        if drift <= 0.0:
            return
        names = [f"parameter {p.name} {e}" for p in plan.parameters for e in _drawn(p)]
        names += [f"reporting {n} {p}" for n, o in observed.items() for p in o.parameters]
        for name in names:
            self.scores[name] = ndtri(uniforms(seed, name, everyone)[:, 0])

    def descend(self, ancestors: Ints, period: int) -> None:
        """Put descendants in the place of particles, and let them drift."""
        self.held = {q: answers[ancestors] for q, answers in self.held.items()}
        if self.drift <= 0.0:
            self.values = self.values[ancestors]
            self.reporting = {
                series: {name: values[ancestors] for name, values in own.items()}
                for series, own in self.reporting.items()
            }
            return
        rng = np.random.default_rng([self.seed, period, 1])
        keep = np.sqrt(1.0 - self.drift**2)
        for question, answers in self.held.items():
            names = self.plan.live[question]
            if len(names) > 1:
                given = self.plan.model.hypotheses[question].answers
                weights = np.array([given[n].weight for n in names])
                anew = rng.choice(np.array(names), answers.size, p=weights / weights.sum())
                changed = rng.random(answers.size) < ANEW * self.drift**2
                self.held[question] = np.where(changed, anew, answers)
        for name, scores in self.scores.items():
            step = rng.standard_normal(scores.size)
            self.scores[name] = keep * scores[ancestors] + self.drift * step

        self.values = self.values[ancestors]
        for parameter in self.plan.parameters:
            for k in _varying(parameter):
                self.values[:, parameter.offset + k] = self._value(parameter, k)
        self.reporting = {
            series: reporting_parameters_at(
                one, {p: self._uniform(f"reporting {series} {p}") for p in one.parameters}
            )
            for series, one in self.observed.items()
        }

    def _value(self, parameter: Parameter, k: int) -> Floats:
        """Return an element of a parameter at its place under the prior of each answer held."""
        name = f"parameter {parameter.name} {parameter.elements[k]}"
        luck = self._uniform(name) if name in self.scores else np.full(self.values.shape[0], 0.5)
        found = parameter.priors[k].quantile(luck)
        for (question, answer), priors in parameter.answers.items():
            holders = self.held[question] == answer
            if holders.any():
                found = np.where(holders, priors[k].quantile(luck), found)
        return np.asarray(found, dtype=np.float64)

    def _uniform(self, name: str) -> Floats:
        return np.clip(ndtr(self.scores[name]), 1e-12, 1.0 - 1e-12)


def _varying(parameter: Parameter) -> list[int]:
    """Return the numbers of the elements that differ between particles."""
    drawn = set(_drawn(parameter))
    return [
        k
        for k, element in enumerate(parameter.elements)
        if element in drawn or any(p[k] != parameter.priors[k] for p in parameter.answers.values())
    ]


def _drawn(parameter: Parameter) -> list[str]:
    """Return the elements of a parameter that are no fixed numbers, whatever the answer."""
    every = (parameter.priors, *parameter.answers.values())
    return [
        element
        for k, element in enumerate(parameter.elements)
        if any(not isinstance(priors[k], Fixed) for priors in every)
    ]
