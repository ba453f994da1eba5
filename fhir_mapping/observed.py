"""Observations as they arrive: value, component, panel member or contained, one reading each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fhir_mapping.amounts import value_as_sent
from fhir_mapping.codes import NO_CONCEPTS
from fhir_mapping.findings import Evidence, Finding, Origin, Rejected
from fhir_mapping.intake import MODIFIED, QUANTITY_OF_CONCEPT, Entry, Intake
from fhir_mapping.prefetch_key import JsonObject
from fhir_mapping.resources import (
    Days,
    as_text,
    code_as_sent,
    display_of,
    objects_in,
    reference_as_type_and_id,
    status_code,
)
from models.inputs import Input

__all__ = ["FINAL_STATUSES", "NEVER_USED_STATUSES", "Observed", "observed_in", "origins_of"]

FINAL_STATUSES = frozenset({"final", "amended", "corrected", "appended"})
NEVER_USED_STATUSES = frozenset({"cancelled", "registered"})
# HL7 v2-0074, the diagnostic service sections of DiagnosticReport.category, observation-category, and
# the LOINC parts that US Core's note reports carry instead (LP29684-5 Radiology, LP7839-6 Pathology).
_IMAGING_SECTIONS = frozenset(
    {"RAD", "CT", "NMR", "NMS", "RUS", "OUS", "VUS", "XRC", "imaging", "LP29684-5"}
)
_PATHOLOGY_SECTIONS = frozenset({"SP", "PAT", "LP7839-6"})


@dataclass(frozen=True, slots=True)
class Observed:
    """One value: an Observation, or one component of it."""

    entry: Entry
    node: JsonObject
    concepts: frozenset[str]
    days: Days
    origin: Origin
    preliminary: bool
    lesion: str

    def evidence(self, conversion: str = "", rule: str = "") -> Evidence:
        """Return where the value came from."""
        code = self.node.get("code")
        return Evidence(
            self.entry.reference,
            self.days.as_sent,
            code_as_sent(code),
            display_of(code)[:200],
            value_as_sent(self.node),
            conversion,
            rule,
        )

    def finding(self, name: str, value: Input, conversion: str = "", rule: str = "") -> Finding:
        """Return the value as a finding."""
        return Finding(
            name,
            value,
            self.evidence(conversion, rule),
            self.days.earliest,
            self.days.latest,
            self.origin,
            lesion=self.lesion,
            preliminary=self.preliminary,
        )

    def rejection(self, name: str, reason: str, rule: str = "") -> Rejected:
        """Return the value as not used."""
        return Rejected(name, self.evidence(rule=rule), reason)


@dataclass(frozen=True, slots=True)
class _Report:
    origin: Origin
    days: Days


def observed_in(intake: Intake) -> Iterator[Observed]:
    """Yield every value whose code, or whose answer, means something here."""
    reports = _reports(intake)
    panels = _panels(intake, reports)
    for entry in intake.of("Observation"):
        context = (
            panels.get(entry.reference)
            or reports.get(entry.reference)
            or reports.get(entry.reference.partition("#")[0])
        )
        days = entry.days
        if days.earliest is None and context is not None:
            days = context.days
        yield from _values(intake, entry, days, context)


def origins_of(intake: Intake) -> dict[str, Origin]:
    """Return what each report and each observation was made on, by reference."""
    reports = _reports(intake)
    origins = {reference: report.origin for reference, report in reports.items()}
    around = {**reports, **_panels(intake, reports)}
    for entry in intake.of("Observation"):
        origins[entry.reference] = _origin(intake, entry.resource, around.get(entry.reference))
    return origins


def _values(intake: Intake, entry: Entry, days: Days, report: _Report | None) -> Iterator[Observed]:
    resource = entry.resource
    nodes = [(resource, entry.concepts or _meaning_of_answer(intake, resource))]
    for component in objects_in(resource.get("component")):
        concepts = intake.codes.concepts_of(component.get("code"))
        nodes.append((component, concepts or _meaning_of_answer(intake, component)))
    if not any(concepts for _, concepts in nodes):
        return
    status = status_code(resource.get("status"))
    if status in NEVER_USED_STATUSES:
        intake.reject(entry, f"its status is {status}")
        return
    origin = _origin(intake, resource, report)
    lesion = _lesion(resource)
    for node, concepts in nodes:
        if not concepts:
            continue
        observed = Observed(
            entry,
            node,
            concepts,
            days,
            origin,
            status not in FINAL_STATUSES,
            lesion,
        )
        if node.get("modifierExtension"):
            # Of the whole resource it was seen at the door; a component may have one of its own.
            names = {QUANTITY_OF_CONCEPT.get(concept, "") for concept in concepts}
            intake.rejected += [observed.rejection(name, MODIFIED) for name in sorted(names)]
        else:
            yield observed


def _meaning_of_answer(intake: Intake, node: JsonObject) -> frozenset[str]:
    """Return what the answer means under a question that is not known here ("R0", "multifocal")."""
    answer = node.get("valueCodeableConcept")
    return intake.codes.concepts_of(answer) if answer is not None else NO_CONCEPTS


def _origin(intake: Intake, resource: JsonObject, report: _Report | None) -> Origin:
    """Return what it was made on: its specimen, its method, its category, then its report."""
    method = intake.codes.concepts_of(resource.get("method"))
    if "method-imaging" in method:
        return Origin.IMAGING
    if resource.get("specimen") or "method-pathology" in method:
        return Origin.SPECIMEN
    if _category(resource) is Origin.IMAGING or _is_of_imaging_study(resource):
        return Origin.IMAGING
    return report.origin if report else Origin.UNSTATED


def _is_of_imaging_study(resource: JsonObject) -> bool:
    return any(
        reference_as_type_and_id(item).startswith("ImagingStudy/")
        for name in ("derivedFrom", "partOf")
        for item in objects_in(resource.get(name))
    )


def _category(resource: JsonObject) -> Origin:
    for category in objects_in(resource.get("category")):
        for coding in objects_in(category.get("coding")):
            code = as_text(coding.get("code"))
            if code in _IMAGING_SECTIONS:
                return Origin.IMAGING
            if code in _PATHOLOGY_SECTIONS:
                return Origin.SPECIMEN
    return Origin.UNSTATED


def _lesion(resource: JsonObject) -> str:
    """Return what tells one lesion from another: its focus or body structure, as referenced."""
    named = [
        reference_as_type_and_id(item)
        for name in ("focus", "bodyStructure")
        for item in objects_in(resource.get(name))
    ]
    return " ".join(sorted(filter(None, named)))


def _reports(intake: Intake) -> dict[str, _Report]:
    """Return the report of each observation that a report lists as its result or contains."""
    found: dict[str, _Report] = {}
    for entry in intake.of("DiagnosticReport"):
        origin = _category(entry.resource)
        if origin is Origin.UNSTATED and "imaging" in entry.concepts:
            origin = Origin.IMAGING
        if origin is Origin.UNSTATED and entry.resource.get("specimen"):
            origin = Origin.SPECIMEN
        report = _Report(origin, entry.days)
        found.setdefault(entry.reference, report)
        for item in objects_in(entry.resource.get("result")):
            found.setdefault(reference_as_type_and_id(item), report)
    return found


def _panels(intake: Intake, reports: Mapping[str, _Report]) -> dict[str, _Report]:
    """Return the panel of each of its members, which may have no date and no method of their own."""
    found: dict[str, _Report] = {}
    for entry in intake.of("Observation"):
        members = [
            reference_as_type_and_id(item) for item in objects_in(entry.resource.get("hasMember"))
        ]
        if not members:
            continue
        around = reports.get(entry.reference)
        origin = _origin(intake, entry.resource, around)
        if origin is Origin.UNSTATED and "imaging" in entry.concepts:
            origin = Origin.IMAGING
        days = around.days if around and entry.days.earliest is None else entry.days
        for member in members:
            found.setdefault(member, _Report(origin, days))
    return found
