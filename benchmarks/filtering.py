"""Filtering the states on the record, against running the same members once."""

import time
from datetime import date, timedelta

from benchmarks.measuring import Figures, say
from khamsin.calibration.filtering import filter_states, plan_up_to
from khamsin.engine import blocks_of, compile_plan, run_blocks
from khamsin.hindcast.observed import observed_in
from khamsin.model import find, read

NAMES = ("filter_ratio",)
MEMBERS = 10_000
DAY = date(2016, 5, 1)  # sixteen months from January 2015


def measure(members: int = MEMBERS) -> Figures:
    """Time sixteen months of libya-2016: run once, and filtered month by month."""
    model = read(find("libya-2016"))
    observed = observed_in(model.resolved())
    variables = [v for one in observed.values() if one.fit for v in one.variables]
    engine = compile_plan(plan_up_to(model, DAY, variables))
    list(run_blocks(engine, [(0, blocks_of(20, 20)[0])]))
    blocks = list(enumerate(blocks_of(members, 50)))
    # Processor time of all threads: what others do on the machine does not count.
    began = time.process_time()
    for _ in run_blocks(engine, blocks):
        pass
    once = time.process_time() - began
    began = time.process_time()
    # The speed is asked for, not the fit: a collapse of the weights does not stop it.
    found = filter_states(model, observed, DAY, members=members, fewest=0.0)
    filtering = time.process_time() - began
    months = sum(1 for step in found.steps if step.rows)
    say(
        f"{members:,} members to {DAY - timedelta(days=1)}: once {once:.1f} s of processor time, "
        f"filtered over {months} months {filtering:.1f} s"
    )
    return {"filter_ratio": filtering / once}
