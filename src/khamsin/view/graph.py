"""Where to draw places that have no coordinates: linked ones near each other, all apart.

Forces as in Fruchterman and Reingold (1991): links pull, all places push; from a fixed start, so
that the same model is always drawn the same way.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from khamsin.view.geometry import Points

ROUNDS = 300


def layout(places: int, links: npt.NDArray[np.int64]) -> Points:
    """Positions (place, 2) in the unit square.

    Parameters
    ----------
    places : int
        How many there are.
    links : array of int (link, 2)
        Pairs of places that belong near each other; direction and repetition do not matter.
    """
    if places == 0:
        return np.zeros((0, 2))
    if places == 1:
        return np.full((1, 2), 0.5)
    turn = np.arange(places) * 2.399963  # the golden angle: even, and in no line
    radius = np.sqrt((np.arange(places) + 0.5) / places)
    at = np.stack([np.cos(turn), np.sin(turn)], axis=1) * radius[:, None]
    pull = np.zeros((places, places))
    for a, b in links:
        if a != b:
            pull[a, b] = pull[b, a] = 1.0
    spring = 1.6 / np.sqrt(places)
    for step in np.linspace(0.2, 0.004, ROUNDS):
        apart = at[:, None] - at[None]
        distance = np.maximum(np.hypot(apart[..., 0], apart[..., 1]), 1e-6)
        force = spring**2 / distance**2 - pull * distance / spring
        np.fill_diagonal(force, 0)
        # a weak pull to the middle keeps unlinked places on the sheet
        move = (apart * force[..., None]).sum(axis=1) - 0.6 * at
        length = np.maximum(np.hypot(move[:, 0], move[:, 1]), 1e-9)
        at = at + move / length[:, None] * np.minimum(length, step)[:, None]
    low, high = at.min(axis=0), at.max(axis=0)
    return np.asarray((at - low) / np.maximum(high - low, 1e-9), dtype=np.float64)
