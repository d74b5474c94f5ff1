"""Downloading events, from a local server that also answers late, cut off, or with other bytes."""

import hashlib
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest

from khamsin.downloads import ucdp
from khamsin.errors import InputError, RunError

SMALL = (Path(__file__).parent / "data" / "ucdp_25_1_small.csv").read_bytes()


def zipped(name: str = "GEDEvent_v25_1.csv") -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, SMALL)
    return out.getvalue()


class Server(ThreadingHTTPServer):
    """Answers with `body`, in the way that `manner` says; counts what it was asked for."""

    daemon_threads = True
    manner, body, asked = "well", b"", 0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.released = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/downloads"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked += 1
        if self.server.manner == "late":
            self.server.released.wait(20)
            return
        if self.path != "/downloads/ged/ged251-csv.zip":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        whole = self.server.manner != "cut off"
        self.wfile.write(
            self.server.body if whole else self.server.body[: len(self.server.body) // 2]
        )

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        running.body = zipped()
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield running
        finally:
            running.released.set()
            running.shutdown()
            thread.join()


def empty(folder: Path) -> bool:
    return not folder.exists() or not list(folder.iterdir())


def test_it_is_downloaded_once_checked_and_kept(server: Server, tmp_path: Path) -> None:
    digest = hashlib.sha256(server.body).hexdigest()
    found = ucdp("25.1", server=server.address, folder=tmp_path, sha256=digest)
    assert (found.cached, found.sha256, server.asked) == (False, digest, 1)
    assert len(found.events) == 7
    again = ucdp("25.1", server=server.address, folder=tmp_path)
    assert (again.cached, again.path, server.asked) == (True, found.path, 1)


def test_some_countries_are_kept_as_published(server: Server, tmp_path: Path) -> None:
    found = ucdp("25.1", countries=["LBY"], server=server.address, folder=tmp_path)
    assert set(found.events.frame["iso3"]) == {"LBY"}
    assert found.path.read_text("utf-8").splitlines()[0] == SMALL.decode().splitlines()[0]
    with pytest.raises(InputError, match="no events of FRA"):
        ucdp("25.1", countries=["FRA"], server=server.address, folder=tmp_path)
    assert server.asked == 1


def test_a_file_that_was_changed_in_the_cache_is_downloaded_anew(
    server: Server, tmp_path: Path
) -> None:
    found = ucdp("25.1", server=server.address, folder=tmp_path)
    found.path.write_bytes(found.path.read_bytes()[:-9])
    again = ucdp("25.1", server=server.address, folder=tmp_path)
    assert (again.cached, server.asked) == (False, 2)


def test_a_server_that_does_not_answer_in_time(server: Server, tmp_path: Path) -> None:
    server.manner = "late"
    with pytest.raises(RunError, match=r"no answer in 0\.2 seconds"):
        ucdp("25.1", server=server.address, folder=tmp_path, timeout=0.2)
    assert empty(tmp_path)


def test_a_body_that_is_cut_off(server: Server, tmp_path: Path) -> None:
    server.manner = "cut off"
    with pytest.raises(RunError, match=r"cut off|bytes of"):
        ucdp("25.1", server=server.address, folder=tmp_path, timeout=2)
    assert empty(tmp_path)


def test_a_wrong_checksum(server: Server, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="another edition"):
        ucdp("25.1", server=server.address, folder=tmp_path, sha256="0" * 64)
    assert empty(tmp_path)


def test_a_page_in_the_place_of_the_file(server: Server, tmp_path: Path) -> None:
    server.body = b"<html>please log in</html>"
    with pytest.raises(RunError, match="no zip file"):
        ucdp("25.1", server=server.address, folder=tmp_path)
    assert empty(tmp_path)


def test_a_version_that_is_not_there(server: Server, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="404"):
        ucdp("24.1", server=server.address, folder=tmp_path)
    with pytest.raises(InputError, match="no version of UCDP GED"):
        ucdp("latest", server=server.address, folder=tmp_path)


def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="try again"):
        ucdp("25.1", server="http://127.0.0.1:9", folder=tmp_path, timeout=2)
