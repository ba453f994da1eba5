"""The prefetch templates, within the query subset of CDS Hooks 2.0 ("Prefetch query restrictions").

Each search parameter stands at most once in a template, because clients collapse a repeated one into
a comma list, and `context.patientId` is the only token, because it is the only one that is sure to be
resolved.
"""

from __future__ import annotations

from cds_service.prefetch import PATIENT_KEY
from fhir_mapping.codes import Codes
from fhir_mapping.prefetch_tokens import OBSERVATION_CONCEPTS, observation_tokens

__all__ = ["OBSERVATION_CONCEPTS", "prefetch_templates"]

_PATIENT = "{{context.patientId}}"


def prefetch_templates(codes: Codes) -> dict[str, str]:
    """Return the template of every prefetch key an advice may ask for."""
    tokens = observation_tokens(codes)
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
