"""Writes the FHIR R4 resources of one synthetic patient, one short call per resource."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from cds_service.demo.patients.codings import coding

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

_PROBLEMS = {
    "hcc": "Hepatocellular carcinoma",
    "hepatitis B": "Chronic hepatitis B",
    "hepatitis C": "Chronic hepatitis C",
    "uncertain neoplasm": "Liver tumour of uncertain behaviour",
    "recurrence": "Recurrence of HCC in the liver",
    "lung metastasis": "Lung metastases",
}
_UCUM_CODES = {"IU/mL": "[IU]/mL", "INR": "{INR}"}
_FINDING_UNITS = {
    "tumour number": ("1", "1"),
    "Ki67": ("%", "%"),
    "margin": ("mm", "mm"),
}


def _concept(name: str, text: str = "", **more: str) -> Resource:
    one = coding(name) | more
    return {"coding": [one], "text": text or one["display"]}


class Chart:
    """The record of one synthetic patient, with every date counted back from `on`."""

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

    def condition(
        self, name: str, days_ago: int, *, clinical: str = "active", text: str = ""
    ) -> None:
        """Add a problem, confirmed and recorded on its first day, in the words of the ward."""
        text = text or _PROBLEMS.get(name, "")
        self.add(
            "Condition",
            name,
            {
                "clinicalStatus": {
                    "coding": [{"system": f"{_HL7}condition-clinical", "code": clinical}]
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
                "code": _concept(name, text),
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
        text: str = "",
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
                "code": _concept(name, text),
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

    @staticmethod
    def answer(name: str, text: str = "") -> Resource:
        """Return a coded value."""
        return {"valueCodeableConcept": _concept(name, text)}

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
        language: str = "",
    ) -> None:
        """Add an imaging report with its findings."""
        method = {"method": _concept("MRI" if study.startswith("MR") else "CT")}
        results = [
            self._finding(item, days_ago, f"{study} {days_ago}d", category="imaging", **method)
            for item in findings
        ]
        self._report(f"{study} {days_ago}d", "RAD", _concept(study, study), days_ago, results, conclusion,
                     language)  # fmt: skip

    def specimen(
        self, days_ago: int, conclusion: str, *findings: Finding, language: str = ""
    ) -> None:
        """Add the histopathology of the resected liver with its findings."""
        source = self.add(
            "Specimen",
            "specimen",
            {"status": "available", "type": {"text": "Liver resection specimen"}},
        )
        more = {
            "specimen": {"reference": f"Specimen/{source['id']}"},
            "method": _concept("gross pathology"),
        }
        results = [self._finding(item, days_ago, "specimen", **more) for item in findings]
        code = {"text": "Histopathology of the resected liver"}
        self._report("histopathology", "SP", code, days_ago, results, conclusion, language)

    def _finding(self, finding: Finding, days_ago: int, prefix: str, **more: Any) -> Resource:
        name, value = finding
        if name == "tumour size":
            longest = {"code": _concept("longest dimension"), **self.quantity(value, "cm")}
            sent: Resource = {"component": [longest]}
        elif name in _FINDING_UNITS:
            sent = self.quantity(value, *_FINDING_UNITS[name])
        else:
            sent = self.answer(value, value if value in ("R0", "R1") else "")
        return self.observation(name, days_ago, sent, id_as=f"{prefix} {name}", **more)

    def _report(
        self,
        name: str,
        section: str,
        code: Resource,
        days_ago: int,
        results: Sequence[Resource],
        conclusion: str,
        language: str,
    ) -> None:
        self.add(
            "DiagnosticReport",
            name,
            {
                **({"language": language} if language else {}),
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

    def operation(
        self, name: str, days_ago: int, *, stay_days: int = 9, id_as: str = "", text: str = ""
    ) -> Resource:
        """Add a completed operation with its finished stay."""
        last = max(days_ago - stay_days, 0)
        stay = self.add(
            "Encounter",
            f"stay {id_as or name}",
            {
                "status": "finished",
                "class": {"system": f"{_HL7}v3-ActCode", "code": "IMP", "display": "inpatient encounter"},
                "period": {"start": self.day(days_ago + 1), "end": self.day(last)},
                "hospitalization": {"dischargeDisposition": {"text": "Home"}},
            },
        )  # fmt: skip
        return self.add(
            "Procedure",
            id_as or name,
            {
                "status": "completed",
                "code": _concept(name, text),
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
                "code": _concept("red cell transfusion", "Transfusion of red cells"),
                "partOf": [{"reference": f"Procedure/{operation['id']}"}],
                "performedDateTime": self.day(days_ago),
            },
        )

    def medicine(self, name: str, days_ago: int, *, text: str = "") -> None:
        """Add an active prescription."""
        self.add(
            "MedicationRequest",
            name,
            {
                "status": "active",
                "intent": "order",
                "medicationCodeableConcept": _concept(name, text),
                "authoredOn": self.day(days_ago),
            },
        )
