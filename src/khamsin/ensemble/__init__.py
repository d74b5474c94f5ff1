"""The ensemble on disk: one Zarr v3 store a scenario, written block by block, resumable, opened by
xarray.

    RUN_DIR/run.json             what was asked
    RUN_DIR/<scenario>.zarr      the ensemble; group `parameters` holds each member's parameters
    RUN_DIR/<scenario>.blocks/   one small file a finished block of members, with the hashes of its
    chunks

A block counts as done when its file in `.blocks` is there: it is written last, by renaming. So a
run that is killed at any moment goes on where it was, and ends with the same bytes.
"""

from khamsin.ensemble.finding import find_store, stores_in
from khamsin.ensemble.opening import in_memory, open_ensemble
from khamsin.ensemble.parameters import open_parameters
from khamsin.ensemble.store import Store, create, find_or_plan, make
from khamsin.storage import clear_disk_errors, locked, write_text

__all__ = [
    "Store",
    "clear_disk_errors",
    "create",
    "find_or_plan",
    "find_store",
    "in_memory",
    "locked",
    "make",
    "open_ensemble",
    "open_parameters",
    "stores_in",
    "write_text",
]
