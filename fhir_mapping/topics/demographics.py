"""Age and sex from the Patient resource."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

from fhir_mapping.findings import Evidence, Finding, Rejected
from fhir_mapping.intake import Intake
from fhir_mapping.resources import as_text, read_days
from fhir_mapping.topics.readers import AS_RECORDED
from models.inputs import Input, between, exactly, unknown
from models.quantities import quantity

__all__ = ["age_between", "completed_months", "months_between", "read_demographics"]

_AGE = quantity("age_years")
_MONTHS = quantity("months_since_resection")


def read_demographics(intake: Intake, earliest: date, latest: date) -> Iterator[Finding | Rejected]:
    """Read sex, and age on a day between two dates."""
    reference, born_as_sent = (
        f"Patient/{intake.patient_id}",
        as_text(intake.patient.get("birthDate")),
    )
    evidence = Evidence(reference, born_as_sent, rule="age")
    gender = as_text(intake.patient.get("gender")).lower()
    if gender in quantity("sex").categories:
        yield Finding("sex", exactly(quantity("sex"), gender), replace(evidence, rule=AS_RECORDED))
    if not intake.patient:
        return
    born = read_days(intake.patient.get("birthDate"))
    if born.earliest is None or born.latest is None:
        yield Rejected("age_years", evidence, "no birth date")
        return
    age = age_between(born.earliest, born.latest, earliest, latest)
    if age is None:
        yield Rejected("age_years", evidence, "the birth date is not plausible")
    else:
        yield Finding("age_years", age, evidence)


def age_between(
    born_earliest: date, born_latest: date, earliest: date, latest: date
) -> Input | None:
    """Return the completed years between two days of which either may be partial."""
    youngest = completed_months(born_latest, earliest) // 12
    oldest = completed_months(born_earliest, latest) // 12
    try:
        if youngest == oldest:
            return exactly(_AGE, youngest)
        return between(_AGE, Decimal(youngest), Decimal(oldest))
    except ValueError:
        return None


def months_between(earliest: date | None, latest: date | None, on: date) -> Input:
    """Return the completed months since an operation whose date may be partial."""
    if earliest is None or latest is None:
        return unknown(_MONTHS, "the operation has no date")
    fewest, most = max(completed_months(latest, on), 0), max(completed_months(earliest, on), 0)
    try:
        if fewest == most:
            return exactly(_MONTHS, fewest)
        return between(
            _MONTHS,
            Decimal(fewest),
            Decimal(most),
            reason="the date of the operation is partial",
        )
    except ValueError:
        return unknown(_MONTHS, "the date of the operation is not plausible")


def completed_months(start: date, end: date) -> int:
    """Return the calendar months completed between two days; negative if end is before start.

    Someone born on 29 February completes a year on 1 March.
    """
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - 1 if end.day < start.day else months
