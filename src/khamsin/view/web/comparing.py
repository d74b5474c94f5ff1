"""The page Compare: two scenarios with the same luck, member by member."""

import json
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from khamsin.view.web import forms, progress
from khamsin.view.web.disk import SCENARIO
from khamsin.view.web.rendering import page
from khamsin.view.web.site import Site, site_of


@dataclass(frozen=True)
class Choice:
    """A scenario of a run that is finished."""

    run: str
    scenario: str
    title: str
    model: str
    seed: int
    members: int
    store: Path

    @property
    def key(self) -> str:
        """One word for a form."""
        return f"{self.run}/{self.scenario}"

    @property
    def luck(self) -> tuple[str, int, int]:
        """What two scenarios share when they can be paired."""
        return (self.model, self.seed, self.members)


async def overview(request: Request) -> Response:
    """Let the reader pick two scenarios, and show their paired differences."""
    site = site_of(request)
    choices = await run_in_threadpool(finished, site)
    a, b = (request.query_params.get(k, "")[:400] for k in ("a", "b"))
    faults = check(a, b, choices)
    effects, waiting = None, False
    if a and b and not faults:
        first, second = (next(c for c in choices if c.key == k) for k in (a, b))
        stamps = [c.store.stat().st_mtime_ns for c in (first, second)]
        found = await site.derived.wait(
            f"compare {a} {b} {stamps}",
            ["compare", str(first.store), str(second.store)],
            "khamsin.view.web.child",
        )
        waiting = found is None
        if found and found.failed:
            faults["form"] = found.complaint or "the comparison failed"
        elif found:
            effects = json.loads(found.output)
    groups: dict[str, list[Choice]] = {}
    for choice in choices:
        groups.setdefault(f"{choice.run} · seed {choice.seed}", []).append(choice)
    pair = _pair(choices)
    return page(
        "compare.html.j2",
        422 if faults else 200,
        here="compare",
        groups=groups,
        a=a or pair[0],
        b=b or pair[1],
        faults=faults,
        effects=effects,
        waiting=waiting,
    )


def finished(site: Site) -> list[Choice]:
    """Return every scenario of every finished run."""
    found = []
    for run in site.disk.runs():
        home = site.disk.run(run)
        if home is None:
            continue
        for name in progress.scenario_names(home):
            store = home / f"{name}.zarr"
            said = progress.attributes(store)
            members = int(said.get("members") or 0)
            done = progress.scenario_progress(home, name, members)
            if not SCENARIO.fullmatch(name) or not members or done.done < members:
                continue
            title = str(said.get("scenario_title") or name)
            model = str(said.get("title", ""))
            found.append(Choice(run, name, title, model, int(said.get("seed", 0)), members, store))
    return found


def check(a: str, b: str, choices: list[Choice]) -> dict[str, str]:
    """Return what is wrong with a choice, by field."""
    known = {c.key: c for c in choices}
    faults = {}
    for name, key in (("a", a), ("b", b)):
        if key and key not in known:
            faults[name] = f"there is no finished scenario {forms.quoted(key)} here"
    if faults or not (a and b):
        return faults
    first, second = known[a], known[b]
    if a == b:
        faults["b"] = "choose another scenario than the first"
    elif first.model != second.model:
        faults["b"] = f"this is another model than the first: {forms.quoted(second.model)}"
    elif first.seed != second.seed:
        faults["b"] = (
            f"its seed is {second.seed}, that of the first {first.seed}: "
            "only runs with the same seed share their luck"
        )
    elif first.members != second.members:
        faults["b"] = f"it has {second.members:,} members, the first {first.members:,}"
    return faults


def _pair(choices: list[Choice]) -> tuple[str, str]:
    """The first two scenarios that can be compared, of one run where there are such."""
    for alike in (lambda c: (c.run, c.luck), lambda c: c.luck):
        seen: dict[object, str] = {}
        for choice in choices:
            if (first := seen.setdefault(alike(choice), choice.key)) != choice.key:
                return first, choice.key
    return next((c.key for c in choices), ""), ""
