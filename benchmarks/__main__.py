"""Run the benchmarks that are named, or all: figures as `name: value`, details on stderr."""

import argparse
import sys

from benchmarks import (
    against_c,
    against_mesa,
    cluster,
    displacement,
    drawing_less,
    filtering,
    linear_cost,
    luck,
    new_process,
    out_of_core,
    record,
    report,
    scale,
    start_up,
    threads,
    whole_runs,
)
from benchmarks.measuring import Figures, Skipped, load, say

GROUPS = [
    against_c,
    against_mesa,
    displacement,
    threads,
    cluster,
    out_of_core,
    new_process,
    start_up,
    whole_runs,
    linear_cost,
    luck,
    drawing_less,
    filtering,
    record,
    report,
    scale,
]
TARGETS = {
    "engine_vs_c": (">=", 0.7), "engine_vs_mesa": (">=", 35), "two_threads": (">=", 1.7),
    "add_process_s": ("<=", 1.5), "cold_s": ("<=", 60), "warm_s": ("<=", 20), "help_s": ("<=", 0.4),
    "import_s": ("<=", 1.5), "peak_gib_10k": ("<=", 2), "disk_gb_10k": ("<=", 1),
    "pinned_gain": (">=", 1000), "cluster_efficiency": (">=", 0.85),
    "quantiles_gib_100k": ("<=", 2), "linear_members": ("<=", 1.1), "linear_places": ("<=", 1.1),
    "linear_steps": ("<=", 1.1), "filter_ratio": ("<=", 1.3), "score_s": ("<=", 1),
    "flee_speedup": (">=", 300), "flee_thousand": (">=", 1),
    "people_10x": ("<=", 1.5), "people_100x": ("<=", 1.5),
    "read_events_s": ("<=", 10), "read_events_gib": ("<=", 2),
    "report_s": ("<=", 10), "report_mb": ("<=", 1.5), "report_gib": ("<=", 1),
    "page_ready_ms": ("<=", 300), "slider_ms": ("<=", 30), "report_mb_whole": ("<=", 1.5),
}  # fmt: skip


def main() -> int:
    """Return 0; 2 when a name is unknown. A missed target is said on stderr and is no failure."""
    known = [name for group in GROUPS for name in group.NAMES]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(known))
    wanted = parser.parse_args().names or known
    for name in wanted:
        if name not in known:
            parser.error(f"there is no benchmark {name!r}; there are: {', '.join(known)}")
    for group in GROUPS:
        if not set(group.NAMES) & set(wanted):
            continue
        say(f"\n{group.__doc__.splitlines()[0]} ({load()})")
        try:
            figures: Figures = group.measure()
        except Skipped as reason:
            say(f"{', '.join(group.NAMES)}: skipped, {reason}")
            continue
        for name, value in figures.items():
            if name in wanted:
                print(f"{name}: {value:.4g}", flush=True)
                _hold_against_target(name, value)
    return 0


def _hold_against_target(name: str, value: float) -> None:
    if name in TARGETS:
        sign, target = TARGETS[name]
        reached = value >= target if sign == ">=" else value <= target
        say(
            f"{name} is {value:.4g}, asked is {sign} {target}: {'reached' if reached else 'MISSED'}"
        )


sys.exit(main())
