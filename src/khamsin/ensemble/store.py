"""The store of one scenario while it is written: made, found again, filled block by block."""

import hashlib
import json
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from khamsin.ensemble.layout import lay_out
from khamsin.ensemble.packing import write_chunk
from khamsin.errors import InputError, RunError
from khamsin.storage import (
    SEVERAL,
    clear_disk_errors,
    is_remote,
    make_folder,
    persistent,
    read_files,
    write_text,
)

if TYPE_CHECKING:
    from khamsin.plan import Plan

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Store:
    """The store of one scenario while it is being written."""

    path: Path
    members: int
    block: int

    @property
    def ledger(self) -> Path:
        """Folder of the files that say which blocks are done."""
        return self.path.with_suffix(".blocks")

    def is_laid_out(self) -> bool:
        """Whether the store is there, with or without any block."""
        mark = self.ledger / "layout" if is_remote(self.path) else self.path
        return persistent(mark, mark.exists)

    def blocks(self) -> int:
        """Number of blocks."""
        return -(-self.members // self.block)

    def members_of(self, number: int) -> Ints:
        """Return the members of a block, dims (member,)."""
        return np.arange(number * self.block, min((number + 1) * self.block, self.members))

    def done(self) -> list[int]:
        """Return the numbers of the finished blocks, after checking their bytes.

        A store that is not laid out yet has none.

        Raises
        ------
        RunError
            When a chunk of a finished block is damaged or gone.
        """
        if not self.is_laid_out():
            return []
        self._check(
            self.ledger / "layout",
            f"move {self.path} and {self.ledger} away, and the same command begins them anew",
        )
        files = [f for f in sorted(self.ledger.glob("[0-9]*")) if f.name.isdigit()]
        with ThreadPoolExecutor(SEVERAL if is_remote(self.path) else 1) as pool:
            list(pool.map(self._check_block, files))
        return [int(file.name) for file in files]

    def has(self, number: int) -> bool:
        """Whether a block is finished."""
        return persistent(self.ledger, (self.ledger / f"{number:06d}").is_file)

    def _check_block(self, file: Path) -> None:
        self._check(file, f"delete {file}, and the same command makes its members anew")

    def _check(self, file: Path, remedy: str) -> None:
        try:
            text = persistent(file, lambda: file.read_text(encoding="utf-8"))
            hashes = dict(json.loads(text))
        except (OSError, ValueError, TypeError):
            raise RunError(f"{file} is damaged: {remedy}") from None
        for name, data in read_files(self.path, list(hashes)):
            if data is None or hashlib.sha256(data).hexdigest() != hashes[name]:
                raise RunError(f"{self.path / name} is damaged: {remedy}")

    def write(self, number: int, records: Mapping[str, Floats]) -> None:
        """Write the members of one block, then the file that says it is done."""

        def write(item: tuple[str, Floats]) -> tuple[str, str]:
            chunk, data = write_chunk(self.path, number, *item)
            return chunk, hashlib.sha256(data).hexdigest()

        with clear_disk_errors(self.path):
            # an object store's answer takes long, and many can be waited for at once
            with ThreadPoolExecutor(SEVERAL if is_remote(self.path) else 1) as pool:
                hashes = dict(pool.map(write, records.items()))
            write_text(self.ledger / f"{number:06d}", json.dumps(hashes, indent=0, sort_keys=True))


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def create(
    plan: "Plan", folder: Path, seed: int, members: int, block: int, command: str = ""
) -> Store:
    """Make the store of a scenario, or find the one that is there.

    Raises
    ------
    InputError
        When something else stands there: it is never overwritten.
    """
    store = find_or_plan(plan, folder, seed, members, block)
    make(store, plan, seed, command)
    return store


def find_or_plan(plan: "Plan", folder: Path, seed: int, members: int, block: int) -> Store:
    """Find the store of a scenario, or say where it will be: its members can run meanwhile.

    Raises
    ------
    InputError
        When something else stands there.
    """
    store = Store(folder / f"{plan.scenario_name}.zarr", members, block)
    if not store.is_laid_out():
        return store
    store = Store(store.path, members, _same_run(store, plan, seed))
    if not is_remote(folder):
        with clear_disk_errors(store.path):
            left = [*store.path.rglob(".*.part"), *store.ledger.glob(".*.part")]
            for file in left:  # a killed process was writing these
                file.unlink(missing_ok=True)
    return store


def make(store: Store, plan: "Plan", seed: int, command: str = "") -> None:
    """Lay out a store that `find_or_plan` did not find; leave one that is there as it is."""
    if store.is_laid_out():
        return
    if is_remote(store.path):
        _make_remote(store, plan, seed, command)
        return
    with clear_disk_errors(store.path.parent):
        part = store.path.with_suffix(".part")
        make_folder(part.parent)
        if part.exists():
            import shutil

            shutil.rmtree(part)
        lay_out(part, plan, seed, store.members, store.block, command)
        store.ledger.mkdir(exist_ok=True)
        write_text(store.ledger / "layout", _laid(part))
        part.rename(store.path)


def _laid(path: Path) -> str:
    """The files of a store that is laid out, with their hashes, as the ledger keeps them."""
    laid = {str(f.relative_to(path)): _digest(f) for f in path.rglob("*") if f.is_file()}
    return json.dumps(laid, indent=0, sort_keys=True)


def _make_remote(store: Store, plan: "Plan", seed: int, command: str) -> None:
    """Make the store on an object store: laid out here, copied there, then marked as laid out.

    Nothing there is ever deleted or renamed: two processes that do the same write the same bytes.
    """
    remote: Any = store.path
    with (
        clear_disk_errors(store.path),
        tempfile.TemporaryDirectory(prefix="khamsin-") as here,
    ):
        laid = Path(here) / store.path.name
        lay_out(laid, plan, seed, store.members, store.block, command)

        def copy(file: Path) -> None:
            there = str(remote.joinpath(*file.relative_to(laid).parts).path)
            persistent(store.path, lambda: remote.fs.put_file(str(file), there))

        with ThreadPoolExecutor(SEVERAL) as pool:
            list(pool.map(copy, (f for f in laid.rglob("*") if f.is_file())))
        write_text(store.ledger / "layout", _laid(laid))


def _same_run(store: Store, plan: "Plan", seed: int) -> int:
    """Return the block size of the store that is there, after checking that it is this run's."""
    try:
        head = store.path / "zarr.json"
        text = persistent(head, lambda: head.read_text(encoding="utf-8"))
        found = json.loads(text)["attributes"]
        same = (found["plan_hash"], found["seed"], found["members"]) == (
            plan.plan_hash,
            seed,
            store.members,
        )
        block = int(found["block"])
    except (OSError, ValueError, KeyError, TypeError):
        raise RunError(
            f"{store.path / 'zarr.json'} is damaged, or no ensemble of this version: "
            f"move {store.path} and "
            f"{store.ledger} away, and the same command begins them anew"
        ) from None
    if not same:
        raise InputError(
            f"{store.path} holds something else "
            "(another model, first day, answer, part, seed, number of members or version): "
            "choose another folder with -o"
        )
    return block
