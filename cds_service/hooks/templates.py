"""The prefetch templates, within the query subset of CDS Hooks 2.0 ("Prefetch query restrictions").

Each search parameter stands at most once in a template, because clients collapse a repeated one into
a comma list, and `context.patientId` is the only token, because it is the only one that is sure to be
resolved.
"""

from __future__ import annotations

from cds_service.prefetch import PATIENT_KEY
from fhir_mapping.codes import Codes

__all__ = ["OBSERVATION_CONCEPTS", "prefetch_templates"]

_PATIENT = "{{context.patientId}}"

OBSERVATION_CONCEPTS = (
    "afp",
    "afp-panel",
    "albumin",
    "bilirubin",
    "inr",
    "child-pugh-class",
    "child-pugh-score",
    "clavien-dindo",
    "complication-stated",
    "extrahepatic-disease",
    "hbsag",
    "hbv-dna",
    "hcc-recurrence",
    "hepatic-vein-tumour-thrombus",
    "intraoperative-transfusion",
    "ki67",
    "lymphovascular-invasion",
    "macrovascular-invasion",
    "margin-distance",
    "margin-involved",
    "microvascular-invasion",
    "multifocal-tumour",
    "portal-vein-tumour-thrombus",
    "residual-tumour",
    "satellite-nodules",
    "tumour-capsule",
    "tumour-number",
    "tumour-rupture",
    "tumour-size",
    "tumour-size-longest-dimension",
)
"""The concepts an Observation is asked for by its code; everything else about it is read if sent."""


def prefetch_templates(codes: Codes) -> dict[str, str]:
    """Return the template of every prefetch key an advice may ask for."""
    tokens = codes.search_token_list(OBSERVATION_CONCEPTS)
    return {
        PATIENT_KEY: f"Patient/{_PATIENT}",
        "conditions": f"Condition?patient={_PATIENT}",
        "procedures": f"Procedure?patient={_PATIENT}",
        "observations": f"Observation?patient={_PATIENT}&code={tokens}",
        "reports": f"DiagnosticReport?patient={_PATIENT}",
        "medications": f"MedicationRequest?patient={_PATIENT}",
        "administrations": f"MedicationAdministration?patient={_PATIENT}",
        "encounters": f"Encounter?patient={_PATIENT}",
        "orders": f"ServiceRequest?patient={_PATIENT}",
    }
