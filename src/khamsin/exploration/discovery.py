"""Scenario discovery: in which futures does something happen? Boxes of factors, by PRIM and CART
(Friedman and Fisher 1999; Bryant and Lempert 2010), from the EMA Workbench (extra `explore`)."""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from khamsin.errors import InputError
from khamsin.exploration.factors import Space

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# A restriction that chance would give so often is left out of the words (but not of the box).
BY_CHANCE = 0.05
LEAST = 0.05  # of the futures that a leaf of the tree must hold


@dataclass(frozen=True)
class Limit:
    """The restriction of a box along one factor.

    Attributes
    ----------
    low, high : float
        Of a parameter, in quantiles of its prior.
    answers : tuple of str
        Of a hypothesis.
    by_chance : float
        Probability of a restriction as telling as this if the factor did not matter; NaN of CART.
    """

    name: str
    low: float
    high: float
    answers: tuple[str, ...]
    by_chance: float


@dataclass(frozen=True)
class Box:
    """Futures that lie together.

    Attributes
    ----------
    method : str
        "prim" or "cart".
    coverage : float
        Share of the cases that the box holds.
    density : float
        Share of the futures in the box that are cases.
    mass : float
        Share of all futures that lie in the box.
    """

    method: str
    coverage: float
    density: float
    mass: float
    limits: tuple[Limit, ...]


def table_of(space: Space, design: Floats) -> "pd.DataFrame":
    """Return the futures of a design as the EMA Workbench wants them: a column a factor.

    Parameters in quantiles of their priors; answers as categories; luck is left out, because nobody
    can act on it.
    """
    import pandas as pd

    answers = space.answers(design)
    columns: dict[str, Any] = {}
    for k, factor in enumerate(space.factors):
        if factor.kind == "hypothesis":
            columns[factor.name] = pd.Categorical(answers[factor.name])
        elif factor.kind == "parameter":
            columns[factor.name] = design[:, k]
    return pd.DataFrame(columns)


def discover(futures: "pd.DataFrame", cases: Flags) -> list[Box]:
    """Find boxes that hold many of the cases and little else, by PRIM and by CART.

    Parameters
    ----------
    futures : DataFrame
        Of `table_of`.
    cases : ndarray of bool, dims (row,)

    Returns
    -------
    list of Box
        The box of PRIM with the best balance of coverage and density (the harmonic mean), then the
        leaves of the tree in which cases are the majority.

    Raises
    ------
    InputError
        When all futures are cases, or none; or when the EMA Workbench is not installed.
    """
    if cases.all() or not cases.any():
        raise InputError(
            f"{'all' if cases.all() else 'none'} of the {cases.size} futures are cases: "
            "there is nothing to tell apart"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from ema_workbench.analysis import cart, prim
    except ImportError as error:
        raise InputError("discovery needs the extra: pip install 'khamsin[explore]'") from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pandas, about the Workbench's own tables
        return [_by_prim(prim, futures, cases), *_by_cart(cart, futures, cases)]


def _by_prim(prim: Any, futures: "pd.DataFrame", cases: Flags) -> Box:
    found = prim.Prim(futures, cases, threshold=min(0.8, 0.5 + cases.mean() / 2)).find_box()
    if found is None:
        return Box("prim", 1.0, float(cases.mean()), 1.0, ())
    path = found.peeling_trajectory
    balance = 2.0 * path["coverage"] * path["density"] / (path["coverage"] + path["density"])
    best = int(np.argmax(np.nan_to_num(balance.to_numpy(dtype=float))))
    chances = found.qp[best]
    return Box(
        "prim",
        float(path["coverage"].iloc[best]),
        float(path["density"].iloc[best]),
        float(path["mass"].iloc[best]),
        _limits(found.box_lims[best], futures, chances),
    )


def _by_cart(cart: Any, futures: "pd.DataFrame", cases: Flags) -> list[Box]:
    tree = cart.CART(futures, cases, mass_min=LEAST)
    tree.build_tree()
    boxes = [
        Box("cart", s["coverage"], s["density"], s["mass"], _limits(lims, futures, {}))
        for lims, s in zip(tree.boxes, tree.stats, strict=True)
        if s["density"] > 0.5
    ]
    return sorted(boxes, key=lambda b: -b.coverage)


def _limits(box: "pd.DataFrame", futures: "pd.DataFrame", chances: Any) -> tuple[Limit, ...]:
    found = []
    for name in box.columns:
        low, high = box[name].iloc[0], box[name].iloc[1]
        chance = chances.get(name, float("nan"))
        by_chance = (
            float(np.nanmin(np.where(np.asarray(chance) < 0, np.nan, chance)))
            if name in chances
            else float("nan")
        )
        if isinstance(low, set):
            everything = set(futures[name].unique())
            if set(low) != everything:
                found.append(Limit(str(name), 0.0, 1.0, tuple(sorted(map(str, low))), by_chance))
        elif low > futures[name].min() or high < futures[name].max():
            found.append(Limit(str(name), float(low), float(high), (), by_chance))
    return tuple(sorted(found, key=lambda f: (f.by_chance, f.name)))
