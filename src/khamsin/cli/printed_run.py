"""What the terminal shows of a run: progress with rate and time left, then the table."""

import importlib
import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from khamsin.errors import InputError
from khamsin.printed import print_table
from khamsin.storage import is_remote


@contextmanager
def _stop_on_ctrl_c() -> Iterator[threading.Event]:
    """The first Ctrl-C finishes the blocks under way; a second one ends at once."""
    stop = threading.Event()
    usual = signal.getsignal(signal.SIGINT)

    def ask(number: int, frame: Any) -> None:
        if stop.is_set():
            signal.signal(signal.SIGINT, usual)
            raise KeyboardInterrupt
        stop.set()
        print("stopping after the members under way; Ctrl-C again stops at once", file=sys.stderr)

    signal.signal(signal.SIGINT, ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, usual)


@contextmanager
def _noting_ctrl_c() -> Iterator[None]:
    """A Ctrl-C while packages are imported ends the command even where it is swallowed: Python only
    prints what is raised in a callback, and importing is full of these."""
    came = threading.Event()
    usual = signal.getsignal(signal.SIGINT)

    def note(number: int, frame: Any) -> None:
        came.set()
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
    if came.is_set():
        raise KeyboardInterrupt


class _Artist:
    """Draws the report of a long run, in a process that gets ready while the last members run."""

    SOON = 3.0  # seconds; what runs longer has much to draw
    NEARLY = 0.8  # of the members

    def __init__(self, stack: ExitStack) -> None:
        self.stack = stack
        self.began = time.perf_counter()
        self.ask: Any = None  # of `khamsin.view.studio`; None: the report finds its own

    def get_ready(self, share: float) -> None:
        if self.ask or share < self.NEARLY or time.perf_counter() - self.began < self.SOON:
            return
        from khamsin.view.studio import studio

        self.ask = self.stack.enter_context(studio())


def _import_what_shows(make_report: bool) -> None:
    """Import what takes a second, while compiled code runs on the threads."""
    xarray = importlib.import_module("xarray")
    xarray.Dataset({"x": ("x", [0.0])})  # the first one imports as much again
    if make_report:
        importlib.import_module("khamsin.view.report")


def run_and_show(
    model: str, *, as_json: bool, make_report: bool, halve_step: bool = False, **options: Any
) -> int:
    """Run, show progress on stderr and the result on stdout; return the exit code.

    With `halve_step`, a second run with half the step lies in the folder `half-step` of the first.
    """
    from rich.console import Console

    began = time.perf_counter()
    console = Console(stderr=True)
    with ExitStack() as stack:
        artist = _Artist(stack)
        near = artist.get_ready if make_report else lambda share: None
        options["meanwhile"] = partial(_import_what_shows, make_report)
        done, half = _run(model, console, near, halve_step, options)
        if not done.finished or (half is not None and not half.finished):
            print(f"stopped. The same command goes on from there: {done.folder}", file=sys.stderr)
            return 130
        if make_report and is_remote(done.folder):
            print(f"no report beside a URL: khamsin report {done.folder} -o FILE", file=sys.stderr)
            make_report = False
        opened = open_runs(done.stores)
        effects = _effects_of_step(opened, half)
        page = done.folder / "report.html" if make_report else None
        if page and not (done.cached and _is_current(page, done.stores)):
            with console.status("writing the report"):
                from khamsin.blocks import at_hand
                from khamsin.claims import report_records
                from khamsin.view.report import write

                claims = report_records(opened)
                opened = stack.enter_context(at_hand(opened))  # for the table, too
                write(opened, page, claims=claims, ask=artist.ask)
        seconds = time.perf_counter() - began
        _show(done, opened, as_json, seconds, page, effects, bool(options.get("scenarios")))
    return 0


def _run(
    model: str,
    console: Any,
    near: Callable[[float], None],
    halve_step: bool,
    options: dict[str, Any],
) -> tuple[Any, Any]:
    """Run with a bar of progress, and a second time with half the step if asked for.

    `near` is told what share of the members is done, whenever more of them are.
    """
    with _noting_ctrl_c():
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        from khamsin.verbs.run import Progress as Done
        from khamsin.verbs.run import run

    with (
        _stop_on_ctrl_c() as stop,
        Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
            disable=not console.is_interactive,  # in a file it would leave empty lines
        ) as bar,
    ):
        tasks: dict[str, tuple[Any, float, int]] = {}
        label = ""

        def progress(p: Done) -> None:
            name = p.scenario + label
            if name not in tasks:
                task = bar.add_task(name, total=p.members, completed=p.done, rate="")
                tasks[name] = (task, time.perf_counter(), p.done)
            task, start, before = tasks[name]
            rate = (p.done - before) / max(time.perf_counter() - start, 1e-9)
            more = p.done > before
            bar.update(task, completed=p.done, rate=f"{rate:,.0f} members/s" if more else "")
            if more:
                near(p.done / p.members)

        done = run(
            model,
            stop=stop,
            progress=progress,
            # as it is written: a name in brackets is no markup, and lines of a log are not cut
            tell=lambda text: bar.console.print(
                text, soft_wrap=True, markup=False, highlight=False
            ),
            **options,
        )
        half = None
        if halve_step and done.finished:
            label = ", half the step"
            own = {**options, "folder": done.folder / "half-step"}
            half = run(model, halved=True, stop=stop, progress=progress, **own)
    return done, half


def _is_current(page: Path, stores: Iterable[Path]) -> bool:
    """Whether a report is there and nothing is newer."""
    newest = max(store.stat().st_mtime for store in stores)
    # a page from tomorrow was written before the clock was set back: nobody knows what it shows
    return page.exists() and newest <= page.stat().st_mtime <= time.time()


def _effects_of_step(opened: list[Any], half: Any) -> dict[str, list[Any]]:
    """What half the step changes, by scenario; nothing where there was no run with half of it."""
    if half is None:
        return {}
    from khamsin.halving import step_effects

    pairs = zip(opened, open_runs(half.stores), strict=True)
    return {ds.attrs["scenario"]: step_effects(ds, other) for ds, other in pairs}


def _places(ds: Any) -> list[str]:
    """The places that the model watches, then the three whose holder is most open at the end."""
    import numpy as np

    holder = np.asarray(ds.holder.isel(time=-1)).astype(int)
    weight = np.asarray(ds.weight)
    spread = [
        1.0 - max(weight[holder[:, p] == a].sum() for a in np.unique(holder[:, p]))
        for p in range(holder.shape[1])
    ]
    order = np.argsort(-np.array(spread), kind="stable")
    watched = list(json.loads(ds.attrs["model"])["outputs"].get("watch", []))
    return list(dict.fromkeys(watched + [str(ds.place.values[p]) for p in order[:3]]))


def open_runs(paths: Iterable[Path]) -> list[Any]:
    """Open each scenario of each run that is named, by its folder or by its store."""
    from khamsin.ensemble import find_store, open_ensemble, stores_in

    stores = [s for p in paths for s in (stores_in(p) or [find_store(p)])]
    return [open_ensemble(store) for store in stores]


def _show(
    done: Any,
    opened: list[Any],
    as_json: bool,
    seconds: float,
    page: Path | None,
    effects: dict[str, list[Any]],
    chosen: bool,
) -> None:
    from dataclasses import asdict

    from khamsin.summary import as_json as table_as_json

    if as_json:
        tables = [table_as_json(ds, _places(ds) if "holder" in ds else []) for ds in opened]
        print(
            json.dumps(
                {
                    "seconds": round(seconds, 2),
                    "folder": str(done.folder),
                    "report": str(page) if page else None,
                    "scenarios": tables,
                    **(
                        {"halved_step": {n: [asdict(e) for e in es] for n, es in effects.items()}}
                        if effects
                        else {}
                    ),
                },
                indent=1,
            )
        )
        return
    for ds in opened:
        _print_table(ds)
        _print_step_effects(effects.get(ds.attrs["scenario"], []))
    ran = {ds.attrs["scenario"] for ds in opened}
    others = sorted(json.loads(opened[0].attrs["model"])["scenarios"].keys() - ran)
    if others and not chosen:
        print(f"not run: {', '.join(others)} (--scenario NAME, repeated to compare)")
    print(f"members: {opened[0].sizes['member']}")
    print(f"seconds: {seconds:.1f}{' (it was there already)' if done.cached else ''}")
    print(f"ensembles: {done.folder}")
    print(page or done.folder)


def _print_table(ds: Any) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from khamsin.summary import effective_members, main_quantities, odds_of_holding

    console = Console()
    title = escape(f"{ds.attrs['title']}: {ds.attrs['scenario']}")
    table = Table(title=title, title_justify="left")
    for heading in ("quantity", "unit"):
        table.add_column(heading)
    for heading in ("5 %", "50 %", "95 %"):
        table.add_column(heading, justify="right")
    for line in main_quantities(ds):
        table.add_row(
            line.quantity, line.unit, *(f"{v:,.0f}" for v in (line.low, line.median, line.high))
        )
    print_table(console, table)
    if "holder" in ds:
        odds = Table(title="Who holds it at the end (standard error)", title_justify="left")
        odds.add_column("place")
        odds.add_column("holders")
        for place in _places(ds):
            likely = [o for o in odds_of_holding(ds, place) if o.probability >= 0.005]
            odds.add_row(
                place, ", ".join(f"{o.holder} {o.probability:.2f} ({o.error:.2f})" for o in likely)
            )
        print_table(console, odds)
    console.print(
        f"weighted members are worth {effective_members(ds):,.0f} equal ones", style="dim"
    )


def _print_step_effects(effects: Iterable[Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    rows = list(effects)
    if not rows:
        return
    table = Table(title="Means with the whole step and with half of it", title_justify="left")
    for heading in ("outcome", "whole", "half", "difference", "error", "seen"):
        table.add_column(heading, justify="left" if heading == "outcome" else "right")
    for row in rows:
        numbers = (row.whole, row.half, row.difference, row.error)
        table.add_row(row.title, *(f"{x:,.4g}" for x in numbers), "yes" if row.seen else "no")
    print_table(Console(), table)
    print(f"outcomes_on_which_the_step_shows: {sum(r.seen for r in rows)} of {len(rows)}")


def show_run(folder: Path) -> None:
    """Print the ribbons of a run as text."""
    from rich.console import Console

    from khamsin.ensemble import open_ensemble, stores_in
    from khamsin.view.terminal import ribbons

    stores = [folder] if (folder / "zarr.json").exists() else stores_in(folder)
    console = Console()
    if not stores and (folder / "model.yaml").exists():
        raise InputError(
            f"{folder} is a model: `khamsin show {folder} --step` prints its step; "
            "what was run lies under runs/"
        )
    for store in stores or [folder]:
        console.print(ribbons(open_ensemble(store), width=console.width))
