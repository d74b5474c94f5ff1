"""The page of odds: what the record of before May 2016 says of each switch of libya-2016, subsystem
by subsystem; for a switch without evidence, how far its answers part what comes after.

python -m verification.pages libya-2016-odds
"""

import csv
import tempfile
from math import erfc, sqrt
from typing import Any

import numpy as np

from khamsin.engine import compile_plan
from khamsin.ensemble import in_memory
from khamsin.hindcast.observed import observed_in
from khamsin.hindsight import known_by
from khamsin.measures import parse
from khamsin.model import Model
from khamsin.outcomes import evaluate
from khamsin.plan import plan
from khamsin.verbs.calibrate import calibrate
from verification.recovery import FOLDERS, LISTED, Subsystem
from verification.sources import stored

PARTICLES, CHAINS, MOVES = 400, 4, 8
FIELDS = "SHAR ELFE SARI WAHA MABR HARO ABUA NASR WAFA OFFS"
OUTCOMES = {
    "months in which IS holds Sirte": "holder.held[actor:ISL place:SIRT]",
    "strikes in Libya": "strikes.total[country:LY]",
    "fighters of IS in Libya, end of 2018": "strength.end[actor:ISL]",
    "months in which IS holds Mosul": "holder.held[actor:ISC place:MOSU]",
    "oil, kb/d, 2017": "oil_output.mean["
    + " ".join(f"facility:F_{f}" for f in FIELDS.split())
    + " from:2017-01 to:2017-12]",
    "arrivals in Italy, 2017": "arrivals.total[country:IT from:2017-01 to:2017-12]",
    "deaths at sea off Libya": "sea_deaths.total[country:LY]",
    "displaced in Libya, November 2017": "displaced.end[country:LY to:2017-11]",
    "arms delivered to the LNA": "arms_delivered.total[actor:LNA]",
    "attacks in France, Belgium and Turkey": "attacks.total[country:FR country:BE country:TR]",
    "attacks in Tunisia": "attacks.total[country:TN]",
    "fighters of JNIM and ISGS": "strength.end[actor:JNI actor:ISG]",
}
SURE = 4.0  # standard errors from which on two answers are said to part an outcome


def odds(model: Model, members: int) -> list[str]:
    """Posterior odds where there is a record, and ranges of consequences for all."""
    day = model.time.origin
    lines = [
        "# What the record says of the rival hypotheses of libya-2016",
        "",
        f"From what was known by {day}. Each switch is asked for in a small model of its own, "
        "`verification/subsystems/`, with the rest of the system as observed inputs and all "
        "answers equally likely beforehand; `khamsin calibrate` gives the odds. Which switches "
        "the series could settle was written down before any fit "
        "([the list](../models/libya-2016/identifiable.csv), with what the trials changed). "
        "Found: in how many trials data made under an answer, by another simulator, led the fit "
        "to that answer; the least of all answers (`make verify`; 0.8 is asked for).",
        "",
        "## Odds",
        "",
        "| switch | identifiable | record until the day | answer | posterior (error) | "
        "Bayes factor | found, as recorded | found, whole series |",
        "|---|---|---|---|---|---|---|---|",
    ]
    found, ranges = _found(), []
    for row in _listed():
        switch = row["question"]
        one = Subsystem(switch) if (FOLDERS / switch).is_dir() else None
        rows = _rows_known(one, np.datetime64(str(day))) if one else 0
        cells = [_hits(found, switch, record) for record in ("recorded", "whole")]
        if one is None or not rows:
            ranges.append((row, "none in the tables" if one else "no series", cells))
            continue
        print(f"{switch}: {rows} rows")
        for k, each in enumerate(_fit(one)):
            head = (f"`{switch}`", row["identifiable"], f"{rows} rows") if k == 0 else ("",) * 3
            lines.append(
                f"| {' | '.join(head)} | {each['answer']} | {each['posterior']:.2f} "
                f"({each['error']:.3f}) | {_factor(each)} | "
                f"{' | '.join(cells if k == 0 else ['', ''])} |"
            )
    lines += [
        "",
        "Where a switch is not identifiable, other luck in the same world would often have turned "
        "these odds: read them with the ranges below, not as evidence. Observed inputs are taken "
        "as they are, without error, and some of them are judgement (`inputs.csv` beside each "
        "model). That IS in Libya sold no oil is the word of the press, of which a small part of "
        "any trade is assumed to come to be known. From the raids alone the fit said monetise "
        "0.87; the series of sales was added after that had been seen, so the odds of `oil` rest "
        "on it.",
        "",
        "## Switches without a record",
        "",
        "| switch | why | record | found, whole series |",
        "|---|---|---|---|",
    ]
    lines += [f"| `{r['question']}` | {r['why']} | {w} | {c[1]} |" for r, w, c in ranges]
    return [*lines, "", *_consequences(model, members)]


def _listed() -> list[dict[str, str]]:
    with LISTED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _found() -> list[dict[str, Any]]:
    rows = stored().get("recovery", [])
    assert isinstance(rows, list)
    return rows


def _hits(found: list[dict[str, Any]], switch: str, record: str) -> str:
    own = [r["found"] for r in found if r["switch"] == switch and r.get("record") == record]
    return f"{min(own):.2f}" if own else ""


def _rows_known(one: Subsystem, day: np.datetime64) -> int:
    series = observed_in(one.model.resolved()).values()
    return sum(int(np.isfinite(o.within(o.fit).known_by(day).values).sum()) for o in series)


def _fit(one: Subsystem) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        done = calibrate(
            one.model,
            scenario=next(iter(one.model.scenarios), None),
            particles=PARTICLES,
            chains=CHAINS,
            moves=MOVES,
            folder=f"{folder}/fit",
            trust=True,
        )
    return [o for o in done.found["odds"] if o["question"] == one.switch]


def _factor(each: dict[str, Any]) -> str:
    if 0.0 < each["posterior"] < 1.0:
        return f"{each['factor']:.2g}"
    return "no particle left" if each["posterior"] == 0.0 else "no particle of another"


def _consequences(model: Model, members: int) -> list[str]:
    """Means of outcomes by answer, all switches asked at once."""
    own = known_by(model, model.time.origin).model
    live = {q: tuple(h.answers) for q, h in own.hypotheses.items()}
    made = plan(own, None, live=live)
    numbers = np.arange(members)
    ds = in_memory(made, 1, members, compile_plan(made, 1).block(numbers))
    held = made.answers(1, numbers)
    values = {name: evaluate(parse(text), ds) for name, text in OUTCOMES.items()}
    pairs = len(OUTCOMES) * sum(len(a) * (len(a) - 1) // 2 for a in live.values())
    lines = [
        "## Ranges of consequences",
        "",
        f"{members} members from {model.time.origin} to {model.time.end}, nothing fitted, no "
        "scenario, with only what was known then; every switch is live and every answer held "
        f"equally often. Of {len(OUTCOMES)} outcomes, those are shown of which two answers part "
        f"the mean by {SURE:g} standard errors or more (by chance alone "
        f"{pairs * erfc(SURE / sqrt(2)):.2f} of the {pairs} pairs would); where there is none, the "
        "outcome that comes nearest, in brackets: what lies within luck there.",
        "",
        "| switch | outcome | mean by answer (error) | apart, errors | spread over the mean of all "
        "|",
        "|---|---|---|---|---|",
    ]
    for question in live:
        every = [_parted(question, name, values[name], held) for name in values]
        every.sort(key=lambda each: -each[0])
        shown = [row for errors, row in every if errors >= SURE]
        lines += [f"| `{question}` | {row} |" for row in shown]
        name, _, rest = every[0][1].partition(" | ")
        lines += [] if shown else [f"| `{question}` | ({name}) | {rest} |"]
    return lines


def _parted(
    question: str, name: str, values: np.ndarray[Any, Any], held: dict[str, Any]
) -> tuple[float, str]:
    """Return by how many standard errors two answers part an outcome at most, and a row of it."""
    means, cells = [], []
    for answer in np.unique(held[question]):
        own = values[(held[question] == answer) & np.isfinite(values)]
        mean, error = float(own.mean()), float(own.std(ddof=1) / np.sqrt(own.size))
        means.append((mean, error))
        cells.append(f"{answer} {_number(mean)} ({_number(error)})")
    off = [
        abs(a - b) / float(np.hypot(u, v)) if a != b else 0.0
        for k, (a, u) in enumerate(means)
        for b, v in means[:k]
    ]
    whole = float(np.nanmean(values))
    spread = (max(means)[0] - min(means)[0]) / abs(whole) if whole else 0.0
    return max(off), f"{name} | {'; '.join(cells)} | {max(off):.1f} | {spread:.0%}"


def _number(x: float) -> str:
    return f"{x:,.3g}" if abs(x) < 1000 else f"{x:,.0f}"
