"""What the terminal shows of a run: progress with rate and time left, then the table."""

import json
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


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


def run_and_show(model: str, *, as_json: bool, **options: Any) -> int:
    """Run, show progress on stderr and the result on stdout; return the exit code."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from khamsin.run import Progress as Done
    from khamsin.run import run

    began = time.perf_counter()
    console = Console(stderr=True)
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
        ) as bar,
    ):
        tasks: dict[str, tuple[Any, float, int]] = {}

        def progress(p: Done) -> None:
            if p.scenario not in tasks:
                task = bar.add_task(p.scenario, total=p.members, completed=p.done, rate="")
                tasks[p.scenario] = (task, time.perf_counter(), p.done)
            task, start, before = tasks[p.scenario]
            rate = (p.done - before) / max(time.perf_counter() - start, 1e-9)
            bar.update(
                task, completed=p.done, rate=f"{rate:,.0f} members/s" if p.done > before else ""
            )

        done = run(
            model,
            stop=stop,
            progress=progress,
            tell=lambda text: bar.console.print(text),
            **options,
        )
    if not done.finished:
        print(f"stopped. The same command goes on from there: {done.folder}", file=sys.stderr)
        return 130
    _show(done, as_json, time.perf_counter() - began)
    return 0


def _places(ds: Any) -> list[str]:
    """The places whose holder is most open at the end: the table names the first three."""
    import numpy as np

    holder = np.asarray(ds.holder.isel(time=-1)).astype(int)
    weight = np.asarray(ds.weight)
    spread = [
        1.0 - max(weight[holder[:, p] == a].sum() for a in np.unique(holder[:, p]))
        for p in range(holder.shape[1])
    ]
    order = np.argsort(-np.array(spread), kind="stable")
    named = [str(ds.place.values[p]) for p in order[:3]]
    return (["SIRT"] if "SIRT" in ds.place.values else []) + [p for p in named if p != "SIRT"][:3]


def _show(done: Any, as_json: bool, seconds: float) -> None:
    from khamsin.ensemble import open_ensemble
    from khamsin.summary import as_json as table_as_json

    opened = [open_ensemble(store) for store in done.stores]
    if as_json:
        tables = [table_as_json(ds, _places(ds) if "holder" in ds else []) for ds in opened]
        print(
            json.dumps(
                {"seconds": round(seconds, 2), "folder": str(done.folder), "scenarios": tables},
                indent=1,
            )
        )
        return
    for ds in opened:
        _print_table(ds)
    how = "read from" if done.cached else "written to"
    print(f"seconds: {seconds:.1f}")
    print(f"members: {opened[0].sizes['member']}; {how}")
    print(done.folder)


def _print_table(ds: Any) -> None:
    from rich.console import Console
    from rich.table import Table

    from khamsin.summary import effective_members, main_quantities, odds_of_holding

    console = Console()
    table = Table(title=f"{ds.attrs['title']}: {ds.attrs['scenario']}", title_justify="left")
    for heading in ("quantity", "unit"):
        table.add_column(heading)
    for heading in ("5 %", "50 %", "95 %"):
        table.add_column(heading, justify="right")
    for line in main_quantities(ds):
        table.add_row(
            line.quantity, line.unit, *(f"{v:,.0f}" for v in (line.low, line.median, line.high))
        )
    console.print(table)
    if "holder" in ds:
        odds = Table(title="Who holds it at the end (standard error)", title_justify="left")
        odds.add_column("place")
        odds.add_column("holders")
        for place in _places(ds):
            likely = [o for o in odds_of_holding(ds, place) if o.probability >= 0.005]
            odds.add_row(
                place, ", ".join(f"{o.holder} {o.probability:.2f} ({o.error:.2f})" for o in likely)
            )
        console.print(odds)
    console.print(
        f"weighted members are worth {effective_members(ds):,.0f} equal ones", style="dim"
    )


def show_run(folder: Path) -> None:
    """Print the ribbons of a run as text."""
    from rich.console import Console

    from khamsin.ensemble import open_ensemble, stores_in
    from khamsin.view.terminal import ribbons

    stores = [folder] if (folder / "zarr.json").exists() else stores_in(folder)
    console = Console()
    for store in stores or [folder]:
        console.print(ribbons(open_ensemble(store)))
