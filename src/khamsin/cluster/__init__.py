"""The same blocks of members on a Dask cluster (extra `cluster`): `workers` lends its processes.

A task is the number of a block. Its worker resolves the model once, runs the block, writes its own
chunks to the store and its line to the ledger, and answers with the number: the scheduler carries
no arrays. Draws are pinned to members, so that the bytes are those of one machine.
"""

from khamsin.cluster.connection import Workers, workers
from khamsin.cluster.recipe import Recipe

__all__ = ["Recipe", "Workers", "workers"]
