"""How truth becomes record: reporting models, each drawn from and each with its likelihood.

`truth` is what a model says happened (a count, a stock or a sum), `record` what was written down.
Parameters are numbers or arrays that broadcast against both. A record that is missing (NaN) says
nothing: its log-likelihood is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin.errors import InputError, nearest

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Sampler = Callable[[Floats, dict[str, Floats], np.random.Generator], Floats]
    Likelihood = Callable[[Floats, Floats, dict[str, Floats]], Floats]


@dataclass(frozen=True)
class Parameter:
    """A parameter of a reporting model.

    Attributes
    ----------
    name : str
    meaning : str
    unit : str
        `record` stands for the unit of the record.
    low, high : float
        Range, closed.
    default : float or None
        None must be given.
    """

    name: str
    meaning: str
    unit: str
    low: float
    high: float
    default: float | None = None


@dataclass(frozen=True)
class ReportingModel:
    """One way in which truth becomes record.

    Attributes
    ----------
    name : str
        As written in a model file.
    meaning : str
    counts : bool
        Whether records are whole numbers (the likelihood sums to 1 over them) or any number (it
        integrates to 1).
    parameters : tuple of Parameter
    signed : bool
        Whether the truth may be negative.
    """

    name: str
    meaning: str
    counts: bool
    parameters: tuple[Parameter, ...]
    _sample: Sampler
    _log_likelihood: Likelihood
    signed: bool = False

    def sample(
        self, truth: ArrayLike, parameters: Mapping[str, ArrayLike], rng: np.random.Generator
    ) -> Floats:
        """Draw a record for each truth.

        Parameters
        ----------
        truth : array
            What happened. Counting models round it to whole numbers where they thin it.
        parameters : mapping of str to number or array
            By name; those with a default may be left out.
        rng : Generator
            Source of randomness.

        Returns
        -------
        array
            Truth and parameters broadcast together.

        Raises
        ------
        InputError
            Parameters that are unknown, missing or out of range; a truth that is negative, where
            that has no meaning, or missing.
        """
        given = self._checked(parameters)
        happened = self._truth(truth)
        shape = np.broadcast_shapes(happened.shape, *(np.shape(v) for v in given.values()))
        return self._sample(np.broadcast_to(happened, shape), given, rng)

    def log_likelihood(
        self, record: ArrayLike, truth: ArrayLike, parameters: Mapping[str, ArrayLike]
    ) -> Floats:
        """Log-probability (or log-density) of a record, given the truth.

        Parameters
        ----------
        record : array
            What was written down; NaN where nothing was.
        truth : array
            What happened, for example (member,) against a single record.
        parameters : mapping of str to number or array
            As in `sample`.

        Returns
        -------
        array
            Record, truth and parameters broadcast together; -inf where the record cannot come from
            that truth, 0 where there is none.

        Raises
        ------
        InputError
            As `sample`.
        """
        given = self._checked(parameters)
        written, happened = np.broadcast_arrays(
            np.asarray(record, dtype=np.float64), self._truth(truth)
        )
        missing = np.isnan(written)
        known = np.where(missing, 0.0, written)
        with np.errstate(divide="ignore", invalid="ignore"):
            value = self._log_likelihood(known, happened, given)
        if self.counts:
            value = np.where((known < 0) | (known != np.rint(known)), -np.inf, value)
        return np.where(np.broadcast_to(missing, value.shape), 0.0, value)

    def _truth(self, truth: ArrayLike) -> Floats:
        values = np.asarray(truth, dtype=np.float64)
        if not np.isfinite(values).all():
            raise InputError(f"{self.name}: the truth is missing or infinite somewhere")
        if not self.signed and (values < 0).any():
            raise InputError(f"{self.name}: the truth is negative somewhere")
        return values

    def _checked(self, parameters: Mapping[str, ArrayLike]) -> dict[str, Floats]:
        known = {p.name: p for p in self.parameters}
        for name in parameters:
            if name not in known:
                hint = nearest(name, known)
                like = f". Did you mean {hint}?" if hint else ""
                raise InputError(f"{self.name} has no parameter {name}{like}")
        given = {}
        for parameter in self.parameters:
            value: Any = parameters.get(parameter.name, parameter.default)
            if value is None:
                raise InputError(
                    f"{self.name} needs the parameter {parameter.name} ({parameter.meaning})"
                )
            values = np.asarray(value, dtype=np.float64)
            if not ((values >= parameter.low) & (values <= parameter.high)).all():
                raise InputError(
                    f"{self.name}: {parameter.name} must lie between {parameter.low:g} and "
                    f"{parameter.high:g}"
                )
            given[parameter.name] = values
        return given


def reporting_model(name: str) -> ReportingModel:
    """Return the reporting model of this name.

    Parameters
    ----------
    name : str
        `binomial_share`, `negative_binomial`, `poisson`, `log_normal_error`, `normal_error`,
        `claimed_versus_true`, `minimum_count` or `misclassified`.

    Returns
    -------
    ReportingModel

    Raises
    ------
    InputError
        No such model, with the nearest name.
    """
    if name not in REPORTING:
        hint = nearest(name, REPORTING)
        like = f". Did you mean {hint}?" if hint else ""
        raise InputError(f"no reporting model {name!r}{like} There are {', '.join(REPORTING)}")
    return REPORTING[name]


def _binomial_sample(truth: Floats, p: dict[str, Floats], rng: np.random.Generator) -> Floats:
    return rng.binomial(np.rint(truth).astype(np.int64), p["share"]).astype(np.float64)


def _binomial_log(record: Floats, truth: Floats, p: dict[str, Floats]) -> Floats:
    from scipy.stats import binom

    return np.asarray(binom.logpmf(record, np.rint(truth), p["share"]))


def _mean(truth: Floats, p: dict[str, Floats]) -> Floats:
    return np.asarray(truth * p["share"] + p["background"])


def _poisson_sample(truth: Floats, p: dict[str, Floats], rng: np.random.Generator) -> Floats:
    return rng.poisson(_mean(truth, p)).astype(np.float64)


def _poisson_log(record: Floats, truth: Floats, p: dict[str, Floats]) -> Floats:
    from scipy.special import gammaln, xlogy

    mean = _mean(truth, p)
    return np.asarray(xlogy(record, mean) - mean - gammaln(record + 1))


def _negative_binomial_sample(
    truth: Floats, p: dict[str, Floats], rng: np.random.Generator
) -> Floats:
    mean, size = np.broadcast_arrays(_mean(truth, p), p["size"])
    return rng.poisson(rng.gamma(size, mean / size)).astype(np.float64)


def _negative_binomial_log(record: Floats, truth: Floats, p: dict[str, Floats]) -> Floats:
    from scipy.special import gammaln, xlog1py, xlogy

    mean, size = _mean(truth, p), p["size"]
    share = mean / (size + mean)
    counting = gammaln(record + size) - gammaln(size) - gammaln(record + 1)
    return np.asarray(counting + xlog1py(size, -share) + xlogy(record, share))


def _log_normal_sample(truth: Floats, p: dict[str, Floats], rng: np.random.Generator) -> Floats:
    bias = p.get("bias", np.float64(1.0))
    return np.asarray(truth * bias * np.exp(p["sigma"] * rng.standard_normal(truth.shape)))


def _log_normal_log(record: Floats, truth: Floats, p: dict[str, Floats]) -> Floats:
    middle = truth * p.get("bias", np.float64(1.0))
    off = (np.log(record) - np.log(middle)) / p["sigma"]
    density = -0.5 * off**2 - np.log(record * p["sigma"] * np.sqrt(2 * np.pi))
    # Nothing is recorded as nothing, with certainty; and something is never recorded as nothing.
    return np.where(
        middle == 0, np.where(record == 0, 0.0, -np.inf), np.where(record > 0, density, -np.inf)
    )


def _normal_sample(truth: Floats, p: dict[str, Floats], rng: np.random.Generator) -> Floats:
    return np.asarray(truth + p["sd"] * rng.standard_normal(truth.shape))


def _normal_log(record: Floats, truth: Floats, p: dict[str, Floats]) -> Floats:
    return np.asarray(
        -0.5 * ((record - truth) / p["sd"]) ** 2 - np.log(p["sd"] * np.sqrt(2 * np.pi))
    )


def _minimum_sample(truth: Floats, p: dict[str, Floats], rng: np.random.Generator) -> Floats:
    share, certainty = np.broadcast_arrays(p["share"], p["certainty"])
    known = rng.beta(share * certainty, (1 - share) * certainty, truth.shape)
    return rng.binomial(np.rint(truth).astype(np.int64), known).astype(np.float64)


def _minimum_log(record: Floats, truth: Floats, p: dict[str, Floats]) -> Floats:
    from scipy.special import betaln, gammaln

    a, b, n = p["share"] * p["certainty"], (1 - p["share"]) * p["certainty"], np.rint(truth)
    choose = gammaln(n + 1) - gammaln(record + 1) - gammaln(n - record + 1)
    value = choose + betaln(record + a, n - record + b) - betaln(a, b)
    return np.where(record > n, -np.inf, value)


def _class_sample(truth: Floats, p: dict[str, Floats], rng: np.random.Generator) -> Floats:
    right = rng.random(truth.shape) < p["accuracy"]
    return np.asarray((truth >= 0.5) == right, dtype=np.float64)


def _class_log(record: Floats, truth: Floats, p: dict[str, Floats]) -> Floats:
    right = np.log(np.where((record >= 0.5) == (truth >= 0.5), p["accuracy"], 1 - p["accuracy"]))
    return np.where(record <= 1, right, -np.inf)


_TINY, _HUGE = 1e-9, 1e12
_SHARE = Parameter("share", "share of the truth that is recorded", "1", 0.0, 1.0)
_ALL = Parameter("share", "share of the truth that is recorded", "1", 0.0, 1e3, 1.0)
_BACKGROUND = Parameter(
    "background", "records that have nothing to do with the truth", "record", 0.0, _HUGE, 0.0
)
_SIGMA = Parameter("sigma", "log-standard deviation of the error", "1", _TINY, 1e2)

REPORTING: dict[str, ReportingModel] = {
    model.name: model
    for model in (
        ReportingModel(
            "binomial_share",
            "each case is recorded or not, independently",
            True,
            (_SHARE,),
            _binomial_sample,
            _binomial_log,
        ),
        ReportingModel(
            "negative_binomial",
            "counts that scatter more than a Poisson: variance mean + mean^2 / size",
            True,
            (
                Parameter(
                    "size",
                    "size (k) of the negative binomial; large is nearly Poisson",
                    "1",
                    1e-3,
                    1e9,
                ),
                _ALL,
                _BACKGROUND,
            ),
            _negative_binomial_sample,
            _negative_binomial_log,
        ),
        ReportingModel(
            "poisson",
            "counts that scatter by chance alone",
            True,
            (_ALL, _BACKGROUND),
            _poisson_sample,
            _poisson_log,
        ),
        ReportingModel(
            "log_normal_error",
            "an estimate that is wrong by a factor, median 1",
            False,
            (_SIGMA,),
            _log_normal_sample,
            _log_normal_log,
        ),
        ReportingModel(
            "normal_error",
            "a measurement that is wrong by an amount, mean 0",
            False,
            (Parameter("sd", "standard deviation of the error", "record", _TINY, _HUGE),),
            _normal_sample,
            _normal_log,
            signed=True,
        ),
        ReportingModel(
            "claimed_versus_true",
            "a claim of a party: the truth times a bias, times a log-normal error",
            False,
            (Parameter("bias", "median of claimed over true", "1", _TINY, 1e3), _SIGMA),
            _log_normal_sample,
            _log_normal_log,
        ),
        ReportingModel(
            "minimum_count",
            "a lower bound: the cases that became known, a share that varies (beta-binomial)",
            True,
            (
                Parameter("share", "mean share that becomes known", "1", _TINY, 1.0 - _TINY),
                Parameter("certainty", "a + b of the beta law of that share", "1", 1e-3, 1e9),
            ),
            _minimum_sample,
            _minimum_log,
        ),
        ReportingModel(
            "misclassified",
            "yes or no (1 or 0), and sometimes the wrong way round",
            True,
            (Parameter("accuracy", "probability that it is right", "1", 0.5, 1.0),),
            _class_sample,
            _class_log,
        ),
    )
}
