"""Published event data, downloaded once: whole or not at all, checked, kept in the cache.

A file is written beside its place and moved there when its length, its checksum and its archive
have been checked; its SHA-256 is kept with it, and a file in the cache that no longer has it is
downloaded anew.
"""

from __future__ import annotations

import csv
import hashlib
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from khamsin.errors import InputError, RunError
from khamsin.spreadsheet import write_rows

if TYPE_CHECKING:
    from khamsin.readers import Events

UCDP = "https://ucdp.uu.se/downloads"
TIMEOUT = 30.0  # seconds without a byte
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Data:
    """A checked file of events.

    Attributes
    ----------
    path : Path
        The events of the chosen countries as CSV, or the whole file as published.
    events : Events
        What it holds, with the report of its oddities.
    sha256 : str
        Of the file as published.
    cached : bool
        Whether it was there already.
    """

    path: Path
    events: Events
    sha256: str
    cached: bool


def ucdp(
    version: str,
    *,
    countries: Iterable[str] = (),
    sha256: str | None = None,
    server: str = UCDP,
    folder: Path | None = None,
    timeout: float = TIMEOUT,
    tell: Callable[[str], None] = lambda text: None,
) -> Data:
    """Download UCDP GED, or find it in the cache; check it; keep some countries.

    Parameters
    ----------
    version : str
        `25.1` for a yearly release, `25.0.9` for candidate events.
    countries : iterable of str
        ISO codes or names; all when none is given.
    sha256 : str, optional
        What the published file must have.
    server : str
        Address up to `/ged` or `/candidateged`.
    folder : path, optional
        The cache; `ucdp` in khamsin's cache folder when not given.
    timeout : float
        Seconds to wait for each answer.

    Raises
    ------
    InputError
        A version that is none, a country that is none, a file that is at fault.
    RunError
        The server does not answer in time, or what came is cut off, damaged, or not the file that
        was asked for.
    """
    from khamsin.readers import read_ucdp
    from khamsin.readers.countries import wanted

    name = _name(version)
    chosen = sorted(wanted(countries)) if countries else []
    home = folder or _cache()
    kept = home / Path(name).name
    digest = _kept(kept)
    cached = digest is not None and sha256 in (None, digest)
    if not cached:
        address = f"{server.rstrip('/')}/{name}"
        tell(f"downloading {address}")
        digest = _download(address, kept, sha256, timeout)
    assert digest is not None
    if not chosen:
        return Data(kept, read_ucdp(kept), digest, cached)
    part = home / f"{kept.stem}-{'-'.join(chosen)}-{digest[:12]}.csv"
    if not part.exists():
        _write_countries(kept, part, set(chosen))
    return Data(part, read_ucdp(part), digest, cached)


def _name(version: str) -> str:
    if re.fullmatch(r"\d\d\.1", version):
        return f"ged/ged{version.replace('.', '')}-csv.zip"
    if re.fullmatch(r"\d\d\.0\.\d{1,2}", version):
        return f"candidateged/GEDEvent_v{version.replace('.', '_')}.csv"
    raise InputError(
        f"{version!r} is no version of UCDP GED: write a release like 25.1, or 25.0.9 for the "
        "candidate events of September 2025"
    )


def _cache() -> Path:
    from khamsin.adapters import cache_folder

    return cache_folder() / "ucdp"


def _kept(file: Path) -> str | None:
    """Return the checksum of a file in the cache; None when it is not there, or not whole."""
    note = file.with_name(f"{file.name}.sha256")
    if not (file.is_file() and note.is_file()):
        return None
    digest = _digest(file)
    return digest if note.read_text(encoding="utf-8").strip() == digest else None


def _digest(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def _download(address: str, file: Path, sha256: str | None, timeout: float) -> str:
    from khamsin.storage import clear_disk_errors

    part = file.with_name(f"{file.name}.part")
    with clear_disk_errors(file.parent):
        file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with clear_disk_errors(part):
            _fetch(address, part, timeout)
        digest = _digest(part)
        if sha256 is not None and digest != sha256.lower():
            raise RunError(
                f"{address}: the file has the SHA-256 {digest}, not {sha256}: "
                "it is another edition, or was changed on the way; nothing is kept"
            )
        if file.suffix == ".zip":
            _check_archive(part, address)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    file.with_name(f"{file.name}.sha256").write_text(digest + "\n", encoding="utf-8")
    return digest


def _fetch(address: str, part: Path, timeout: float) -> None:
    import http.client
    import urllib.error
    import urllib.request

    again = "nothing is kept; try again"
    try:
        with urllib.request.urlopen(address, timeout=timeout) as answer, part.open("wb") as out:
            length = answer.headers.get("Content-Length")
            while chunk := answer.read(_CHUNK):
                out.write(chunk)
            size = out.tell()
    except urllib.error.HTTPError as error:
        raise RunError(
            f"{address}: the server says {error.code} {error.reason}: is there such a version?"
        ) from error
    except TimeoutError as error:
        raise RunError(f"{address}: no answer in {timeout:g} seconds; {again}") from error
    except http.client.HTTPException as error:
        raise RunError(f"{address}: the answer was cut off ({error}); {again}") from error
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise RunError(f"{address}: no answer in {timeout:g} seconds; {again}") from error
        raise RunError(f"{address}: {error.reason}; {again}") from error
    if length is not None and size != int(length):
        raise RunError(f"{address}: {size:,} bytes of {int(length):,} came; {again}")


def _check_archive(part: Path, address: str) -> None:
    try:
        with zipfile.ZipFile(part) as archive:
            broken = archive.testzip()
    except zipfile.BadZipFile as error:
        raise RunError(f"{address}: this is no zip file ({error}); nothing is kept") from error
    if broken is not None:
        raise RunError(f"{address}: {broken} in it is damaged; nothing is kept")


def _write_countries(whole: Path, file: Path, codes: set[str]) -> None:
    """Write the rows of some countries, as they are published."""
    from khamsin.readers.archive import open_text
    from khamsin.readers.countries import iso3

    part = file.with_name(f"{file.name}.part")
    known: dict[str, bool] = {}
    with (
        open_text(whole, "utf-8-sig") as text,
        part.open("w", encoding="utf-8", newline="") as out,
    ):
        reader = csv.reader(text)
        header = next(reader, [])
        if "country" not in header:
            raise InputError(f"{whole}:1: column country is missing")
        at = header.index("country")

        def wanted(row: list[str]) -> bool:
            name = row[at] if len(row) > at else ""
            if name not in known:
                known[name] = iso3(name) in codes
            return known[name]

        write_rows(out, [header])
        rows = write_rows(out, (row for row in reader if wanted(row)))
    if not rows:
        part.unlink()
        raise InputError(f"{whole} holds no events of {', '.join(sorted(codes))}")
    part.replace(file)
