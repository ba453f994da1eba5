"""Liver function and what forbids an adjuvant draft: bilirubin, albumin, INR, ascites, leak, failure."""

from __future__ import annotations

from fhir_mapping.amounts import UnusableValueError, read_amount
from fhir_mapping.answers import PRESENCE, PRESENCE_WORDS, read_answer
from fhir_mapping.findings import Finding, Rejected
from fhir_mapping.intake import Entry, Intake
from fhir_mapping.observed import Observed
from fhir_mapping.topics.readers import (
    AS_RECORDED,
    NO_LONGER_ACTIVE,
    ConditionReader,
    ObservationReader,
    Read,
    answer,
    diagnosis,
    is_bare,
    is_over,
    number,
    problem_with,
    stated,
)
from fhir_mapping.units import KINDS, UnknownUnitError, factor_of
from models.inputs import exactly, one_of
from models.quantities import PRESENT, quantity

__all__ = ["CONDITIONS", "OBSERVATIONS"]

_MASS_UNITS = frozenset({"mg/dL", "mg/L"})
_SOME = {
    "ascites": ("slight", "moderate"),
    "encephalopathy": ("grade-1-2", "grade-3-4"),
}


def _read_bilirubin(observed: Observed, intake: Intake) -> Read:
    """Read bilirubin unless its unit contradicts its code (a mass code with umol/L)."""
    try:
        amount = read_amount(observed.node)
        unit = factor_of(KINDS["bilirubin"], amount.unit_code, amount.unit)[1]
    except (UnusableValueError, UnknownUnitError) as error:
        yield observed.rejection("bilirubin_umol_l", str(error))
        return
    is_mass = unit in _MASS_UNITS
    contradicts = (is_mass and "bilirubin-substance-concentration" in observed.concepts) or (
        not is_mass and "bilirubin-mass-concentration" in observed.concepts
    )
    if contradicts:
        yield observed.rejection("bilirubin_umol_l", f"its unit ({unit}) contradicts its code")
    else:
        yield from number("bilirubin_umol_l", "bilirubin")(observed, intake)


def _graded(name: str) -> ObservationReader:
    """Return the reader of a sign whose grade is not stated: present leaves the grades open."""

    def read(observed: Observed, intake: Intake) -> Read:
        try:
            category = PRESENT
            if not is_bare(observed.node):
                category = read_answer(observed.node, intake.codes, PRESENCE, PRESENCE_WORDS)
        except UnusableValueError as error:
            yield observed.rejection(name, str(error))
            return
        if category == PRESENT:
            value = one_of(quantity(name), _SOME[name], "present, grade not stated")
        else:
            value = exactly(quantity(name), "none")
        yield observed.finding(name, value, rule="graded-sign")

    return read


def _graded_diagnosis(name: str) -> ConditionReader:
    def read(entry: Entry, intake: Intake) -> Read:
        problem = problem_with(entry) or _over(entry, intake)
        if problem:
            yield Rejected(name, entry.evidence(), problem)
        else:
            value = one_of(quantity(name), _SOME[name], "present, grade not stated")
            yield Finding(
                name,
                value,
                entry.evidence(PRESENT, "graded-sign"),
                entry.days.earliest,
                entry.days.latest,
            )

    return read


def _active(name: str) -> ConditionReader:
    def read(entry: Entry, intake: Intake) -> Read:
        if _over(entry, intake) and not problem_with(entry):
            yield Rejected(name, entry.evidence(rule="over"), NO_LONGER_ACTIVE)
        else:
            yield from diagnosis(name)(entry, intake)

    return read


def _over(entry: Entry, intake: Intake) -> str:
    return NO_LONGER_ACTIVE if is_over(entry, intake) else ""


_ECOG = {f"ecog-{grade}": str(grade) for grade in range(5)}


def _read_ecog(observed: Observed, intake: Intake) -> Read:
    """Read ECOG as a number, or as one of its coded grades."""
    if "valueCodeableConcept" not in observed.node:
        yield from number("ecog", "count")(observed, intake)
        return
    try:
        grade = read_answer(observed.node, intake.codes, _ECOG, {grade: grade for grade in "01234"})
    except UnusableValueError as error:
        yield observed.rejection("ecog", str(error))
    else:
        yield observed.finding("ecog", exactly(quantity("ecog"), int(grade)), rule=AS_RECORDED)


OBSERVATIONS: dict[str, ObservationReader] = {
    "bilirubin": _read_bilirubin,
    "albumin": number("albumin_g_l", "albumin"),
    "inr": number("inr", "ratio"),
    "ascites": _graded("ascites"),
    "hepatic-encephalopathy": _graded("encephalopathy"),
    "liver-failure": answer("liver_failure"),
    "bile-leak": answer("bile_leak"),
    "ecog": _read_ecog,
    **{
        concept: stated(concept, exactly(quantity("ecog"), int(grade)))
        for concept, grade in _ECOG.items()
    },
}
CONDITIONS: dict[str, ConditionReader] = {
    "ascites": _graded_diagnosis("ascites"),
    "hepatic-encephalopathy": _graded_diagnosis("encephalopathy"),
    "liver-failure": _active("liver_failure"),
    "bile-leak": _active("bile_leak"),
}
