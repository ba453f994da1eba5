"""Writes the FHIR R4 resources of one synthetic patient, one short call per resource."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from cds_service.demo.patients.codings import coding
from cds_service.demo.patients.words import ENGLISH

__all__ = ["Chart", "Resource"]

Resource = dict[str, Any]
Finding = tuple[str, str]  # short name of the code, and the number or the short name of the answer

_UCUM = "http://unitsofmeasure.org"
_HL7 = "http://terminology.hl7.org/CodeSystem/"
SYNTHETIC_TAG = {
    "system": f"{_HL7}v3-ActReason",
    "code": "HTEST",
    "display": "test health data",
}

_UCUM_CODES = {"IU/mL": "[IU]/mL", "INR": "{INR}"}
_FINDING_UNITS = {
    "tumour number": ("1", "1"),
    "lung foci": ("1", "1"),
    "Ki67": ("%", "%"),
    "margin": ("mm", "mm"),
}


class Chart:
    """The record of one synthetic patient, with every date counted back from `on`.

    `words` and `language` are those of the ward; codes and displays stay English.
    """

    words: Mapping[str, str] = ENGLISH
    language = ""

    def __init__(self, patient_id: str, on: date) -> None:
        self.patient_id = patient_id
        self.on = on
        self.resources: list[Resource] = []

    def day(self, days_ago: int) -> str:
        """Return the date so many days before `on`, as FHIR writes it."""
        return (self.on - timedelta(days=days_ago)).isoformat()

    def add(self, kind: str, name: str, members: Resource, *, subject: str = "subject") -> Resource:
        """Add one resource of this patient; its id is the patient's with `name` behind it."""
        slug = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()
        resource = {
            "resourceType": kind,
            "id": f"{self.patient_id}-{slug}",
            "meta": {"tag": [dict(SYNTHETIC_TAG)]},
            **({subject: self.reference} if kind != "Patient" else {}),
            **members,
        }
        self.resources.append(resource)
        return resource

    def concept(self, name: str) -> Resource:
        """Return a CodeableConcept by its short name, with the ward's word as its text."""
        return {"coding": [coding(name)], "text": self.words.get(name, name)}

    @property
    def reference(self) -> Resource:
        """The reference to the patient."""
        return {"reference": f"Patient/{self.patient_id}"}

    def patient(
        self, given: str, sex: str, age_years: int, *, family: str = "Synthetic", text: str = ""
    ) -> None:
        """Add the patient; the birthday was some months ago, so the age holds for weeks to come."""
        born = date(self.on.year - age_years, self.on.month, 1) - timedelta(days=100)
        name = {"use": "official", "family": family, "given": [given]}
        self.add(
            "Patient",
            "",
            {
                "id": self.patient_id,
                "active": True,
                "name": [name | ({"text": text} if text else {})],
                "gender": sex,
                "birthDate": born.isoformat(),
            },
        )

    def condition(self, name: str, days_ago: int) -> None:
        """Add an active problem, confirmed and recorded on its first day."""
        self.add(
            "Condition",
            name,
            {
                "clinicalStatus": {
                    "coding": [{"system": f"{_HL7}condition-clinical", "code": "active"}]
                },
                "verificationStatus": {
                    "coding": [{"system": f"{_HL7}condition-ver-status", "code": "confirmed"}]
                },
                "category": [
                    {
                        "coding": [
                            {"system": f"{_HL7}condition-category", "code": "problem-list-item"}
                        ]
                    }
                ],
                "code": self.concept(name),
                "onsetDateTime": self.day(days_ago),
                "recordedDate": self.day(days_ago),
            },
        )

    def observation(
        self,
        name: str,
        days_ago: int,
        value: Resource,
        *,
        category: str = "laboratory",
        id_as: str = "",
        **more: Any,
    ) -> Resource:
        """Add an observation; `value` holds its `value[x]` or its components."""
        return self.add(
            "Observation",
            id_as or name,
            {
                "status": "final",
                "category": [
                    {"coding": [{"system": f"{_HL7}observation-category", "code": category}]}
                ],
                "code": self.concept(name),
                "effectiveDateTime": self.day(days_ago),
                **value,
                **more,
            },
        )

    @staticmethod
    def quantity(value: str, unit: str, code: str = "") -> Resource:
        """Return a `valueQuantity`; a leading < or > becomes the comparator."""
        comparator = value[0] if value[0] in "<>" else ""
        number = Decimal(value.lstrip("<>"))
        return {
            "valueQuantity": {
                "value": float(number) if "." in value else int(number),  # the digits as sent
                **({"comparator": comparator} if comparator else {}),
                "unit": unit,
                "system": _UCUM,
                "code": code or unit,
            }
        }

    def answer(self, name: str) -> Resource:
        """Return a coded value."""
        return {"valueCodeableConcept": self.concept(name)}

    def laboratory(self, days_ago: int, *values: tuple[str, str, str]) -> None:
        """Add laboratory results, each as (short name of the code, value, unit)."""
        for name, value, unit in values:
            self.observation(name, days_ago, self.quantity(value, unit, _UCUM_CODES.get(unit, "")))

    def imaging(
        self,
        days_ago: int,
        conclusion: str,
        *findings: Finding,
        study: str = "CT liver",
    ) -> None:
        """Add an imaging report with its findings."""
        method = {"method": self.concept("MRI" if study.startswith("MR") else "CT")}
        results = [
            self._finding(item, days_ago, f"{study} {days_ago}d", category="imaging", **method)
            for item in findings
        ]
        self._report(
            f"{study} {days_ago}d", "RAD", self.concept(study), days_ago, results, conclusion
        )

    def specimen(self, days_ago: int, conclusion: str, *findings: Finding) -> None:
        """Add the histopathology of the resected liver with its findings."""
        source = self.add(
            "Specimen",
            "specimen",
            {"status": "available", "type": {"text": "Liver resection specimen"}},
        )
        more = {
            "specimen": {"reference": f"Specimen/{source['id']}"},
            "method": self.concept("gross pathology"),
        }
        results = [self._finding(item, days_ago, "specimen", **more) for item in findings]
        code = {"text": "Histopathology of the resected liver"}
        self._report("histopathology", "SP", code, days_ago, results, conclusion)

    def _finding(self, finding: Finding, days_ago: int, prefix: str, **more: Any) -> Resource:
        name, value = finding
        if name == "tumour size":
            longest = {"code": self.concept("longest dimension"), **self.quantity(value, "cm")}
            sent: Resource = {"component": [longest]}
        elif name in _FINDING_UNITS:
            sent = self.quantity(value, *_FINDING_UNITS[name])
        else:
            sent = self.answer(value)
        return self.observation(name, days_ago, sent, id_as=f"{prefix} {name}", **more)

    def _report(
        self,
        name: str,
        section: str,
        code: Resource,
        days_ago: int,
        results: Sequence[Resource],
        conclusion: str,
    ) -> None:
        self.add(
            "DiagnosticReport",
            name,
            {
                **({"language": self.language} if self.language else {}),
                "status": "final",
                "category": [
                    {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": section}]}
                ],
                "code": code,
                "effectiveDateTime": self.day(days_ago),
                "result": [{"reference": f"Observation/{item['id']}"} for item in results],
                "conclusion": conclusion,
            },
        )  # fmt: skip

    def operation(self, name: str, days_ago: int, *, stay_days: int = 9) -> Resource:
        """Add a completed operation with its finished stay."""
        last = max(days_ago - stay_days, 0)
        stay = self.add(
            "Encounter",
            f"stay {name}",
            {
                "status": "finished",
                "class": {"system": f"{_HL7}v3-ActCode", "code": "IMP", "display": "inpatient encounter"},
                "period": {"start": self.day(days_ago + 1), "end": self.day(last)},
                "hospitalization": {"dischargeDisposition": {"text": "Home"}},
            },
        )  # fmt: skip
        return self.add(
            "Procedure",
            name,
            {
                "status": "completed",
                "code": self.concept(name),
                "encounter": {"reference": f"Encounter/{stay['id']}"},
                "performedDateTime": self.day(days_ago),
            },
        )

    def transfusion(self, operation: Resource, days_ago: int) -> None:
        """Add an allogeneic red-cell transfusion during an operation."""
        self.add(
            "Procedure",
            "red cell transfusion",
            {
                "status": "completed",
                "code": self.concept("red cell transfusion"),
                "partOf": [{"reference": f"Procedure/{operation['id']}"}],
                "performedDateTime": self.day(days_ago),
            },
        )

    def medicine(self, name: str, days_ago: int) -> None:
        """Add an active prescription."""
        self.add(
            "MedicationRequest",
            name,
            {
                "status": "active",
                "intent": "order",
                "medicationCodeableConcept": self.concept(name),
                "authoredOn": self.day(days_ago),
            },
        )

    def dose(self, name: str, days_ago: int) -> None:
        """Add one dose that was given."""
        self.add(
            "MedicationAdministration",
            f"{name} {days_ago}d",
            {
                "status": "completed",
                "medicationCodeableConcept": self.concept(name),
                "effectiveDateTime": self.day(days_ago),
            },
        )
