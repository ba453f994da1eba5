"""The course of the index stay: transfusion during the operation, complications until discharge."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from fhir_mapping.amounts import UnusableValueError
from fhir_mapping.answers import PRESENCE, PRESENCE_WORDS, read_answer
from fhir_mapping.codes import codings_of
from fhir_mapping.findings import Finding, Rejected
from fhir_mapping.index_operation import Operations
from fhir_mapping.intake import Entry, Intake
from fhir_mapping.observed import Observed
from fhir_mapping.resources import (
    as_object,
    as_text,
    display_of,
    first_of,
    objects_in,
    read_days,
    read_moment,
    reference_as_type_and_id,
    status_code,
)
from fhir_mapping.topics.readers import Read, problem_with
from models.inputs import exactly
from models.quantities import ABSENT, PRESENT, quantity

__all__ = ["NONE_OF_OPERATION", "OBSERVED", "Stay", "find_stay", "read_course"]

_TRANSFUSION = "transfusion"
_COMPLICATION = "complication"
_GIVEN = frozenset({"completed", "in-progress", ""})
_CLAVIEN_ANSWERS = {**PRESENCE, "clavien-dindo-grade": PRESENT}
_CLAVIEN_WORDS = dict.fromkeys(
    ("i", "ii", "iii", "iiia", "iiib", "iv", "iva", "ivb", "v"), PRESENT
) | {
    f"grade {grade}": PRESENT
    for grade in ("i", "ii", "iii", "iiia", "iiib", "iv", "iva", "ivb", "v")
}
NONE_OF_OPERATION = "it says that the operation itself had no complication"
# Ours: how a complication field says that there was none.
_NONE = re.compile(
    r"\s*(?:(?:none|nil|no|not|without|n/a|keine?|ohne)(?![\w-])|无|未见|没有)", re.IGNORECASE
)
_NO_STAY = frozenset({"cancelled", "planned"})
# HL7 v3 ActCode: inpatient, and what is no stay in a hospital (outpatient, emergency, home, virtual).
_INPATIENT = frozenset({"IMP", "ACUTE", "NONAC"})
_VISITS = frozenset({"AMB", "EMER", "FLD", "HH", "VR"})
# Observations that are read together with the operation, by concept.
OBSERVED = frozenset(
    {"intraoperative-transfusion", "complication-stated", "clavien-dindo", "clavien-dindo-grade",
     "postoperative-complication"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stay:
    """The index stay: from the operation to the discharge, as far as the record says."""

    reference: str
    start: date
    end: date | None
    is_over: bool
    is_assumed: bool = False


def find_stay(intake: Intake, operations: Operations) -> Stay | None:
    """Return the index stay: the encounter of the operation, or the one around its day.

    Without any encounter the stay is assumed to last so many days as the settings say.
    """
    entry, index = operations.entry, operations.index
    if entry is None or index.phase != "done" or index.earliest is None or index.latest is None:
        return None
    named = reference_as_type_and_id(entry.resource.get("encounter"))
    around = _encounter_around(intake, named, index.earliest, index.latest)
    if around is None:
        length = timedelta(days=intake.settings.complication_days_without_encounter)
        end = index.latest + length
        return Stay("", index.earliest, end, end < intake.on, is_assumed=True)
    period = as_object(first_of(around.resource, "period", "actualPeriod"))
    end_days = read_days(period.get("end"), intake.settings.time_zone)
    over = end_days.latest is not None and end_days.latest <= intake.on
    return Stay(around.reference, index.earliest, end_days.latest, over)


def _encounter_around(intake: Intake, named: str, earliest: date, latest: date) -> Entry | None:
    """Return the encounter of the operation: the one it names, else the inpatient stay around it.

    A visit of the same day is no stay: it would end the day of the operation.
    """
    around: list[tuple[bool, date, str, Entry]] = []
    for encounter in intake.of("Encounter"):
        if encounter.reference == named:
            return encounter
        days = encounter.days
        kinds = {as_text(item.get("code")) for item in codings_of(encounter.resource.get("class"))}
        if status_code(encounter.resource.get("status")) in _NO_STAY or kinds & _VISITS:
            continue
        if days.earliest is None or days.latest is None or days.earliest > earliest:
            continue
        period = as_object(first_of(encounter.resource, "period", "actualPeriod"))
        end = date.max if not period.get("end") else days.latest
        if end >= latest:
            around.append((bool(kinds & _INPATIENT), end, encounter.reference, encounter))
    return max(around, key=lambda item: item[:3])[3] if around else None


def read_course(
    intake: Intake, operations: Operations, stay: Stay | None, observed: list[Observed]
) -> Iterator[Finding | Rejected]:
    """Read transfusion and complications of the index stay.

    Every finding is dated to the operation it was linked to, so that a complication and the
    statement that there was none are a conflict, whichever was written later.
    """
    if operations.entry is None or operations.index.phase != "done" or stay is None:
        return
    for procedure in intake.of("Procedure"):
        yield from _read_transfusion(intake, operations, procedure)
    yield from _read_complications_of_operation(intake, operations)
    for condition in intake.of("Condition"):
        if "postoperative-complication" in condition.concepts:
            yield from _read_complication(condition, stay)
    for item in observed:
        if "intraoperative-transfusion" in item.concepts:
            yield from _read_stated_transfusion(intake, operations, item)
        else:
            yield from _read_stated_complication(intake, stay, item)


def _read_transfusion(intake: Intake, operations: Operations, entry: Entry) -> Read:
    kinds = entry.concepts & {"red-cell-transfusion", "transfusion-other", "autologous-transfusion"}
    if not kinds:
        return
    evidence = entry.evidence(PRESENT, "transfusion")
    if "autologous-transfusion" in kinds:
        yield Rejected(_TRANSFUSION, evidence, "autologous blood is not counted")
    elif status_code(entry.resource.get("status")) not in _GIVEN:
        yield Rejected(_TRANSFUSION, evidence, "it was not given")
    elif "red-cell-transfusion" not in kinds:
        yield Rejected(_TRANSFUSION, evidence, "another or an unstated blood product")
    elif _is_part_of(entry, operations) or _overlaps(entry, operations):
        index = operations.index
        yield Finding(
            _TRANSFUSION,
            exactly(quantity(_TRANSFUSION), PRESENT),
            evidence,
            index.earliest,
            index.latest,
        )
    else:
        yield Rejected(_TRANSFUSION, evidence, _why_not_during(entry, operations))
    del intake


def _why_not_during(entry: Entry, operations: Operations) -> str:
    day, index = entry.days, operations.index
    if day.earliest is None or index.latest is None or index.earliest is None:
        return "it has no date"
    if day.earliest > index.latest or (day.latest is not None and day.latest < index.earliest):
        return "it was not on the day of the operation"
    return "a date without a time does not say whether it was during the operation"


def _is_part_of(entry: Entry, operations: Operations) -> bool:
    return any(
        reference_as_type_and_id(item) in operations.parts
        for item in objects_in(entry.resource.get("partOf"))
    )


def _overlaps(entry: Entry, operations: Operations) -> bool:
    """Tell whether both have times and share a moment."""
    one = _moments(entry)
    other = _moments(operations.entry) if operations.entry else None
    return one is not None and other is not None and one[0] <= other[1] and other[0] <= one[1]


def _moments(entry: Entry) -> tuple[datetime, datetime] | None:
    period = as_object(first_of(entry.resource, "performedPeriod", "occurrencePeriod"))
    start, end = read_moment(period.get("start")), read_moment(period.get("end"))
    if start and end and start <= end:
        return start, end
    at = read_moment(first_of(entry.resource, "performedDateTime", "occurrenceDateTime"))
    return (at, at) if at else None


def _read_stated_transfusion(intake: Intake, operations: Operations, observed: Observed) -> Read:
    index, day = operations.index, observed.days
    if day.latest is not None and index.earliest is not None and day.latest < index.earliest:
        yield observed.rejection(_TRANSFUSION, "it was before the operation", "transfusion")
        return
    try:
        category = read_answer(observed.node, intake.codes, PRESENCE, PRESENCE_WORDS)
    except UnusableValueError as error:
        yield observed.rejection(_TRANSFUSION, str(error), "transfusion")
    else:
        value = exactly(quantity(_TRANSFUSION), category)
        found = observed.finding(_TRANSFUSION, value, rule="transfusion")
        yield replace(found, earliest=index.earliest, latest=index.latest)


def _read_complications_of_operation(intake: Intake, operations: Operations) -> Read:
    """Read Procedure.complication, which FHIR has for what happened during and right after."""
    for entry in intake.of("Procedure"):
        if entry.reference in operations.parts:
            stated = [
                item
                for name in ("complication", "complicationDetail")
                for item in objects_in(entry.resource.get(name))
                if item.get("coding")
                or item.get("text")
                or item.get("reference")
                or item.get("concept")
            ]
            none = [item for item in stated if _says_none(item, intake)]
            stated = [item for item in stated if item not in none]
            if none and not stated:
                evidence = entry.evidence(display_of(none[0])[:200], "complication")
                yield Rejected(_COMPLICATION, evidence, NONE_OF_OPERATION)
            if stated:
                index = operations.index
                yield Finding(
                    _COMPLICATION,
                    exactly(quantity(_COMPLICATION), PRESENT),
                    entry.evidence("complication of the operation", "complication"),
                    index.earliest,
                    index.latest,
                )


def _says_none(item: Mapping[str, object], intake: Intake) -> bool:
    """Tell whether a complication says that there was none, as forms with a required field do."""
    is_none = "answer-absent" in intake.codes.concepts_of(item)
    return is_none or _NONE.match(display_of(item)) is not None


def _read_complication(entry: Entry, stay: Stay) -> Read:
    evidence = entry.evidence(PRESENT, "complication")
    problem = problem_with(entry) or _outside(stay, entry)
    if problem:
        yield Rejected(_COMPLICATION, evidence, problem)
    else:
        yield Finding(
            _COMPLICATION,
            exactly(quantity(_COMPLICATION), PRESENT),
            evidence,
            stay.start,
            stay.start,
        )


def _outside(stay: Stay, entry: Entry) -> str:
    """Return why a complication is not of the index stay, empty if it is."""
    if (
        stay.reference
        and reference_as_type_and_id(entry.resource.get("encounter")) == stay.reference
    ):
        return ""
    return _outside_days(stay, entry.days.earliest, entry.days.latest)


def _outside_days(stay: Stay, earliest: date | None, latest: date | None) -> str:
    if earliest is None or latest is None:
        return "it has no date"
    if latest < stay.start:
        return "it was before the operation"
    if stay.end is not None and earliest > stay.end:
        return "it was after the index stay"
    if earliest < stay.start or (stay.end is not None and latest > stay.end):
        return "its date does not say whether it was in the index stay"
    return ""


def _read_stated_complication(intake: Intake, stay: Stay, observed: Observed) -> Read:
    answers, words = PRESENCE, PRESENCE_WORDS
    if "complication-stated" not in observed.concepts:
        answers, words = _CLAVIEN_ANSWERS, {**PRESENCE_WORDS, **_CLAVIEN_WORDS}
    try:
        category = read_answer(observed.node, intake.codes, answers, words)
    except UnusableValueError as error:
        yield observed.rejection(_COMPLICATION, str(error), "complication")
        return
    problem = _outside_days(stay, observed.days.earliest, observed.days.latest)
    if category == ABSENT:
        problem = "" if problem == "it was after the index stay" else problem
        named_part = "complication-stated" not in observed.concepts
        if named_part and "clavien-dindo" not in observed.concepts:
            return  # One complication that is absent says nothing of the others.
        if not stay.is_over:
            problem = "until discharge, no complication so far leaves it unknown"
    if problem:
        yield observed.rejection(_COMPLICATION, problem, "complication")
    else:
        value = exactly(quantity(_COMPLICATION), category)
        found = observed.finding(_COMPLICATION, value, rule="complication")
        yield replace(found, earliest=stay.start, latest=stay.start)
