"""Listen on an address and serve a folder."""

import contextlib
import secrets
import socket
import sys
from pathlib import Path

from khamsin.errors import InputError

LOCAL = ("127.0.0.1", "localhost", "[::1]")


def serve(folder: Path, host: str = "127.0.0.1", port: int = 8000, trust: bool = False) -> None:
    """Serve the models and runs in a folder until stopped with Ctrl-C.

    Parameters
    ----------
    folder : Path
        Models lie in it, each in a folder of its own; runs are written to its `runs`, what is known
        of them to its `jobs`.
    host : str
        Address to listen on; by default only this machine is let in.
    port : int
        0 takes any free one.
    trust : bool
        Whether Python files beside a model may be run.

    Raises
    ------
    InputError
        When the folder or the address cannot be used, or the extra `web` is not installed.

    Examples
    --------
    Until Ctrl-C, so not tried by the tests of the examples:

    >>> from pathlib import Path
    >>> import khamsin
    >>> khamsin.serve(Path("."))  # doctest: +SKIP
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder: make it, or name another one to serve")
    try:
        import uvicorn

        from khamsin.view.web.app import create
    except ModuleNotFoundError as error:
        raise InputError(f"the web app needs {error.name}: pip install 'khamsin[web]'") from error
    listening = _listen(host, port)
    port = listening.getsockname()[1]
    allowed = [f"{name}:{port}" for name in allowed_names(host)]
    app = create(folder, secrets.token_urlsafe(32), trust, allowed)
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    print(f"khamsin serves {folder} at http://{shown}:{port} (Ctrl-C ends it)", flush=True)
    if not _is_local(host):
        print("whoever reaches this address can read the runs and start new ones", file=sys.stderr)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,  # pages that watch a run hold their connection open
    )
    with contextlib.suppress(KeyboardInterrupt):  # the usual end
        uvicorn.Server(config).run(sockets=[listening])


def allowed_names(host: str) -> list[str]:
    """Names by which a browser may ask for the app when it listens on `host`.

    On every address of the machine these are its own name and addresses: a name that somebody else
    points at the machine is never among them.
    """
    own = f"[{host}]" if ":" in host else host
    names = [*LOCAL, own]
    if not _is_local(host):
        here = socket.gethostname()
        names += [here, f"{here}.local"]
        try:
            found = {str(info[4][0]) for info in socket.getaddrinfo(here, None)}
        except OSError:
            found = set()
        names += [f"[{a}]" if ":" in a else a for a in sorted(found)]
    return list(dict.fromkeys(names))


def _is_local(host: str) -> bool:
    return host in ("127.0.0.1", "localhost", "::1")


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port < 65536:
        raise InputError(f"--port is a number from 0 to 65535, not {port}")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(128)  # from now on a browser waits instead of being refused
    except OSError as error:
        found.close()
        raise InputError(
            f"cannot listen on {host}:{port}: {error.strerror or error}; try another --port"
        ) from None
    return found
