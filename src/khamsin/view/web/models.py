"""The pages Models and Model."""

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from khamsin.view.web import descriptions
from khamsin.view.web.disk import ModelPlace
from khamsin.view.web.rendering import page
from khamsin.view.web.site import Site, site_of


async def overview(request: Request) -> Response:
    """List the installed models and those in the folder, with every fault of a broken one."""
    site = site_of(request)
    found, misnamed = await run_in_threadpool(_listed, site)
    return page(
        "models.html.j2",
        here="models",
        installed=[f for f in found if f[0].home == "installed"],
        own=[f for f in found if f[0].home == "folder"],
        misnamed=misnamed,
        folder=str(site.disk.folder),
        waiting=any(f[1].working for f in found),
    )


def _listed(
    site: Site,
) -> tuple[list[tuple[ModelPlace, descriptions.Description]], list[str]]:
    return [(m, descriptions.describe(site, m)) for m in site.disk.models()], site.disk.misnamed()


async def one(request: Request) -> Response:
    """Show a model: map, tables, the order of its step, and each number with its source."""
    site = site_of(request)
    home, name = request.path_params["home"], request.path_params["name"]
    place = await run_in_threadpool(site.disk.model, home, name)
    if place is None:
        raise HTTPException(404, "There is no model of that name.")
    described = await descriptions.describe_soon(site, place)
    if described.plan is None:
        return page(
            "model_waiting.html.j2",
            here="models",
            place=place,
            faults=described.faults,
            waiting=described.working,
        )
    plan = described.plan
    picture = await descriptions.picture(site, place)
    return page(
        "model.html.j2",
        here="models",
        place=place,
        plan=plan,
        model=plan["model"],
        picture=picture,
        waiting=picture is None,
        cited=set(plan["model"]["references"]),
    )
