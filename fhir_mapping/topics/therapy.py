"""Treatment of the HCC other than the index operation, transplantation, and HBV antivirals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from fhir_mapping.findings import Evidence, Finding, Rejected
from fhir_mapping.index_operation import IndexOperation, Operations, is_open_order
from fhir_mapping.intake import Entry, Intake
from fhir_mapping.orders import concepts_of_orderable, orderable_of
from fhir_mapping.resources import as_object, as_text, code_as_sent, display_of, status_code
from fhir_mapping.topics.readers import problem_with
from models.inputs import exactly
from models.quantities import PRESENT, quantity

__all__ = [
    "NOT_GIVEN",
    "NO_DRUG_NAMED",
    "adherence_of",
    "drug_evidence",
    "drugs_in",
    "names_no_drug",
    "read_antivirals",
    "read_repeats",
    "read_transplantation",
    "read_treatment",
    "treatments",
    "why_not_taken",
]

_PROCEDURES = frozenset({"tace", "haic", "ablation", "radiotherapy", "immune-checkpoint-inhibitor"})
_DRUGS = frozenset({"immune-checkpoint-inhibitor", "targeted-therapy"})
_DONE = frozenset({"completed", "in-progress", ""})
_TAKEN = frozenset(
    {"active", "completed", "stopped", "on-hold", "in-progress", "", "recorded", "ended"}
)
NOT_GIVEN = "it was not given"
_NOT_GIVEN = frozenset({"not-done", "not-taken", "preparation", "draft", "cancelled", "intended"})
# An antiviral that was stopped leaves it open whether another took its place.
_ON_RECORD = frozenset({"active", "", "recorded", "in-progress", "completed", "ended", "on-hold"})
NO_DRUG_NAMED = "it does not say which drug"
_DRUG_KINDS = (
    "MedicationRequest",
    "MedicationStatement",
    "MedicationUsage",
    "MedicationAdministration",
)


def drugs_in(intake: Intake) -> Iterator[tuple[Entry, frozenset[str]]]:
    """Yield every prescription, statement and dose with the concepts of its drug."""
    for entry in intake.of(*_DRUG_KINDS):
        yield entry, concepts_of_orderable(entry.resource, intake.codes)


def treatments(intake: Intake) -> list[tuple[Entry, str]]:
    """Return each HCC treatment that was given, with why it does not count (empty if it does)."""
    found = [
        (entry, "" if _status(entry) in _DONE else _why_not_given(_status(entry)))
        for entry in intake.of("Procedure")
        if entry.concepts & _PROCEDURES
    ]
    for entry, concepts in drugs_in(intake):
        if concepts & _DRUGS:
            found.append((entry, why_not_taken(entry, _TAKEN)))
        elif names_no_drug(entry, concepts):
            found.append((entry, why_not_taken(entry, _TAKEN) or NO_DRUG_NAMED))
    found += [
        (entry, problem_with(entry))
        for entry in intake.of("Condition")
        if "history-of-immunotherapy" in entry.concepts
    ]
    return found


def names_no_drug(entry: Entry, concepts: frozenset[str]) -> bool:
    """Tell whether nothing says which drug it is: its Medication was not sent along."""
    drug = orderable_of(entry.resource)
    return not concepts and not display_of(drug) and not code_as_sent(drug)


def why_not_taken(entry: Entry, statuses: frozenset[str]) -> str:
    """Return why a drug was not taken, or need not have been; empty if it was."""
    resource, status = entry.resource, _status(entry)
    if resource.get("doNotPerform") is True:
        return f"{NOT_GIVEN} (the order says not to give it)"
    intent = as_text(resource.get("intent"))
    if intent in {"proposal", "option"}:
        return f"{NOT_GIVEN} (its intent is {intent})"
    if status not in statuses:
        return _why_not_given(status)
    if intent == "plan":
        # Some records hold a patient's own drugs so, others what is only planned.
        return "its intent is plan"
    adherence = adherence_of(entry)
    return f"it is not taken ({adherence})" if adherence.startswith("not-taking") else ""


def adherence_of(entry: Entry) -> str:
    """Return what R5's MedicationStatement says of the taking, which R4 has in its status."""
    return status_code(as_object(entry.resource.get("adherence")).get("code"))


def read_treatment(
    index: IndexOperation, given: list[tuple[Entry, str]]
) -> Iterator[Finding | Rejected]:
    """Read HCC treatment before the index operation, or before today if none is done."""
    name = "earlier_treatment"
    for entry, problem in given:
        evidence = drug_evidence(entry)
        problem = problem or _why_not_earlier(entry, index)
        if problem:
            yield Rejected(name, evidence, problem)
        else:
            value = exactly(quantity(name), PRESENT)
            yield Finding(name, value, evidence, entry.days.earliest, entry.days.latest)


def _why_not_earlier(entry: Entry, index: IndexOperation) -> str:
    if index.phase != "done" or index.earliest is None or index.latest is None:
        return ""
    if entry.days.earliest is None or entry.days.latest is None:
        return "it does not say whether it was before the operation"
    if entry.days.earliest > index.latest:
        return "it was after the index operation"
    if entry.days.latest < index.earliest:
        return ""
    return "its date does not say whether it was before the operation"


def read_transplantation(intake: Intake) -> Iterator[Finding | Rejected]:
    """Read a liver transplantation of this patient."""
    name = "liver_transplantation"
    for entry in intake.of("Procedure"):
        if "liver-transplantation" in entry.concepts:
            if _status(entry) in _DONE:
                value = exactly(quantity(name), PRESENT)
                yield Finding(
                    name, value, drug_evidence(entry), entry.days.earliest, entry.days.latest
                )
            else:
                yield Rejected(name, drug_evidence(entry), _why_not_given(_status(entry)))


def read_repeats(
    intake: Intake, operations: Operations, *, resection_ordered: bool
) -> Iterator[Finding | Rejected]:
    """Read a second HCC resection, done or ordered after the first."""
    name, index = "earlier_resection", operations.index
    if index.phase == "unclear":
        # What was done, or when, is in question: "no earlier resection" does not follow.
        evidence = Evidence(
            index.reference, index.date_as_sent, display=index.display, rule="index-operation"
        )
        yield Rejected(name, evidence, index.note)
    if index.phase != "done" or operations.entry is None:
        return
    ordered_later = resection_ordered or any(
        _is_later(entry, index.latest) and is_open_order(entry, intake)
        for entry in intake.of("ServiceRequest")
    )
    if ordered_later or operations.repeats:
        entry = operations.entry
        value = exactly(quantity(name), PRESENT)
        yield Finding(
            name, value, entry.evidence(PRESENT, "index-operation"), index.earliest, index.latest
        )
    for entry in operations.repeats:
        reason = "a later resection; the model counts from the first"
        yield Rejected("resection", entry.evidence(rule="index-operation"), reason)


def _is_later(entry: Entry, after: date | None) -> bool:
    return after is not None and entry.days.earliest is not None and entry.days.earliest > after


def read_antivirals(intake: Intake) -> Iterator[Finding | Rejected]:
    """Read nucleos(t)ide analogues against HBV that are taken or were."""
    name = "hbv_antiviral"
    for entry, concepts in drugs_in(intake):
        unnamed = names_no_drug(entry, concepts)
        if "hbv-antiviral" not in concepts and not unnamed:
            continue
        problem = why_not_taken(entry, _ON_RECORD) or (NO_DRUG_NAMED if unnamed else "")
        if problem:
            yield Rejected(name, drug_evidence(entry), problem)
        else:
            value = exactly(quantity(name), PRESENT)
            yield Finding(name, value, drug_evidence(entry), entry.days.earliest, entry.days.latest)


def _why_not_given(status: str) -> str:
    return f"{NOT_GIVEN} ({status})" if status in _NOT_GIVEN else f"its status is {status}"


def _status(entry: Entry) -> str:
    return status_code(entry.resource.get("status"))


def drug_evidence(entry: Entry) -> Evidence:
    """Return where a drug, or a procedure, is on record, under the name of what was given."""
    drug = orderable_of(entry.resource)
    evidence = entry.evidence(PRESENT, "given")
    return replace(evidence, code=code_as_sent(drug), display=display_of(drug)[:200])
