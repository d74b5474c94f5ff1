"""What the run form may ask for: each field checked, each fault tied to its field."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from khamsin.errors import nearest
from khamsin.view.web.disk import ModelPlace
from khamsin.view.web.jobs import Request
from khamsin.view.web.security import Form

MOST_MEMBERS = 100_000  # from a page; the command line takes more
LARGEST_SEED = 2**53 - 1  # the largest whole number that JSON keeps
LONGEST = 40  # characters of what was typed that a message repeats
TICKET = re.compile(r"[0-9a-f]{8}")


@dataclass
class RunForm:
    """The run form as it is shown: what was typed, and what is wrong with it."""

    values: dict[str, str]
    scenarios: list[str]
    answers: dict[str, list[str]]
    faults: dict[str, str] = field(default_factory=dict)
    request: Request | None = None


def blank(plan: Mapping[str, Any]) -> RunForm:
    """Return the form as it is first shown: the first scenario, and the answers that are live."""
    model = plan["model"]
    live = {
        question: list(h["answers"]) if h["live"] else []
        for question, h in model["hypotheses"].items()
    }
    values = {"members": "1000", "seed": "1", "since": "origin", "threads": "", "ticket": ticket()}
    return RunForm(values, list(model["scenarios"])[:1], live)


def ticket() -> str:
    """Return a mark for one form: sent twice, it starts one run."""
    return secrets.token_hex(4)


def check(form: Form, plan: Mapping[str, Any], model: ModelPlace) -> RunForm:
    """Check what was sent; `request` is set when nothing is at fault."""
    known = plan["model"]
    questions = known["hypotheses"]
    names = ("members", "seed", "since", "threads", "ticket")
    found = RunForm(
        {n: form.one(n)[:LONGEST] for n in names},
        form.all("scenario")[:50],
        {q: form.all(f"answer.{q}") for q in questions},
    )
    if not TICKET.fullmatch(found.values["ticket"]):
        found.values["ticket"] = ticket()
    members = _whole(form.one("members"), "members", 1, MOST_MEMBERS, found.faults)
    if members is None and "too many" in found.faults["members"]:
        found.faults["members"] += "; the command khamsin run takes more"
    seed = _whole(form.one("seed"), "seed", 0, LARGEST_SEED, found.faults)
    threads = _threads(form.one("threads"), found.faults)
    since = form.one("since") or "origin"
    if since not in ("origin", "start"):
        found.faults["since"] = f"{quoted(since)} is neither origin nor start"
    _check_scenarios(found, list(known["scenarios"]))
    _check_answers(found, questions)
    unknown = [n for n in form.fields if n.startswith("answer.") and n[7:] not in questions]
    if unknown:
        found.faults["form"] = f"this model has no question {quoted(unknown[0][7:])}"
    if not found.faults and members is not None and seed is not None:
        answers = tuple(
            f"{q}={','.join(a)}"
            for q, a in found.answers.items()
            if a and _differs(a, questions[q])
        )
        found.request = Request(
            model=model.key,
            model_path=str(model.path.resolve()),
            members=members,
            seed=seed,
            scenarios=tuple(found.scenarios),
            since=since,
            threads=threads,
            answers=answers,
        )
    return found


def quoted(text: str) -> str:
    """Return what was typed for a message: short, on one line; the page escapes it."""
    plain = " ".join(text.split())
    return f"“{plain[:LONGEST]}{'…' if len(plain) > LONGEST else ''}”"


def _whole(text: str, name: str, low: int, high: int, faults: dict[str, str]) -> int | None:
    plain = text.strip().replace(",", "").replace(" ", "")
    if not re.fullmatch(r"-?[0-9]{1,30}", plain):
        faults[name] = f"{quoted(text)} is no whole number" if plain else "a whole number is needed"
        return None
    number = int(plain)
    if number > high:
        many = "are too many" if name == "members" else "is too large"
        faults[name] = f"{number:,} {many}: at most {high:,}"
        return None
    if number < low:
        faults[name] = f"{number:,} is too few: at least {low:,}"
        return None
    return number


def _threads(text: str, faults: dict[str, str]) -> int | None:
    if not text.strip():
        return None
    cores = os.cpu_count() or 1
    return _whole(text, "threads", 1, cores, faults)


def _check_scenarios(found: RunForm, known: list[str]) -> None:
    for name in found.scenarios:
        if name not in known:
            hint = nearest(name, known)
            more = f" Did you mean {hint}?" if hint else ""
            found.faults["scenario"] = f"this model has no scenario {quoted(name)}.{more}"
            return
    if known and not found.scenarios:
        found.faults["scenario"] = "choose at least one scenario"
    found.scenarios = list(dict.fromkeys(found.scenarios))


def _check_answers(found: RunForm, questions: Mapping[str, Any]) -> None:
    for question, answers in found.answers.items():
        known = list(questions[question]["answers"])
        wrong = [a for a in answers if a not in known]
        if wrong:
            found.faults[f"answer.{question}"] = f"{quoted(wrong[0])} is none of its answers"
        found.answers[question] = [a for a in known if a in answers]


def _differs(answers: list[str], question: Mapping[str, Any]) -> bool:
    """Whether what is ticked is other than what the model does by itself."""
    return not (question["live"] and set(answers) == set(question["answers"]))
