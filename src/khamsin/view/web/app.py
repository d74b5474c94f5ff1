"""The Starlette application: which address is which page."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from khamsin.view.web.derived import Derived
from khamsin.view.web.disk import Disk
from khamsin.view.web.jobs import Jobs
from khamsin.view.web.security import Guard
from khamsin.view.web.site import Site
from khamsin.view.web.watching import Watch


def create(
    folder: Path, token: str, trust: bool = False, allowed_hosts: Sequence[str] = ("127.0.0.1",)
) -> Starlette:
    """Make the app.

    Parameters
    ----------
    folder : Path
        What is served: see `khamsin.view.web.disk`.
    token : str
        What each form must carry; made anew at each start.
    trust : bool
        Whether Python files beside a model may be run.
    allowed_hosts : sequence of str
        Values of the Host header that are answered, with port or, for any port, without.
    """
    from khamsin.view.web import comparing, models, results, runs

    disk = Disk(Path(folder).resolve())
    site = Site(disk, Jobs(disk, trust), Derived(), Watch(), token, trust)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            site.derived.close()

    routes = [
        Route("/", models.overview),
        Route("/models/{home}/{name}", models.one),
        Route("/run", runs.overview),
        Route("/run", runs.begin, methods=["POST"]),
        Route("/run/{run}", runs.one),
        Route("/run/{run}/events", runs.events),
        Route("/run/{run}/stop", runs.stop, methods=["POST"]),
        Route("/run/{run}/resume", runs.resume, methods=["POST"]),
        Route("/result/{run}", results.one),
        Route("/compare", comparing.overview),
        Route("/favicon.ico", _no_icon),
    ]
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=[Middleware(Guard, token=token, allowed_hosts=list(allowed_hosts))],
        exception_handlers={HTTPException: _refused, 500: _broken},
    )
    app.state.site = site
    return app


async def _no_icon(request: Request) -> Response:
    return Response(status_code=204)


async def _refused(request: Request, error: Exception) -> Response:
    from khamsin.view.web.rendering import page

    status = error.status_code if isinstance(error, HTTPException) else 400
    said = str(getattr(error, "detail", ""))
    text = "There is no such page here." if status == 404 and said == "Not Found" else said
    return page(
        "error.html.j2",
        status,
        here="",
        title="Not found" if status == 404 else "Refused",
        text=text,
    )


async def _broken(request: Request, error: Exception) -> Response:
    from khamsin.view.web.rendering import page

    text = "Something went wrong on the server; its terminal says what. Runs under way go on."
    return page("error.html.j2", 500, here="", title="A fault of ours", text=text)
