"""What a worker needs to know of a run: the model and how to resolve it; no arrays of members."""

import pickle
import threading
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from khamsin.engine import Engine, compile_plan
from khamsin.errors import KhamsinError, RunError
from khamsin.model import Model
from khamsin.plan import plan


@dataclass(frozen=True)
class Recipe:
    """How a plan is made from its model.

    Attributes
    ----------
    plan_hash : str
        Of the plan that the client made; a worker that makes another one refuses to work.
    """

    model: Model
    scenario: str | None
    since: date
    live: Mapping[str, tuple[str, ...]] | None
    without: tuple[str, ...]
    replay: bool
    trust: bool
    seed: int
    plan_hash: str

    @property
    def key(self) -> str:
        """What the workers know it by."""
        return f"{self.plan_hash}-{self.seed}"

    def packed(self) -> bytes:
        """Return the recipe as bytes: 124 kB of libya-2016."""
        return zlib.compress(pickle.dumps(self))

    def engine(self) -> Engine:
        """Resolve the model again and compile it.

        Raises
        ------
        RunError
            When that gives another plan than the client's.
        """
        made = plan(
            self.model,
            self.scenario,
            since=self.since,
            live=self.live,
            without=self.without,
            replay=self.replay,
            trust=self.trust,
        )
        if made.plan_hash != self.plan_hash:
            raise RunError(
                "a worker makes another plan of this model than the client: "
                "install the same version of khamsin on all machines of the cluster"
            )
        return compile_plan(made, self.seed)


_told: dict[str, bytes] = {}  # recipes that the client sent to this worker
_engines: dict[str, Engine] = {}  # the last ones that were used
_one_at_a_time = threading.Lock()
KEPT = 4  # engines: scenarios of a run


def tell(key: str, packed: bytes) -> None:
    """Let this process know a recipe."""
    _told[key] = packed


def engine_of(key: str) -> Engine:
    """Return the engine of a recipe that this process was told, made on first use.

    Raises
    ------
    RunError
        When it was never told, or cannot make it.
    """
    with _one_at_a_time:
        if key not in _engines:
            if key not in _told:
                raise RunError("a worker does not know this run: start the command again")
            try:
                # from the client that this worker obeys; nothing of a store is ever unpickled
                recipe = cast("Recipe", unpack(_told[key]))
                made = recipe.engine()
            except KhamsinError as error:
                raise RunError(str(error)) from None
            except (AttributeError, ImportError, TypeError) as error:
                raise RunError(
                    f"a worker cannot read what the client sent ({error}): "
                    "install the same version of khamsin on all machines of the cluster"
                ) from None
            while len(_engines) >= KEPT:
                _engines.pop(next(iter(_engines)))
            _engines[key] = made
        return _engines[key]


def unpack(packed: bytes) -> object:
    """Read a recipe from bytes that `Recipe.packed` made."""
    return pickle.loads(zlib.decompress(packed))
