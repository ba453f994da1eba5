"""How the topics read one value: a number, an answer, or a diagnosis; each yields its evidence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from fhir_mapping.amounts import UnusableValueError, read_amount, to_input
from fhir_mapping.answers import PRESENCE, PRESENCE_WORDS, read_answer
from fhir_mapping.findings import Finding, Origin, Rejected
from fhir_mapping.intake import Entry, Intake
from fhir_mapping.observed import Observed
from fhir_mapping.resources import display_of, read_days, status_code
from fhir_mapping.units import KINDS
from models.inputs import Input, exactly
from models.quantities import PRESENT, quantity

__all__ = [
    "AS_RECORDED",
    "NO_LONGER_ACTIVE",
    "OVER",
    "RULED_OUT",
    "ConditionReader",
    "ObservationReader",
    "Read",
    "answer",
    "diagnosis",
    "is_bare",
    "is_over",
    "never",
    "never_diagnosed",
    "number",
    "problem_with",
    "stated",
]

Read = Iterator[Finding | Rejected]
ObservationReader = Callable[[Observed, Intake], Read]
ConditionReader = Callable[[Entry, Intake], Read]

# Where no rule of its own decides.
AS_RECORDED = "as-recorded"

NO_LONGER_ACTIVE = "it is recorded as no longer active"
OVER = frozenset({"inactive", "resolved", "remission"})

RULED_OUT = "it was ruled out"
# Ours: how a diagnosis in doubt, or one denied, begins in words beside a code that knows no doubt.
_IN_DOUBT = re.compile(
    r"\s*(?:\?|(?:suspect(?:ed)?|suspicion|suspicious|rule[ -]?out|ruled out|r/o|possible|possibly|"
    r"probable|query|no|not|without|negative|excluded?|verdacht|v\. ?a\.|ausschluss|kein)(?![\w-])|"
    r"疑似|可疑|疑诊|排除|未见|无)",
    re.IGNORECASE,
)
# Ruled out is a rejection and not "absent": it says what the diagnosis was not at that time.
_UNCONFIRMED = frozenset({"unconfirmed", "provisional", "differential"})


def number(
    name: str,
    kind: str,
    *,
    origin: Origin | None = None,
    may_have_components: bool = False,
    rule: str = AS_RECORDED,
) -> ObservationReader:
    """Return the reader of a number of this quantity."""

    def read(observed: Observed, intake: Intake) -> Read:
        del intake
        node = observed.node
        if may_have_components and "component" in node and not _has_value(node):
            return  # Its components are read on their own.
        try:
            value, conversion = to_input(quantity(name), read_amount(node), KINDS[kind])
        except UnusableValueError as error:
            yield observed.rejection(name, str(error), rule)
        else:
            yield with_origin(observed.finding(name, value, conversion, rule), origin)

    return read


def answer(
    name: str,
    answers: Mapping[str, str] = PRESENCE,
    words: Mapping[str, str] = PRESENCE_WORDS,
    *,
    origin: Origin | None = None,
    rule: str = AS_RECORDED,
) -> ObservationReader:
    """Return the reader of a coded answer to this quantity."""

    def read(observed: Observed, intake: Intake) -> Read:
        try:
            category = read_answer(observed.node, intake.codes, answers, words)
        except UnusableValueError as error:
            yield observed.rejection(name, str(error), rule)
        else:
            found = observed.finding(name, exactly(quantity(name), category), rule=rule)
            yield with_origin(found, origin)

    return read


def stated(
    concept: str, value: Input, *, origin: Origin | None = None, rule: str = AS_RECORDED
) -> ObservationReader:
    """Return the reader of an observation whose code is itself the answer, such as "MVI M0".

    It holds where it stands alone or is confirmed. Denied, it says only what is not the case.
    """
    name = value.quantity.name
    answers = {**PRESENCE, concept: PRESENT}

    def read(observed: Observed, intake: Intake) -> Read:
        try:
            holds = is_bare(observed.node) or (
                read_answer(observed.node, intake.codes, answers, PRESENCE_WORDS) == PRESENT
            )
        except UnusableValueError as error:
            yield observed.rejection(name, str(error), rule)
            return
        if holds:
            yield with_origin(observed.finding(name, value, rule=rule), origin)
        else:
            yield observed.rejection(name, "it says only what is not the case", rule)

    return read


def never(name: str, reason: str, rule: str) -> ObservationReader:
    """Return the reader of a code that looks like this quantity and is not."""

    def read(observed: Observed, intake: Intake) -> Read:
        del intake
        yield observed.rejection(name, reason, rule)

    return read


def diagnosis(name: str, category: str = PRESENT, rule: str = AS_RECORDED) -> ConditionReader:
    """Return the reader of a diagnosis that says this category."""

    def read(entry: Entry, intake: Intake) -> Read:
        del intake
        problem = problem_with(entry)
        if problem:
            yield Rejected(name, entry.evidence(rule="in-doubt"), problem)
            return
        yield Finding(
            name,
            exactly(quantity(name), category),
            entry.evidence(category, rule),
            entry.days.earliest,
            entry.days.latest,
        )

    return read


def never_diagnosed(name: str, reason: str, rule: str) -> ConditionReader:
    """Return the reader of a diagnosis that looks like this quantity and is not."""

    def read(entry: Entry, intake: Intake) -> Read:
        del intake
        is_refuted = problem_with(entry) == RULED_OUT
        yield Rejected(name, entry.evidence(rule=rule), RULED_OUT if is_refuted else reason)

    return read


def problem_with(entry: Entry) -> str:
    """Return why a diagnosis is not certain, empty if it is confirmed (or does not say)."""
    verification = status_code(entry.resource.get("verificationStatus"))
    if verification == "refuted":
        return RULED_OUT
    if verification in _UNCONFIRMED:
        return f"it is not confirmed ({verification})"
    if _IN_DOUBT.match(display_of(entry.resource.get("code"))):
        return "its words do not say for certain that it is there"
    return ""


def is_over(entry: Entry, intake: Intake, statuses: frozenset[str] = OVER) -> bool:
    """Tell whether a diagnosis is recorded as over: by its clinical status, or by an abatement."""
    if status_code(entry.resource.get("clinicalStatus")) in statuses:
        return True
    for name, value in entry.resource.items():
        if not name.startswith("abatement") or value in (None, False, ""):
            continue
        # A period is over at its end; an age, a range or words say that it is over, not when.
        end = value.get("end", "") if isinstance(value, dict) and "start" in value else value
        days = read_days(end, intake.settings.time_zone)
        if days.latest is not None:
            return days.latest <= intake.on
        return bool(end != "")
    return False


def with_origin(finding: Finding, origin: Origin | None) -> Finding:
    """Return the finding as one of this origin, if the code tells it and the resource does not."""
    if origin is None or finding.origin is not Origin.UNSTATED:
        return finding
    return replace(finding, origin=origin)


def is_bare(node: Mapping[str, object]) -> bool:
    """Tell whether a finding is stated by its code alone, with neither value nor reason."""
    return not _has_value(node) and "dataAbsentReason" not in node and "component" not in node


def _has_value(node: Mapping[str, object]) -> bool:
    return any(name.startswith("value") for name in node)
