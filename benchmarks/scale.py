"""What a member of libya-2016 costs: processor time and bytes, as docs/scale.md counts them."""

import time
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.measuring import Figures, say, scratch

if TYPE_CHECKING:
    from khamsin.ensemble import Store

NAMES = ("libya_members_per_core_hour", "libya_kb_per_member")
BLOCKS, BLOCK = 3, 50


def measure() -> Figures:
    """Make and write blocks of members on one thread; the first compiles and does not count."""
    from khamsin import ensemble
    from khamsin.engine import compile_plan
    from khamsin.model import find, read
    from khamsin.plan import plan

    made = plan(read(find("libya-2016")))
    engine = compile_plan(made, 1)
    engine.block(np.arange(2))
    taken = []
    with scratch() as home:
        store = ensemble.create(made, home, 1, BLOCKS * BLOCK, BLOCK)
        laid_out = _size(store)
        for number in range(BLOCKS):
            began = time.process_time()
            records = engine.block(store.members_of(number))
            ran = time.process_time()
            store.write(number, records)
            taken.append((ran - began, time.process_time() - ran))
        written = _size(store) - laid_out
        files = sum(1 for f in store.path.rglob("c/*") if f.is_file() or f.is_dir())
    ran, wrote = (float(np.median(t)) for t in zip(*taken, strict=True))
    say(f"{ran:.2f} s to run {BLOCK} members, {wrote:.2f} s to write them, {files} chunks")
    say(f"{made.calendar.steps} steps, {written / BLOCKS / 1e6:.1f} MB a block")
    return {
        "libya_members_per_core_hour": BLOCK * 3600 / (ran + wrote),
        "libya_kb_per_member": written / (BLOCKS * BLOCK) / 1e3,
    }


def _size(store: "Store") -> int:
    folders = (store.path, store.ledger)
    return sum(f.stat().st_size for each in folders for f in each.rglob("*") if f.is_file())
