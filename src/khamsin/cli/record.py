"""The verbs that hold a model against the record: score, forecast; registered by `khamsin.cli`."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from khamsin.cli.options import AsJson, Folder, KnownBy, Members, ModelArg, Seed, Threads, Trust
from khamsin.errors import InputError, RunError

OneScenario = Annotated[
    str | None,
    typer.Option(help="which scenario; none of them when not given", show_default=False),
]


def tell(text: str) -> None:
    """Say a line to the user."""
    print(text, file=sys.stderr)


def score(
    what: Annotated[str, typer.Argument(help="a model (its hindcast is run), or a run's folder")],
    origin: Annotated[
        str | None,
        typer.Option(help="first day of the hindcast; the model's own", show_default=False),
    ] = None,
    scenario: OneScenario = None,
    members: Members = 1000,
    seed: Seed = 1,
    output: Folder = None,
    page: Annotated[
        Path | None, typer.Option(help="write a page (Markdown)", show_default=False)
    ] = None,
    preface: Annotated[
        Path | None,
        typer.Option(help="text to put first on the page", show_default=False),
    ] = None,
    filtered: Annotated[
        bool, typer.Option("--filter", help="filter the states up to the origin first")
    ] = False,
    particles: Annotated[
        int | None,
        typer.Option(help="members that are filtered; as many as --members", show_default=False),
    ] = None,
    rolling: Annotated[
        str | None,
        typer.Option(
            help="2015-01..2016-04: filter and forecast from each month's end", show_default=False
        ),
    ] = None,
    ahead: Annotated[int, typer.Option(help="with --rolling: months of each forecast")] = 6,
    report: Annotated[
        Path | None,
        typer.Option(help="write the report with the records in it", show_default=False),
    ] = None,
    rule: Annotated[
        str | None, typer.Option(help="views-2023: the ViEWS challenge's", show_default=False)
    ] = None,
    submission: Annotated[
        Path | None,
        typer.Option(help="with --rule: write the draws as a submission", show_default=False),
    ] = None,
    as_json: AsJson = False,
    trust: Trust = False,
) -> None:
    """Score a hindcast against the record. Benchmark forecasts that knew as much stand beside it.

    \b
    Examples:
      khamsin score libya-2016 --scenario as-it-happened --page hindcast.md
      khamsin score libya-2016 --rolling 2015-01..2016-04
    """
    from khamsin.hindcast import page as pages
    from khamsin.verbs.score import score as score_it

    if rule not in (None, "views-2023"):
        raise InputError(f"there is no rule {rule!r}. There is: views-2023")
    if submission is not None and rule is None:
        raise InputError("a submission is of a rule: add --rule views-2023")
    if rolling is not None:
        if origin is not None or scenario is not None or rule is not None or report is not None:
            raise InputError("--rolling takes no --origin, --scenario, --rule or --report")
        _rolling(what, rolling, ahead, members, particles, seed, page, preface, as_json, trust)
        return
    before = [*_preface(preface), ""] if preface is not None else []
    ds, table = score_it(
        what,
        origin=origin,
        scenario=scenario,
        members=members,
        seed=seed,
        filtered=filtered,
        particles=particles,
        folder=output,
        trust=trust,
        tell=tell,
    )
    if rule is not None:
        _by_rule(ds, submission, as_json)
        return
    if page is not None:
        title = f"# {ds.attrs['title']}: {ds.attrs['scenario_title']}, held against the record"
        _write(page, pages.markdown(table, [title, "", *before, *pages.heading(ds)]))
    if report is not None:
        from khamsin.hindcast.observed import observed_of
        from khamsin.view.report import write

        tell(str(write([ds], report, scores=pages.for_report(table, observed_of(ds)))))
    if as_json:
        typer.echo(json.dumps(pages.as_json(table), indent=1))
        return
    from khamsin.hindcast.printed import print_table

    print_table(ds, table)
    if page is not None:
        typer.echo(page)


def _preface(file: Path | None) -> list[str]:
    """Read the text that a page begins with, before anything is computed."""
    if file is None:
        return []
    try:
        return [file.read_text(encoding="utf-8")]
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise InputError(f"cannot read the preface {file}: {reason}") from None


def _write(page: Path, text: str) -> None:
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RunError(f"cannot write {page}: {error.strerror or error}") from None


def _rolling(
    what: str,
    months: str,
    ahead: int,
    members: int,
    particles: int | None,
    seed: int,
    page: Path | None,
    preface: Path | None,
    as_json: bool,
    trust: bool,
) -> None:
    from khamsin.hindcast import rolling_page
    from khamsin.verbs.rolling import roll

    before = _preface(preface)
    done = roll(
        what,
        months,
        ahead=ahead,
        members=members,
        particles=particles,
        seed=seed,
        trust=trust,
        tell=tell,
    )
    if page is not None:
        title = f"# {Path(what).name}, forecasts from {months}"
        _write(page, rolling_page.markdown(done, [title, "", *before]))
    if as_json:
        typer.echo(json.dumps(rolling_page.as_json(done), indent=1))
        return
    rolling_page.print_rolled(done)
    if page is not None:
        typer.echo(page)


def _by_rule(ds: Any, submission: Path | None, as_json: bool) -> None:
    from khamsin.hindcast import views
    from khamsin.hindcast.observed import observed_of

    observed = observed_of(ds)
    windows = views.score_windows(ds, observed)
    if as_json:
        typer.echo(json.dumps([asdict(w) for w in windows], indent=1))
    else:
        for window in windows:
            print(f"{window.series}, {window.year}:")
            for line in window.lines:
                print(f"  {line}")
            for name, means in window.scores.items():
                numbers = ", ".join(f"{k.upper()} {v:.4g}" for k, v in means.items())
                print(f"  {name}: {numbers}")
    if submission is not None:
        details = {
            "team": "khamsin",
            "short_title": str(ds.attrs["title"])[:60],
            "identifier": "khamsin",
            "authors": ["khamsin"],
            "contact": "nobody@example.org",
        }
        for file in views.write_submission(submission, ds, observed, **details):
            tell(str(file))


def forecast(
    model: ModelArg,
    since: Annotated[str, typer.Option("--from", help="first day of the forecast")] = "origin",
    scenario: Annotated[
        list[str] | None,
        typer.Option(help="run this scenario; repeat for several", show_default=False),
    ] = None,
    known_by: KnownBy = None,
    members: Members = 1000,
    particles: Annotated[
        int | None,
        typer.Option(help="members that are filtered; as many as --members", show_default=False),
    ] = None,
    seed: Seed = 1,
    output: Folder = None,
    threads: Threads = None,
    as_json: AsJson = False,
    trust: Trust = False,
) -> None:
    """Filter the states on the record up to a day. All scenarios go on from there.

    \b
    Examples:
      khamsin forecast libya-2016 --from 2016-05-17 --scenario none --members 2000
    """
    from khamsin.verbs.forecast import forecast as forecast_it

    tell(f"filtering {particles or members:,} members")
    done = forecast_it(
        model,
        since,
        scenarios=tuple(scenario or ()),
        members=members,
        particles=particles,
        seed=seed,
        known_by=known_by,
        folder=output,
        threads=threads,
        trust=trust,
        tell=tell,
        filtering=lambda period, of: tell(f"filtered: {period} of {of} months"),
    )
    if as_json:
        typer.echo(json.dumps({"folder": str(done.run.folder), **done.evidence}, indent=1))
        return
    from khamsin.hindcast.printed import print_odds

    print_odds(done.evidence)
    typer.echo(done.run.folder)


def data(
    source: Annotated[str, typer.Argument(help="ucdp")],
    version: Annotated[str, typer.Option(help="25.1, or 25.0.9 for candidate events")],
    countries: Annotated[
        str, typer.Option(help="LBY,TUN: keep these; all when not given", show_default=False)
    ] = "",
    sha256: Annotated[
        str | None, typer.Option(help="what the file must have", show_default=False)
    ] = None,
    server: Annotated[
        str | None, typer.Option(help="another address than UCDP's", show_default=False)
    ] = None,
    timeout: Annotated[float, typer.Option(help="seconds to wait for an answer")] = 30.0,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="folder; the cache when not given", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Download published events, check them, and keep them.

    \b
    Examples:
      khamsin data ucdp --version 25.1 --countries LBY,TUN
    """
    from khamsin import downloads

    if source != "ucdp":
        raise InputError(f"there is no source {source!r}. There is: ucdp")
    found = downloads.ucdp(
        version,
        countries=[c.strip() for c in countries.split(",") if c.strip()],
        sha256=sha256,
        server=server or downloads.UCDP,
        folder=output,
        timeout=timeout,
        tell=tell,
    )
    if as_json:
        said = {"path": str(found.path), "events": len(found.events), "sha256": found.sha256}
        typer.echo(json.dumps({**said, "cached": found.cached}, indent=1))
        return
    tell(str(found.events.report))
    print(f"events: {len(found.events)}")
    print(f"sha256: {found.sha256}{' (it was there already)' if found.cached else ''}")
    typer.echo(found.path)


def calibrate(
    model: ModelArg,
    until: Annotated[
        str | None,
        typer.Option(help="use what was known on this day; the origin", show_default=False),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="learn these parameters: combat.*; repeat", show_default=False),
    ] = None,
    series: Annotated[
        list[str] | None,
        typer.Option(help="fit on this observation; repeat", show_default=False),
    ] = None,
    scenario: Annotated[
        str | None, typer.Option(help="what intervened meanwhile", show_default=False)
    ] = None,
    particles: Annotated[int, typer.Option(help="particles in each chain")] = 1000,
    chains: Annotated[int, typer.Option(help="independent chains")] = 2,
    moves: Annotated[int, typer.Option(help="moves at each power of the likelihood")] = 2,
    seed: Seed = 1,
    output: Folder = None,
    threads: Threads = None,
    as_json: AsJson = False,
    trust: Trust = False,
) -> None:
    """Learn parameters and hypotheses from the record. Stopped, the same command goes on.

    \b
    Examples:
      khamsin calibrate libya-2016 --only 'combat.*' --series deaths_libya
    """
    from khamsin.verbs.calibrate import calibrate as calibrate_it

    done = calibrate_it(
        model,
        until=until,
        only=tuple(only or ()),
        series=tuple(series or ()),
        scenario=scenario,
        particles=particles,
        chains=chains,
        moves=moves,
        seed=seed,
        folder=output,
        threads=threads,
        trust=trust,
        progress=lambda chain, now: tell(
            f"chain {chain + 1}: power {now.power:.3f}, accepted {now.history[-1][2]:.0%}"
        ),
    )
    if as_json:
        typer.echo(json.dumps({"folder": str(done.folder), **done.found}, indent=1))
        return
    from khamsin.hindcast.printed import print_posterior

    print_posterior(done.found)
    typer.echo(done.folder)
