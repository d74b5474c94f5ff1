"""The page Run: the form, and a run that is under way."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from khamsin.errors import InputError
from khamsin.view.web import descriptions, forms
from khamsin.view.web.curve import curve
from khamsin.view.web.disk import ModelPlace
from khamsin.view.web.jobs import State
from khamsin.view.web.progress import Pace
from khamsin.view.web.rendering import fragment, page
from khamsin.view.web.security import Form
from khamsin.view.web.site import Site, site_of

EVERY = 1.0  # seconds between two events


async def overview(request: Request) -> Response:
    """List the runs, and show the form for a new one when a model is chosen."""
    site = site_of(request)
    key = request.query_params.get("model", "")
    place = await run_in_threadpool(_model, site, key) if key else None
    if key and place is None:
        raise HTTPException(404, "There is no model of that name.")
    if place is None:
        return await _list(site)
    described = await descriptions.describe_soon(site, place)
    if described.plan is None:
        return page(
            "model_waiting.html.j2",
            here="run",
            place=place,
            faults=described.faults,
            waiting=described.working,
        )
    return await _form(site, place, described.plan, forms.blank(described.plan))


async def begin(request: Request) -> Response:
    """Start a run from the form; a form that is sent twice starts one."""
    site, form = site_of(request), _sent(request)
    place = await run_in_threadpool(_model, site, form.one("model"))
    if place is None:
        raise HTTPException(404, "There is no model of that name.")
    described = await descriptions.describe_soon(site, place)
    if described.plan is None:
        return page(
            "model_waiting.html.j2",
            422,
            here="run",
            place=place,
            faults=described.faults,
            waiting=described.working,
        )
    checked = forms.check(form, described.plan, place)
    if checked.request is None:
        return await _form(site, place, described.plan, checked, 422)
    run = run_name(place.name, checked.values["ticket"])
    known = await run_in_threadpool(site.jobs.request, run)
    if known is not None and known != checked.request:  # sent, gone back, changed, sent again
        run = run_name(place.name, forms.ticket())
    if known != checked.request:
        try:
            await run_in_threadpool(site.jobs.start, run, checked.request)
        except InputError as error:
            checked.faults["form"] = str(error)
            return await _form(site, place, described.plan, checked, 422)
    return RedirectResponse(f"/run/{run}", 303)


def run_name(model: str, ticket: str) -> str:
    """Return the name of a run: of its model and its form."""
    return f"{re.sub(r'[^A-Za-z0-9-]', '-', model).strip('-')[:60] or 'run'}-{ticket}"


async def one(request: Request) -> Response:
    """Show how a run stands."""
    site = site_of(request)
    state = await run_in_threadpool(_state, site, request.path_params["run"])
    return page(
        "run.html.j2",
        here="run",
        state=state,
        live=await run_in_threadpool(_live, site, state),
        log=state.log,
        token=site.token,
    )


async def events(request: Request) -> Response:
    """Send how a run stands, once a second until it ends."""
    site, run = site_of(request), request.path_params["run"]
    await run_in_threadpool(_state, site, run)

    async def stream() -> AsyncIterator[str]:
        yield "retry: 3000\n\n"
        while not await request.is_disconnected():
            state = await run_in_threadpool(_state, site, run)
            shown = await run_in_threadpool(_live, site, state)
            log = "\n".join(state.log.splitlines()[-200:])
            message = {"word": state.word, "live": shown, "log": log}
            yield f"event: progress\ndata: {json.dumps(message)}\n\n"
            if not state.active:
                return
            await asyncio.sleep(EVERY)

    return StreamingResponse(stream(), media_type="text/event-stream")


async def stop(request: Request) -> Response:
    """Ask a run to stop."""
    site = site_of(request)
    state = await run_in_threadpool(_state, site, request.path_params["run"])
    await run_in_threadpool(site.jobs.stop, state.run)
    return RedirectResponse(f"/run/{state.run}", 303)


async def resume(request: Request) -> Response:
    """Start the same command again."""
    site = site_of(request)
    state = await run_in_threadpool(_state, site, request.path_params["run"])
    if state.word == "finished":
        return RedirectResponse(f"/run/{state.run}", 303)
    try:
        await run_in_threadpool(site.jobs.resume, state.run)
    except InputError as error:
        raise HTTPException(409, f"{error}.") from None
    return RedirectResponse(f"/run/{state.run}", 303)


def _sent(request: Request) -> Form:
    found: Form = request.scope["khamsin.form"]
    return found


def _model(site: Site, key: str) -> ModelPlace | None:
    home, _, name = key.partition(":")
    return site.disk.model(home, name)


def _state(site: Site, run: str) -> State:
    found = site.jobs.state(run)
    if found is None:
        raise HTTPException(404, "There is no run of that name.")
    return found


def _live(site: Site, state: State) -> str:
    """The part of the page that changes while a run is under way."""
    home = site.disk.run(state.run)
    begun = [s for s in state.scenarios if s.done > 0]
    mean = None
    if home and begun:
        latest = next((s for s in begun if s.done < s.members), begun[-1])
        mean = site.watch.running_mean(home / f"{latest.name}.zarr")
        title = latest.title
    return fragment(
        "live.html.j2",
        state=state,
        mean=mean,
        curve=curve(mean) if mean else "",
        scenario=title if mean else "",
    )


async def _list(site: Site) -> Response:
    def listed() -> tuple[list[State], list[ModelPlace]]:
        states = [site.jobs.state(r) for r in site.disk.runs()]
        return [s for s in states if s], site.disk.models()

    states, models = await run_in_threadpool(listed)
    return page("runs.html.j2", here="run", states=states, models=models)


async def _form(
    site: Site, place: ModelPlace, plan: dict[str, Any], form: forms.RunForm, status: int = 200
) -> Response:
    import os

    pace = await run_in_threadpool(_earlier_pace, site, place.key)
    return page(
        "run_new.html.j2",
        status,
        here="run",
        place=place,
        model=plan["model"],
        form=form,
        pace=pace,
        cores=os.cpu_count() or 1,
        most=forms.MOST_MEMBERS,
        token=site.token,
    )


def _earlier_pace(site: Site, key: str) -> Pace | None:
    """How fast the latest run of a model was."""
    for run in site.disk.runs()[:40]:
        request = site.jobs.request(run)
        if request and request.model == key:
            state = site.jobs.state(run)
            if state and state.pace and state.word == "finished":
                return state.pace
    return None
