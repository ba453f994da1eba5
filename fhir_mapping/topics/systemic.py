"""Systemic therapy that is running: immune checkpoint inhibitors and kinase inhibitors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from fhir_mapping.findings import Finding, Rejected
from fhir_mapping.intake import Entry, Intake
from fhir_mapping.resources import as_text, status_code
from fhir_mapping.topics.therapy import (
    NO_DRUG_NAMED,
    adherence_of,
    drug_evidence,
    drugs_in,
    names_no_drug,
)
from models.inputs import exactly
from models.quantities import PRESENT, quantity

__all__ = ["NOT_RUNNING", "read_running"]

NOT_RUNNING = "it is not running"
_CONCEPTS = {
    "immune_checkpoint_inhibitor": "immune-checkpoint-inhibitor",
    "kinase_inhibitor": "kinase-inhibitor",
}
_ORDERED = frozenset(
    {"", "order", "original-order", "reflex-order", "filler-order", "instance-order"}
)
# A dose counts as running for so long. Ours: infusions are given every few weeks.
RUNNING_DAYS = 60


def read_running(intake: Intake) -> Iterator[Finding | Rejected]:
    """Read each drug as running, with every dose on record; or say that it is not."""
    drugs = list(drugs_in(intake))
    for name, concept in _CONCEPTS.items():
        taken = [entry for entry, concepts in drugs if concept in concepts]
        is_running = any(_is_running(entry, intake) for entry in taken)
        for entry in taken:
            if is_running and _was_taken(entry):
                value = exactly(quantity(name), PRESENT)
                days = entry.days
                yield Finding(name, value, drug_evidence(entry), days.earliest, days.latest)
            else:
                yield Rejected(name, drug_evidence(entry), NOT_RUNNING)
    for entry, concepts in drugs:
        if "targeted-therapy" in concepts and "kinase-inhibitor" not in concepts:
            # The source of the rule speaks of kinase inhibitors; what an antibody adds was not read.
            reason = (
                "an antibody, not a kinase inhibitor" if _is_running(entry, intake) else NOT_RUNNING
            )
            yield Rejected("kinase_inhibitor", drug_evidence(entry), reason)
        elif names_no_drug(entry, concepts):
            reason = NO_DRUG_NAMED if _is_running(entry, intake) else NOT_RUNNING
            yield from (Rejected(name, drug_evidence(entry), reason) for name in _CONCEPTS)


def _is_running(entry: Entry, intake: Intake) -> bool:
    status = status_code(entry.resource.get("status"))
    if entry.resource.get("doNotPerform") is True:
        return False
    if entry.kind == "MedicationAdministration":
        since = intake.on - timedelta(days=RUNNING_DAYS)
        is_recent = entry.days.latest is not None and entry.days.latest >= since
        return status == "in-progress" or (status == "completed" and is_recent)
    # R5's statement is "recorded", and says beside it that the drug is taken.
    is_active = status == "active" or adherence_of(entry).startswith("taking")
    return is_active and as_text(entry.resource.get("intent")) in _ORDERED


def _was_taken(entry: Entry) -> bool:
    """Tell whether a dose was given or ordered; drafts, plans and cancelled orders are none."""
    status = status_code(entry.resource.get("status"))
    if status in {"cancelled", "draft", "not-done", "not-taken", "intended", "entered-in-error"}:
        return False
    if entry.resource.get("doNotPerform") is True:
        return False
    return as_text(entry.resource.get("intent")) in _ORDERED
