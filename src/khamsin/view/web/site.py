"""What every page has at hand."""

from dataclasses import dataclass

from starlette.requests import Request

from khamsin.view.web.derived import Derived
from khamsin.view.web.disk import Disk
from khamsin.view.web.jobs import Jobs
from khamsin.view.web.watching import Watch


@dataclass
class Site:
    """The served folder, what runs in it, what is known of it, and the token of this start."""

    disk: Disk
    jobs: Jobs
    derived: Derived
    watch: Watch
    token: str
    trust: bool


def site_of(request: Request) -> Site:
    """Return the site that a request is for."""
    found: Site = request.app.state.site
    return found
