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

    def taken(self, members: Ints, into: Floats | None = None) -> Floats:
        """Return the states of members, dims (member, cell).

        Parameters
        ----------
        into : ndarray, dims (member, cell), optional
            Where to write them; each row must be the template. A new array when not given.
        """
        state = np.tile(self.template, (members.size, 1)) if into is None else into
        for row, member in zip(state, members.tolist(), strict=True):
            block = self.blocks[member // self.size]
            row[block.cells] = block.values[member % self.size]
        return state


def save_block(state: Floats, template: Floats) -> SavedBlock:
    """Keep what differs from the template."""
    differs = np.zeros(template.size, dtype=bool)
    for row in state:  # one at a time: the whole is hundreds of megabytes, and a row fits a cache
        differs |= row != template
    cells = np.flatnonzero(differs)
    return SavedBlock(cells, state[:, cells])


def clear_block(state: Floats, block: SavedBlock, template: Floats) -> None:
    """Make each row of a state that was saved the template again."""
    blank = template[block.cells]
    for row in state:
        row[block.cells] = blank
