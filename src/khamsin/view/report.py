"""The report: one HTML file with everything in it, that opens offline, mails and prints.

The page may load nothing: its content policy is `default-src 'none'` with the hashes of its own
style and script. Everything that comes from a model goes through Jinja's autoescape or into JSON,
so that a name with markup arrives as text.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin import blocks, series
from khamsin.comparison import compare
from khamsin.errors import InputError, RunError
from khamsin.outcomes import main_outcomes
from khamsin.view import (
    comparison_rows,
    evidence,
    findings,
    palette,
    panels,
    provenance,
    sensitivity_rows,
    small_series,
)
from khamsin.view import map as maps
from khamsin.view.basemap import BORDERS
from khamsin.view.map_numbers import size_names
from khamsin.view.numbers import percent, shown
from khamsin.view.studio import Ask, studio

if TYPE_CHECKING:
    import jinja2
    import xarray as xr

Record = Mapping[str, Any]

LARGE = 50_000_000  # values from which on charts are worth a process of their own


def write(
    datasets: Sequence[xr.Dataset],
    path: str | Path,
    scores: Record | None = None,
    claims: Sequence[Record] | None = None,
    *,
    sensitivities: Mapping[str, Sequence[Record]] | None = None,
    ask: Ask | None = None,
) -> Path:
    """Write the report of a run, or of several scenarios of one model.

    Parameters
    ----------
    datasets : sequence of Dataset
        Opened ensembles; the first is the baseline the others are compared with. Scenarios that are
        not paired with it are refused.
    path : str or Path
        The file to write.
    scores, claims : optional
        As `khamsin.view.evidence` describes them.
    sensitivities : mapping, optional
        Rows for the sensitivity charts by heading ('label', 'low', 'median', 'high'), from an
        exploration; by default rank correlations over the members.
    ask : optional
        Of a `khamsin.view.studio.studio` that is open; a large report opens its own.

    Returns
    -------
    Path
        What was written.

    Raises
    ------
    InputError
        If there is no ensemble, or the scenarios do not belong together.
    RunError
        If the file cannot be written.

    Examples
    --------
    >>> import khamsin
    >>> run = khamsin.run("lanchester", members=10, folder="report-example")
    >>> khamsin.report([khamsin.open(run.stores[0])], "report-example.html").name
    'report-example.html'
    """
    text = page(datasets, scores, claims, sensitivities=sensitivities, ask=ask)
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror or error}") from error
    return path


def page(
    datasets: Sequence[xr.Dataset],
    scores: Record | None = None,
    claims: Sequence[Record] | None = None,
    *,
    sensitivities: Mapping[str, Sequence[Record]] | None = None,
    ask: Ask | None = None,
) -> str:
    """The report as text; arguments as of `write`."""
    several = list(datasets)
    if not several:
        raise InputError("a report needs an ensemble")
    _refuse_strangers(several)
    style, script = _style(), _script()
    large = sum(v.size for ds in datasets for v in ds.data_vars.values()) > LARGE
    with nullcontext(ask) if ask else studio(apart=large) as ask:
        with blocks.at_hand(several) as loaded:
            context = _context(loaded, scores, claims, sensitivities, ask)
        for frames, drawn in context.pop("charts"):
            for frame, chart in zip(frames, drawn.result(), strict=True):
                frame["svg"] = chart
    template = _environment().get_template("report.html.j2")
    return template.render(style=style, script=script, policy=_policy(style, script), **context)


def _refuse_strangers(several: Sequence[xr.Dataset]) -> None:
    """Refuse ensembles of different models: a page has one map and one list of actors."""
    names = [str(ds.attrs.get("title", "?")) for ds in several]
    for ds, name in zip(several[1:], names[1:], strict=True):
        for dim in ("place", "actor"):
            if not np.array_equal(ds.get(dim, []), several[0].get(dim, [])):
                raise InputError(
                    f"a report is of one model: {names[0]!r} and {name!r} have other {dim}s"
                )


def _context(
    several: list[xr.Dataset],
    scores: Record | None,
    claims: Sequence[Record] | None,
    sensitivities: Mapping[str, Sequence[Record]] | None,
    ask: Ask,
) -> dict[str, Any]:
    """What the template shows."""
    first = several[0]
    resolved = provenance.model(first)
    with ThreadPoolExecutor(1) as pool:  # NumPy sorts and sums without the interpreter
        drawing = pool.submit(maps.draw, several, ask=ask)
        elements = pool.submit(small_series.by_element, several)
        shown = _series(several, resolved, scores, sensitivities, ask)
        drawn = drawing.result()
    drawn.payload["pairs"] = _pairs_title(first)
    drawn.payload["period"] = series.per_period(first, "", True)
    return {
        **shown,
        "elements": elements.result(),
        "head": _head(several, resolved),
        "map": drawn,
        "payload": _json(drawn.payload),
        "borders": BORDERS,
        "place_rows": _place_rows(first, drawn),
        "scenarios": [
            {
                "name": str(ds.attrs.get("scenario", "")),
                "title": str(ds.attrs.get("scenario_title") or ds.attrs.get("scenario", "")),
                "css": f"sc{n}",
            }
            for n, ds in enumerate(several)
        ],
        "claims": evidence.claim_rows(claims),
        "scores": evidence.score_table(scores),
        "scores_note": str((scores or {}).get("note", "")),
        "hypotheses": provenance.hypotheses(resolved, first),
        "starts": provenance.starts(resolved),
        "interventions": provenance.interventions(
            resolved, [str(ds.attrs.get("scenario", "")) for ds in several]
        ),
    }


def _series(
    several: list[xr.Dataset],
    resolved: Record,
    scores: Record | None,
    sensitivities: Mapping[str, Sequence[Record]] | None,
    ask: Ask,
) -> dict[str, Any]:
    """What is shown of the series of the run, all but the map; without charts, which are asked for.

    'charts' says what is to come: what has a chart each, and the charts.
    """
    first = several[0]
    ribbons = panels.measured(several, evidence.observed(scores, series.recorded(first)))
    charts = [([vars(one) for one in ribbons], ask(panels.draw, *panels.to_draw(several, ribbons)))]
    outcomes = main_outcomes(first)
    parameters = _parameters(first)
    carried = sensitivity_rows.measured(first, outcomes, parameters, sensitivities)
    charts.append((carried, ask(sensitivity_rows.draw, [one["bars"] for one in carried])))
    effects = [compare(first, ds, [o for o in outcomes if o.known_to(ds)]) for ds in several[1:]]
    compared = comparison_rows.measured(effects)
    asked = ask(comparison_rows.draw, comparison_rows.to_draw(effects, compared))
    charts.append((comparison_rows.charted(compared), asked))
    numbers = provenance.numbers(resolved, parameters)
    judged = sum(n.judged for n in numbers)
    return {
        "charts": charts,
        "sentences": findings.sentences(several, effects, outcomes),
        "limits": findings.limits(first, judged, len(numbers)),
        "panels": ribbons,
        "more": small_series.totals(several),
        "shares": json.dumps(panels.shares(first)),
        "comparisons": compared,
        "sensitivities": carried,
        "numbers": numbers,
        "judged": judged,
        "references": provenance.references(resolved, [n.source for n in numbers]),
        "quantities": _quantities(several, outcomes),
    }


def _head(several: list[xr.Dataset], resolved: Record) -> dict[str, Any]:
    """Title and the settings that make the run again."""
    first = several[0]
    attrs = first.attrs
    done = int(attrs.get("members_done", first.sizes["member"]))
    months = series.months(first)
    return {
        "title": str(attrs.get("title") or resolved.get("title") or "An ensemble"),
        "description": str(resolved.get("description", "")),
        "model": str(resolved.get("name", "")),
        "version": str(attrs.get("khamsin_version", "")),
        "seed": str(attrs.get("seed", "")),
        "members": f"{done:,}",
        "asked": f"{int(attrs.get('members', done)):,}",
        "stopped": done < int(attrs.get("members", done)),
        "from": str(attrs.get("from_date", "")),
        "months": months[0] if len(months) == 1 else f"{months[0]} – {months[-1]}",
        "hash": ", ".join(str(ds.attrs.get("plan_hash", ""))[:12] for ds in several),
        "source_hash": str(attrs.get("source_hash", ""))[:12],
        "command": str(attrs.get("command", "")),
    }


def _quantities(several: list[xr.Dataset], outcomes: list[Any]) -> list[dict[str, Any]]:
    """The main quantities of each scenario: median and 90 % interval."""
    found = []
    for outcome in outcomes:
        cells = []
        for ds in several:
            if not outcome.known_to(ds):
                cells.append(("–", ""))
                continue
            low, middle, high = series.band(ds, outcome.measured(ds), (0.05, 0.5, 0.95))
            cells.append((shown(float(middle)), f"{shown(float(low))} – {shown(float(high))}"))
        found.append(
            {
                "name": outcome.name,
                "title": outcome.title(several[0]),
                "unit": outcome.unit(several[0]),
                "cells": cells,
            }
        )
    return found


def _place_rows(ds: xr.Dataset, drawn: maps.Map) -> list[dict[str, Any]]:
    """The map as a table: for those who cannot see it, and for print; at the end of the run."""
    odds = drawn.numbers[0].odds
    if odds is None:
        return []
    names = series.text(ds, "place_name", "place")
    found: list[dict[str, Any]] = []
    ids = [str(i) for i in ds["place"].values]
    for n, place in enumerate(drawn.payload["places"]):
        if not place["core"]:
            continue
        ranked = sorted(drawn.actors, key=lambda a: -odds[-1, n, a.number])[:3]
        held = [
            f"{a.name} {percent(float(odds[-1, n, a.number]))}"
            for a in ranked
            if odds[-1, n, a.number] > 0
        ]
        cells = []
        for name, _, _ in drawn.sizes:
            measure = next(m for m in drawn.numbers[0].places if m.name == name)
            low, mid, high = (
                shown(float(v[-1, n])) for v in (measure.low, measure.middle, measure.high)
            )
            cells.append(f"{mid} ({low} – {high})")
        found.append(
            {
                "id": ids[n],
                "name": names[n],
                "odds": "; ".join(held) or "nobody",
                "cells": cells,
            }
        )
    return sorted(found, key=lambda r: str(r["name"]).casefold())


def _pairs_title(ds: xr.Dataset) -> str:
    names = size_names(ds)
    return f"{series.title(ds, names[0])} by actor" if names else ""


def _parameters(ds: xr.Dataset) -> xr.Dataset | None:
    """The parameters of the members, from the store the ensemble was opened from."""
    source = ds.attrs.get("path") or ds.encoding.get("source")
    if not source:
        return None
    from khamsin.ensemble import open_parameters

    try:
        found = open_parameters(source)
    except (OSError, KeyError, ValueError, InputError, RunError):
        return None
    if found.sizes.get("member", 0) > ds.sizes["member"]:  # a run that was stopped
        found = found.isel(member=ds["member"].values)
    return found


def _environment() -> jinja2.Environment:
    import jinja2

    found = jinja2.Environment(
        loader=jinja2.PackageLoader("khamsin.view", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    found.filters["percent"] = percent
    found.filters["shown"] = shown
    return found


def _style() -> str:
    own = files("khamsin.view").joinpath("static/report.css").read_text("utf-8")
    lines = "".join(f".sc{n}{{--sc:var(--s{n},{c})}}" for n, c in enumerate(palette.SCENARIOS))
    return own + lines + maps.style(dark=True)


def _script() -> str:
    folder = files("khamsin.view").joinpath("static")
    return folder.joinpath("report.js").read_text("utf-8") + folder.joinpath("map.js").read_text(
        "utf-8"
    )


def _policy(style: str, script: str) -> str:
    """The content policy: nothing may load, and only this style and this script count."""

    def digest(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()

    return (
        f"default-src 'none'; style-src 'sha256-{digest(style)}'; "
        f"script-src 'sha256-{digest(script)}'; base-uri 'none'; form-action 'none'"
    )


def _json(value: Any) -> str:
    """JSON that can stand inside a script element, whatever a name contains."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
