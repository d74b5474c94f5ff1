"""The page Result: the report itself, with the way back to the other pages."""

import re
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from khamsin.view.web.jobs import State
from khamsin.view.web.rendering import fragment, page
from khamsin.view.web.site import Site, site_of

LARGEST = 40_000_000  # bytes of a report that is sent
# As the report writes it: nothing but hashes is taken over from a file that anybody may have made.
POLICY = re.compile(
    r'<meta http-equiv="Content-Security-Policy" '
    r"content=\"default-src (?:'|&#39;)none(?:'|&#39;); "
    r"style-src (?:'|&#39;)(sha256-[A-Za-z0-9+/=]{44})(?:'|&#39;); "
    r"script-src (?:'|&#39;)(sha256-[A-Za-z0-9+/=]{44})(?:'|&#39;);"
)


async def one(request: Request) -> Response:
    """Show the report of a run; it is written first where it is missing or older than the run."""
    site = site_of(request)
    run = request.path_params["run"]
    state, home = await run_in_threadpool(_found, site, run)
    file = home / "report.html"
    complaint = ""
    if state.word != "finished":
        return page("result_waiting.html.j2", here="run", state=state, waiting=False, complaint="")
    if not await run_in_threadpool(_is_fresh, file, home):
        stamp = await run_in_threadpool(_newest, home)
        written = await site.derived.wait(
            f"report {run} {stamp}", ["report", f"--output={file}", "--", str(home)]
        )
        complaint = written.complaint if written and written.failed else ""
        if written is None or complaint or not file.is_file():
            return page(
                "result_waiting.html.j2",
                200 if written is None else 500,
                here="run",
                state=state,
                waiting=written is None,
                complaint=complaint or ("" if written is None else "no report was written"),
            )
    text = await run_in_threadpool(_text, file)
    return HTMLResponse(with_navigation(text, run), headers=headers(text))


def headers(text: str) -> dict[str, str]:
    """Return the policy of a report: its own hashes, and an origin of its own.

    In its sandbox the script of a report, whoever wrote it, cannot ask this server anything in the
    reader's name.
    """
    found = POLICY.search(text[:20_000])
    hashes = f"style-src '{found[1]}'; script-src '{found[2]}'; " if found else ""
    return {
        "content-security-policy": f"default-src 'none'; {hashes}base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'; "
        "sandbox allow-scripts allow-modals allow-popups allow-popups-to-escape-sandbox"
    }


def with_navigation(text: str, run: str) -> str:
    """Put the way back to the app at the top of a report."""
    way = fragment("way_back.html.j2", run=run)
    return text.replace('<header class="page">', f'<header class="page">{way}', 1)


def _found(site: Site, run: str) -> tuple[State, Path]:
    state, home = site.jobs.state(run), site.disk.run(run)
    if state is None or home is None:
        raise HTTPException(404, "There is no run of that name.")
    return state, home


def _newest(home: Path) -> float:
    """When the last block of a run was written."""
    return max((f.stat().st_mtime for f in home.glob("*.blocks/[0-9]*")), default=0.0)


def _is_fresh(file: Path, home: Path) -> bool:
    return file.is_file() and file.stat().st_mtime >= _newest(home)


def _text(file: Path) -> str:
    if file.is_symlink() or file.stat().st_size > LARGEST:
        raise HTTPException(404, "This report is no plain file of a fitting size.")
    return file.read_text(encoding="utf-8", errors="replace")
