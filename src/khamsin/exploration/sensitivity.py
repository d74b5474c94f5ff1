"""Which assumption carries the result: Morris screening of all factors, then Sobol indices of the
strongest. Samplers and analysers are SALib's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from khamsin.errors import InputError
from khamsin.exploration.factors import CHANCE, START, Space

Floats = npt.NDArray[np.float64]
Measure = Callable[[Floats], Floats]

LEVELS = 4  # of a Morris design, as Campolongo et al. 2007
OTHERS = "all other parameters"


@dataclass(frozen=True)
class Screened:
    """Elementary effects of a factor (Morris 1991; Campolongo, Cariboni, Saltelli 2007).

    Attributes
    ----------
    mean : float
        Mean absolute change of the outcome when the factor alone moves through its range.
    error : float
        Half the width of the 95 % interval of `mean`.
    spread : float
        Standard deviation of the signed effects: large beside the mean, the factor acts through
        others.
    """

    name: str
    mean: float
    error: float
    spread: float


@dataclass(frozen=True)
class Share:
    """The share of the outcome's variance that a factor carries (Sobol 2001; Saltelli 2010).

    Attributes
    ----------
    first, first_error : float
        What knowing the factor alone would take away, and half of its 95 % interval.
    total, total_error : float
        What is left when all others are known.
    members : tuple of str
        The factors that it stands for.
    """

    name: str
    first: float
    first_error: float
    total: float
    total_error: float
    members: tuple[str, ...]


def screening_design(space: Space, trajectories: int, seed: int) -> Floats:
    """Return a Morris design, dims (row, factor): `trajectories` x (factors + 1) rows."""
    from SALib.sample import morris

    return np.asarray(
        morris.sample(problem(space.names), trajectories, num_levels=LEVELS, seed=seed)
    )


def screen(space: Space, design: Floats, outcome: Floats, seed: int) -> list[Screened]:
    """Rank the factors by their elementary effects, the strongest first.

    Raises
    ------
    InputError
        When the outcome is the same in all futures.
    """
    from SALib.analyze import morris

    _refuse_constant(outcome)
    found = morris.analyze(
        problem(space.names), design, outcome, num_levels=LEVELS, seed=seed, print_to_console=False
    )
    rows = [
        Screened(name, float(mean), float(error), float(spread))
        for name, mean, error, spread in zip(
            space.names, found["mu_star"], found["mu_star_conf"], found["sigma"], strict=True
        )
    ]
    return sorted(rows, key=lambda r: -r.mean)


def grouping(space: Space, strongest: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Group the factors: each of the strongest for itself, luck, and all others in one."""
    own = [n for n in space.names if n in strongest or n in (START, CHANCE)]
    rest = tuple(n for n in space.names if n not in own)
    return {**{n: (n,) for n in own}, **({OTHERS: rest} if rest else {})}


def apportioning_design(
    space: Space, groups: dict[str, tuple[str, ...]], size: int, seed: int
) -> Floats:
    """Return a Saltelli design, dims (row, factor): `size` x (groups + 2) rows.

    Parameters
    ----------
    size : int
        A power of two.
    """
    from SALib.sample import sobol

    if size < 1 or size & (size - 1):
        raise InputError(f"a Sobol design needs a power of two, not {size}")
    sampled = sobol.sample(_grouped(space, groups), size, calc_second_order=False, seed=seed)
    return np.asarray(sampled)


def apportion(
    space: Space, groups: dict[str, tuple[str, ...]], outcome: Floats, seed: int
) -> list[Share]:
    """Share the variance of an outcome out among groups of factors, the largest total first.

    Raises
    ------
    InputError
        When the outcome is the same in all futures.
    """
    from SALib.analyze import sobol

    _refuse_constant(outcome)
    found = sobol.analyze(
        _grouped(space, groups),
        outcome,
        calc_second_order=False,
        seed=seed,
        print_to_console=False,
    )
    columns = (found[k] for k in ("S1", "S1_conf", "ST", "ST_conf"))
    rows = [
        Share(name, float(s1), float(s1_error), float(st), float(st_error), groups[name])
        for name, s1, s1_error, st, st_error in zip(_order(space, groups), *columns, strict=True)
    ]
    return sorted(rows, key=lambda r: -r.total)


def problem(names: Sequence[str]) -> dict[str, Any]:
    """Return the factors as a problem of SALib: each on [0, 1], in quantiles of its prior."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def base_rows(groups: dict[str, tuple[str, ...]], rows: int) -> npt.NDArray[np.bool_]:
    """Return which rows of a Saltelli design are independent draws of all factors, dims (row,)."""
    step = len(groups) + 2
    place = np.arange(rows) % step
    return np.asarray((place == 0) | (place == step - 1))


def _grouped(space: Space, groups: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    group_of = {name: group for group, names in groups.items() for name in names}
    return {**problem(space.names), "groups": [group_of[n] for n in space.names]}


def _order(space: Space, groups: dict[str, tuple[str, ...]]) -> list[str]:
    """Groups in the order in which SALib returns them: as they first appear."""
    group_of = {name: group for group, names in groups.items() for name in names}
    return list(dict.fromkeys(group_of[n] for n in space.names))


def _refuse_constant(outcome: Floats) -> None:
    if outcome.std() == 0.0:
        raise InputError("the outcome is the same in all futures: there is nothing to explain")
