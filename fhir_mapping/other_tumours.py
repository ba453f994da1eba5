"""Sets aside what is of another tumour (body site, focus, primary) or of another person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from fhir_mapping.codes import HCC_CDS_SYSTEM, codings_of
from fhir_mapping.intake import Entry, Intake
from fhir_mapping.prefetch_key import JsonObject
from fhir_mapping.resources import (
    as_object,
    as_text,
    display_of,
    objects_in,
    reference_as_type_and_id,
    status_code,
)

__all__ = [
    "OF_ANOTHER_PERSON",
    "OF_ANOTHER_TUMOUR",
    "OF_WHICH_TUMOUR",
    "set_aside_other_people",
    "set_aside_other_tumours",
]

OF_ANOTHER_PERSON = "it is of another person, such as a relative or a donor"
OF_ANOTHER_TUMOUR = "it is of another tumour"
OF_WHICH_TUMOUR = "it does not say of which tumour, and another cancer is on record"

# Says something of one tumour, under a code that does not say of which. Blood, the liver's function
# and the count of metastases are of the patient, wherever they were measured.
_OF_ONE_TUMOUR = frozenset(
    {
        "tumour-size", "tumour-size-longest-dimension", "tumour-number", "multifocal-tumour",
        "microvascular-invasion", "macrovascular-invasion", "lymphovascular-invasion",
        "lymphatic-invasion", "invasion-unspecified", "ki67", "margin-distance", "margin-involved",
        "residual-tumour", "tumour-capsule", "satellite-nodules", "tumour-rupture",
    }
)  # fmt: skip
_MAY_BE_HCC = frozenset(
    {"hcc", "hcc-morphology", "mixed-liver-cancer", "liver-cancer-unspecified", "hcc-recurrence",
     "history-of-liver-cancer"}
)  # fmt: skip
_METASTASES = frozenset(
    {"lung-metastasis", "lymph-node-metastasis", "other-metastasis", "metastasis-unspecified",
     "extrahepatic-disease"}
)  # fmt: skip
_RELATED_PRIMARY = (
    "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-related-primary-cancer-condition"
)
# Ours: names of organs in which a second primary or a metastasis is common; the liver outweighs them.
_ELSEWHERE = re.compile(
    r"breast|mamma\b|lung|pulmo|colon|rectum|rectal|sigmoid|prostat|kidney|renal|stomach|gastric|"
    r"pancrea|thyroid|brain|ovary|ovarian|bladder|esophag|oesophag|skin|lunge|magen|niere|"
    r"乳腺|乳房|肺|结肠|直肠|前列腺|肾|胃|胰|甲状腺|脑|卵巢|膀胱|食管|皮肤",
    re.IGNORECASE,
)
_LIVER = re.compile(r"liver|hepat|leber|肝", re.IGNORECASE)
_CANCER = re.compile(r"cancer|carcinom|malignan|neoplas|karzinom|krebs|癌|恶性肿瘤", re.IGNORECASE)
_METASTASIS = re.compile(r"metasta|secondary|转移", re.IGNORECASE)
# ICD-10 chapter II: malignant neoplasms but the liver (C22), secondary and unspecified ones (C77-C80).
_ICD_CANCER = re.compile(r"C(?!22|77|78|79|80)[0-9]{2}(?:\..*)?")
_ICD_10 = frozenset({"http://hl7.org/fhir/sid/icd-10", "http://hl7.org/fhir/sid/icd-10-cm"})
_OVER = frozenset({"inactive", "remission", "resolved"})


_FAMILY = re.compile(
    r"family[\s_-]*(?:medical[\s_-]*)?history|familienanamnese|家族史", re.IGNORECASE
)
_PEOPLE = ("Patient/", "RelatedPerson/", "Person/", "Practitioner/", "Group/")


def set_aside_other_people(intake: Intake) -> None:
    """Take out what has this patient as its subject and is about somebody else."""
    for kind, is_of_another in (
        ("Condition", _is_of_family),
        ("Observation", _is_about_somebody_else),
        ("Procedure", _is_about_somebody_else),
    ):
        others = [entry for entry in intake.of(kind) if is_of_another(entry, intake)]
        if others:
            for entry in others:
                intake.reject(entry, OF_ANOTHER_PERSON, "other-person")
            intake.entries[kind] = [entry for entry in intake.of(kind) if entry not in others]


def _is_of_family(entry: Entry, intake: Intake) -> bool:
    """Tell whether a diagnosis is a family history by its category or its words."""
    del intake
    said = [display_of(entry.resource.get("code"))]
    for category in objects_in(entry.resource.get("category")):
        said += [display_of(category), *(as_text(c.get("code")) for c in codings_of(category))]
    return any(_FAMILY.search(words) for words in said)


def _is_about_somebody_else(entry: Entry, intake: Intake) -> bool:
    """Tell whether its focus is a person other than its subject: a donor, a spouse, a child."""
    if "focus" not in entry.resource:
        return False
    own = f"Patient/{intake.patient_id}"
    people = [
        reference
        for reference in map(reference_as_type_and_id, objects_in(entry.resource["focus"]))
        if reference.startswith(_PEOPLE)
    ]
    return bool(people) and own not in people


def set_aside_other_tumours(intake: Intake) -> None:
    """Take out of the intake what says that it is of another tumour; the reason is kept."""
    by_reference = {entry.reference: entry for entry in intake.of("Condition")}
    is_open = any(_is_another_cancer(entry) for entry in by_reference.values())
    for kind, is_of_another in (("Observation", _measures_another), ("Condition", _is_another)):
        kept: list[Entry] = []
        for entry in intake.of(kind):
            if is_of_another(entry, intake, by_reference):
                intake.reject(entry, OF_ANOTHER_TUMOUR, "other-tumour")
            elif kind == "Observation" and is_open and _names_no_tumour(entry):
                intake.reject(entry, OF_WHICH_TUMOUR, "other-tumour")
            else:
                kept.append(entry)
        intake.entries[kind] = kept


def _measures_another(entry: Entry, intake: Intake, by_reference: Mapping[str, Entry]) -> bool:
    """Tell whether a measurement names a body site outside the liver, or a focus that is no HCC."""
    if not entry.concepts & _OF_ONE_TUMOUR:
        return False
    focus = [
        by_reference[reference]
        for reference in map(reference_as_type_and_id, objects_in(entry.resource.get("focus")))
        if reference in by_reference
    ]
    if focus and not any(item.concepts & _MAY_BE_HCC for item in focus):
        return True
    return _is_elsewhere(entry, intake)


def _is_another(entry: Entry, intake: Intake, by_reference: Mapping[str, Entry]) -> bool:
    """Tell whether a cancer of no stated type lies elsewhere, or a metastasis is of another primary."""
    if entry.concepts == {"liver-cancer-unspecified"}:
        return _is_elsewhere(entry, intake)
    if not entry.concepts & _METASTASES:
        return False
    primaries = [by_reference[item] for item in _primaries(entry) if item in by_reference]
    return bool(primaries) and not any(item.concepts & _MAY_BE_HCC for item in primaries)


def _is_another_cancer(entry: Entry) -> bool:
    """Tell whether a condition is a cancer of another organ that is not recorded as over."""
    if entry.concepts & _MAY_BE_HCC or entry.concepts & _METASTASES:
        return False
    resource = entry.resource
    if status_code(resource.get("clinicalStatus")) in _OVER:
        return False
    if status_code(resource.get("verificationStatus")) == "refuted":
        return False
    code = resource.get("code")
    if any(
        as_text(coding.get("system")) in _ICD_10
        and _ICD_CANCER.fullmatch(as_text(coding.get("code")))
        for coding in codings_of(code)
    ):
        return True
    words = display_of(code)
    if _LIVER.search(words) or _METASTASIS.search(words):
        return False
    return bool(_CANCER.search(words) and _ELSEWHERE.search(words))


def _names_no_tumour(entry: Entry) -> bool:
    """Tell whether a measurement of one tumour, by a code of any organ, names no tumour at all."""
    if not entry.concepts & _OF_ONE_TUMOUR:
        return False
    resource = entry.resource
    if any(coding.get("system") == HCC_CDS_SYSTEM for coding in codings_of(resource.get("code"))):
        return False
    if any(True for name in ("bodySite", "focus") for _ in objects_in(resource.get(name))):
        return False
    return not _LIVER.search(f"{display_of(resource.get('code'))} {_specimen_in_words(resource)}")


def _specimen_in_words(resource: JsonObject) -> str:
    return as_text(as_object(resource.get("specimen")).get("display"))


def _primaries(entry: Entry) -> Iterator[str]:
    for extension in objects_in(entry.resource.get("extension")):
        if as_text(extension.get("url")) == _RELATED_PRIMARY:
            yield reference_as_type_and_id(extension.get("valueReference"))


def _is_elsewhere(entry: Entry, intake: Intake) -> bool:
    """Tell whether every body site that is named lies outside the liver."""
    sites = list(objects_in(entry.resource.get("bodySite")))
    return bool(sites) and all(
        not _LIVER.search(display_of(site))
        and (
            "body-site-elsewhere" in intake.codes.concepts_of(site)
            or _ELSEWHERE.search(display_of(site)) is not None
        )
        for site in sites
    )
