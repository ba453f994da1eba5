"""Lets every topic read its resources, in the order in which one needs what another found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from fhir_mapping.findings import Finding, Rejected
from fhir_mapping.index_operation import Operations, find_operations
from fhir_mapping.intake import REPLACED, Entry, Intake
from fhir_mapping.none_recorded import was_searched
from fhir_mapping.observed import Observed, observed_in
from fhir_mapping.other_tumours import OF_ANOTHER_PERSON, OF_ANOTHER_TUMOUR
from fhir_mapping.select import Moment
from fhir_mapping.topics import (
    blood,
    course,
    diagnosis,
    laboratory,
    liver,
    molecular,
    pathology,
    spread,
    systemic,
    therapy,
    tumour,
)
from fhir_mapping.topics.demographics import read_demographics
from fhir_mapping.topics.readers import RULED_OUT, ConditionReader, ObservationReader
from fhir_mapping.topics.therapy import NOT_GIVEN
from models.inputs import exactly
from models.quantities import PRESENT, quantity

__all__ = [
    "CONDITION_READERS",
    "OBSERVATION_READERS",
    "Narrative",
    "Reading",
    "is_settled",
    "read_all",
]

OBSERVATION_READERS: Mapping[str, ObservationReader] = {
    **laboratory.OBSERVATIONS,
    **liver.OBSERVATIONS,
    **tumour.OBSERVATIONS,
    **pathology.OBSERVATIONS,
    **diagnosis.OBSERVATIONS,
    **blood.OBSERVATIONS,
    **spread.OBSERVATIONS,
    **molecular.OBSERVATIONS,
}
CONDITION_READERS: Mapping[str, ConditionReader] = {
    **laboratory.CONDITIONS,
    **liver.CONDITIONS,
    **tumour.CONDITIONS,
    **diagnosis.CONDITIONS,
}

# Reads reports in words; its findings carry Certainty.READ_FROM_TEXT.
Narrative = Callable[[Intake], Iterator[Finding | Rejected]]

_BACK_BEFORE = "a recurrence before the operation: the HCC was treated before"

# Reasons that leave no doubt behind: what was not used for them says nothing of the quantity.
_SETTLED_REASONS = frozenset(
    {
        "entered in error",
        "it is of another patient",
        systemic.NOT_RUNNING,
        OF_ANOTHER_PERSON,
        OF_ANOTHER_TUMOUR,
        REPLACED,
        "it was after the index operation",
        "it was after the index stay",
        "it was before the index operation",
        "it was before the operation",
        RULED_OUT,
        course.NONE_OF_OPERATION,
    }
)


def is_settled(reason: str) -> bool:
    """Tell whether what was not used for this reason leaves no doubt behind."""
    return reason in _SETTLED_REASONS or reason.startswith(NOT_GIVEN)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the topics read, with what the selection needs to know of the patient."""

    findings: tuple[Finding, ...]
    rejected: tuple[Rejected, ...]
    observed: tuple[Observed, ...]
    operations: Operations
    moment: Moment
    # Only a recorded discharge ends the stay: without an encounter nobody said that it is over.
    stay_is_over: bool
    has_hcc: bool | None


def read_all(
    intake: Intake, *, resection_ordered: bool, narrative: Narrative | None = None
) -> Reading:
    """Read every topic; the index operation first, for the course and the treatments hang on it."""
    observed = tuple(observed_in(intake))
    read = [*_read_observations(intake, observed), *_read_conditions(intake)]
    read += blood.read_ratios(observed)
    read += spread.read_sites(intake)
    read += spread.implied_by_none(read)
    given = therapy.treatments(intake)
    operations = find_operations(
        intake, resection_ordered=resection_ordered, hcc_events=_hcc_events(given, read)
    )
    index = operations.index
    moment = _moment(intake, operations, given)
    stay = course.find_stay(intake, operations)
    of_course = [item for item in observed if item.concepts & course.OBSERVED]
    read += course.read_course(intake, operations, stay, of_course)
    read += therapy.read_treatment(index, given)
    read += therapy.read_transplantation(intake)
    read += therapy.read_antivirals(intake)
    read += systemic.read_running(intake)
    read += therapy.read_repeats(intake, operations, resection_ordered=resection_ordered)
    read += read_demographics(intake, moment.earliest or intake.on, moment.latest or intake.on)
    if narrative is not None:
        read += narrative(intake)
    read = _with_recurrence(read, operations)
    findings = [item for item in read if isinstance(item, Finding)]
    rejected = [item for item in read if isinstance(item, Rejected)]
    rejected += [*operations.rejected, *intake.rejected]
    return Reading(
        tuple(sorted(findings, key=_finding_order)),
        tuple(sorted(dict.fromkeys(rejected), key=_rejected_order)),
        observed,
        operations,
        moment,
        stay is not None and stay.is_over and not stay.is_assumed,
        _has_hcc(findings, rejected, intake),
    )


def _moment(intake: Intake, operations: Operations, given: list[tuple[Entry, str]]) -> Moment:
    index = operations.index
    if index.phase != "done" or index.earliest is None or index.latest is None:
        return Moment(intake.on, first_treatment=_first_treatment(given))
    return Moment(intake.on, index.earliest, index.latest, _first_treatment(given))


def _read_observations(
    intake: Intake, observed: tuple[Observed, ...]
) -> Iterator[Finding | Rejected]:
    for item in observed:
        for concept in sorted(item.concepts):
            reader = OBSERVATION_READERS.get(concept)
            if reader is not None:
                yield from reader(item, intake)


def _read_conditions(intake: Intake) -> Iterator[Finding | Rejected]:
    for entry in intake.of("Condition"):
        for concept in sorted(entry.concepts):
            reader = CONDITION_READERS.get(concept)
            if reader is not None:
                yield from reader(entry, intake)


def _hcc_events(given: list[tuple[Entry, str]], read: list[Finding | Rejected]) -> Iterator[date]:
    """Yield the days on which the HCC was treated, or was found to be back."""
    for entry, problem in given:
        if not problem and entry.days.earliest is not None:
            yield entry.days.earliest
    for item in read:
        if isinstance(item, Finding) and item.name == "recurrence" and item.earliest is not None:
            yield item.earliest


def _first_treatment(given: list[tuple[Entry, str]]) -> date | None:
    days = [entry.days.earliest for entry, problem in given if not problem and entry.days.earliest]
    return min(days, default=None)


def _with_recurrence(
    read: list[Finding | Rejected], operations: Operations
) -> list[Finding | Rejected]:
    """Read spread found after the operation as a recurrence too, and drop what was before it."""
    index = operations.index
    if index.phase != "done" or index.earliest is None or index.latest is None:
        return read
    kept: list[Finding | Rejected] = []
    for item in read:
        if isinstance(item, Finding) and _is_earlier_recurrence(item, index.earliest):
            kept.append(Rejected(item.name, item.evidence, "it was before the index operation"))
            # What came back had been treated, here or elsewhere, on record or not.
            kept.append(Rejected("earlier_treatment", item.evidence, _BACK_BEFORE))
            continue
        kept.append(item)
        if isinstance(item, Finding) and _is_later_spread(item, index.latest):
            value = exactly(quantity("recurrence"), PRESENT)
            kept.append(Finding("recurrence", value, item.evidence, item.earliest, item.latest))
    return kept


def _is_earlier_recurrence(item: Finding, before: date) -> bool:
    return item.name == "recurrence" and item.latest is not None and item.latest < before


def _is_later_spread(item: Finding, after: date) -> bool:
    return (
        item.name == "extrahepatic_disease"
        and item.value.value == PRESENT
        and item.earliest is not None
        and item.earliest > after
    )


def _has_hcc(findings: list[Finding], rejected: list[Rejected], intake: Intake) -> bool | None:
    if any(item.name == "hcc" for item in findings):
        return True
    if any(item.name == "hcc" and not is_settled(item.reason) for item in rejected):
        return None
    return False if was_searched("hcc", intake.keys) else None


def _finding_order(item: Finding) -> tuple[str, str, str, str]:
    latest = item.latest.isoformat() if item.latest else ""
    return item.name, latest, item.evidence.reference, item.evidence.value


def _rejected_order(item: Rejected) -> tuple[str, str, str]:
    return item.name, item.evidence.reference, item.reason
