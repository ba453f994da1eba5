"""Suggestions: each creates one draft ServiceRequest that a clinician signs or leaves."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cds_service.guideline_profile import Draft
from cds_service.wire import Action, ActionType, Suggestion
from fhir_mapping.codes import HCC_CDS_SYSTEM, LOINC, SNOMED

__all__ = ["TEMPLATES", "DraftTemplate", "draft_request", "suggest"]

_CONDITION = re.compile(r"Condition/[A-Za-z0-9.-]{1,64}")
_FHIR_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")


@dataclass(frozen=True, slots=True)
class DraftTemplate:
    """One kind of draft order: its codes, what the button says, and what happens."""

    codings: tuple[tuple[str, str, str], ...]
    text: str
    label: str


# The SNOMED CT code of TACE is of any artery; ours beside it says what is meant.
TEMPLATES = {
    Draft.TUMOUR_BOARD: DraftTemplate(
        ((HCC_CDS_SYSTEM, "tumour-board-referral", "Referral to the liver tumour board"),),
        "Referral to the liver tumour board",
        "Draft tumour-board referral",
    ),
    Draft.TACE: DraftTemplate(
        (
            (HCC_CDS_SYSTEM, "adjuvant-tace", "Adjuvant TACE after liver resection"),
            (SNOMED, "441525007", "Percutaneous transluminal chemoembolization of artery"),
        ),
        "Adjuvant transarterial chemoembolisation (TACE), for the tumour board to decide",
        "Draft adjuvant TACE for the tumour board",
    ),
    Draft.HAIC: DraftTemplate(
        (
            (
                HCC_CDS_SYSTEM,
                "adjuvant-haic",
                "Adjuvant hepatic arterial infusion chemotherapy (HAIC) after liver resection",
            ),
            (SNOMED, "720379009", "Hepatic arterial infusion chemotherapy (procedure)"),
        ),
        "Adjuvant hepatic arterial infusion chemotherapy (HAIC), for the tumour board to decide",
        "Draft adjuvant HAIC for the tumour board",
    ),
    Draft.CT_CHEST_ABDOMEN: DraftTemplate(
        ((LOINC, "42275-8", "CT Chest and Abdomen W contrast IV"),),
        "CT of chest and abdomen with contrast, follow-up after resection of HCC",
        "Draft CT of chest and abdomen",
    ),
    Draft.AFP: DraftTemplate(
        ((LOINC, "1834-1", "Alpha-1-Fetoprotein [Mass/volume] in Serum or Plasma"),),
        "AFP in serum, follow-up after resection of HCC",
        "Draft AFP",
    ),
    Draft.BASELINE_IMAGING: DraftTemplate(
        ((LOINC, "42275-8", "CT Chest and Abdomen W contrast IV"),),
        "CT of chest and abdomen with contrast, baseline before the first dose of an immune"
        " checkpoint inhibitor",
        "Draft baseline CT of chest and abdomen",
    ),
    Draft.EARLY_IMAGING: DraftTemplate(
        ((LOINC, "42275-8", "CT Chest and Abdomen W contrast IV"),),
        "CT of chest and abdomen with contrast, {weeks} weeks after the first dose of an immune"
        " checkpoint inhibitor, the interval of this site",
        "Draft early CT of chest and abdomen",
    ),
}


def draft_request(
    draft: Draft, patient_id: str, hcc_reference: str = "", weeks: int | None = None
) -> dict[str, Any]:
    """Return the draft ServiceRequest of a template for one patient; `weeks` for an early CT."""
    template = TEMPLATES[draft]
    codings = [
        {"system": system, "code": code, "display": display}
        for system, code, display in template.codings
    ]
    resource: dict[str, Any] = {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "proposal",
        "code": {"coding": codings, "text": template.text.format(weeks=weeks)},
        "subject": {"reference": f"Patient/{patient_id}"},
    }
    # A reference that is not one of a Condition on this server would break the client's order.
    if _CONDITION.fullmatch(hcc_reference):
        resource["reasonReference"] = [{"reference": hcc_reference}]
    return resource


def suggest(
    drafts: Iterable[Draft], patient_id: str, hcc_reference: str = "", weeks: int | None = None
) -> tuple[Suggestion, ...]:
    """Return one suggestion per draft, none of them pre-selected."""
    if not _FHIR_ID.fullmatch(patient_id):
        return ()
    return tuple(
        Suggestion(
            label=TEMPLATES[draft].label,
            actions=(
                Action(
                    type=ActionType.CREATE,
                    description=(
                        f"Creates a draft order: {TEMPLATES[draft].text.format(weeks=weeks)}"
                    ),
                    resource=draft_request(draft, patient_id, hcc_reference, weeks),
                ),
            ),
        )
        for draft in drafts
    )
