"""Takes the resources in: whose they are, whether they count at all, each one once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from fhir_mapping.codes import Codes
from fhir_mapping.findings import Evidence, Rejected
from fhir_mapping.mapping_settings import MappingSettings
from fhir_mapping.prefetch_key import JsonObject, PrefetchKey
from fhir_mapping.resources import (
    UNDATED,
    Days,
    as_object,
    as_text,
    code_as_sent,
    display_of,
    objects_in,
    own_reference,
    read_days,
    read_moment,
    reference_as_type_and_id,
    status_code,
)

__all__ = ["MODIFIED", "REPLACED", "Entry", "Intake", "take_in"]

MODIFIED = "it carries a modifierExtension that is not known here"
REPLACED = "another one replaces it"

EXPECTED_TYPES = {
    "patient": frozenset({"Patient"}),
    "conditions": frozenset({"Condition"}),
    "procedures": frozenset({"Procedure"}),
    "observations": frozenset({"Observation"}),
    "reports": frozenset({"DiagnosticReport"}),
    "medications": frozenset({"MedicationRequest", "MedicationStatement", "MedicationUsage"}),
    "administrations": frozenset({"MedicationAdministration"}),
    "encounters": frozenset({"Encounter"}),
    "orders": frozenset({"ServiceRequest"}),
}
# Sent along by _include or with a report; read from any key.
_READ_ANYWHERE = frozenset().union(*EXPECTED_TYPES.values()) - {"Patient"}
_REPLACES = "http://hl7.org/fhir/StructureDefinition/observation-replaces"
_CONTAINED_TYPES = frozenset({"Observation"})

_DATE_ELEMENTS = {
    "Observation": ("effectiveDateTime", "effectivePeriod", "effectiveInstant", "effectiveTiming"),
    "DiagnosticReport": ("effectiveDateTime", "effectivePeriod", "issued"),
    "Procedure": (
        "performedDateTime", "performedPeriod", "performedString",
        "occurrenceDateTime", "occurrencePeriod",
    ),
    "Condition": ("onsetDateTime", "onsetPeriod", "recordedDate", "assertedDate"),
    "Encounter": ("period", "actualPeriod"),
    "MedicationRequest": ("authoredOn",),
    "MedicationStatement": ("effectiveDateTime", "effectivePeriod", "dateAsserted"),
    "MedicationUsage": ("effectiveDateTime", "effectivePeriod", "dateAsserted"),
    "MedicationAdministration": (
        "effectiveDateTime", "effectivePeriod", "occurenceDateTime", "occurencePeriod",
        "occurrenceDateTime", "occurrencePeriod",
    ),
    "ServiceRequest": ("authoredOn", "occurrenceDateTime", "occurrencePeriod"),
}  # fmt: skip

# Which quantity a code speaks of; a resource that is not used is listed under it.
QUANTITY_OF_CONCEPT = {
    "afp": "afp_ng_ml",
    "afp-unusable": "afp_ng_ml",
    "tumour-size": "tumour_size_cm",
    "tumour-size-longest-dimension": "tumour_size_cm",
    "tumour-number": "tumour_number",
    "multifocal-tumour": "tumour_number",
    "macrovascular-invasion": "macrovascular_invasion",
    "portal-vein-tumour-thrombus": "macrovascular_invasion",
    "hepatic-vein-tumour-thrombus": "macrovascular_invasion",
    "portal-vein-thrombosis": "macrovascular_invasion",
    "tumour-capsule": "capsule",
    "satellite-nodules": "satellites",
    "tumour-rupture": "rupture",
    "haemoperitoneum": "rupture",
    "microvascular-invasion": "microvascular_invasion",
    "lymphovascular-invasion": "microvascular_invasion",
    "lymphatic-invasion": "microvascular_invasion",
    "invasion-unspecified": "microvascular_invasion",
    "ki67": "ki67_percent",
    "margin-distance": "margin_cm",
    "margin-of-another-organ": "margin_cm",
    "residual-tumour": "residual_tumour",
    "margin-involved": "residual_tumour",
    "intraoperative-transfusion": "transfusion",
    "red-cell-transfusion": "transfusion",
    "transfusion-other": "transfusion",
    "autologous-transfusion": "transfusion",
    "complication-stated": "complication",
    "postoperative-complication": "complication",
    "clavien-dindo": "complication",
    "hcc": "hcc",
    "hcc-morphology": "hcc",
    "liver-cancer-unspecified": "hcc",
    "history-of-liver-cancer": "hcc",
    "mixed-liver-cancer": "other_liver_cancer",
    "other-liver-cancer": "other_liver_cancer",
    "secondary-liver-cancer": "other_liver_cancer",
    "hcc-recurrence": "recurrence",
    "lung-metastasis": "extrahepatic_disease",
    "lymph-node-metastasis": "extrahepatic_disease",
    "other-metastasis": "extrahepatic_disease",
    "metastasis-unspecified": "extrahepatic_disease",
    "extrahepatic-disease": "extrahepatic_disease",
    "m-category": "extrahepatic_disease",
    "liver-transplantation": "liver_transplantation",
    "liver-resection": "resection",
    "liver-excision-or-destruction": "resection",
    "staged-hepatectomy": "resection",
    "staged-hepatectomy-first-stage": "resection",
    "tace": "earlier_treatment",
    "haic": "earlier_treatment",
    "ablation": "earlier_treatment",
    "radiotherapy": "earlier_treatment",
    "immune-checkpoint-inhibitor": "earlier_treatment",
    "targeted-therapy": "earlier_treatment",
    "history-of-immunotherapy": "earlier_treatment",
    "bilirubin": "bilirubin_umol_l",
    "albumin": "albumin_g_l",
    "inr": "inr",
    "ascites": "ascites",
    "hepatic-encephalopathy": "encephalopathy",
    "liver-failure": "liver_failure",
    "bile-leak": "bile_leak",
    "ecog": "ecog",
    "child-pugh-class": "child_pugh_class",
    "child-pugh-score": "child_pugh_class",
    "hbsag": "hbv",
    "hbv-dna": "hbv",
    "hbv-positive": "hbv",
    "hbv-negative": "hbv",
    "hbv-antiviral": "hbv_antiviral",
    "neutrophils": "nlr",
    "lymphocytes": "nlr",
    "lactate-dehydrogenase": "ldh_times_upper_limit",
    "haemoglobin": "haemoglobin_g_l",
    "lung-metastasis-number": "lung_foci",
    "metastatic-site-number": "metastatic_sites",
    "intrahepatic-disease-controlled": "intrahepatic_control",
    "bone-metastasis": "metastatic_sites",
    "brain-metastasis": "metastatic_sites",
    "adrenal-metastasis": "metastatic_sites",
    "peritoneal-metastasis": "metastatic_sites",
    "kinase-inhibitor": "kinase_inhibitor",
    "mycn-expression": "mycn_expression",
    "hmga2-expression": "hmga2_expression",
}
_NAMED_CONCEPTS = frozenset(QUANTITY_OF_CONCEPT)

# Laboratory results that no model asks for, and that fill the lists of a hospital.
OF_NO_INPUT = frozenset(
    {
        "alanine-aminotransferase", "alkaline-phosphatase", "aspartate-aminotransferase", "creatinine",
        "gamma-glutamyl-transferase", "leukocytes", "prothrombin-time",
    }
)  # fmt: skip
# An Observation of a code that is for no input can still say something in a coded answer, a component,
# a list of members or words; one that has only these members cannot.
SAYS_NOTHING_MORE = frozenset(
    {
        "resourceType", "id", "meta", "text", "extension", "identifier", "basedOn", "partOf", "status",
        "category", "code", "subject", "focus", "encounter", "effectiveDateTime", "effectivePeriod",
        "effectiveInstant", "issued", "performer", "valueQuantity", "valueInteger", "valueBoolean",
        "dataAbsentReason", "interpretation", "bodySite", "method", "specimen", "device",
        "referenceRange", "derivedFrom",
    }
)  # fmt: skip
_PLAIN_CODE = frozenset({"coding", "text"})
# How late in its life a status stands.
_MATURITY = {
    **dict.fromkeys(("final", "completed", "finished"), 1),
    **dict.fromkeys(("amended", "corrected", "appended"), 2),
}
# With another status a result of a known code is listed as not used.
_STANDING = ("final", "amended", "corrected", "appended", "preliminary")


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource that may be used."""

    kind: str
    reference: str
    resource: JsonObject
    concepts: frozenset[str]
    days: Days

    def evidence(self, value: str = "", rule: str = "") -> Evidence:
        """Return where this resource says something."""
        code = self.resource.get("code")
        return Evidence(
            self.reference,
            self.days.as_sent,
            code_as_sent(code),
            display_of(code)[:200],
            value,
            rule=rule,
        )


@dataclass(slots=True)
class Intake:
    """The resources that may be used, by type, with what the topics need to read them."""

    patient_id: str
    on: date
    codes: Codes
    settings: MappingSettings
    keys: Mapping[str, PrefetchKey]
    patient: JsonObject = field(default_factory=dict)
    entries: dict[str, list[Entry]] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    # A long list repeats a few codes.
    _meanings: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict, repr=False)

    def concepts_of(self, code: object) -> frozenset[str]:
        """Return what the code of a resource means; one plain coding is looked up once a call."""
        if isinstance(code, dict) and code.keys() <= _PLAIN_CODE:
            codings = code.get("coding")
            if isinstance(codings, list) and len(codings) == 1 and isinstance(codings[0], dict):
                system, plain = codings[0].get("system"), codings[0].get("code")
                if isinstance(system, str) and isinstance(plain, str):
                    found = self._meanings.get((system, plain))
                    if found is None:
                        found = self._meanings[system, plain] = self.codes.concepts_of(code)
                    return found
        return self.codes.concepts_of(code)

    def of(self, *kinds: str) -> Iterator[Entry]:
        """Yield the entries of these resource types."""
        for kind in kinds:
            yield from self.entries.get(kind, ())

    def reject(self, entry: Entry, reason: str, rule: str = "") -> None:
        """Keep a whole resource as not used, under the quantities it would have been for.

        One whose code means nothing here would not have been used anyway, and is not listed.
        """
        if not entry.concepts and entry.resource.get("code") is not None:
            return
        names = {QUANTITY_OF_CONCEPT[concept] for concept in entry.concepts & _NAMED_CONCEPTS}
        for name in sorted(names) or [""]:
            self.rejected.append(Rejected(name, entry.evidence(rule=rule), reason))


def take_in(
    prefetch: Mapping[str, PrefetchKey],
    patient_id: str,
    on: date,
    codes: Codes,
    settings: MappingSettings,
) -> Intake:
    """Sort the resources of every key: usable ones by type, the others with the reason."""
    intake = Intake(patient_id, on, codes, settings, dict(prefetch))
    own = (f"Patient/{patient_id}", f"urn:uuid:{patient_id}")
    chosen: dict[str, JsonObject] = {}
    unnamed: list[JsonObject] = []
    for key, part in prefetch.items():
        expected = _READ_ANYWHERE | EXPECTED_TYPES.get(key, frozenset())
        for resource in part.resources:
            problem = _problem(expected, resource, patient_id, own)
            if problem:
                intake.rejected.append(Rejected("", _evidence(key, resource), problem))
                continue
            reference = own_reference(resource)
            if "/" not in reference:
                unnamed.append(resource)
            elif reference not in chosen or _outweighs(resource, chosen[reference]):
                chosen[reference] = resource
    for resource in (*chosen.values(), *unnamed):
        _add(intake, resource)
    for entries in intake.entries.values():
        entries.sort(key=lambda entry: entry.reference)
    _set_aside_replaced(intake)
    return intake


def _set_aside_replaced(intake: Intake) -> None:
    """Take out the observations that others say they replace, unless those are withdrawn."""
    replaced = {
        reference_as_type_and_id(extension.get("valueReference"))
        for entry in intake.of("Observation")
        if "extension" in entry.resource
        and status_code(entry.resource.get("status")) not in ("cancelled", "registered")
        for extension in objects_in(entry.resource["extension"])
        if extension.get("url") == _REPLACES
        and reference_as_type_and_id(extension.get("valueReference")) != entry.reference
    }
    if not replaced:
        return
    for entry in intake.of("Observation"):
        if entry.reference in replaced:
            intake.reject(entry, REPLACED)
    kept = [entry for entry in intake.of("Observation") if entry.reference not in replaced]
    intake.entries["Observation"] = kept


def _problem(
    expected: frozenset[str], resource: object, patient_id: str, own: tuple[str, ...]
) -> str:
    """Return why a resource cannot be used at all, empty if it can."""
    if not isinstance(resource, dict):
        return "not a JSON object"
    kind = as_text(resource.get("resourceType"))
    if kind == "OperationOutcome":
        return "an OperationOutcome stands in its place"
    if kind not in expected:
        return "a resource of a type that is not read here" if kind else "not a FHIR resource"
    return _foreign(kind, resource, patient_id, own)


def _foreign(kind: str, resource: JsonObject, patient_id: str, own: tuple[str, ...]) -> str:
    """Return why it may be another patient's; without any subject it came with this patient's."""
    if kind == "Patient":
        return "" if resource.get("id") in (patient_id, None) else "it is of another patient"
    subject = resource.get("subject")
    if subject is None:
        subject = resource.get("patient")
    if subject is None or (isinstance(subject, dict) and subject.get("reference") in own):
        return ""
    reference = reference_as_type_and_id(subject)
    if reference.startswith("#"):
        contained = _contained(resource, reference)
        reference = own_reference(contained) if contained else reference
    if reference in own:
        return ""
    if reference.startswith("Patient/"):
        return "it is of another patient"
    return "it does not say clearly whose it is"


def _contained(resource: JsonObject, reference: str) -> JsonObject:
    for item in objects_in(resource.get("contained")):
        if f"#{item.get('id')}" == reference:
            return item
    return {}


def _evidence(key: str, resource: object) -> Evidence:
    reference = own_reference(resource) if isinstance(resource, dict) else ""
    return Evidence(reference or f"an entry of {key}")


def _outweighs(one: JsonObject, other: JsonObject) -> bool:
    """Tell which of two versions of one resource counts.

    The later one, then one not withdrawn, then a corrected one before a final and a final before a
    preliminary. The text breaks a tie, so that the order of arrival never decides.
    """
    return _weight(one) > _weight(other)


def _weight(resource: JsonObject) -> tuple[str, int, bool, int, str]:
    meta = as_object(resource.get("meta"))
    # As an instant: of two servers' times the later one need not sort later as text.
    updated = read_moment(meta.get("lastUpdated"))
    version = as_text(meta.get("versionId"))
    return (
        updated.isoformat() if updated else as_text(meta.get("lastUpdated")),
        int(version) if version.isascii() and version.isdigit() and len(version) < 19 else -1,
        not _is_withdrawn(resource),
        _MATURITY.get(status_code(resource.get("status")), 0),
        json.dumps(resource, sort_keys=True, default=str, ensure_ascii=False),
    )


def _is_withdrawn(resource: JsonObject) -> bool:
    return "entered-in-error" in (
        status_code(resource.get("status")),
        status_code(resource.get("verificationStatus")),
    )


def _add(intake: Intake, resource: JsonObject, parent: Entry | None = None) -> None:
    kind = as_text(resource.get("resourceType"))
    if kind == "Patient":
        intake.patient = resource
        return
    concepts = intake.concepts_of(resource.get("code"))
    if kind == "Observation" and concepts <= OF_NO_INPUT and _says_nothing(resource, concepts):
        return
    reference = own_reference(resource)
    if parent is not None:
        reference = f"{parent.reference}#{as_text(resource.get('id'))}"
    entry = Entry(
        kind,
        reference,
        resource,
        concepts,
        _days_of(kind, resource, intake) if parent is None else _own_or(parent, resource, intake),
    )
    if _is_withdrawn(resource):
        intake.reject(entry, "entered in error")
        return
    if resource.get("modifierExtension"):
        intake.reject(entry, MODIFIED)
        return
    intake.entries.setdefault(kind, []).append(entry)
    for contained in objects_in(resource.get("contained")):
        if as_text(contained.get("resourceType")) in _CONTAINED_TYPES and parent is None:
            _add_contained(intake, contained, entry)


def _add_contained(intake: Intake, contained: JsonObject, entry: Entry) -> None:
    """Add what a resource contains, unless it names a subject of its own who is somebody else."""
    subject = reference_as_type_and_id(contained.get("subject"))
    if subject.startswith("Patient/") and subject != f"Patient/{intake.patient_id}":
        place = f"{entry.reference}#{as_text(contained.get('id'))}"
        intake.rejected.append(Rejected("", Evidence(place), "it is of another patient"))
    else:
        _add(intake, contained, entry)


def _says_nothing(resource: JsonObject, concepts: frozenset[str]) -> bool:
    """Tell whether an Observation of a code for no input can neither be read nor be listed."""
    if concepts:
        is_listed = resource.get("status") not in _STANDING
    else:
        is_listed = resource.get("code") is None
    return not is_listed and resource.keys() <= SAYS_NOTHING_MORE


def _days_of(kind: str, resource: JsonObject, intake: Intake) -> Days:
    for name in _DATE_ELEMENTS.get(kind, ()):
        if name in resource:
            days = read_days(resource[name], intake.settings.time_zone)
            if days.earliest is not None:
                return days
    return UNDATED


def _own_or(parent: Entry, resource: JsonObject, intake: Intake) -> Days:
    days = _days_of("Observation", resource, intake)
    return days if days.earliest is not None else parent.days
