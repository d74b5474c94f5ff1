"""How many fewer members the effect of a local change needs when draws are pinned."""

import numpy as np
import numpy.typing as npt

from benchmarks.measuring import Figures, say
from benchmarks.yardstick.engine import engine
from khamsin.engine import Engine

NAMES = ("pinned_gain",)
MEMBERS = 200
ELSEWHERE = 1_000_000  # from this member number on, luck is independent of that of the first ones

Floats = npt.NDArray[np.float64]


def measure() -> Figures:
    """Put 1,000 people more into one far place, and ask how many more people join in two years.

    The effect is the difference of the whole map's recruits. It is resolved to 5 % when its
    standard error is a twentieth of it. For the figure, members without pinned draws have the same
    starting values and parameters all the same; without these too, the gain is larger still.
    """
    plain, changed, other = engine(), engine("more-people"), engine("more-people", seed=2)
    members = np.arange(MEMBERS)
    before = _recruits(plain, members, members)
    after = {
        "pinned draws": _recruits(changed, members, members),
        "independent draws": _recruits(changed, members, members + ELSEWHERE),
        "independent seeds": _recruits(other, members, members),
    }
    effect = (after["pinned draws"] - before).mean()
    say(f"{effect:.1f} more recruits among {before.mean():,.0f}, which is resolved to 5 % with")
    needed = {}
    for name, recruits in after.items():
        needed[name] = (recruits - before).var(ddof=1) / (0.05 * effect) ** 2
        say(f"{needed[name]:,.0f} members and {name}")
    return {"pinned_gain": needed["independent draws"] / needed["pinned draws"]}


def _recruits(ours: Engine, members: npt.NDArray[np.int64], luck: npt.NDArray[np.int64]) -> Floats:
    """Return everyone who joined, anywhere and ever, in each member."""
    state, parameters, values = ours.start(members)
    record = ours.advance(state, parameters, values, luck, 0, ours.plan.calendar.steps)
    return record["newcomers"].sum(axis=(1, 2))
