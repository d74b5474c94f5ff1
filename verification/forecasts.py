"""The article's eleven forecasts, with the probability that the model gives them from filtered
states and with what was known by the origin.

An event is that of the claim, or, where the claim compares two futures, the outcome that it is
about (forecasts.csv says which).
"""

import csv
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from khamsin import series
from khamsin.ensemble import open_ensemble
from khamsin.measures import parse_event
from khamsin.model import Model
from khamsin.outcomes import happens
from khamsin.verbs.forecast import forecast

TABLE = Path(__file__).with_suffix(".csv")
FILTERS = 8  # of one filter a handful of first ancestors is left: what they share is its luck


def page(model: Model, members: int) -> list[str]:
    """Return the page: a line a forecast of the article."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    origin = model.time.origin
    events = {row["claim"]: row["event"] for row in rows if row["event"]}
    found = _probabilities(model, members, events)
    lines = [
        "# The article's eleven forecasts, by the model on 16 May 2016",
        "",
        f"Means of {FILTERS} filters with seeds of their own, {members} futures each, from states "
        f"filtered on what was recorded from January 2015 to {origin}, with the tables of that day "
        "taken in, the priors of that day, all answers equally likely, and no scenario: whoever "
        "intervenes does so by the model's own rules. ± is the standard error of the mean over the "
        "filters: each is left with a handful of first ancestors, so one alone says little. "
        "Retrospective: those who wrote the "
        "model knew the outcomes. Brier scores: 0 is right, 0.25 a coin, 1 wrong; `text` is the "
        "middle of the range that the article's words were read as before any run.",
        "",
        "| forecast | event | text | model | record | Brier of the model | of the text |",
        "|---|---|---|---|---|---|---|",
    ]
    scores: list[tuple[float, float]] = []
    for row in rows:
        claim = model.claims.claims[row["claim"]]
        says = f"{claim.id}. {claim.says}" + (f" ({row['why']})" if row["why"] else "")
        text = f"{claim.stated[0]:.2f} to {claim.stated[1]:.2f}" if claim.stated else "none"
        if not row["event"]:
            lines.append(f"| {says} | | {text} | none | | | |")
            continue
        of_each = found[claim.id]
        value = float(of_each.mean())
        error = float(of_each.std(ddof=1)) / of_each.size**0.5
        truth = float(row["happened"] == "yes")
        brier = (value - truth) ** 2
        told = (sum(claim.stated) / 2 - truth) ** 2 if claim.stated else None
        if told is not None:
            scores.append((brier, told))
        lines.append(
            f"| {says} | `{row['event']}` | {text} | {value:.2f} ± {error:.2f} | "
            f"{row['happened']} | {brier:.2f} | {'' if told is None else f'{told:.2f}'} |"
        )
    model_mean, text_mean = (sum(s[k] for s in scores) / len(scores) for k in (0, 1))
    lines += [
        "",
        f"Mean Brier score of the {len(scores)} that the text puts a probability on: model "
        f"{model_mean:.2f}, text {text_mean:.2f}. A few events of one conflict, half of them about "
        "the same campaign, tell little of either.",
    ]
    return lines


def _probabilities(
    model: Model, members: int, events: dict[str, str]
) -> dict[str, npt.NDArray[np.float64]]:
    """Return the probability of each event by each filter, dims (filter,)."""
    found: dict[str, list[float]] = {claim: [] for claim in events}
    for seed in range(1, FILTERS + 1):
        with tempfile.TemporaryDirectory() as there:
            done = forecast(
                model, model.time.origin, scenarios=[None], members=members, seed=seed,
                known_by=model.time.origin, folder=Path(there) / "run",
            )  # fmt: skip
            ds = open_ensemble(done.run.stores[0])
            for claim, event in events.items():
                happened = happens(parse_event(event), ds)
                found[claim].append(float(happened @ series.weights(ds)))
        print(f"filter {seed} of {FILTERS}")
    return {claim: np.array(each) for claim, each in found.items()}
