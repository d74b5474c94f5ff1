"""Blocks that were given out to the workers of a cluster: each is answered, or given out again.

A task can be lost without any fault that Dask reports: its worker has let go of it while the
scheduler counts on that worker, or the answer does not reach the client. So a silence is not
trusted: the scheduler is asked where each task is and the workers what they hold, and a block that
nobody has, several times in a row, is given out anew. To make a block twice does no harm, so what
workers say they have is not trusted for ever either: when no block at all has ended for much longer
than the slowest took, all are given out anew, and the third time the run ends.
"""

import asyncio
import queue
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from khamsin.ensemble import Store
from khamsin.errors import KhamsinError, RunError

if TYPE_CHECKING:
    from distributed import Client, Future

Found = TypeVar("Found")

ANSWER = 10.0  # seconds that a scheduler or a worker has for an answer
SILENCE = 300.0  # seconds in which nobody works or answers, after which a run ends; as Dask's own
FIRST = 3600.0  # seconds that workers have for a block before any has ended
LONGER = 20.0  # times as long as the slowest block so far, and at least SILENCE, they have later
TRIES = 3  # how often all blocks are given out before a run ends because none does
SURE = 3  # looks in a row that find nobody with a block, after which it is lost
GOES_ON = "What was finished is kept; the same command goes on from there."


@dataclass
class _Block:
    """One that is out: its number, the task that makes it, and how often nobody had it."""

    number: int
    task: "Future[int]"
    given: float  # when, by time.monotonic
    missed: int = 0


class Given:
    """The blocks of one store that the workers have now."""

    def __init__(self, client: "Client", key: str, store: Store) -> None:
        self._client, self._key, self._store = client, key, store
        self._out: dict[str, _Block] = {}
        self._answers = queue.SimpleQueue[str]()  # keys of tasks that are over
        self._heard = time.monotonic()  # when something was last answered, or somebody worked
        self._ended = time.monotonic()  # when a block last ended, or all were given out anew
        self._slowest = 0.0  # seconds from giving a block out to its end
        self._tries = 1

    def __len__(self) -> int:
        """How many are out."""
        return len(self._out)

    def give(self, number: int) -> None:
        """Give a block out."""
        from khamsin.cluster.tasks import make_block

        task = self._client.submit(make_block, self._key, self._store, number, pure=False)
        task.add_done_callback(lambda over: self._answers.put(str(over.key)))
        self._out[str(task.key)] = _Block(number, task, time.monotonic())

    def answered(self, seconds: float) -> Iterator[int]:
        """Yield the blocks that are written, after waiting for one so long; look after a silence.

        Raises
        ------
        RunError
            When a block cannot be written; when nobody works and nothing is answered for long.
        """
        try:
            over = [self._answers.get(timeout=seconds)]
        except queue.Empty:
            over = [k for k, block in self._out.items() if block.task.status != "pending"]
            if not over:
                self._look()
        for key in over:
            block = self._out.pop(key, None)
            if block is not None:  # else it was given out anew
                self._heard = self._ended = time.monotonic()
                self._slowest = max(self._slowest, self._ended - block.given)
                self._tries = 1
                self._refuse_failed(block.task)
                yield block.number

    def let_go(self) -> None:
        """Take back what is out."""
        for block in self._out.values():
            block.task.release()
        self._out.clear()

    def _refuse_failed(self, task: "Future[int]") -> None:
        from distributed import KilledWorker

        if task.status in ("finished", "lost"):  # lost is the number, which we know: not the block
            return
        if task.status == "cancelled":
            raise RunError(f"the cluster has gone. {GOES_ON}")
        error = task.exception(timeout=ANSWER)
        if isinstance(error, KilledWorker):
            raise RunError(
                "a block of members ended the workers that it was given to, one after "
                "another: is there memory enough? The same command goes on from there."
            )
        if isinstance(error, KhamsinError):
            raise error
        raise RunError(f"a worker failed: {type(error).__name__}: {error}. {GOES_ON}")

    def _look(self) -> None:
        """Give out anew what nobody has had in several looks; end the run after a long silence."""
        had, nobody = self._find()
        if had:
            self._heard = time.monotonic()
        elif time.monotonic() - self._heard > SILENCE:
            raise RunError(
                f"no worker of the cluster has taken anything up for {SILENCE:.0f} seconds. "
                + GOES_ON
            )
        for key, block in list(self._out.items()):
            block.missed = block.missed + 1 if key in nobody else 0
            if block.missed >= SURE:
                self._give_anew(key)
        allowed = max(SILENCE, LONGER * self._slowest) if self._slowest else FIRST
        if time.monotonic() - self._ended > allowed:
            if self._tries >= TRIES:
                raise RunError(
                    f"workers have {len(self._out)} blocks, and none has ended for "
                    f"{allowed:.0f} seconds, given out {TRIES} times. {GOES_ON}"
                )
            self._tries += 1
            self._ended = time.monotonic()
            for key in list(self._out):
                self._give_anew(key)

    def _give_anew(self, key: str) -> None:
        block = self._out.pop(key)
        block.task.release()
        self.give(block.number)

    def _find(self) -> tuple[set[str], set[str]]:
        """Return the tasks that a worker has or that wait for a busy one, and those nobody has.

        Tasks of a worker that does not answer are in neither; all are, when the scheduler does not.
        """
        from khamsin.cluster.tasks import whereabouts

        keys = list(self._out)
        try:
            places: dict[str, str] = ask(
                self._client, lambda: self._client.run_on_scheduler(whereabouts, keys)
            )
        except OSError:
            return set(), set()
        had = {key for key, place in places.items() if not place}
        unknown = set[str]()
        addresses = {place for place in places.values() if place}
        for address, own in self._held_by(addresses, keys).items():
            there = {key for key, place in places.items() if place == address}
            if own is None:
                unknown |= there
            else:
                had |= there & set(own)
        return had, set(keys) - had - unknown

    def _held_by(self, workers: set[str], keys: list[str]) -> dict[str, list[str] | None]:
        """Ask workers, all at once, which tasks they have; None of one that does not answer."""
        from khamsin.cluster.tasks import held

        async def one(worker: str) -> list[str] | None:
            try:
                async with asyncio.timeout(ANSWER):
                    answer: dict[str, list[str]] = await self._client.run(
                        held, keys, workers=[worker], on_error="ignore"
                    )
            except (OSError, ValueError):  # it may have gone meanwhile
                return None
            return answer.get(worker)

        async def every() -> list[list[str] | None]:
            return await asyncio.gather(*map(one, workers))

        try:
            answers = ask(self._client, every, 2 * ANSWER)
        except OSError:
            answers = [None] * len(workers)
        return dict(zip(workers, answers, strict=True))


def ask(
    client: "Client", question: Callable[[], Awaitable[Found]], seconds: float | None = None
) -> Found:
    """Ask the scheduler, and wait for its answer no longer than it has.

    Raises
    ------
    OSError
        When there is no answer in time, or no connection.
    """

    async def asked() -> Any:
        return await question()

    if client.status in ("closing", "closed"):
        raise OSError("the connection is closed")
    found: Found = client.sync(asked, callback_timeout=ANSWER if seconds is None else seconds)
    return found
