"""The C yardstick: compiled by gcc into a temporary folder, called through ctypes."""

import ctypes
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.yardstick.folder import ACTORS, PLACES, ROUTES
from khamsin.draws import HEAD
from khamsin.engine import Engine, new_stream

Floats = npt.NDArray[np.float64]
A, P, L = ACTORS, PLACES, 2 * ROUTES
FLAGS = ["-O3", "-march=native", "-ffp-contract=off", "-shared", "-fPIC"]
STATE = [
    ("fighters", (P, A)),
    ("battle_deaths", (P, A)),
    ("civilian_deaths", (P,)),
    ("newcomers", (P, A)),
    ("kindled", (P, A)),
    ("attack_count", (P, A)),
    ("killed_in_attacks", (P, A)),
    ("residents", (P,)),
    ("drowned", (P,)),
]
PARAMETERS = [
    ("combat.rate", ()),
    ("combat.skill", (A,)),
    ("combat.bystanders", ()),
    ("movement.rate", ()),
    ("recruitment.intake", (A,)),
    ("recruitment.mobilised", ()),
    ("attacks.base", ()),
    ("attacks.branching", ()),
    ("attacks.memory", ()),
    ("attacks.deadliness", ()),
    ("migrants.rate", ()),
    ("migrants.fear", ()),
    ("migrants.risk", ()),
]
RECORD = [
    ("fighters", (P, A)),
    ("residents", (P,)),
    ("battle_deaths", (P, A)),
    ("civilian_deaths", (P,)),
    ("newcomers", (P, A)),
]
WORLD = np.dtype(
    [
        ("hostility", "f8", (A, A)),
        ("reach", "f8", (P, A)),
        ("from", "i4", (L,)),
        ("to", "i4", (L,)),
        ("actor_key", "u8", (A,)),
        ("place_key", "u8", (P,)),
        ("process_key", "u8", (5,)),
    ]
)


def _dtype(fields: list[tuple[str, tuple[int, ...]]]) -> np.dtype[Any]:
    return np.dtype([(name, "f8", shape) for name, shape in fields])


def missing() -> str | None:
    """Say why the yardstick cannot be built here, or None."""
    return None if shutil.which("gcc") else "there is no gcc"


@cache
def library(*more: str) -> ctypes.CDLL:
    """Compile yardstick.c and load it."""
    source = Path(__file__).with_name("yardstick.c")
    folder = Path(tempfile.mkdtemp(prefix="khamsin-yardstick-"))
    try:
        built = folder / "yardstick.so"
        subprocess.run(["gcc", *FLAGS, *more, "-o", built, source, "-lm"], check=True)
        return ctypes.CDLL(str(built))
    finally:
        shutil.rmtree(folder)  # a loaded library lives on without its file


@dataclass
class Native:
    """The C model for an engine's plan, with the same keys and the same starting values."""

    engine: Engine

    def pack(self, state: Floats, parameters: Floats) -> tuple[Any, Any]:
        """Return state and parameters of members in the layout of the C structs."""
        plan = self.engine.plan
        packed = np.zeros(len(state), _dtype(STATE))
        for name, _ in STATE:
            slot = plan.slots[name]
            part = state[:, slot.offset : slot.offset + slot.size]
            packed[name] = part.reshape(packed[name].shape)
        drawn = np.zeros(len(state), _dtype(PARAMETERS))
        offsets = {p.name: p.offset for p in plan.parameters}
        for name, shape in PARAMETERS:
            part = parameters[:, offsets[name] : offsets[name] + int(np.prod(shape))]
            drawn[name] = part.reshape(drawn[name].shape)
        return packed, drawn

    def world(self, state: Floats) -> Any:
        """Return what is the same for all members, read from the first one's state."""
        plan = self.engine.plan
        world = np.zeros(1, WORLD)
        for field, name in (
            ("hostility", "hostility"),
            ("reach", "reach"),
            ("from", "link_from"),
            ("to", "link_to"),
        ):
            slot = plan.slots[name]
            part = state[0, slot.offset : slot.offset + slot.size]
            world[field][0] = part.reshape(world[field].shape[1:])
        keys = new_stream(plan)[HEAD:]
        world["actor_key"], world["place_key"] = keys[:A], keys[A:]
        world["process_key"] = self.engine.keys
        return world

    def advance(self, packed: Any, drawn: Any, world: Any, members: Any, *flags: str) -> Any:
        """Run members from the first step to the last: `packed` is changed, the record returned."""
        calendar = self.engine.plan.calendar
        kept = np.zeros((len(members), len(calendar.period_start)), _dtype(RECORD))
        number = np.ascontiguousarray(members, np.int64)
        pointers = [
            ctypes.c_void_p(x.ctypes.data)
            for x in (
                number,
                calendar.days,
                calendar.use_start,
                calendar.use_period,
                calendar.use_share,
                world,
                drawn,
                packed,
                kept,
            )
        ]
        library(*flags).advance(
            ctypes.c_long(len(members)),
            pointers[0],
            ctypes.c_long(calendar.steps),
            *pointers[1:],
            ctypes.c_long(kept.shape[1]),
        )
        return kept


def same(engine: Engine, members: Any) -> bool:
    """Run members from start to end in both; say whether state and record are equal bit for bit."""
    native = Native(engine)
    state, parameters, values = engine.start(members)
    packed, drawn = native.pack(state, parameters)
    kept = native.advance(packed, drawn, native.world(state), members)
    record = engine.advance(state, parameters, values, members, 0, engine.plan.calendar.steps)
    final, _ = native.pack(state, parameters)
    return final.tobytes() == packed.tobytes() and all(
        np.array_equal(record[name].reshape(kept[name].shape), kept[name]) for name, _ in RECORD
    )
