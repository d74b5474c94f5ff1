"""The store of one scenario while it is written: made, found again, filled block by block."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from khamsin.ensemble.disk import clear_disk_errors, write_text
from khamsin.ensemble.layout import SHARE_PRECISION, lay_out
from khamsin.errors import InputError, RunError

if TYPE_CHECKING:
    from khamsin.plan import Plan

Floats = npt.NDArray[np.float64]


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

    def blocks(self) -> int:
        """Number of blocks."""
        return -(-self.members // self.block)

    def done(self) -> list[int]:
        """Return the numbers of the finished blocks, after checking their bytes.

        Raises
        ------
        RunError
            When a chunk of a finished block is damaged or gone.
        """
        self._check(
            self.ledger / "layout",
            f"move {self.path} and {self.ledger} away, and the same command begins them anew",
        )
        found = []
        for file in sorted(self.ledger.glob("[0-9]*")):
            if not file.name.isdigit():
                continue
            self._check(file, f"delete {file}, and the same command makes its members anew")
            found.append(int(file.name))
        return found

    def _check(self, file: Path, remedy: str) -> None:
        try:
            hashes = dict(json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            raise RunError(f"{file} is damaged: {remedy}") from None
        for name, digest in hashes.items():
            part = self.path / name
            if not part.is_file() or _digest(part) != digest:
                raise RunError(f"{part} is damaged: {remedy}")

    def write(self, number: int, records: Mapping[str, Floats]) -> None:
        """Write the members of one block, then the file that says it is done."""
        import zarr

        with clear_disk_errors(self.path):
            group = zarr.open_group(self.path, mode="r+")
            first = number * self.block
            last = min(first + self.block, self.members)
            hashes = {}
            for name, values in records.items():
                array = group[name]
                assert isinstance(array, zarr.Array)
                shaped = values.reshape(last - first, *array.shape[1:])
                if "precision" in array.attrs:
                    shaped = np.round(shaped / SHARE_PRECISION) * SHARE_PRECISION
                array[first:last] = shaped.astype(array.dtype)
                chunk = "/".join([name, "c", str(number), *["0"] * (array.ndim - 1)])
                hashes[chunk] = _digest(self.path / chunk)
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
    store = Store(folder / f"{plan.scenario_name}.zarr", members, block)
    if store.path.exists():
        block = _same_run(store, plan, seed)
        with clear_disk_errors(store.path):
            for left in store.path.rglob("*.partial"):  # a killed process was writing these
                left.unlink()
        return Store(store.path, members, block)
    with clear_disk_errors(folder):
        part = store.path.with_suffix(".part")
        if part.exists():
            import shutil

            shutil.rmtree(part)
        lay_out(part, plan, seed, members, block, command)
        store.ledger.mkdir(exist_ok=True)
        laid = {str(f.relative_to(part)): _digest(f) for f in part.rglob("*") if f.is_file()}
        write_text(store.ledger / "layout", json.dumps(laid, indent=0, sort_keys=True))
        part.rename(store.path)
    return store


def _same_run(store: Store, plan: "Plan", seed: int) -> int:
    """Return the block size of the store that is there, after checking that it is this run's."""
    try:
        found = json.loads((store.path / "zarr.json").read_text(encoding="utf-8"))["attributes"]
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
