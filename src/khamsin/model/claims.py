"""Claims under test: what a text says, where, and what in the model measures it (claims.yaml)."""

import re
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

from pydantic import Field

from khamsin.errors import nearest
from khamsin.model.amounts import Amount, Quantity, Strict
from khamsin.model.context import Context
from khamsin.model.disk import find_inside
from khamsin.model.documents import Document, read_document
from khamsin.model.loops import Loop, LoopEntry, read_loops
from khamsin.model.partition import check_measure
from khamsin.model.parts import Hypothesis, Intervention, Part, ProcessUse, Scenario
from khamsin.model.schema import Name, OneOrMore, Text, _List, _Mapping
from khamsin.model.validation import validate
from khamsin.priors import Fixed

_PARAMETER = re.compile(r"(?P<name>\w+\.\w+)(?:\[(?P<dim>\w+):(?P<id>[\w-]+)\])?")
WORDS = 12  # of a quote, at most
Kind = Literal["entity", "quantity", "causal claim", "hypothesis", "forecast", "normative"]
Sign = Literal["+", "-", "0", "?"]


@dataclass(frozen=True)
class Variant:
    """A future that claims compare: a scenario with some parameters, answers or parts changed.

    Attributes
    ----------
    scenario : Scenario
        Under the variant's name: the interventions of its base, and one for each parameter.
    answers : dict
        Question -> the answer that all members hold.
    without : list of str
        Parts that are switched off.
    """

    scenario: Scenario
    answers: dict[str, str]
    without: list[str]

    @property
    def own(self) -> Scenario:
        """Only what the variant itself changes: the parameters that it sets."""
        written = [i for i in self.scenario.interventions if i.file.endswith("claims.yaml")]
        return replace(self.scenario, interventions=written)


@dataclass(frozen=True)
class Claim:
    """One claim, its place in the text, and how it is measured.

    How follows from what is given: `not_modelled` says why nothing is; `pair` and `sign` make a
    difference of two futures; `event` a probability; `range` a number held against the claimed one;
    `measure` alone a number that stands in the model for what is claimed to exist.

    Attributes
    ----------
    sentence : int, optional
        Number of the sentence in the text that a model is made of, where there is one.
    quote : str
        At most twelve words of it.
    source : str
        Who says so, where it is no single text.
    future : str
        The scenario or variant in which a number or an event is looked at.
    stated : tuple, optional
        The probability that the text gives an event, as read by us.
    happened : bool, optional
        What the record says of the event.
    linked : list of str
        What carries the claim in the model: "variable:fighters", "parameter:combat.skill",
        "hypothesis:image", "process:attack", "scenario:none", "part:militias".
    """

    id: str
    sentence: int | None
    quote: str
    says: str
    type: Kind
    refuted_by: str
    record: str = ""
    measure: str = ""
    event: str = ""
    future: str = ""
    pair: tuple[str, str] | None = None
    sign: Sign = "+"
    range: tuple[float, float] | None = None
    stated: tuple[float, float] | None = None
    happened: bool | None = None
    not_modelled: str = ""
    linked: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True)
class Claims:
    """All that claims.yaml says."""

    future: str = ""
    variants: dict[str, Variant] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    loops: dict[str, Loop] = field(default_factory=dict)


class VariantEntry(Strict):
    """A scenario with some parameters, answers or parts changed."""

    scenario: str | None = None
    set_: Annotated[dict[str, Quantity], _Mapping, Field(alias="set")]
    answers: Annotated[dict[str, str], _Mapping]
    without: Annotated[OneOrMore, _List]


Two = Annotated[list[float], Field(min_length=2, max_length=2)]


class ClaimEntry(Strict):
    """One claim."""

    id: Name
    sentence: Annotated[int, Field(ge=1)] | None = None
    quote: str = ""
    source: str = ""
    says: Text
    type: Kind
    refuted_by: str = ""
    record: str = ""
    measure: str = ""
    event: str = ""
    future: str | None = None
    pair: Annotated[list[str], Field(min_length=2, max_length=2)] | None = None
    sign: Sign | None = None
    range: Two | None = None
    stated: Two | None = None
    happened: bool | None = None
    not_modelled: str = ""
    linked: Annotated[OneOrMore, _List]


class ClaimsFile(Strict):
    """claims.yaml"""

    future: str | None = None
    variants: Annotated[dict[str, VariantEntry], _Mapping]
    claims: Annotated[list[ClaimEntry], _List]
    loops: Annotated[dict[Name, LoopEntry], _Mapping]


@dataclass(frozen=True)
class Known:
    """What the rest of the model offers for claims to name."""

    processes: list[ProcessUse]
    hypotheses: dict[str, Hypothesis]
    scenarios: dict[str, Scenario]
    parts: dict[str, Part]


def read_claims(context: Context, known: Known) -> Claims:
    """Read claims.yaml, when there is one."""
    if not (context.folder / "claims.yaml").exists():
        return Claims()
    path, reason = find_inside(context.folder, "claims.yaml")
    if path is None:
        context.faults.add(str(context.folder / "claims.yaml"), None, reason)
        return Claims()
    document = read_document(path, context.faults)
    entry = validate(document, ClaimsFile, context.faults) if document else None
    if document is None or entry is None:
        return Claims()
    return _Reader(context, document, entry, known).read()


class _Reader:
    """Holds the entries of claims.yaml against the model."""

    def __init__(
        self, context: Context, document: Document, entry: ClaimsFile, known: Known
    ) -> None:
        self.context = context
        self.document = document
        self.entry = entry
        self.known = known
        self.futures = [*known.scenarios, *entry.variants]

    def fault(self, keys: tuple[str | int, ...], what: str, suggestion: str | None = None) -> None:
        self.context.faults.add(self.document.file, self.document.line(*keys), what, suggestion)

    def check(self, keys: tuple[str | int, ...], kind: str, name: str, valid: Any) -> bool:
        if name in valid:
            return True
        self.fault(keys, f"there is no {kind} {name}", nearest(name, valid))
        return False

    def read(self) -> Claims:
        default = self.entry.future or next(iter(self.known.scenarios), "")
        if self.entry.future is not None:
            self.check(("future",), "scenario", default, self.futures)
        variants = {name: self._variant(name, e) for name, e in self.entry.variants.items()}
        claims: dict[str, Claim] = {}
        for i, each in enumerate(self.entry.claims):
            if each.id in claims:
                self.fault(("claims", i, "id"), f"the claim {each.id} is here twice")
            claims[each.id] = self._claim(i, each, default)
        loops = read_loops(
            self.context, self.document, self.entry.loops, self.known.processes, self.futures
        )
        return Claims(default, variants, claims, loops)

    def _variant(self, name: str, entry: VariantEntry) -> Variant:
        keys: tuple[str | int, ...] = ("variants", name)
        if name in self.known.scenarios:
            self.fault(keys, f"{name} is a scenario already: choose another name")
        if not re.fullmatch(r"\w[\w-]*", name):  # it names a store on disk
            self.fault(keys, f"variants: {name}: a name may hold only letters, digits, _ and -")
        base = None
        if entry.scenario is not None:
            at: tuple[str | int, ...] = (*keys, "scenario")
            if self.check(at, "scenario", entry.scenario, self.known.scenarios):
                base = self.known.scenarios[entry.scenario]
        for question, answer in entry.answers.items():
            at = (*keys, "answers", question)
            if self.check(at, "hypothesis", question, self.known.hypotheses):
                answers = self.known.hypotheses[question].answers
                if answer not in answers:
                    what = f"{question} has no answer {answer}"
                    self.fault(at, what, nearest(answer, answers))
        for i, part in enumerate(entry.without):
            self.check((*keys, "without", i), "part", part, self.known.parts)
        changes = [self._set(name, *each) for each in entry.set_.items()]
        return Variant(
            Scenario(
                name, f"Variant {name}", "", [*(base.interventions if base else []), *changes]
            ),
            dict(entry.answers),
            list(entry.without),
        )

    def _set(self, variant: str, name: str, amount: Amount) -> Intervention:
        keys = ("variants", variant, "set", name)
        line = self.document.line(*keys) or 1
        found = _PARAMETER.fullmatch(name)
        if found is None:
            self.fault(
                keys, f"{name}: write a parameter like combat.skill or combat.skill[actor:ISL]"
            )
        return Intervention(
            found["name"] if found else name,
            {found["dim"]: [found["id"]]} if found and found["dim"] else {},
            None,
            None,
            None,
            "set",
            Fixed(amount.number),
            amount.unit,
            "judgement",
            None,
            self.document.file,
            line,
        )

    def _claim(self, i: int, entry: ClaimEntry, default: str) -> Claim:
        keys = ("claims", i)
        if len(entry.quote.split()) > WORDS:
            self.fault((*keys, "quote"), f"{entry.id}: a quote has at most {WORDS} words")
        self._check_how(keys, entry)
        for key in ("measure", "event"):
            text = getattr(entry, key)
            if text:
                check_measure(
                    self.context, self.document, (*keys, key), entry.id, text, key == "event"
                )
        for k, name in enumerate(entry.pair or []):
            self.check((*keys, "pair", k), "scenario or variant", name, self.futures)
        if entry.future is not None:
            self.check((*keys, "future"), "scenario or variant", entry.future, self.futures)
        for k, text in enumerate(entry.linked):
            self._check_link((*keys, "linked", k), entry.id, text)
        return Claim(
            entry.id,
            entry.sentence,
            entry.quote,
            entry.says,
            entry.type,
            entry.refuted_by,
            entry.record,
            entry.measure,
            entry.event,
            entry.future or default,
            (entry.pair[0], entry.pair[1]) if entry.pair else None,
            entry.sign or "+",
            (entry.range[0], entry.range[1]) if entry.range else None,
            (entry.stated[0], entry.stated[1]) if entry.stated else None,
            entry.happened,
            entry.not_modelled,
            tuple(entry.linked),
            entry.source,
        )

    def _check_how(self, keys: tuple[str | int, ...], entry: ClaimEntry) -> None:
        """Check that a claim says in one way how it is measured, and what would refute it."""
        ways = [w for w in ("measure", "event", "not_modelled") if getattr(entry, w)]
        if len(ways) != 1:
            self.fault(
                keys, f"{entry.id}: write one of measure, event and not_modelled, not {len(ways)}"
            )
        elif "not_modelled" not in ways and not entry.refuted_by:
            self.fault(keys, f"{entry.id}: refuted_by is missing: say what would refute it")
        if "measure" in ways and entry.pair is not None and entry.range is not None:
            self.fault(keys, f"{entry.id}: write pair or range, not both")
        if entry.pair is not None and entry.sign is None:
            self.fault(keys, f"{entry.id}: a pair needs its sign: + - 0 or ?")
        if entry.pair is not None and entry.pair[0] == entry.pair[1]:
            self.fault((*keys, "pair"), f"{entry.id}: {entry.pair[0]} is compared with itself")
        if entry.stated and not all(0 <= p <= 1 for p in entry.stated):
            self.fault((*keys, "stated"), f"{entry.id}: stated: a probability lies in 0 to 1")
        for key in ("range", "stated"):
            two = getattr(entry, key)
            if two and two[1] < two[0]:
                self.fault((*keys, key), f"{entry.id}: {key}: {two[1]:g} lies below {two[0]:g}")

    def _check_link(self, keys: tuple[str | int, ...], id: str, text: str) -> None:
        kind, _, name = text.partition(":")
        valid: dict[str, Any] = {
            "variable": self.context.variables,
            "hypothesis": self.known.hypotheses,
            "process": [use.instance for use in self.known.processes],
            "scenario": self.futures,
            "part": self.known.parts,
            "parameter": None,
        }
        if kind not in valid:
            what = f"{id}: {text}: write the kind and the name, like variable:fighters"
            self.fault(keys, what, nearest(kind, valid))
        elif kind == "parameter":  # the process is known here, its parameters to the plan
            self.check(keys, "process", name.partition(".")[0], valid["process"])
        else:
            self.check(keys, kind, name, valid[kind])
