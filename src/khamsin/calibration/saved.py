"""States of thousands of members in little memory: only the cells that differ from a template.

Most of a member's buffer is tables and empty pairs of place and actor, alike in all members:
libya-2016 has 57,000 numbers a member, of which some 2,400 differ.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class SavedBlock:
    """The states of some members: which cells differ from the template, and their values."""

    cells: Ints
    values: Floats


@dataclass(frozen=True)
class SavedStates:
    """The states of all members, in blocks of `size`.

    Attributes
    ----------
    template : ndarray, dims (cell,)
    blocks : list of SavedBlock
    size : int
        Members in a block; the last may have fewer.
    """

    template: Floats
    blocks: list[SavedBlock]
    size: int

    def taken(self, members: Ints) -> Floats:
        """Return the states of members, dims (member, cell); cheapest when their numbers rise."""
        state = np.tile(self.template, (members.size, 1))
        homes = members // self.size
        for home in np.unique(homes):
            block = self.blocks[int(home)]
            rows = np.flatnonzero(homes == home)
            state[rows[:, None], block.cells] = block.values[members[rows] - home * self.size]
        return state


def save_block(state: Floats, template: Floats) -> SavedBlock:
    """Keep what differs from the template."""
    cells = np.flatnonzero((state != template).any(axis=0))
    return SavedBlock(cells, state[:, cells])
