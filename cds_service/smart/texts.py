"""The findings read from text, by concept: what each says, what was decided, and what counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from cds_service.cards.words import describe_input, join_words, plain
from fhir_mapping.findings import Certainty, DecidedText, Finding, Selected, TextDecision
from fhir_mapping.patient_record import PatientRecord
from models.model import Anchor, InputNeed, Model
from models.quantities import QUANTITIES, quantity

__all__ = ["Concept", "Counted", "TextFinding", "concepts_of"]

_LONGEST_QUOTE = 500
_ISO_DAY_CHARACTERS = 10


@dataclass(frozen=True, slots=True)
class Counted:
    """What a model takes now, and where from."""

    value: str
    places: str


@dataclass(frozen=True, slots=True)
class TextFinding:
    """One finding as the page shows it.

    `standing` says whether it counts, and why not; `is_open` that a decision would change something.
    """

    id: str
    value: str
    quote: str
    source: str
    reference: str
    date: str
    rule: str
    standing: str
    decision: str = ""
    decided_on: str = ""
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Concept:
    """One quantity with what counts of it now (nothing, if empty), and every finding read from text."""

    name: str
    label: str
    counts: tuple[Counted, ...]
    findings: tuple[TextFinding, ...] = field(default=())

    @property
    def open_count(self) -> int:
        """How many findings wait for a decision that would change something."""
        return sum(item.is_open for item in self.findings)

    @property
    def asked(self) -> tuple[TextFinding, ...]:
        """The findings that wait for a decision or have one."""
        return tuple(item for item in self.findings if item.is_open or item.decision)

    @property
    def idle(self) -> tuple[TextFinding, ...]:
        """The findings of which a decision would change nothing now."""
        return tuple(item for item in self.findings if not (item.is_open or item.decision))


Decided = tuple[Finding, DecidedText | None]


def concepts_of(
    found: Mapping[str, Decided],
    record: PatientRecord,
    supposed: PatientRecord,
    models: Iterable[Model],
) -> tuple[Concept, ...]:
    """Return the concepts of which something was read from text, in the order of the quantities.

    `record` is the record as it counts; `supposed` the same with every finding confirmed.
    """
    needs: dict[str, list[InputNeed]] = {}
    for need in dict.fromkeys(need for model in models for need in model.needs):
        needs.setdefault(need.quantity.name, []).append(need)
    by_name: dict[str, dict[str, Decided]] = {}
    for name, item in found.items():
        by_name.setdefault(item[0].name, {})[name] = item
    concepts = []
    for name in QUANTITIES:
        if name in by_name:
            asked = needs.get(name) or [InputNeed(quantity(name), Anchor.NOW)]
            now = [record.select(need) for need in asked]
            then = [supposed.select(need) for need in asked]
            concepts.append(
                Concept(
                    name=name,
                    label=QUANTITIES[name].label,
                    counts=tuple(dict.fromkeys(_counts(item) for item in now if item.used)),
                    findings=tuple(
                        _finding(key, item, now, then) for key, item in by_name[name].items()
                    ),
                )
            )
    return tuple(concepts)


def _counts(selected: Selected) -> Counted:
    places = dict.fromkeys(_place(item) for item in selected.used)
    return Counted(describe_input(selected.value), join_words(list(places)))


def _place(item: Finding) -> str:
    words = {
        Certainty.CODED: "coded",
        Certainty.CONFIRMED: "from text, confirmed",
    }.get(item.certainty, "from text")
    day = item.evidence.date[:_ISO_DAY_CHARACTERS]
    where = ", ".join(part for part in (item.evidence.reference, day) if part)
    return f"{words}, {plain(where)}" if where else words


def _finding(
    key: str, item: Decided, now: Collection[Selected], then: Collection[Selected]
) -> TextFinding:
    finding, decided = item
    evidence = finding.evidence
    coded = _coded_instead(now)
    return TextFinding(
        id=key,
        value=describe_input(finding.value),
        quote=plain(evidence.quote, _LONGEST_QUOTE),
        source=plain(evidence.display),
        reference=plain(evidence.reference),
        date=plain(evidence.date[:_ISO_DAY_CHARACTERS]) or "undated",
        rule=plain(evidence.rule.removeprefix("narrative: ")),
        standing=_standing(finding, decided, coded, now, then),
        decision=decided.decision.value if decided else "",
        decided_on=decided.on.isoformat() if decided else "",
        is_open=decided is None and not coded and any(_is_used(finding, one) for one in then),
    )


def _coded_instead(now: Iterable[Selected]) -> tuple[str, ...]:
    """Return the coded values that count; before surgery and of the specimen they may differ."""
    return tuple(
        dict.fromkeys(
            describe_input(selected.value)
            for selected in now
            if any(item.certainty is Certainty.CODED for item in selected.used)
        )
    )


def _standing(
    finding: Finding,
    decided: DecidedText | None,
    coded: tuple[str, ...],
    now: Collection[Selected],
    then: Collection[Selected],
) -> str:
    if decided is not None and decided.decision is TextDecision.REFUSED:
        return "Does not count: refused."
    if coded:
        says = describe_input(finding.value)
        if says in coded:
            return f"Coded value {says} counts; the text says the same."
        return f"Coded value {join_words(coded)} counts; the text says {says}."
    if any(_is_used(finding, selected) for selected in now):
        return "Counts." if decided else "Counts already: this site does not wait for confirmation."
    if decided is not None:
        return f"Confirmed, but does not count: {_why_not(finding, now)}."
    if any(_is_used(finding, selected) for selected in then):
        return "Counts only if you confirm it."
    return f"Would not count even if confirmed: {_why_not(finding, then)}."


def _is_used(finding: Finding, selected: Selected) -> bool:
    return any(
        _is_same(finding, item.evidence.quote, item.evidence.reference) for item in selected.used
    )


def _why_not(finding: Finding, selections: Iterable[Selected]) -> str:
    reasons = [
        item.reason
        for selected in selections
        for item in selected.rejected
        if _is_same(finding, item.evidence.quote, item.evidence.reference)
    ]
    return join_words(list(dict.fromkeys(reasons))) or "no model asks for it now"


def _is_same(finding: Finding, quote: str, reference: str) -> bool:
    return (finding.evidence.quote, finding.evidence.reference) == (quote, reference)
