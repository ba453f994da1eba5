"""What the order screen shows of a record: every entry with its date, and what is missing, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cds_service.demo.patients.chart import Resource
from cds_service.demo.patients.codings import CODINGS

__all__ = ["Banner", "Entry", "Section", "banner", "summarise"]

_BEFORE = {
    "tumour size": "tumour size",
    "tumour number": "tumour number",
    "macrovascular invasion": "macrovascular invasion",
    "capsule": "capsule",
    "satellites": "satellite nodules",
    "rupture": "rupture",
}
_SPECIMEN = {
    "MVI": "MVI",
    "Ki67": "Ki67",
    "margin": "resection margin",
    "residual tumour": "residual tumour (R)",
    "capsule": "capsule",
    "satellites": "satellite nodules",
}
_LABORATORY = {"bilirubin": "bilirubin", "albumin": "albumin", "INR": "INR", "HBsAg": "HBsAg"}
_COURSE = {"transfusion": "transfusion", "complication": "complications of the stay"}
_SEXES = {"female": "Woman", "male": "Man"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the chart; `withdrawn` says why it does not count, empty if it does."""

    day: str
    what: str
    value: str
    reference: str
    withdrawn: str = ""
    details: tuple[Entry, ...] = ()
    is_report: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the chart, with what one would expect there and does not find."""

    title: str
    entries: tuple[Entry, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Banner:
    """Who the patient is, in one line."""

    name: str
    person: str
    standing: str


def banner(resources: Sequence[Resource], on: date) -> Banner:
    """Return the line above the chart: name, age, sex, and where the patient stands."""
    (person,) = [item for item in resources if item["resourceType"] == "Patient"]
    name = person["name"][0]
    born = date.fromisoformat(person["birthDate"])
    age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    operations = sorted(
        (item["performedDateTime"], item["code"]["text"])
        for item in resources
        if item["resourceType"] == "Procedure" and "partOf" not in item
    )
    standing = "No operation on record"
    if operations:
        day, what = operations[0]
        ago = (on - date.fromisoformat(day)).days
        standing = f"{what} on {day}, {_ago(ago)} ago"
    return Banner(
        name=name.get("text") or f"{name['family']}, {' '.join(name['given'])}",
        person=f"{_SEXES[person['gender']]}, {age} years, born {person['birthDate']}",
        standing=standing,
    )


def summarise(resources: Sequence[Resource]) -> tuple[Section, ...]:
    """Return the chart, section by section, the newest entry first."""
    observations = {item["id"]: item for item in resources if item["resourceType"] == "Observation"}
    reports = [item for item in resources if item["resourceType"] == "DiagnosticReport"]
    reported = {ref["reference"].partition("/")[2] for item in reports for ref in item["result"]}
    loose = [item for item in observations.values() if item["id"] not in reported]
    operated = any(item["resourceType"] == "Procedure" for item in resources)

    def of_category(*categories: str) -> list[Resource]:
        return [item for item in loose if _category(item) in categories]

    def read(section: str) -> list[Entry]:
        chosen = [item for item in reports if _category(item) == section]
        return [_report(item, observations) for item in chosen]

    laboratory = of_category("laboratory")
    sections = [
        Section("Problems", _newest_first(_condition(i) for i in _of(resources, "Condition"))),
        Section(
            "Laboratory",
            _newest_first(_observation(item) for item in laboratory),
            _missing(_LABORATORY, laboratory)
            + (() if _has_afp(laboratory) else ("AFP: not recorded",)),
        ),
        Section(
            "Imaging",
            _newest_first([*read("RAD"), *(_observation(i) for i in of_category("imaging"))]),
            _conflicts(_reported(reports, observations, "RAD"))
            + _missing(_BEFORE, _reported(reports, observations, "RAD")),
        ),
    ]
    if operated:
        specimen = _reported(reports, observations, "SP")
        course = of_category("exam", "procedure")
        procedures = _of(resources, "Procedure")
        transfused = ("transfusion",) if any("partOf" in item for item in procedures) else ()
        sections.insert(1, Section("Operations", _newest_first(_procedure(i) for i in procedures)))
        sections.append(
            Section(
                "Pathology",
                _newest_first(read("SP")),
                _missing(_SPECIMEN, specimen) if specimen else ("No pathology report",),
            )
        )
        sections.append(
            Section(
                "Course",
                _newest_first(_observation(item) for item in course),
                _missing({k: v for k, v in _COURSE.items() if k not in transfused}, course),
            )
        )
    else:
        exams = of_category("exam", "procedure")
        sections.append(Section("Findings", _newest_first(_observation(item) for item in exams)))
    medicines = [*_of(resources, "MedicationRequest"), *_of(resources, "ServiceRequest")]
    sections.append(
        Section(
            "Medicines and orders",
            _newest_first(_order(item) for item in medicines),
            () if medicines else ("None recorded",),
        )
    )
    return tuple(item for item in sections if item.entries or item.remarks)


def _of(resources: Iterable[Resource], kind: str) -> list[Resource]:
    return [item for item in resources if item["resourceType"] == kind]


def _category(resource: Resource) -> str:
    return str(resource["category"][0]["coding"][0]["code"])


def _codes(resource: Resource) -> set[str]:
    return {item["code"] for item in resource["code"].get("coding", [])}


def _missing(expected: dict[str, str], found: Sequence[Resource]) -> tuple[str, ...]:
    codes = set().union(*(_codes(item) for item in found)) if found else set()
    return tuple(
        f"{label[0].upper()}{label[1:]}: not recorded"
        for name, label in expected.items()
        if CODINGS[name]["code"] not in codes
    )


def _has_afp(laboratory: Sequence[Resource]) -> bool:
    wanted = {CODINGS["AFP"]["code"], CODINGS["AFP units"]["code"]}
    return any(_codes(item) & wanted for item in laboratory)


def _reported(
    reports: Sequence[Resource], observations: dict[str, Resource], section: str
) -> list[Resource]:
    return [
        observations[ref["reference"].partition("/")[2]]
        for item in reports
        if _category(item) == section
        for ref in item["result"]
    ]


def _conflicts(found: Sequence[Resource]) -> tuple[str, ...]:
    """Name sizes of one day that differ."""
    by_day: dict[str, list[str]] = {}
    for item in found:
        if "component" in item:
            size = _value(item)
            known = by_day.setdefault(item["effectiveDateTime"], [])
            if size not in known:
                known.append(size)
    return tuple(
        f"Tumour size on {day}: conflict, {' and '.join(sizes)}"
        for day, sizes in by_day.items()
        if len(sizes) > 1
    )


def _value(resource: Resource) -> str:
    if "component" in resource:
        return _value(resource["component"][0])
    if "valueQuantity" in resource:
        sent: dict[str, Any] = resource["valueQuantity"]
        unit = "" if sent["unit"] in ("1", "INR") else f" {sent['unit']}"
        return f"{sent.get('comparator', '')}{sent['value']}{unit}"
    if "valueInteger" in resource:
        return str(resource["valueInteger"])
    return str(resource["valueCodeableConcept"]["text"])


def _withdrawn(resource: Resource) -> str:
    return "entered in error" if resource.get("status") == "entered-in-error" else ""


def _reference(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _observation(item: Resource) -> Entry:
    return Entry(
        day=item["effectiveDateTime"],
        what=item["code"]["text"],
        value=_value(item),
        reference=_reference(item),
        withdrawn=_withdrawn(item),
    )


def _condition(item: Resource) -> Entry:
    status = item["clinicalStatus"]["coding"][0]["code"]
    return Entry(item["onsetDateTime"], item["code"]["text"], status, _reference(item))


def _procedure(item: Resource) -> Entry:
    return Entry(item["performedDateTime"], item["code"]["text"], item["status"], _reference(item))


def _order(item: Resource) -> Entry:
    concept = item.get("medicationCodeableConcept") or item["code"]
    return Entry(item["authoredOn"], concept["text"], item["status"], _reference(item))


def _report(item: Resource, observations: dict[str, Resource]) -> Entry:
    found = [observations[ref["reference"].partition("/")[2]] for ref in item["result"]]
    return Entry(
        day=item["effectiveDateTime"],
        what=item["code"]["text"],
        value=item["conclusion"],
        reference=_reference(item),
        details=tuple(_observation(one) for one in found),
        is_report=True,
    )


def _newest_first(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda item: item.day, reverse=True))


def _ago(days: int) -> str:
    if days < 14:
        return f"{days} days"
    if days < 120:
        return f"{days // 7} weeks"
    return f"{days // 30} months" if days < 730 else f"{days // 365} years"
