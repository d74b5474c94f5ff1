"""Pages from templates, each with a content policy that lets in its own style and script only."""

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files
from typing import Any

import jinja2
from starlette.responses import HTMLResponse

from khamsin.view import palette
from khamsin.view.numbers import percent, shown


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """Return the templates: everything is escaped unless a template says otherwise."""
    found = jinja2.Environment(
        loader=jinja2.ChoiceLoader(  # its own pages, and the pieces it shares with the report
            [jinja2.PackageLoader("khamsin.view", f"templates{folder}") for folder in ("/web", "")]
        ),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    found.filters.update(percent=percent, shown=shown, duration=duration)
    return found


@lru_cache(maxsize=1)
def style() -> str:
    """Return the style of every page: the report's, the map's and our few own lines."""
    static = files("khamsin.view").joinpath("static")
    parts = [
        static.joinpath(n).read_text("utf-8") for n in ("report.css", "map.css", "map-dark.css")
    ]
    actors = "".join(f".km .a{n}{{fill:{c}}}" for n, c in enumerate(palette.ACTORS))
    own = files("khamsin.view").joinpath("static/web.css").read_text("utf-8")
    return "".join([*parts, actors, f".km .ax{{fill:{palette.OTHERS}}}", own])


@lru_cache(maxsize=1)
def script() -> str:
    """Return the script of every page."""
    return files("khamsin.view").joinpath("static/web.js").read_text("utf-8")


def digest(text: str) -> str:
    """Return the source expression that lets in an inline style or script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@lru_cache(maxsize=1)
def policy() -> str:
    """Return the content policy of every page but the report."""
    return (
        f"default-src 'none'; style-src {digest(style())}; script-src {digest(script())}; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def fragment(template: str, **context: Any) -> str:
    """Return a piece of a page."""
    return environment().get_template(template).render(**context)


def page(template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """Answer with a page."""
    text = fragment(template, style=style(), script=script(), **context)
    return HTMLResponse(text, status, {"content-security-policy": policy()})


def duration(seconds: float | None) -> str:
    """Return a time as people say it: 40 s, 3 min, 2 h 10 min; an en rule for None."""
    if seconds is None:
        return "–"
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"
